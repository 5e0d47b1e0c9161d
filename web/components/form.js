/* components/form.js - a command's form, made from its schema: in a dialog or in a page. */
import { errorText } from '../actions.js';
import { ApiError, command } from '../api.js';
import { compare } from '../format.js';
import { html, useEffect, useId, useState } from '../html.js';
import { t, tv, language } from '../i18n.js';
import { complaints, fieldsOf, paramsOf, paramsSchema, shown } from '../schema.js';
import { all } from '../state.js';

const WAIT_S = 50;
const LENGTHS = ['15m', '1h', '4h', '1d', '7d'];

/* What may be typed, offered while it is: lengths, and names where a command takes names. */
function offered(field) {
    if (field.kind === 'duration')
        return LENGTHS;
    if (field.kind !== 'text')
        return [];
    if (field.name === 'server')
        return all('gns3.server').map((s) => s.name);
    return field.name === 'project' && /server\/name/.test(field.help) ? all('gns3.project').map((p) => `${p.server}/${p.name}`).sort(compare) : [];
}

export function startValues(fields, given = {}) {
    return Object.fromEntries(fields.map((f) => [f.name, shown(f, given[f.name] ?? f.initial)]));
}

export function Fields({ fields, values, set, problems = {} }) {
    return html`${fields.map((f) => html`<${Field} key=${f.name} field=${f} value=${values[f.name]} problem=${problems[f.name]}
        set=${(value) => set({ ...values, [f.name]: value })} />`)}
        ${problems[''] && html`<p class="problem" role="alert">${problems['']}</p>`}`;
}

function Field({ field, value, problem, set }) {
    const id = useId().replace(/\W/g, '');
    const label = tv('param', field.name);
    const text = label === field.name ? field.name.replaceAll('_', ' ') : label;
    const about = `${id}help`;
    return html`<div class=${`field field-${field.kind}`} data-field=${field.name}>
        <label for=${id}>${text}${field.unit && html` <span class="muted">(${field.unit})</span>`}${!field.required && field.kind !== 'yes' &&
            html` <span class="muted optional">${t('form.optional')}</span>`}</label>
        <${Control} id=${id} field=${field} value=${value} set=${set} about=${about} wrong=${Boolean(problem)} />
        <p id=${about} class=${problem ? 'problem' : 'help'} role=${problem ? 'alert' : undefined}
            lang=${problem || language.value === 'en' ? undefined : 'en'}>${problem === 'json' ? t('form.json') : problem || field.help}</p></div>`;
}

const INPUTS = { whole: 'number', number: 'number', time: 'datetime-local', secret: 'password' };

function Control({ id, field, value, set, about, wrong }) {
    const common = { id, name: field.name, 'aria-describedby': about, 'aria-invalid': wrong || undefined, required: field.required && field.kind !== 'yes' };
    const write = (event) => set(event.target.value);
    if (field.kind === 'yes')
        return html`<input ...${common} type="checkbox" checked=${value} onChange=${(e) => set(e.target.checked)} />`;
    if (field.kind === 'choice')
        return html`<select ...${common} value=${value} onChange=${write}>${!field.required && html`<option value=""></option>`}
            ${field.choices.map((c) => html`<option key=${c} value=${c} selected=${c === value}>${tv('choice', c)}</option>`)}</select>`;
    if (field.kind === 'lines' || field.kind === 'json')
        return html`<textarea ...${common} rows=${Math.max(2, value.split('\n').length)} class="mono" value=${value} onInput=${write}></textarea>`;
    const offers = offered(field);
    return html`<input ...${common} type=${INPUTS[field.kind] ?? 'text'} value=${value} min=${field.min} max=${field.max}
        step=${field.kind === 'number' ? 'any' : undefined} maxlength=${field.longest ?? 500} autocomplete="off"
        list=${offers.length ? `${id}list` : undefined} onInput=${write} />
        ${offers.length > 0 && html`<datalist id=${`${id}list`}>${offers.map((l) => html`<option key=${l} value=${l} />`)}</datalist>`}`;
}

/* A form in a page: asks, sends, and hands the result on. `fixed` parameters are not asked for,
 * `only` names those that are, `choices` what may be chosen; `extra` stands beside the button. */
export function CommandForm({ name, fixed = {}, given = {}, only, choices = {}, text, onResult, extra }) {
    const [form, setForm] = useState(null); /* {fields, values, problems, busy} */
    useEffect(() => {
        let alive = true;
        paramsSchema(name).then((schema) => {
            const fields = fieldsOf(schema, fixed, only).map((f) => (choices[f.name] ? { ...f, kind: 'choice', choices: choices[f.name] } : f));
            if (alive)
                setForm(schema ? { fields, values: startValues(fields, given), problems: {} } : { missing: true });
        }, (error) => alive && setForm({ missing: true, why: errorText(error) }));
        return () => { alive = false; };
    }, [name, JSON.stringify([given, choices])]);
    if (!form)
        return html`<p class="empty">${t('label.loading')}</p>`;
    if (form.missing)
        return html`<p class="empty">${form.why ?? t('form.no_command', { name })}</p>`;
    const submit = async (event) => {
        event.preventDefault();
        const { params, problems } = paramsOf(form.fields, form.values, fixed);
        if (problems)
            return setForm({ ...form, problems });
        setForm({ ...form, busy: true, problems: {} });
        try {
            const answer = await command(name, params, WAIT_S);
            if (answer.status === 202)
                throw new ApiError(0, null, 'timeout');
            onResult(answer.body, params);
            return setForm({ ...form, busy: false, problems: {} });
        } catch (error) {
            return setForm({ ...form, busy: false, problems: error.status ? complaints(error, form.fields) : { '': errorText(error) } });
        }
    };
    return html`<form class="inline-form" onSubmit=${submit} data-form=${name}>
        <${Fields} fields=${form.fields} values=${form.values} problems=${form.problems} set=${(values) => setForm({ ...form, values })} />
        <div class="form-buttons"><button type="submit" class="button primary" disabled=${form.busy}>
            ${form.busy && html`<span class="spinner" aria-hidden="true"></span>`}${text}</button>${extra}</div></form>`;
}
