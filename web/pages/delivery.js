/* pages/delivery.js - what gnswatch says to others: what waits, what died and why, and whether the
 * other end takes it. */
import { Absent } from '../components/absent.js';
import { Action, Ago, State, usePageTitle } from '../components/basics.js';
import { Charts } from '../components/panels.js';
import { SINKS } from '../components/sinks.js';
import { TablePanel } from '../components/table.js';
import { bytes, now, number } from '../format.js';
import { html, useMemo } from '../html.js';
import { language, t } from '../i18n.js';
import { all, can, hasPlugin, maybe, objects } from '../state.js';
import { queuePanels } from '../watch/panels.js';

/* What each sink calls the things that wait, and what tells one from another. */
const THINGS = {
    email: { kind: 'email.letter', path: '/api/email/letters', where: (it) => [it.to].flat().join(', '), what: (it) => it.subject },
    mqtt: { kind: 'mqtt.message', path: '/api/mqtt/messages', where: (it) => it.topic },
    webhook: { kind: 'webhook.delivery', path: '/api/webhook/deliveries', where: (it) => it.hook, what: (it) => it.title },
};

export function reads() {
    return [...Object.values(THINGS).map(({ kind, path }) => maybe(objects(kind, path))), maybe(objects('prometheus.target', '/api/prometheus/targets'))];
}

export function View() {
    usePageTitle(t('nav.delivery'));
    const there = SINKS.filter(hasPlugin);
    const sinks = there.filter((name) => THINGS[name]);
    const targets = all('prometheus.target');
    if (!there.length)
        return html`<${Absent} plugin="email" title=${t('nav.delivery')} />`;
    return html`<div class="page-head"><h1>${t('nav.delivery')}</h1></div>
        ${sinks.map((name) => html`<${Sink} key=${name} plugin=${name} thing=${THINGS[name]} />`)}
        ${there.includes('prometheus') && html`<${Targets} targets=${targets} />`}
        <${Queues} sinks=${sinks} targets=${there.includes('prometheus') ? targets : []} />`;
}

const columns = (plugin, thing, acts) => [
    { id: 'where', text: 'delivery.where', head: true, sort: thing.where, cell: (it) => html`${thing.where(it)}${thing.what && html`<span class="muted small block">${thing.what(it)}</span>`}` },
    { id: 'state', text: 'label.state', sort: (it) => it.state, cell: (it) => html`<${State} state=${it.state} />` },
    { id: 'why', text: 'delivery.why', cell: (it) => html`<span class="wrap">${it.why || '–'}</span>` },
    { id: 'tries', text: 'delivery.tries', number: true, wide: true, sort: (it) => it.tries, cell: (it) => number(it.tries) },
    { id: 'put', text: 'delivery.put', wide: true, sort: (it) => it.put, cell: (it) => html`<${Ago} time=${it.put} />` },
    { id: 'due', text: 'delivery.due', wide: true, sort: (it) => it.due ?? Infinity, cell: (it) => (it.state === 'waiting' && it.due <= now.value ? t('delivery.soon') : html`<${Ago} time=${it.state === 'dead' ? null : it.due} />`) },
    acts && { id: 'actions', text: 'label.actions', number: true, cell: (it) => html`<span class="actions"><${Action} name=${`${plugin}.retry`} object=${{ ...it, name: thing.where(it) }} small />
        <${Action} name=${`${plugin}.delete`} object=${{ ...it, name: thing.where(it) }} small /></span>` },
];

function Sink({ plugin, thing }) {
    const items = all(thing.kind).sort((a, b) => (a.state === 'dead' ? 0 : 1) - (b.state === 'dead' ? 0 : 1) || b.put - a.put);
    return html`<div data-sink=${plugin}><${TablePanel} id=${`sink-${plugin}`} title=${t(`sink.${plugin}`)} tools=${html`<${Action} name=${`${plugin}.test`} object=${{ name: t(`sink.${plugin}`) }} />`}
            columns=${columns(plugin, thing, can('operator'))} rows=${items} piece=${8} empty=${t('empty.queue')} /></div>`;
}

const targetColumns = (acts) => [
    { id: 'name', text: 'label.name', head: true, sort: (x) => x.id, cell: (x) => html`${x.id}<span class="muted small block mono wrap">${x.url}</span>` },
    { id: 'state', text: 'label.state', cell: (x) => html`<${State} state=${x.state} />${x.last_error && html`<span class="problem small block">${x.last_error}</span>`}` },
    { id: 'waiting', text: 'delivery.waiting', number: true, sort: (x) => x.waiting, cell: (x) => html`${number(x.waiting)}<span class="muted small block">${bytes(x.bytes)}</span>` },
    { id: 'oldest', text: 'delivery.oldest', wide: true, sort: (x) => x.oldest ?? 0, cell: (x) => html`<${Ago} time=${x.oldest} />` },
    { id: 'dead', text: 'delivery.dead', number: true, sort: (x) => x.dead ?? 0, cell: (x) => html`<span class=${x.dead ? 'bad-number' : ''}>${number(x.dead ?? 0)}</span>` },
    acts && { id: 'actions', text: 'label.actions', number: true, cell: (x) => x.dead > 0 && html`<${Action} name="target.retry" object=${x} small />` },
];

function Targets({ targets }) {
    return html`<div data-sink="prometheus"><${TablePanel} id="sink-prometheus" title=${t('sink.prometheus')} tools=${html`<a href="/metrics" target="_blank" rel="noopener">/metrics</a>`}
            columns=${targetColumns(can('operator'))} rows=${targets} empty=${t('empty.targets')} /></div>`;
}

/* What waits and what goes, side by side, a row for each sink and target. */
function Queues({ sinks, targets }) {
    const names = targets.map((x) => x.id).sort().join('\n');
    const panels = useMemo(() => [...sinks.flatMap((name) => queuePanels(name, {}, t(`sink.${name}`))),
        ...names.split('\n').filter(Boolean).flatMap((target) => queuePanels('prometheus', { target }, `${t('sink.prometheus')}, ${target}`))], [sinks.join(), names, language.value]);
    return html`<div class="pair-charts"><${Charts} panels=${panels} title=${t('delivery.queues')} /></div>`;
}
