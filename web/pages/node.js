/* pages/node.js - one node: its state, where it is, its links, its history. */
import { copy } from '../actions.js';
import { About } from '../components/about.js';
import { Ago, Crumbs, Facts, Loading, NotFound, Panel, State, usePageTitle } from '../components/basics.js';
import { NodeTruth } from '../components/node_truth.js';
import { NodeActions, consoleOf, linkColumns } from '../components/labs.js';
import { Charts } from '../components/panels.js';
import { ScoreOf, scoreRead } from '../components/score.js';
import { Table } from '../components/table.js';
import { Why } from '../components/why.js';
import { query } from '../api.js';
import { number } from '../format.js';
import { usagePanels } from '../host/panels.js';
import { nodeRates } from '../host/system.js';
import { html, useEffect, useMemo } from '../html.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { nodePanels } from '../panels.js';
import { to } from '../router.js';
import { all, can, hasPlugin, maybe, object, objects, one } from '../state.js';
import { nodeTrafficPanels } from '../watch/panels.js';
import { linkRates } from '../watch/traffic.js';

export function reads({ id }) {
    const mine = (node) => (l) => l.project === node.project;
    return [{ ...object('gns3.node', `/api/gns3/nodes/${encodeURIComponent(id)}`, id), next: (node) => [
        objects('gns3.link', `/api/gns3/links?${query({ project: node.project })}`, mine(node)),
        ...(hasPlugin('traffic') ? [maybe(objects('traffic.link', `/api/traffic/links?${query({ project: node.project })}`, mine(node))),
            linkRates.read({ server: node.server, project: node.project_name })] : []),
        ...(hasPlugin('system') ? [maybe(objects('system.node', `/api/v1/objects/system.node?${query({ server: node.server, name: node.name })}`, (n) => n.id === node.id)),
            nodeRates.read({ server: node.server, project: node.project_name, node: node.name })] : [])] },
    scoreRead('gns3.node', id)];
}

export function View({ params, loaded }) {
    const node = one('gns3.node', params.id);
    usePageTitle(node && `${node.name} – ${node.project_name}`);
    useEffect(() => () => { linkRates.stop(); nodeRates.stop(); }, []);
    if (!node)
        return loaded ? html`<${NotFound} what=${t('page.missing.node')} />` : html`<${Loading} />`;
    const links = all('gns3.link').filter((l) => l.nodes?.some((e) => e.node === node.id));
    const system = hasPlugin('system') && one('system.node', node.id);
    return html`<${Head} node=${node} /><${Why} kind="gns3.node" object=${node} />
        ${system && html`<${NodeTruth} node=${node} system=${system} />`}
        <${NodeCharts} node=${node} processes=${Boolean(system)} traffic=${links.some((l) => (one('traffic.link', l.id)?.status ?? 'no_data') !== 'no_data')} />
        <div class="columns even"><div class="column"><${Panel} id="links" title=${t('label.links_of', { count: links.length })}>
            <${Table} className="link-table" caption=${t('label.links')} columns=${linkColumns(can('operator'))} rows=${links} empty=${t('empty.links')} /><//>
            <${Ports} node=${node} links=${links} /></div>
        <div class="column"><${About} kind="gns3.node" id=${node.id} history /></div></div>`;
}

function NodeCharts({ node, traffic, processes }) {
    const panels = useMemo(() => [...nodePanels(node), ...(traffic ? nodeTrafficPanels(node) : []),
        ...(processes ? usagePanels('system.node', { server: node.server, project: node.project_name, node: node.name }) : [])],
    [node.server, node.project_name, node.name, node.compute_id, traffic, processes]);
    return html`<${Charts} panels=${panels} />`;
}

function Console({ node }) {
    const text = consoleOf(node);
    if (!text)
        return null;
    return html`<span class="mono">${text}</span> <button type="button" class="icon-button plain inline" title=${t('label.copy')}
        aria-label=${t('label.copy_of', { text })} onClick=${() => copy(text)}><${Icon} name="copy" size=${15} /></button>`;
}

function Head({ node }) {
    return html`<${Crumbs} items=${[[t('nav.projects'), '/projects'], [node.project_name, to.project(node.project)], [node.name]]} />
        <div class="page-head"><h1>${node.name}</h1><${State} state=${node.status} /><${ScoreOf} kind="gns3.node" id=${node.id} /><${NodeActions} node=${node} /></div>
        <${Facts} items=${[
            [t('label.since'), html`<${Ago} time=${node.since} />`],
            [t('label.type'), node.node_type],
            [t('label.console'), consoleOf(node) ? html`<${Console} node=${node} />` : ''],
            [t('label.compute'), node.compute_id],
            [t('label.server'), html`<a href=${to.server(node.server)}>${node.server}</a>`],
            [t('label.position'), `${number(node.x)}, ${number(node.y)}`],
            [t('label.command_line'), node.command_line && html`<span class="mono wrap">${node.command_line}</span>`],
            [t('label.directory'), node.node_directory && html`<span class="mono wrap">${node.node_directory}</span>`],
            [t('label.container'), node.container_id && html`<span class="mono">${node.container_id.slice(0, 12)}</span>`],
        ]} />`;
}

const portColumns = [
    { id: 'name', text: 'label.port', head: true, cell: (p) => p.name },
    { id: 'type', text: 'label.type', wide: true, cell: (p) => p.link_type },
    { id: 'link', text: 'label.connected_to', cell: (p) => (p.peer ? html`<a href=${to.node(p.peer.node)}>${p.peer.name} ${p.peer.label || ''}</a>` : '–') },
];

function Ports({ node, links }) {
    const ports = (node.ports || []).map((port) => ({ ...port, peer: peerOf(node, port, links) }));
    return html`<${Panel} id="ports" title=${t('label.ports')}><${Table} caption=${t('label.ports')} columns=${portColumns}
        rows=${ports} rowKey=${(p) => `${p.adapter_number}/${p.port_number}`} empty=${t('empty.ports')} /><//>`;
}

function peerOf(node, port, links) {
    const at = (e) => e.node === node.id && e.adapter_number === port.adapter_number && e.port_number === port.port_number;
    const link = links.find((l) => l.nodes.some(at));
    return link?.nodes.find((e) => !at(e));
}
