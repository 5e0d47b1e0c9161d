/* components/labs.js - how projects, nodes and computes are drawn wherever they are listed. */
import { now, number, value as format } from '../format.js';
import { html } from '../html.js';
import { t, tv } from '../i18n.js';
import { total } from '../rates.js';
import { to } from '../router.js';
import { hasPlugin, one } from '../state.js';
import { rateOf } from '../watch/traffic.js';
import { Action, Ago, State } from './basics.js';
import { Spark } from './spark.js';
import { SPAN_MS } from './sparks.js';

const STALE_MS = 60000; /* an older value is not said to be the present one */

export const NODE_STATES = ['started', 'suspended', 'stopped', 'closed'];

/* How many nodes of a project are in which state; a closed project's are closed. */
export function nodeCounts(project) {
    const total = project.node_count ?? 0;
    if (project.status !== 'opened')
        return { started: 0, suspended: 0, stopped: 0, closed: total };
    return { started: project.started_count ?? 0, suspended: project.suspended_count ?? 0,
        stopped: project.stopped_count ?? 0, closed: 0 };
}

export function sumCounts(projects) {
    const sum = { started: 0, suspended: 0, stopped: 0, closed: 0 };
    for (const project of projects)
        for (const [state, count] of Object.entries(nodeCounts(project)))
            sum[state] += count;
    return sum;
}

export function StateBar({ counts }) {
    const total = NODE_STATES.reduce((n, s) => n + counts[s], 0);
    const used = NODE_STATES.filter((s) => counts[s] > 0);
    const text = used.map((s) => `${number(counts[s])} ${tv('state', s)}`).join(', ') || t('label.no_nodes');
    return html`<span class="bar-of-states"><span class="bar" role="img" aria-label=${text} title=${text}>
        ${used.map((s) => html`<span key=${s} class=${`fill-${s}`} style=${`flex-grow:${counts[s]}`}></span>`)}</span>
        <span class="num">${number(counts.started)}<span class="muted">/${number(total)}</span></span></span>`;
}

export function Sparkline({ columns, name, unit, max, label }) {
    const to_ms = now.value;
    const stale = columns && to_ms - columns.lastTime() > Math.max(STALE_MS, 6 * columns.step_ms);
    const shown = format(stale ? null : columns?.last(name), unit);
    return html`<span class="spark-value"><${Spark} columns=${columns} name=${name} max=${max} from=${to_ms - SPAN_MS} to=${to_ms}
        text=${t('spark.text', { name: label, last: shown })} /><b class="num">${shown}</b></span>`;
}

export const projectColumns = [
    { id: 'name', text: 'label.project', head: true, sort: (p) => p.name, cell: (p) => html`<a href=${to.project(p.id)}>${p.name}</a>` },
    { id: 'status', text: 'label.state', sort: (p) => (p.status === 'opened' ? 0 : 1), cell: (p) => html`<${State} state=${p.status} />` },
    { id: 'nodes', text: 'label.nodes', sort: (p) => p.node_count ?? 0, cell: (p) => html`<${StateBar} counts=${nodeCounts(p)} />` },
    { id: 'links', text: 'label.links', number: true, wide: true, sort: (p) => p.link_count ?? 0, cell: (p) => number(p.link_count) },
    { id: 'snapshots', text: 'label.snapshots', number: true, wide: true, sort: (p) => p.snapshot_count ?? 0, cell: (p) => number(p.snapshot_count) },
    { id: 'server', text: 'label.server', wide: true, sort: (p) => p.server, cell: (p) => html`<a href=${to.server(p.server)}>${p.server}</a>` },
    { id: 'opened', text: 'label.opened', wide: true, sort: (p) => p.opened_at ?? 0, cell: (p) => html`<${Ago} time=${p.opened_at} />` },
];

const nodeAct = { started: ['node.stop', 'node.suspend', 'node.reload'], stopped: ['node.start'],
    suspended: ['node.start', 'node.stop'], closed: [] };

