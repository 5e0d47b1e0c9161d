/* components/traffic.js - the switch with its reasons, idle labs with what will happen to them, and
 * shares of protocols. */
import { dateTime, duration, now, number, value as format, when } from '../format.js';
import { html } from '../html.js';
import { t, tv } from '../i18n.js';
import { COLOURS } from '../chart.js';
import { to } from '../router.js';
import { one } from '../state.js';
import { protocolRates } from '../watch/traffic.js';
import { Action, Ago, Empty, Panel, State } from './basics.js';
import { Table } from './table.js';

const PROTOCOLS = 6;

const candidateColumns = [
    { id: 'name', text: 'label.project', head: true, cell: (c) => html`<a href=${to.project(c.project)}>${c.name}</a>` },
    { id: 'status', text: 'label.state', wide: true, cell: (c) => html`<${State} state=${c.status} plain />` },
    { id: 'priority', text: 'traffic.priority', number: true, wide: true, cell: (c) => number(c.priority) },
    { id: 'score', text: 'traffic.points', number: true, cell: (c) => number(c.score, 1) },
    { id: 'text', text: 'traffic.why', cell: (c) => c.text },
];

export function SwitchPanel({ it }) {
    const decision = it?.decision;
    const tools = it && html`<${Action} name=${it.mode === 'auto' ? 'traffic.manual' : 'traffic.auto'} object=${{ name: t('traffic.switch') }} />`;
    return html`<${Panel} id="switch" title=${t('traffic.switch')} tools=${tools}>${!it ? html`<${Empty}>${t('empty.switch')}<//>` : html`
        <p class="switch-now">${it.project ? html`<a class="switch-name" href=${to.project(it.project)}>${it.name}</a>` : html`<span class="switch-name muted">${t('traffic.nobody')}</span>`}
            <${State} state=${it.mode} /> <span class="muted">${t('traffic.since', { time: when(it.since) })}${it.pinned_until ? `, ${t('traffic.pinned', { time: dateTime(it.pinned_until) })}` : ''}</span></p>
        ${decision && html`<p class="decision">${decision.text} <span class="muted small"><${Ago} time=${decision.time} />${decision.from && `, ${t('traffic.before', { name: one('traffic.project', decision.from)?.name ?? one('gns3.project', decision.from)?.name ?? t('traffic.gone') })}`}</span></p>
            <${Table} caption=${t('traffic.candidates')} columns=${candidateColumns} piece=${8} rows=${decision.candidates ?? []} rowKey=${(c) => c.project} empty=${t('empty.candidates')} />`}`}<//>`;
}

export function IdleLabs({ projects }) {
    const idle = projects.filter((p) => p.idle).sort((a, b) => (a.idle.at ?? Infinity) - (b.idle.at ?? Infinity));
    return html`<${Panel} id="idle" title=${t('traffic.idle')}>${idle.length ? html`<ul class="idle">${idle.map((p) => html`<li key=${p.id} class=${p.idle.at ? 'idle-soon' : ''} data-idle=${p.id}>
        <div><a href=${to.project(p.id)}><b>${p.name}</b></a> <span class="muted small">${t('traffic.idle_since', { time: when(p.idle.since) })}</span>
            <p>${p.idle.text}</p>${p.idle.at && p.idle.action !== 'none' && html`<p class="idle-next"><b>${tv('idle', p.idle.action)}</b> ${t('traffic.in', { time: duration(p.idle.at - now.value) })}</p>`}</div>
        <${Action} name="traffic.keep" object=${p} /></li>`)}</ul>` : html`<${Empty}>${t('empty.idle')}<//>`}<//>`;
}

/* One bar a project: what its bytes are, the largest protocols by name. */
export function ProtocolBars({ projects }) {
    const rows = projects.map((p) => ({ project: p, parts: protocolsOf(p) })).filter((r) => r.parts.length);
    const names = [...new Set(rows.flatMap((r) => r.parts.map((x) => x.name)))];
    const colour = (name) => `--swatch: var(--${COLOURS[names.indexOf(name) % COLOURS.length]})`;
    return html`<${Panel} id="protocols" title=${t('traffic.protocols')}>${rows.length ? html`<div class="shares">${rows.map(({ project, parts }) => html`<div key=${project.id} class="share-row">
        <a href=${to.project(project.id)}>${project.name}</a><span class="share-bar" role="img" aria-label=${parts.map((x) => `${x.name} ${format(x.share, '%')}`).join(', ')}>
        ${parts.map((x) => html`<span key=${x.name} style=${`flex-grow:${x.share};${colour(x.name)}`} title=${`${x.name} ${format(x.share, '%')}, ${format(x.bytes, 'By/s')}`}></span>`)}</span></div>`)}</div>
        <ul class="legend">${names.map((name) => html`<li key=${name}><span class="swatch" style=${colour(name)} aria-hidden="true"></span>${name === '…' ? t('traffic.others') : name}</li>`)}</ul>`
        : html`<${Empty}>${t('empty.protocols')}<//>`}<//>`;
}

function protocolsOf(project) {
    const seen = protocolRates.list().filter((r) => r.labels.server === project.server && r.labels.project === project.name && r.values?.bytes > 0)
        .map((r) => ({ name: r.labels.protocol, bytes: r.values.bytes })).sort((a, b) => b.bytes - a.bytes);
    const rest = seen.slice(PROTOCOLS - 1).reduce((sum, r) => sum + r.bytes, 0);
    const parts = seen.length > PROTOCOLS ? [...seen.slice(0, PROTOCOLS - 1), { name: '…', bytes: rest }] : seen;
    const whole = parts.reduce((sum, r) => sum + r.bytes, 0);
    return parts.map((r) => ({ ...r, share: (r.bytes / whole) * 100 }));
}
