/* pages/rules.js - the rules, what each finds now, and when it would have fired. */
import { Absent } from '../components/absent.js';
import { AlertTabs } from '../components/alerts.js';
import { Ago, Panel, Severity, State, usePageTitle } from '../components/basics.js';
import { CommandForm } from '../components/form.js';
import { Strip } from '../components/strip.js';
import { TablePanel } from '../components/table.js';
import { number } from '../format.js';
import { html, useState } from '../html.js';
import { t, tv } from '../i18n.js';
import { all, can, hasPlugin, maybe, objects } from '../state.js';

const DAY = 86400000;
const ORDER = ['critical', 'warning', 'unknown', 'pending', 'ok'];

export function reads() {
    return [maybe(objects('alert.rule', '/api/alert/rules'))];
}

const titleOf = (rule) => rule.title || rule.id;

const columns = (test) => [
    { id: 'name', text: 'alert.rule', head: true, sort: titleOf, cell: (r) => html`${titleOf(r)}<span class="muted small block mono wrap">${r.text}</span>
        ${r.error && html`<span class="problem small block">${r.error}</span>`}` },
    { id: 'state', text: 'label.state', sort: (r) => ORDER.indexOf(r.state), cell: (r) => html`<${State} state=${r.enabled === false ? 'disabled' : r.state === 'ok' ? 'fine' : r.state} />` },
    { id: 'firing', text: 'alert.firing', number: true, sort: (r) => r.firing, cell: (r) => html`${number(r.firing)}${r.pending > 0 && html` <span class="muted">+ ${number(r.pending)}</span>`}` },
    { id: 'severity', text: 'label.severity', wide: true, sort: (r) => r.severity, cell: (r) => html`<${Severity} severity=${r.severity} />` },
    { id: 'kind', text: 'label.type', wide: true, sort: (r) => r.kind, cell: (r) => tv('rule', r.kind) },
    { id: 'evaluated', text: 'alert.evaluated', wide: true, sort: (r) => r.evaluated ?? 0, cell: (r) => html`<${Ago} time=${r.evaluated} />` },
    test && { id: 'actions', text: 'label.actions', number: true, cell: (r) => html`<button type="button" class="button" data-action="rule.test" onClick=${() => test(r)}>${t('alert.try')}</button>` },
];

export function View() {
    usePageTitle(t('alert.rules'));
    const [rule, setRule] = useState(null);
    const [text, setText] = useState('');
    if (!hasPlugin('alert'))
        return html`<${Absent} plugin="alert" title=${t('alert.rules')} />`;
    const rules = all('alert.rule').filter((r) => `${titleOf(r)}\n${r.text}\n${tv('rule', r.kind)}`.toLowerCase().includes(text.toLowerCase()))
        .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
    return html`<div class="page-head"><h1>${t('alert.rules')}</h1></div><${AlertTabs} here="/alerts/rules" />
        ${rule && html`<${Try} key=${rule.id} rule=${rule} />`}
        <${TablePanel} id="rules" title=${t('label.count', { count: rules.length })}
            tools=${html`<label class="filter"><span class="hidden">${t('label.filter')}</span><input type="search" name="text" placeholder=${t('label.filter')} value=${text} onInput=${(e) => setText(e.target.value)} /></label>`}
            caption=${t('alert.rules')} columns=${columns(can('operator') && setRule)} rows=${rules} empty=${t(text ? 'empty.filtered' : 'empty.rules')} />`;
}

/* Runs the rule over what is stored, and shows when it would have fired. */
function Try({ rule }) {
    const [answer, setAnswer] = useState(null); /* {result, from, to} */
    const now = Math.floor(Date.now() / 60000) * 60000;
    const done = (result, params) => setAnswer({ result, from: params.from ?? now - DAY, to: params.to ?? Date.now() });
    return html`<${Panel} id="try" title=${t('alert.try_title', { name: titleOf(rule) })}>
        <p class="muted mono wrap">${rule.text}</p>
        <${CommandForm} name="alert.test" fixed=${{ rule: rule.id }} given=${{ from: now - DAY, to: now }} text=${t('alert.try')} onResult=${done} />
        ${answer && html`<${Found} ...${answer} />`}<//>`;
}

function Found({ result, from, to }) {
    const groups = new Map();
    for (const it of result.fired ?? []) {
        const name = Object.entries(it.labels ?? {}).map(([n, v]) => `${n}=${v}`).join(' ') || '–';
        groups.set(name, [...(groups.get(name) ?? []), { ...it, to: it.to ?? to, state: 'firing' }]);
    }
    const rows = [...groups].map(([name, bars]) => ({ id: name, name, label: html`<span class="mono">${name}</span>
        <span class="muted small block">${t('alert.peak', { value: number(Math.max(...bars.map((b) => b.peak ?? 0)), 1) })}</span>`, bars }));
    return html`<div class="try-result" role="status"><p><b>${result.text}</b></p></div>${rows.length > 0 && html`<${Strip} rows=${rows} from=${from} to=${to} />`}`;
}