export function NodeActions({ node, small }) {
    return html`<span class="actions">${(nodeAct[node.status] || []).map((name) =>
        html`<${Action} key=${name} name=${name} object=${node} small=${small} />`)}</span>`;
}

export function consoleOf(node) {
    const there = node.console && node.console_type !== 'none' && node.console_host;
    return there ? `${node.console_type || 'telnet'} ${node.console_host}:${node.console}` : '';
}

export const nodeColumns = [
    { id: 'name', text: 'label.node', head: true, sort: (n) => n.name, cell: (n) => html`<a href=${to.node(n.id)}>${n.name}</a>` },
    { id: 'status', text: 'label.state', sort: (n) => NODE_STATES.indexOf(n.status), cell: (n) => html`<${State} state=${n.status} />` },
    { id: 'since', text: 'label.since', wide: true, sort: (n) => n.since ?? 0, cell: (n) => html`<${Ago} time=${n.since} />` },
    { id: 'type', text: 'label.type', wide: true, sort: (n) => n.node_type, cell: (n) => n.node_type },
    { id: 'console', text: 'label.console', wide: true, sort: (n) => n.console ?? 0, cell: (n) => html`<span class="mono">${consoleOf(n) || '–'}</span>` },
    { id: 'compute', text: 'label.compute', wide: true, sort: (n) => n.compute_id, cell: (n) => n.compute_id },
];

export const nodeActionColumn = { id: 'actions', text: 'label.actions', number: true,
    cell: (n) => html`<${NodeActions} node=${n} small />` };

export const nodeProjectColumn = { id: 'project', text: 'label.project', sort: (n) => n.project_name,
    cell: (n) => html`<a href=${to.project(n.project)}>${n.project_name}</a>` };

export function linkColumns(canAct) {
    const traffic = hasPlugin('traffic');
    return [
        { id: 'name', text: 'label.link', head: true, sort: (l) => l.name, cell: (l) => html`${l.name}${traits(l) && html`<span class="muted small block">${traits(l)}</span>`}` },
        { id: 'status', text: 'label.state', sort: (l) => l.status, cell: (l) => html`<${State} state=${l.status} />` },
        traffic && { id: 'rate', text: 'traffic.rate', number: true, sort: (l) => total(linkRate(l)) ?? -1, cell: (l) => html`<${LinkRate} link=${l} />` },
        canAct && { id: 'actions', text: 'label.actions', number: true, cell: (l) => html`<span class="actions">
            ${l.status === 'up' && html`<${Action} name="link.suspend" object=${l} small />`}
            ${l.status === 'suspended' && html`<${Action} name="link.resume" object=${l} small />`}</span>` },
    ];
}

function linkRate(link) {
    const it = one('traffic.link', link.id);
    return it && rateOf(it);
}

/* Both ways, going to their history; why there is none, where there is none. */
function LinkRate({ link }) {
    const it = one('traffic.link', link.id);
    const rate = it && rateOf(it);
    if (!rate?.values)
        return it && link.status === 'up' ? html`<span title=${it.why}><${State} state="no_data" plain /></span>` : '–';
    return html`<a class="both-ways" href=${to.graph(rate.key)} title=${t('traffic.both', { a: link.nodes[0].name, b: link.nodes[1].name })}>
        <span>→ ${format(rate.values.ab_bytes, 'By/s')}</span><span>← ${format(rate.values.ba_bytes, 'By/s')}</span></a>
        ${rate.values.drops > 0 && html`<span class="bad-number small block">▾ ${format(rate.values.drops, '/s')}</span>`}${it.fault && html`<span class="problem small block fault">${it.fault}</span>`}`;
}

/* What is out of the ordinary about a link: its filters, a capture, another type than Ethernet. */
function traits(link) {
    const filters = Object.entries(link.filters || {}).map(([name, values]) => `${name} ${[values].flat().join(' ')}`);
    return [...filters, link.capturing && t('label.capturing'), link.link_type !== 'ethernet' && link.link_type]
        .filter(Boolean).join(', ');
}
