/* pages/exec_item.js - one program that exec runs: how it is, its last words and its last mistake,
 * what it measures. */
import '../host/texts.js';
import '../host/actions.js';
import { About } from '../components/about.js';
import { Absent } from '../components/absent.js';
import { Action, Ago, Crumbs, Facts, Loading, NotFound, Panel, State, usePageTitle } from '../components/basics.js';
import { Count, ItemState, Limits, Lines, MetricName, Mistake, endOf } from '../components/exec.js';
import { Charts } from '../components/panels.js';
import { Spark } from '../components/spark.js';
import { Table } from '../components/table.js';
import { bytes, duration, now, number, value as format } from '../format.js';
import { PROTOCOLS, identityOf } from '../host/exec.js';
import { SPAN_MS, useMetricSeries } from '../host/metrics.js';
import { itemPanels } from '../host/panels.js';
import { html, useMemo } from '../html.js';
import { t } from '../i18n.js';
import { to } from '../router.js';
import { hasPlugin, object, one } from '../state.js';

export function reads({ id }) {
    return [object('exec.item', `/api/v1/objects/exec.item/${encodeURIComponent(id)}`, id)];
}

export function View({ params, loaded }) {
    const item = one('exec.item', params.id);
    const panels = useMemo(() => itemPanels(params.id), [params.id]);
    usePageTitle(item && `${item.name} – ${t('nav.exec')}`);
    if (!hasPlugin('exec'))
        return html`<${Absent} plugin="exec" title=${t('nav.exec')} />`;
    if (!item)
        return loaded ? html`<${NotFound} what=${t('page.missing.exec')} />` : html`<${Loading} />`;
    return html`<${Head} item=${item} /><${Verdict} item=${item} />
        <div class="columns even"><div class="column"><${Words} item=${item} /></div>
        <div class="column"><${Counts} item=${item} /><${Offers} item=${item} /></div></div>
        <${Metrics} item=${item} /><div class="pair-charts"><${Charts} panels=${panels} title=${t('exec.runs')} /></div>
        <${About} kind="exec.item" id=${item.id} />`;
}

function Head({ item }) {
    const { last } = item;
    return html`<${Crumbs} items=${[[t('nav.exec'), '/exec'], [item.name]]} />
        <div class="page-head"><h1>${item.name}</h1><${ItemState} item=${item} /><div class="actions">
            ${item.state === 'disabled' && html`<${Action} name="exec.enable" object=${item} />`}<${Action} name="exec.run" object=${item} /><${Action} name="exec.restart" object=${item} /></div></div>
        <${Facts} items=${[
            [t('exec.protocol'), PROTOCOLS[item.protocol] ?? item.protocol],
            [t('label.since'), html`<${Ago} time=${item.since} />`],
            [t('exec.every'), item.every && duration(item.every)],
            [t('exec.next'), item.next && (item.next > now.value ? html`<${Ago} time=${item.next} />` : t('delivery.soon'))],
            [t('plugin.pid'), item.pid && html`<span class="num">${item.pid}</span>`],
            [t('exec.last'), last && html`<${Ago} time=${last.time} />`],
            [t('exec.ended'), endOf(last)],
            [t('field.duration'), last && duration(last.duration * 1000)],
            [t('field.cpu_time'), last && last.cpu !== undefined && duration(last.cpu * 1000)],
            [t('exec.throttled'), item.throttled && number(item.throttled)],
            [t('label.command_line'), item.command && html`<span class="mono wrap">${item.command}</span>`],
        ]} />`;
}

function Verdict({ item }) {
    const it = item.verdict;
    if (!it)
        return null;
    return html`<${Panel} id="verdict" title=${t('exec.verdict')}><p class="verdict"><${State} state=${it.state} /> <span class="wrap">${it.text}</span> <span class="muted small"><${Ago} time=${it.since} /></span></p>
        ${it.soft && html`<p class="muted">${t('exec.soft.text', { state: t(`state.${it.now}`) })}</p>`}
        ${it.more && html`<pre class="code" tabindex="0" aria-label=${t('exec.more')}>${it.more}</pre>`}<//>`;
}

