/* pages/overview.js - everything at a glance: servers, computes, projects, events, the host. */
import { Empty, Panel, State, usePageTitle } from '../components/basics.js';
import { EventList } from '../components/events.js';
import { HostHealth } from '../components/host.js';
import { NODE_STATES, Sparkline, projectColumns, sumCounts } from '../components/labs.js';
import { ComputeTable, computeSparks, serverSparks } from '../components/machines.js';
import { Now } from '../components/now.js';
import { Score, scoreRead, scoresRead } from '../components/score.js';
import { Table } from '../components/table.js';
import { compare, dateTime, duration, now, number } from '../format.js';
import { html, useEffect } from '../html.js';
import { t, tv } from '../i18n.js';
import { Icon, Sign } from '../icons.js';
import { to } from '../router.js';
import { all, events, objects, one, plugins } from '../state.js';

const EVENTS_SHOWN = 14;
const PROJECTS_SHOWN = 12;

export function reads() {
    return [objects('gns3.compute', '/api/gns3/computes'), serverSparks.read, computeSparks.read, scoreRead('all', 'all'), scoresRead('gns3.server')];
}

export function openedFirst(a, b) {
    return (a.status === 'opened' ? 0 : 1) - (b.status === 'opened' ? 0 : 1) || compare(a.name, b.name);
}

export function View() {
    usePageTitle(t('nav.overview'));
    useEffect(() => () => [serverSparks, computeSparks].forEach((s) => s.stop()), []);
    const servers = all('gns3.server').sort((a, b) => compare(a.name, b.name));
    const projects = all('gns3.project').sort(openedFirst);
    const latest = events.value.filter((e) => e.severity !== 'debug').slice(0, EVENTS_SHOWN);
    return html`<h1 class="hidden">${t('nav.overview')}</h1>
        <${Now} /><${Tiles} servers=${servers} projects=${projects} />
        <div class="columns"><div class="column">
            <${Panel} id="servers" title=${t('nav.servers')}>${servers.length
                ? html`<ul class="cards">${servers.map((s) => html`<${ServerCard} key=${s.id} server=${s} />`)}</ul>`
                : html`<${Empty}>${t('empty.servers')}<//>`}<//>
            <${Panel} id="projects" title=${t('nav.projects')} tools=${html`<a href="/projects">${t('label.all', { count: projects.length })}</a>`}>
                <${Table} caption=${t('nav.projects')} columns=${projectColumns.filter((c) => c.id !== 'opened' && c.id !== 'snapshots')}
                    rows=${projects.slice(0, PROJECTS_SHOWN)} empty=${t('empty.projects')} /><//>
            <${Panel} id="latest" title=${t('label.latest_events')} tools=${html`<a href="/events">${t('label.all_events')}</a>`}>
                ${latest.length ? html`<${EventList} events=${latest} />`
                    : html`<${Empty}>${t('empty.events')}<//>`}<//>
        </div><div class="column">
            <${Panel} id="computes" title=${t('label.computes')}><${ComputeTable} computes=${all('gns3.compute')} /><//>
            <${Panel} id="host" title=${t('label.host')} tools=${html`<a href="/plugins">${t('nav.plugins')}</a>`}>
                <${HostHealth} plugins=${plugins.value} /><//>
        </div></div>`;
}

function Tiles({ servers, projects }) {
    const counts = sumCounts(projects);
    const total = NODE_STATES.reduce((n, s) => n + counts[s], 0);
    const up = servers.filter((s) => s.status === 'up').length;
    const opened = projects.filter((p) => p.status === 'opened').length;
    const links = projects.reduce((n, p) => n + (p.link_count ?? 0), 0);
    const tile = (name, icon, big, small, href, bad) => html`<a class=${`tile ${bad ? 'bad' : ''}`} href=${href} data-tile=${name}>
        <span class="tile-name"><${Icon} name=${icon} />${t(`nav.${name}`)}</span>
        <span class="tile-value"><b class="num">${big}</b>${small && html` <span class="muted">${small}</span>`}</span></a>`;
    return html`<div class="tiles">
        ${tile('servers', 'servers', number(up), t('tile.servers', { count: servers.length }), '/servers', up < servers.length)}
        ${tile('projects', 'projects', number(opened), t('tile.projects', { count: projects.length }), '/projects')}
        ${tile('nodes', 'nodes', number(counts.started), t('tile.nodes', { count: total }), '/nodes')}
        <div class="tile tile-states" data-tile="states"><span class="tile-name">${t('tile.states')}<span class="muted small tile-more">${t('tile.links', { count: links })}</span></span>
            <ul class="counts">${NODE_STATES.map((s) => html`<li key=${s}><a href=${`/nodes?status=${s}`} class=${`state state-${s}`}>
                <${Sign} state=${s} />${tv('state', s)} <b class="num">${number(counts[s])}</b></a></li>`)}</ul>
            <span class="bar" aria-hidden="true">${NODE_STATES.map((s) => counts[s] > 0 &&
                html`<span key=${s} class=${`fill-${s}`} style=${`flex-grow:${counts[s]}`}></span>`)}</span>
        </div>
    </div>`;
}

export function ServerCard({ server }) {
    const columns = serverSparks.get(server.name);
    return html`<li class="card server-card" data-id=${server.id}>
        <div class="card-head"><a class="card-name" href=${to.server(server.id)}>${server.name}</a><${State} state=${server.status} /><${Score} score=${one('health.score', `gns3.server/${server.id}`)} />
            ${server.breaker && server.breaker !== 'closed' && html`<span class="pill state breaker">${tv('breaker', server.breaker)}</span>`}</div>
        <div class="card-line"><span class="muted">${server.version ? `GNS3 ${server.version}` : server.url}</span>
            <span class="muted">${t('server.projects', { count: server.projects_opened ?? 0 })}, ${t('server.nodes', { count: server.nodes_started ?? 0 })}</span></div>
        <div class="card-line"><span class="spark-value"><${Sparkline} columns=${columns} name="latency_ms" unit="ms" label=${t('field.latency')} /> <span class="muted small">${t('server.answers')}</span></span>
            ${server.since && html`<span class="muted" title=${dateTime(server.since)}>${t('server.for', { state: tv('state', server.status), time: duration(now.value - server.since) })}</span>`}</div>
        ${server.error && html`<p class="problem">${server.error}</p>`}</li>`;
}
