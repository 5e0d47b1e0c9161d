/* pages/project.js - one lab: its topology, nodes, links, snapshots and charts. */
import { Action, Ago, Crumbs, Facts, Loading, NotFound, Panel, State, usePageTitle } from '../components/basics.js';
import { About } from '../components/about.js';
import { StateBar, linkColumns, nodeActionColumn, nodeColumns, nodeCounts } from '../components/labs.js';
import { Verified } from '../components/copies.js';
import { Charts } from '../components/panels.js';
import { ScoreOf, scoreRead } from '../components/score.js';
import { Table } from '../components/table.js';
import { TopologyPanel } from '../components/topology.js';
import { Why } from '../components/why.js';
import { query } from '../api.js';
import { compare, dateTime, number } from '../format.js';
import { html, useEffect, useMemo } from '../html.js';
import { t } from '../i18n.js';
import { projectPanels } from '../panels.js';
import { to } from '../router.js';
import { all, can, hasPlugin, maybe, object, objects, one } from '../state.js';
import { snapshotPanels, trafficPanels } from '../watch/panels.js';
import { linkRates } from '../watch/traffic.js';

export function reads({ id }) {
    const mine = (o) => o.project === id;
    const of = (plural) => `/api/gns3/${plural}?${query({ project: id })}`;
    const rates = (project) => hasPlugin('traffic') && linkRates.read({ server: project.server, project: project.name });
    return [
        { ...object('gns3.project', `/api/gns3/projects/${encodeURIComponent(id)}`, id), next: rates },
        objects('gns3.node', of('nodes'), mine),
        objects('gns3.link', of('links'), mine),
        objects('gns3.snapshot', of('snapshots'), mine),
        maybe(objects('traffic.link', `/api/traffic/links?${query({ project: id })}`, mine)),
        maybe(objects('snapshot.copy', `/api/snapshot/copies?${query({ project: id })}`, mine)),
        maybe(object('traffic.project', `/api/traffic/projects/${encodeURIComponent(id)}`, id)),
        scoreRead('gns3.project', id),
    ];
}

const snapshotColumns = [
    { id: 'name', text: 'label.name', head: true, sort: (s) => s.name, cell: (s) => s.name },
    { id: 'created', text: 'label.created', sort: (s) => s.created_at, cell: (s) => html`${dateTime(s.created_at)} <span class="muted">(<${Ago} time=${s.created_at} />)</span>` },
];

const verifiedColumn = { id: 'verified', text: 'snapshot.verified', wide: true, cell: (s) => (one('snapshot.copy', s.id) ? html`<${Verified} copy=${one('snapshot.copy', s.id)} />` : '–') };

const snapshotActions = { id: 'actions', text: 'label.actions', number: true, cell: (s) => html`<span class="actions">
    <${Action} name="snapshot.restore" object=${s} small /><${Action} name="snapshot.delete" object=${s} small /></span>` };

export function View({ params, loaded }) {
    const project = one('gns3.project', params.id);
    usePageTitle(project?.name);
    useEffect(() => () => linkRates.stop(), []);
    const mine = (kind) => all(kind).filter((o) => o.project === params.id);
    if (!project)
        return loaded ? html`<${NotFound} what=${t('page.missing.project')} />` : html`<${Loading} />`;
    const nodes = mine('gns3.node').sort((a, b) => compare(a.name, b.name));
    const links = mine('gns3.link').sort((a, b) => compare(a.name, b.name));
    const snapshots = mine('gns3.snapshot').sort((a, b) => b.created_at - a.created_at);
    const acts = can('operator');
    return html`<${Head} project=${project} /><${Why} kind="gns3.project" object=${project} />
        <${TopologyPanel} project=${project} nodes=${nodes} links=${links} />
        <${Panel} id="nodes" title=${t('label.nodes_of', { count: nodes.length })}>
            <${Table} piece=${40} caption=${t('nav.nodes')} columns=${[...nodeColumns, acts && nodeActionColumn]} rows=${nodes} empty=${t('empty.nodes')} /><//>
        <${ProjectCharts} project=${project} />
        <div class="columns even"><div class="column"><${Panel} id="links" title=${t('label.links_of', { count: links.length })}>
            <${Table} className="link-table" piece=${14} caption=${t('label.links')} columns=${linkColumns(acts)} rows=${links} empty=${t('empty.links')} /><//></div>
        <div class="column"><${Panel} id="snapshots" title=${t('label.snapshots_of', { count: snapshots.length })}
            tools=${html`<${Action} name="snapshot.create" object=${project} />`}>
            <${Table} caption=${t('label.snapshots')} columns=${[...snapshotColumns, hasPlugin('snapshot') && verifiedColumn, acts && snapshotActions]} rows=${snapshots} empty=${t('empty.snapshots')} /><//>
            <${About} kind="gns3.project" id=${project.id} history /></div></div>`;
}

function ProjectCharts({ project }) {
    const traffic = (one('traffic.project', project.id)?.status ?? 'no_data') !== 'no_data';
    const kept = hasPlugin('snapshot');
    const panels = useMemo(() => [...(traffic ? trafficPanels(project) : []), ...projectPanels(project), ...(kept ? snapshotPanels(project) : [])],
        [project.server, project.name, traffic, kept]);
    return html`<${Charts} panels=${panels} />`;
}

function Head({ project }) {
    const opened = project.status === 'opened';
    const traffic = one('traffic.project', project.id);
    return html`<${Crumbs} items=${[[t('nav.projects'), '/projects'], [project.name]]} />
        <div class="page-head"><h1>${project.name}</h1><${State} state=${project.status} /><${ScoreOf} kind="gns3.project" id=${project.id} />
            <div class="actions">${opened ? html`<${Action} name="project.start_all" object=${project} />
                <${Action} name="project.stop_all" object=${project} /><${Action} name="project.close" object=${project} />`
                : html`<${Action} name="project.open" object=${project} />`}
                <${Action} name="project.duplicate" object=${project} /><${Action} name="project.export" object=${project} /></div></div>
        <${Facts} items=${[
            [t('label.server'), html`<a href=${to.server(project.server)}>${project.server}</a>`],
            [t('label.nodes'), html`<${StateBar} counts=${nodeCounts(project)} />`],
            [t('label.links'), number(project.link_count)],
            [t('nav.traffic'), traffic && html`<${State} state=${traffic.status} />`],
            [t('label.snapshots'), number(project.snapshot_count)],
            [t('label.opened'), opened && project.opened_at ? html`<${Ago} time=${project.opened_at} />` : ''],
            [t('label.flags'), ['auto_open', 'auto_start', 'auto_close'].filter((f) => project[f]).map((f) => t(`flag.${f}`)).join(', ')],
        ]} />`;
}
