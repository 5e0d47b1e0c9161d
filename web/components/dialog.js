/* components/dialog.js - the question before an action, and the toasts that say what came of it. */
import { act, dialog, dismiss, toasts } from '../actions.js';
import { html, useEffect, useRef, useState } from '../html.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { Fields, startValues } from './form.js';

/* A modal <dialog>: the browser keeps the focus inside and closes it on Escape. */
export function ConfirmDialog() {
    const ask = dialog.value;
    return ask && html`<${Question} key=${ask.title} ask=${ask} />`;
}

function Question({ ask }) {
    const element = useRef(null);
    const [values, setValues] = useState(ask.schema ? startValues(ask.schema, ask.given)
        : Object.fromEntries(ask.fields.map((f) => [f.name, f.value])));
    useEffect(() => {
        const before = document.activeElement;
        element.current.showModal();
        const back = () => before?.isConnected && before.focus();
        return () => {
            back();
            requestAnimationFrame(() => document.activeElement === document.body && back()); /* the page was inert until now */
        };
    }, []);
    const submit = (event) => {
        event.preventDefault();
        ask.answer(values);
    };
    return html`<dialog ref=${element} class="dialog" aria-labelledby="dialog-title" aria-describedby="dialog-text"
        onCancel=${(event) => { event.preventDefault(); ask.answer(null); }}
        onClick=${(event) => event.target === element.current && ask.answer(null)}>
        <form onSubmit=${submit}>
            <h2 id="dialog-title">${ask.title}</h2><p id="dialog-text">${ask.text}</p>
            ${ask.fields.map((f) => html`<label class="field" key=${f.name}><span>${t(f.text)}</span>
                <input name=${f.name} value=${values[f.name]} required maxlength="120"
                    onInput=${(e) => setValues({ ...values, [f.name]: e.target.value })} /></label>`)}
            ${ask.schema && html`<${Fields} fields=${ask.schema} values=${values} set=${setValues} problems=${ask.problems} />`}
            <div class="dialog-buttons">
                <button type="button" class="button" data-cancel onClick=${() => ask.answer(null)}>${t('label.cancel')}</button>
                <button type="submit" data-confirm disabled=${ask.busy} class=${`button ${ask.danger ? 'danger' : 'primary'}`}>${ask.confirm}</button>
            </div></form></dialog>`;
}

export function Toasts() {
    return html`<div class="toasts" role="status" aria-live="polite">
        ${toasts.value.map((toast) => html`<${Toast} key=${toast.id} toast=${toast} />`)}</div>`;
}

const ICONS = { done: 'notice', error: 'error' };

function Toast({ toast }) {
    return html`<div class=${`toast toast-${toast.kind}`}>
        ${toast.kind === 'busy' ? html`<span class="spinner" aria-hidden="true"></span>`
            : html`<${Icon} name=${ICONS[toast.kind]} />`}
        <div><p><b>${t(`toast.${toast.kind}`, { what: toast.text })}</b></p>
            ${toast.detail && html`<p>${toast.detail}</p>`}
            ${toast.progress !== undefined && toast.kind === 'busy' && html`<progress max="1" value=${toast.progress}
                aria-label=${t('label.progress')}></progress>`}
            ${toast.kind === 'busy' && toast.job && html`<button type="button" class="button small"
                onClick=${() => act('job.cancel', toast.job)}>${t('action.cancel_job')}</button>`}</div>
        <button type="button" class="icon-button plain" aria-label=${t('label.dismiss')} onClick=${() => dismiss(toast.id)}>
            <${Icon} name="close" size=${16} /></button></div>`;
}
