/* components/copies.js - the catalogue: each snapshot, whether it is whole, where else it is, and why
 * it is kept or not. */
import { bytes, dateTime } from '../format.js';
import { html } from '../html.js';
import { t, tv } from '../i18n.js';
import { Icon } from '../icons.js';
import { to } from '../router.js';
import { can } from '../state.js';
import { Action, Ago, State } from './basics.js';
import { Table } from './table.js';

export function Verified({ copy }) {
    const state = { ok: 'verified', bad: 'damaged' }[copy.verified] ?? 'unverified';
    return html`<span title=${copy.verify ? dateTime(copy.verify.time) : undefined}><${State} state=${state} plain /></span>
        ${copy.verify?.text && html`<span class=${`small block ${copy.verified === 'bad' ? 'problem' : 'muted wide'}`}>${copy.verify.text}</span>`}
        ${copy.verify?.missing?.length > 0 && html`<details class="small"><summary>${t('snapshot.missing', { count: copy.verify.missing.length })}</summary>
            <ul class="mono wrap">${copy.verify.missing.map((m) => html`<li key=${m}>${m}</li>`)}</ul><${Action} name="copy.accept" object=${copy} /></details>`}`;
}

function Places({ copy }) {
    return html`${copy.on_server && html`<span class="block">${copy.server}</span>`}
        ${(copy.copies ?? []).map((c, i) => html`<span key=${i} class="block small" title=${`${c.path}\nsha256 ${c.sha256}`}>
        <${Icon} name=${c.ok ? 'check' : 'error'} size=${13} /> ${c.target} <span class="muted">${bytes(c.bytes)}</span></span>`)}`;
}

function Drill({ drill }) {
    if (!drill)
        return html`<span class="muted">–</span>`;
    return html`<span title=${drill.text}><${State} state=${drill.ok ? 'done' : 'failed'} plain /></span>
        <span class="muted small block"><${Ago} time=${drill.time} /></span>`;
}

const columns = (acts) => [
    { id: 'name', text: 'label.name', head: true, sort: (c) => c.name, cell: (c) => html`${c.pinned && html`<${Icon} name="pin" size=${14} /><span class="hidden">${t('snapshot.pinned')}</span> `}${c.name}
        <span class="small block"><a href=${to.project(c.project)}>${c.project_name}</a>${c.schedule && html` <span class="muted">${c.schedule}</span>`}</span><span class="muted small narrow"><${Ago} time=${c.created_at} /></span>` },
    { id: 'created', text: 'label.created', wide: true, sort: (c) => c.created_at, cell: (c) => html`<${Ago} time=${c.created_at} /><span class="muted small block">${bytes(c.bytes)}</span>` },
    { id: 'verified', text: 'snapshot.verified', sort: (c) => ['bad', 'unknown', 'ok'].indexOf(c.verified), cell: (c) => html`<${Verified} copy=${c} />` },
    { id: 'places', text: 'snapshot.places', wide: true, cell: (c) => html`<${Places} copy=${c} />` },
    { id: 'drill', text: 'snapshot.drill', wide: true, sort: (c) => c.drill?.time ?? 0, cell: (c) => html`<${Drill} drill=${c.drill} />` },
    { id: 'keep', text: 'snapshot.keep', wide: true, sort: (c) => c.keep?.decision ?? '', cell: (c) => html`<${Keep} keep=${c.keep} />` },
    acts && { id: 'actions', text: 'label.actions', number: true, cell: (c) => html`<span class="actions">
        ${['copy.verify', c.pinned ? 'copy.unpin' : 'copy.pin', 'copy.drill', 'copy.import', c.on_server && 'copy.restore', 'copy.delete'].filter(Boolean).map((name) =>
            html`<${Action} key=${name} name=${name} object=${c} small />`)}</span>` },
];

export function Keep({ keep }) {
    return keep ? html`<span class=${keep.decision === 'remove' ? 'warn-number' : ''}>${tv('keep', keep.decision)}</span><span class="muted small block">${keep.text}</span>` : '–';
}

export function CopyTable({ copies }) {
    return html`<${Table} caption=${t('label.snapshots')} columns=${columns(can('operator'))} rows=${copies} piece=${50} empty=${t('empty.snapshots')} />`;
}
