/* components/machines.js - servers' and computes' small live lines, and the list of computes. */
import { compare } from '../format.js';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { to } from '../router.js';
import { State } from './basics.js';
import { Sparkline } from './labs.js';
import { sparks } from './sparks.js';
import { Table } from './table.js';

export const serverSparks = sparks('gns3.server', ['server']);
export const computeSparks = sparks('gns3.compute', ['server', 'compute']);

function cell(name, label) {
    return (c) => html`<${Sparkline} columns=${computeSparks.get(c.server, c.compute_id)} name=${name} unit="%" max=${100} label=${t(label)} />`;
}

const last = (name) => (c) => computeSparks.get(c.server, c.compute_id)?.last(name) ?? -1;

const columns = [
    { id: 'name', text: 'label.compute', head: true, sort: (c) => c.name || c.compute_id, cell: (c) => html`<a href=${to.server(c.server)}>${c.name || c.compute_id}</a>
        <span class="muted small block">${c.server}</span><${State} state=${c.connected ? 'connected' : 'lost'} plain />` },
    { id: 'cpu', text: 'field.cpu', sort: last('cpu'), cell: cell('cpu', 'field.cpu') },
    { id: 'memory', text: 'field.memory', sort: last('memory'), cell: cell('memory', 'field.memory') },
];

export function ComputeTable({ computes }) {
    const rows = [...computes].sort((a, b) => compare(a.server, b.server) || compare(a.name || '', b.name || ''));
    return html`<${Table} caption=${t('label.computes')} columns=${columns} rows=${rows} empty=${t('empty.computes')} />`;
}
