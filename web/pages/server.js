/* pages/server.js - one GNS3 server: its state, what it costs to ask it, its computes and projects. */
import { About } from '../components/about.js';
import { Action, Ago, Crumbs, Facts, Loading, NotFound, Panel, State, usePageTitle } from '../components/basics.js';
import { projectColumns } from '../components/labs.js';
import { ComputeTable, computeSparks } from '../components/machines.js';
import { Charts } from '../components/panels.js';
import { ScoreOf, scoreRead } from '../components/score.js';
import { Table } from '../components/table.js';
import { Why } from '../components/why.js';
import { number } from '../format.js';
import { html, useEffect, useMemo } from '../html.js';
import { t, tv } from '../i18n.js';
import { computePanels, serverPanels } from '../panels.js';
import { all, objects, one } from '../state.js';
import { openedFirst } from './overview.js';

export function reads({ id }) {
    return [objects('gns3.compute', '/api/gns3/computes'), computeSparks.read, scoreRead('gns3.server', id)];
}

export function View({ params, loaded }) {
    const server = one('gns3.server', params.id);
    usePageTitle(server?.name);
    useEffect(() => () => computeSparks.stop(), []);
    if (!server)
        return loaded ? html`<${NotFound} what=${t('page.missing.server')} />` : html`<${Loading} />`;
    const computes = all('gns3.compute').filter((c) => c.server === server.name);
    const projects = all('gns3.project').filter((p) => p.server === server.name).sort(openedFirst);
    return html`<${Head} server=${server} /><${Why} kind="gns3.server" object=${server} />
        ${server.error && html`<div class="trouble" role="status"><p>${server.error}</p></div>`}
        <${ServerCharts} server=${server} />
        <${ComputeCharts} computes=${computes} />
        <div class="columns even"><div class="column">
            <${Panel} id="projects" title=${t('label.projects_of', { count: projects.length })}>
            <${Table} caption=${t('nav.projects')} columns=${projectColumns.filter((c) => ['name', 'status', 'nodes', 'links'].includes(c.id))} rows=${projects} empty=${t('empty.projects')} /><//></div>
        <div class="column"><${Panel} id="computes" title=${t('label.computes')}><${ComputeTable} computes=${computes} /><//>
            <${About} kind="gns3.server" id=${server.id} history /></div></div>`;
}

function ServerCharts({ server }) {
    const panels = useMemo(() => serverPanels(server), [server.name]);
    return html`<${Charts} panels=${panels} />`;
}

function ComputeCharts({ computes }) {
    const ids = computes.map((c) => c.id + c.name).join('\n');
    const panels = useMemo(() => computes.flatMap(computePanels), [ids]);
    return html`<${Charts} panels=${panels} title=${t('label.computes')} />`;
}

function Head({ server }) {
    return html`<${Crumbs} items=${[[t('nav.servers'), '/servers'], [server.name]]} />
        <div class="page-head"><h1>${server.name}</h1><${State} state=${server.status} /><${ScoreOf} kind="gns3.server" id=${server.id} />
            <div class="actions"><${Action} name="server.test" object=${server} /><${Action} name="server.sync" object=${server} /><${Action} name="project.create" object=${server} /></div></div>
        <${Facts} items=${[
            [t('label.since'), html`<${Ago} time=${server.since} />`],
            [t('label.version'), server.version && `GNS3 ${server.version} (API ${server.api})`],
            [t('label.address'), html`<span class="mono wrap">${server.url}</span>`],
            [t('label.breaker'), tv('breaker', server.breaker)],
            [t('label.feed'), tv('feed', server.feed)],
            [t('nav.projects'), t('label.of', { some: number(server.projects_opened), all: number(server.projects), what: tv('state', 'opened') })],
            [t('nav.nodes'), t('label.of', { some: number(server.nodes_started), all: number(server.nodes), what: tv('state', 'started') })],
            [t('label.links'), number(server.links)],
        ]} />`;
}