function Words({ item }) {
    const { output = [], messages = [], error } = item;
    return html`<${Panel} id="error" title=${t('exec.error')}>${error ? html`<${Mistake} error=${error} />` : html`<p class="empty">${t('exec.no_error')}</p>`}<//>
        <${Panel} id="output" title=${t('exec.output')}>${output.length ? html`<${Lines} lines=${output} wrong=${error?.text} label=${t('exec.output')} />` : html`<p class="empty">${t('exec.no_output')}</p>`}
            ${messages.length > 0 && html`<h3>${t('exec.messages')}</h3><${Lines} lines=${messages} label=${t('exec.messages')} />`}<//>`;
}

function Counts({ item }) {
    const c = item.counts ?? {};
    return html`<${Panel} id="counts" title=${t('exec.counts')}><${Facts} items=${[
        [t('exec.runs'), number(c.runs ?? 0)], [t('exec.lines'), number(c.lines ?? 0)], [t('field.values'), number(c.values ?? 0)], [t('exec.series'), number(c.series ?? 0)],
        [t('plugin.errors'), html`<${Count} value=${c.errors} bad />`], [t('plugin.restarts'), number(c.restarts ?? 0)], [t('exec.bytes'), bytes(c.bytes ?? 0)],
        [t('field.dropped'), html`<${Count} value=${c.dropped} bad />`], [t('exec.refused'), html`<${Count} value=${c.refused} bad />`],
    ]} /><//>`;
}

/* What a program in our own lines can be asked for. */
function Offers({ item }) {
    if (!item.offers?.length)
        return null;
    return html`<${Panel} id="offers" title=${t('exec.offers')}><ul class="offers">${item.offers.map((o) => html`<li key=${o.name}><span><b class="mono">${o.name}</b> <span class="muted">${o.help}</span></span>
        <${Action} name="exec.ask" object=${{ ...item, ...o, id: item.id, ask: o.name }} small /></li>`)}</ul><//>`;
}

/* ---- What it measures ---- */

const unitOf = (m) => m.columns?.units[m.field] ?? m.unit;
const valueOf = (m) => m.columns?.last(m.field) ?? (m.counter ? null : m.last ?? null);

const metricColumns = [
    { id: 'name', text: 'exec.metric', head: true, sort: (m) => `${m.series} ${m.title ?? m.name}`, cell: (m) => html`<${MetricName} metric=${m} />` },
    { id: 'last', text: 'exec.now', number: true, sort: (m) => valueOf(m) ?? -Infinity, cell: (m) => html`<b class="num">${format(valueOf(m), unitOf(m))}</b>` },
    { id: 'past', text: 'exec.past', cell: (m) => html`<${Past} metric=${m} />` },
    { id: 'limits', text: 'exec.limits', wide: true, cell: (m) => html`<${Limits} metric=${m} />` },
];

/* The last minutes, which lead to all of it. */
function Past({ metric: m }) {
    const name = m.title || m.name;
    const line = html`<${Spark} columns=${m.columns} name=${m.field} from=${now.value - SPAN_MS} to=${now.value} text=${t('spark.text', { name, last: format(valueOf(m), unitOf(m)) })} />`;
    return m.key ? html`<a class="metric-past" href=${`${to.graph(m.key)}?field=${m.field}`} title=${t('label.graph_of', { name })}>${line}</a>` : html`<span class="metric-past">${line}</span>`;
}

function Metrics({ item }) {
    const metrics = item.metrics ?? [];
    const names = useMemo(() => [...new Set(metrics.map((m) => identityOf(m, item.id)))].sort(), [metrics]);
    const series = useMetricSeries(item.id, names);
    const rows = metrics.map((m) => {
        const it = series.get(identityOf(m, item.id));
        return { ...m, key: it?.key, columns: it?.columns, id: `${identityOf(m, item.id)} ${m.field}` };
    });
    const more = (item.counts?.series ?? 0) > 0 && metrics.length >= 200;
    return html`<${Panel} id="metrics" title=${t('exec.metrics', { count: metrics.length })}>
        <${Table} className="metric-table" caption=${t('exec.metrics', { count: metrics.length })} columns=${metricColumns} rows=${rows} piece=${40} empty=${t('empty.metrics')} />
        ${more && html`<p class="muted small">${t('exec.only_200')}</p>`}<//>`;
}
