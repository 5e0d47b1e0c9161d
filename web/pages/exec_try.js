/* pages/exec_try.js - a program is run once, and what would be made of its words is shown; nothing is
 * kept. For those who write one. */
import '../host/texts.js';
import { Absent } from '../components/absent.js';
import { Facts, Panel, State, usePageTitle } from '../components/basics.js';
import { ExecTabs, Limits, Lines, MetricName, Mistake, endOf } from '../components/exec.js';
import { CommandForm } from '../components/form.js';
import { Table } from '../components/table.js';
import { duration, number, value as format } from '../format.js';
import { otherOf } from '../host/exec.js';
import { html, useState } from '../html.js';
import { t, tv } from '../i18n.js';
import { can, hasPlugin } from '../state.js';

const FIRST = ['protocol', 'command', 'timeout', 'env'];

export function View() {
    usePageTitle(t('exec.try'));
    const [result, setResult] = useState(null);
    const [whole, setWhole] = useState(false);
    if (!hasPlugin('exec'))
        return html`<${Absent} plugin="exec" title=${t('exec.try')} />`;
    return html`<div class="page-head"><h1>${t('exec.try')}</h1></div><${ExecTabs} here="/exec/-/try" />
        <${Panel} id="try" title=${t('exec.try.title')}>${can('admin') ? html`<p class="help lead">${t('exec.try.text')}</p>
            <div class="try-form"><${CommandForm} key=${whole} name="exec.try" only=${whole ? undefined : FIRST} text=${t('exec.try.run')} onResult=${setResult}
                extra=${html`<button type="button" class="button" aria-pressed=${whole} onClick=${() => setWhole(!whole)}>${t('exec.try.more')}</button>`} /></div>`
            : html`<p class="empty">${t('exec.try.admin')}</p>`}<//>
        ${result && html`<${Result} result=${result} />`}`;
}

const columns = [
    { id: 'name', text: 'exec.metric', head: true, sort: (v) => `${v.series} ${v.name}`, cell: (v) => html`<${MetricName} metric=${v} />` },
    { id: 'value', text: 'exec.value', number: true, sort: (v) => v.value ?? -Infinity, cell: (v) => html`<b class="num">${v.kind === 'counter' ? number(v.value, 3) : format(v.value, v.unit)}</b>` },
    { id: 'kind', text: 'label.type', wide: true, cell: (v) => `${tv('exec.kind', v.kind)}${v.unit ? `, ${v.unit}` : ''}` },
    { id: 'limits', text: 'exec.limits', wide: true, cell: (v) => html`<${Limits} metric=${v} />` },
];

function Result({ result }) {
    const { values = [], errors = [], others = [], messages = [] } = result;
    const rows = values.map((v, i) => ({ ...v, id: i }));
    return html`<div class="try-result" data-try aria-live="polite"><${Panel} id="try-sum" title=${t('exec.try.result')}><${Facts} items=${[
            [t('exec.ended'), endOf(result)], [t('field.duration'), duration((result.duration ?? 0) * 1000)], [t('exec.lines'), number(result.lines ?? 0)],
            [t('field.values'), number(values.length)], [t('plugin.errors'), html`<span class=${errors.length ? 'warn-number' : ''}>${number(errors.length)}</span>`]]} />
            ${errors.map((e, i) => html`<${Mistake} key=${i} error=${e} />`)}
            ${messages.length > 0 && html`<h3>${t('exec.messages')}</h3><${Lines} lines=${messages} label=${t('exec.messages')} />`}<//>
        <${Panel} id="try-values" title=${t('exec.metrics', { count: values.length })}><${Table} className="metric-table" caption=${t('field.values')} columns=${columns} rows=${rows} piece=${50} empty=${t('exec.try.none')} /><//>
        ${others.length > 0 && html`<${Panel} id="try-others" title=${t('exec.try.others')}><ul class="others">${others.map(otherOf).map((o, i) => html`<li key=${i}><b>${t(`other.${o.what}`)}</b>
            ${o.state && html` <${State} state=${o.state} plain />`} <span class="wrap pre">${o.text}</span></li>`)}</ul><//>`}</div>`;
}
