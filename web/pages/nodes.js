/* pages/nodes.js - all nodes of all projects, in pages that the server cuts. */
import { get, query } from '../api.js';
import { errorText } from '../actions.js';
import { Panel, usePageTitle } from '../components/basics.js';
import { NODE_STATES, nodeActionColumn, nodeColumns, nodeProjectColumn } from '../components/labs.js';
import { Table } from '../components/table.js';
import { compare } from '../format.js';
import { html, useEffect, useState } from '../html.js';
import { t, tv } from '../i18n.js';
import { replaceSearch } from '../router.js';
import { all, can, one, onReload } from '../state.js';

const PIECE = 100;
const WAIT_MS = 200;

/* What the server sorts by, for each column. */
const MEMBERS = { name: 'name', status: 'status', project: 'project_name', since: 'since', type: 'node_type', console: 'console', compute: 'compute_id' };

function columns() {
    const [name, status, ...rest] = nodeColumns.map((column) => ({ ...column, sort: MEMBERS[column.id] }));
    return [name, status, { ...nodeProjectColumn, sort: MEMBERS.project }, ...rest, can('operator') && nodeActionColumn];
}

export function View() {
    usePageTitle(t('nav.nodes'));
    const asked = new URLSearchParams(location.search);
    const [text, setText] = useState(asked.get('search') || '');
    const [status, setStatus] = useState(asked.get('status') || '');
    const [server, setServer] = useState(asked.get('server') || '');
    const [order, setOrder] = useState(['name', 1]);
    const [offset, setOffset] = useState(0);
    const [again, setAgain] = useState(0);
    const [answer, setAnswer] = useState({ items: [], total: 0, error: null, reading: true });
    useEffect(() => onReload(() => setAgain((n) => n + 1)), []);
    useEffect(() => {
        const filters = query({ search: text, status, server });
        replaceSearch(new URLSearchParams(filters));
        const stop = new AbortController();
        const timer = setTimeout(() => get(`/api/gns3/nodes?${query({ search: text, status, server, sort: `${order[1] < 0 ? '-' : ''}${MEMBERS[order[0]]}`, offset, limit: PIECE })}`, stop.signal)
            .then((body) => setAnswer({ ...body, error: null, reading: false }),
                (error) => stop.signal.aborted || setAnswer({ items: [], total: 0, error, reading: false })), WAIT_MS);
        return () => {
            clearTimeout(timer);
            stop.abort();
        };
    }, [text, status, server, order, offset, again]);
    /* What came live since the read is newer. */
    const rows = answer.items.map((n) => one('gns3.node', n.id) ?? n);
    const servers = all('gns3.server').map((s) => s.name).sort(compare);
    const filter = (set) => (e) => { set(e.target.value); setOffset(0); };
    return html`<div class="page-head"><h1>${t('nav.nodes')}</h1>
        <label class="filter"><span class="hidden">${t('label.filter')}</span><input type="search" placeholder=${t('label.filter')}
            value=${text} onInput=${filter(setText)} /></label>
        <label class="filter"><span class="hidden">${t('label.state')}</span><select value=${status} onChange=${filter(setStatus)}>
            <option value="">${t('label.any_state')}</option>
            ${NODE_STATES.map((s) => html`<option key=${s} value=${s} selected=${s === status}>${tv('state', s)}</option>`)}</select></label>
        ${servers.length > 1 && html`<label class="filter"><span class="hidden">${t('label.server')}</span><select name="server" value=${server} onChange=${filter(setServer)}>
            <option value="">${t('label.any_server')}</option>
            ${servers.map((s) => html`<option key=${s} value=${s} selected=${s === server}>${s}</option>`)}</select></label>`}</div>
        ${answer.error && html`<p class="problem" role="alert">${errorText(answer.error)}</p>`}
        <${Panel} id="list" title=${t('label.count', { count: answer.total })}>
            <${Table} caption=${t('nav.nodes')} columns=${columns()} rows=${rows}
                order=${order} onOrder=${(next) => { setOrder(next); setOffset(0); }} empty=${answer.reading ? t('label.loading') : t('empty.nodes')} />
            <${Pager} offset=${offset} total=${answer.total} move=${setOffset} /><//>`;
}

function Pager({ offset, total, move }) {
    if (total <= PIECE)
        return null;
    return html`<nav class="pager" aria-label=${t('label.pages')}>
        <button type="button" class="button" disabled=${offset === 0} onClick=${() => move(offset - PIECE)}>${t('label.previous')}</button>
        <span>${t('label.from_to', { from: offset + 1, to: Math.min(total, offset + PIECE), count: total })}</span>
        <button type="button" class="button" disabled=${offset + PIECE >= total} onClick=${() => move(offset + PIECE)}>${t('label.next')}</button></nav>`;
}
