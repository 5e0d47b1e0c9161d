/* components/table.js - tables of declared columns: sorted by a click, drawn in pieces when long.
 *
 * `order` and `onOrder`: whoever reads pages of rows from a server lets it sort; the rows are then
 * drawn as they come.
 *
 * A column: {id, text (key), cell(row), sort(row)?, number?, head? (row header), wide? (left away on phones)} */
import { compare } from '../format.js';
import { html, useMemo, useState } from '../html.js';
import { t } from '../i18n.js';
import { Panel } from './basics.js';

const MORE = 200;

export function Table({ caption, columns, rows, empty, rowKey = (r) => r.id, first, className = '', piece = 100, order: given, onOrder }) {
    const [own, setOwn] = useState(first || null); /* [column id, 1 or -1] */
    const [order, setOrder] = onOrder ? [given, onOrder] : [own, setOwn];
    const [shown, setShown] = useState(piece);
    const used = columns.filter(Boolean);
    const sorted = useMemo(() => (onOrder ? rows : sort(rows, used, order)), [rows, order]);
    if (!rows.length)
        return html`<p class="empty">${empty}</p>`;
    const flip = (id) => setOrder(order?.[0] === id ? [id, -order[1]] : [id, 1]);
    return html`<div class=${`table-wrap ${className}`} role="group" aria-label=${caption} tabindex="0"><table>
        <caption class="hidden">${caption}</caption>
        <thead><tr>${used.map((c) => html`<${Head} key=${c.id} column=${c} order=${order} flip=${flip} />`)}</tr></thead>
        <tbody>${sorted.slice(0, shown).map((row) => html`<tr key=${rowKey(row)} data-id=${rowKey(row)}>
            ${used.map((c) => html`<${Cell} key=${c.id} column=${c} row=${row} />`)}</tr>`)}</tbody>
        </table></div>
        ${sorted.length > shown && html`<p class="more"><button type="button" class="button"
            onClick=${() => setShown(shown + MORE)}>${t('label.more_rows', { count: sorted.length - shown })}</button></p>`}`;
}

/* A table that is all of its panel. */
export function TablePanel({ id, title, tools, caption, ...table }) {
    return html`<${Panel} id=${id} title=${title} tools=${tools}><${Table} caption=${caption ?? title} ...${table} /><//>`;
}

function sort(rows, columns, order) {
    const column = order && columns.find((c) => c.id === order[0]);
    if (!column)
        return rows;
    const by = (a, b) => {
        const [x, y] = [column.sort(a), column.sort(b)];
        return typeof x === 'number' && typeof y === 'number' ? x - y : compare(String(x ?? ''), String(y ?? ''));
    };
    return [...rows].sort((a, b) => order[1] * by(a, b));
}

function classes(column) {
    return `${column.number ? 'number' : ''} ${column.wide ? 'wide' : ''}`;
}

function Head({ column, order, flip }) {
    const text = t(column.text);
    const mine = order?.[0] === column.id;
    const aria = mine ? (order[1] > 0 ? 'ascending' : 'descending') : undefined;
    return html`<th scope="col" class=${classes(column)} aria-sort=${aria}>${column.sort
        ? html`<button type="button" class="sort" onClick=${() => flip(column.id)}>${text}
            <span aria-hidden="true" class="arrow">${mine ? (order[1] > 0 ? '▲' : '▼') : ''}</span></button>`
        : text}</th>`;
}

function Cell({ column, row }) {
    return column.head
        ? html`<th scope="row" class=${classes(column)}>${column.cell(row)}</th>`
        : html`<td class=${classes(column)}>${column.cell(row)}</td>`;
}
