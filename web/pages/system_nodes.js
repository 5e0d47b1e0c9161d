/* pages/system_nodes.js - what each GNS3 node takes of this machine, by its processes, and where
 * GNS3 says one thing and the processes another. */
import '../host/texts.js';
import { About } from '../components/about.js';
import { Absent } from '../components/absent.js';
import { Panel, State, usePageTitle } from '../components/basics.js';
import { GraphLink, SystemTabs, Truth, projectRows, usageColumns } from '../components/system.js';
import { Table, TablePanel } from '../components/table.js';
import { number } from '../format.js';
import { TROUBLED, nodeRates, nodeRow, projectSums } from '../host/system.js';
import { html, useEffect, useState } from '../html.js';
import { t, tv } from '../i18n.js';
import { to } from '../router.js';
import { all, hasPlugin, maybe, objects, one } from '../state.js';

const STATES = ['running', 'dead', 'hidden', 'off'];

export function reads() {
    return [maybe(objects('system.node', '/api/v1/objects/system.node')), nodeRates.read(), projectSums.read()];
}

/* Orphans and zombies are the machine's, for nobody knows whose they are. */
function ofNodes(event) {
    return /^system\.(node|orphan|zombies)\b/.test(event.topic);
}

function stop() {
    nodeRates.stop();
    projectSums.stop();
}

export function View() {
    usePageTitle(t('system.tab.nodes'));
    useEffect(() => stop, []);
    if (!hasPlugin('system'))
        return html`<${Absent} plugin="system" title=${t('system.tab.nodes')} />`;
    const rows = all('system.node').map((node) => nodeRow(node, (id) => one('gns3.project', id)?.name));
    return html`<div class="page-head"><h1>${t('system.tab.nodes')}</h1></div><${SystemTabs} here="/system/nodes" />
        <${Troubles} rows=${rows.filter(TROUBLED)} /><${Nodes} rows=${rows} />
        <${Projects} rows=${projectRows()} />
        <${About} title=${t('system.node_events')} match=${{ topic: 'system.*' }} fits=${ofNodes} />`;
}

function Troubles({ rows }) {
    if (!rows.length)
        return null;
    return html`<section class="panel trouble-list" aria-labelledby="troubles"><div class="panel-head"><h2 id="troubles">${t('system.troubles', { count: rows.length })}</h2></div>
        <ul>${rows.map((r) => html`<li key=${r.id} data-trouble=${r.id}><${State} state=${r.status === 'dead' ? 'dead' : 'missing'} />
            <span><a href=${to.node(r.id)}>${r.name}</a> <span class="muted">${r.project_name}</span>
            <span class="block">${r.status === 'dead' ? t('system.dead') : t('system.ubridge.text')} ${r.status === 'dead' && html`<span class="muted">${r.why}</span>`}</span></span></li>`)}</ul></section>`;
}

const columns = [
    { id: 'name', text: 'label.node', head: true, sort: (r) => r.name, cell: (r) => html`<a href=${to.node(r.id)}>${r.name}</a><span class="muted small block"><a class="quiet" href=${to.project(r.project)}>${r.project_name}</a></span>` },
    { id: 'status', text: 'system.truth', sort: (r) => STATES.indexOf(r.status), cell: (r) => html`<${Truth} node=${r} />` },
    ...usageColumns,
    { id: 'server', text: 'label.server', wide: true, sort: (r) => r.server, cell: (r) => html`<a href=${to.server(r.server)}>${r.server}</a>` },
    { id: 'graph', text: 'label.graph', number: true, wide: true, cell: (r) => html`<${GraphLink} series=${r} field="cpu" name=${r.name} />` },
];

function Nodes({ rows }) {
    const [filter, setFilter] = useState({ text: '', status: '' });
    const set = (name) => (event) => setFilter({ ...filter, [name]: event.target.value });
    const shown = rows.filter((r) => (!filter.status || r.status === filter.status) && `${r.name}\n${r.project_name}\n${r.server}`.toLowerCase().includes(filter.text.toLowerCase()));
    return html`<${Panel} id="nodes" title=${t('label.nodes_of', { count: shown.length })} tools=${html`
        <label class="filter"><span class="hidden">${t('label.filter')}</span><input type="search" name="text" placeholder=${t('label.filter')} value=${filter.text} onInput=${set('text')} /></label>
        <label class="filter"><span class="hidden">${t('label.state')}</span><select name="status" value=${filter.status} onChange=${set('status')}><option value="">${t('label.any_state')}</option>
            ${STATES.map((s) => html`<option key=${s} value=${s}>${tv('state', s)}</option>`)}</select></label>`}>
        <${Table} caption=${t('label.nodes')} columns=${columns} rows=${shown} first=${['cpu', -1]} empty=${t('empty.system_nodes')} /><//>`;
}

const projectOf = (row) => all('gns3.project').find((p) => p.server === row.server && p.name === row.name);

const projectColumns = [
    { id: 'name', text: 'label.project', head: true, sort: (r) => r.name, cell: (r) => { const p = projectOf(r); return html`${p ? html`<a href=${to.project(p.id)}>${r.name}</a>` : r.name}<span class="muted small block">${r.server}</span>`; } },
    { id: 'running', text: 'system.running', number: true, sort: (r) => r.values.running ?? -1, cell: (r) => number(r.values.running) },
    ...usageColumns,
    { id: 'graph', text: 'label.graph', number: true, wide: true, cell: (r) => html`<${GraphLink} series=${r} field="cpu" name=${r.name} />` },
];

function Projects({ rows }) {
    return html`<${TablePanel} id="projects" title=${t('system.by_project')} columns=${projectColumns} rows=${rows} first=${['cpu', -1]} empty=${t('empty.system_projects')} />`;
}
