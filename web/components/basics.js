/* components/basics.js - the small things every page is made of. */
import { act, actions, allowed, nameOf } from '../actions.js';
import { ago, dateTime } from '../format.js';
import { html, useEffect } from '../html.js';
import { t, tv } from '../i18n.js';
import { Icon, Sign } from '../icons.js';

export function usePageTitle(title) {
    useEffect(() => { document.title = title ? `${title} – gnswatch` : 'gnswatch'; }, [title]);
}

/* A state as sign, colour and word. `plain` leaves the pill away. */
export function State({ state, plain }) {
    return html`<span class=${`state state-${state} ${plain ? '' : 'pill'}`}>
        <${Sign} state=${state} />${tv('state', state)}</span>`;
}

export function Severity({ severity }) {
    const icon = severity === 'critical' ? 'error' : severity;
    return html`<span class=${`severity severity-${severity}`}><${Icon} name=${icon} size=${15} />
        ${tv('severity', severity)}</span>`;
}

export function Ago({ time }) {
    if (!time)
        return html`<span class="muted">–</span>`;
    return html`<time datetime=${new Date(time).toISOString()} title=${dateTime(time)}>${ago(time)}</time>`;
}

export function Panel({ title, level = 2, tools, children, className = '', id }) {
    return html`<section class=${`panel ${className}`} aria-labelledby=${id}>
        <div class="panel-head"><${`h${level}`} id=${id}>${title}<//>${tools && html`<div class="tools">${tools}</div>`}</div>
        ${children}</section>`;
}

export function Empty({ children }) {
    return html`<p class="empty">${children}</p>`;
}

export function Crumbs({ items }) {
    return html`<nav class="crumbs" aria-label=${t('label.crumbs')}><ol>
        ${items.map(([text, href]) => html`<li key=${text}>${href ? html`<a href=${href}>${text}</a>` : text}</li>`)}
    </ol></nav>`;
}

/* Nothing at all for those who may not. `small`: the icon alone, its text as label. */
export function Action({ name, object, small, disabled }) {
    const action = actions[name];
    if (!allowed(name))
        return null;
    const text = t(action.text);
    const label = small ? t('label.action_on', { action: text, name: nameOf(object) }) : undefined;
    return html`<button type="button" class=${`button ${small ? 'icon-button' : ''}`} data-action=${name}
        disabled=${disabled} title=${small ? text : undefined} aria-label=${label}
        onClick=${() => act(name, object)}><${Icon} name=${action.icon} size=${small ? 16 : 17} />
        ${small ? '' : html`<span>${text}</span>`}</button>`;
}

/* [[text, value], …] as a description list; empty values are left out. */
export function Facts({ items }) {
    const shown = items.filter(([, value]) => value !== null && value !== undefined && value !== '' && value !== false);
    return html`<dl class="facts">${shown.map(([text, value]) => html`<div key=${text}>
        <dt>${text}</dt><dd>${value}</dd></div>`)}</dl>`;
}

export function NotFound({ what }) {
    return html`<div class="not-found"><h1 tabindex="-1">${t('page.missing')}</h1>
        <p>${what || t('page.missing.text')}</p><p><a class="button" href="/">${t('nav.overview')}</a></p></div>`;
}

export function Loading() {
    return html`<div class="loading" role="status"><span class="spinner"></span>${t('label.loading')}</div>`;
}
