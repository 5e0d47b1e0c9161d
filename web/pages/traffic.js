/* pages/traffic.js - what flows in which lab, which one is looked at and why, and what is idle. */
import { Absent } from '../components/absent.js';
import { Action, Ago, State, usePageTitle } from '../components/basics.js';
import { Charts } from '../components/panels.js';
import { IdleLabs, ProtocolBars, SwitchPanel } from '../components/traffic.js';
import { TablePanel } from '../components/table.js';
import { compare, number, value as format } from '../format.js';
import { html, useEffect, useMemo, useState } from '../html.js';
import { t, tv } from '../i18n.js';
import { to } from '../router.js';
import { all, can, hasPlugin, maybe, objects, one } from '../state.js';
import { linkRates, projectRates, protocolRates, rateOf } from '../watch/traffic.js';
import { total } from '../rates.js';
import { trafficPanels } from '../watch/panels.js';

const TOP = 12;
const ORDER = ['active', 'idle', 'no_data'];

export function reads() {
    return [maybe(objects('traffic.project', '/api/traffic/projects')), maybe(objects('traffic.switch', '/api/traffic/switch')),
        maybe(objects('traffic.link', '/api/traffic/links')), projectRates.read(), linkRates.read(), protocolRates.read()];
}

const projectRate = (p) => projectRates.get(p.server, p.name);

function projectColumns(acts, show) {
    return [
        { id: 'name', text: 'label.project', head: true, sort: (p) => p.name, cell: (p) => html`<a href=${to.project(p.id)}>${p.name}</a>
            ${p.selected && html` <span class="chip chip-on">${t('traffic.selected')}</span>`}<span class="muted small block">${p.server}</span>` },
        { id: 'status', text: 'label.state', sort: (p) => ORDER.indexOf(p.status), cell: (p) => html`<${State} state=${p.status} /><span class="muted small block"><${Ago} time=${p.since} /></span>` },
        { id: 'rate', text: 'traffic.rate', number: true, sort: (p) => total(projectRate(p)) ?? -1, cell: (p) => html`<button type="button" class="sort link-like" title=${t('traffic.show', { name: p.name })}
            onClick=${() => show(p.id)}>${format(total(projectRate(p)), 'By/s')}<span class="hidden"> ${t('traffic.show', { name: p.name })}</span></button>
            <span class="muted small block">${projectRate(p)?.values && t('traffic.packets', { rate: format(total(projectRate(p), 'packets')) })}</span>` },
        { id: 'last', text: 'traffic.last', wide: true, sort: (p) => p.last_traffic ?? 0, cell: (p) => html`<${Ago} time=${p.last_traffic} />` },
        { id: 'links', text: 'label.links', wide: true, cell: (p) => html`<${LinkCounts} project=${p} />` },
        { id: 'watched', text: 'traffic.priority', number: true, wide: true, sort: (p) => (p.watched ? p.priority : 0), cell: (p) => (p.watched
            ? html`<b class="num">${p.priority}</b>` : html`<span class="muted">${t('traffic.unwatched')}</span>`) },
        acts && { id: 'actions', text: 'label.actions', number: true, cell: (p) => html`<span class="actions"><${Action} name="traffic.select" object=${p} small />
            <${Action} name="traffic.watch" object=${p} small />${p.watched && html`<${Action} name="traffic.unwatch" object=${p} small />`}</span>` },
    ];
}

function LinkCounts({ project }) {
    return html`<span class="link-counts">${ORDER.map((s) => project[`links_${s}`] > 0 && html`<span key=${s} class=${`state state-${s}`} title=${tv('state', s)}>
        <b class="num">${number(project[`links_${s}`])}</b> ${tv('state', s)}</span>`)}</span>`;
}

export function View() {
    usePageTitle(t('nav.traffic'));
    const [shown, setShown] = useState(null);
    useEffect(() => () => [projectRates, linkRates, protocolRates].forEach((r) => r.stop()), []);
    if (!hasPlugin('traffic'))
        return html`<${Absent} plugin="traffic" title=${t('nav.traffic')} />`;
    const projects = all('traffic.project').sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status) || (b.priority ?? 0) - (a.priority ?? 0) || compare(a.name, b.name));
    const chosen = projects.find((p) => p.id === shown) ?? projects.find((p) => p.selected) ?? projects.find((p) => p.status === 'active');
    return html`<div class="page-head"><h1>${t('nav.traffic')}</h1></div>
        <div class="columns"><div class="column"><${SwitchPanel} it=${one('traffic.switch', 'active')} /></div><div class="column"><${IdleLabs} projects=${projects} /></div></div>
        <${TablePanel} id="projects" title=${t('nav.projects')}
            columns=${projectColumns(can('operator'), setShown)} rows=${projects} empty=${t('empty.projects')} />
        ${chosen && html`<${ProjectTraffic} project=${chosen} projects=${projects} choose=${setShown} />`}
        <div class="columns even"><div class="column"><${TopLinks} /></div><div class="column"><${ProtocolBars} projects=${projects} /></div></div>`;
}

function ProjectTraffic({ project, projects, choose }) {
    const panels = useMemo(() => trafficPanels(project), [project.server, project.name]);
    const chooser = html`<label class="filter"><span class="hidden">${t('traffic.charts_of')}</span><select value=${project.id} onChange=${(e) => choose(e.target.value)}>
        ${projects.map((p) => html`<option key=${p.id} value=${p.id} selected=${p.id === project.id}>${p.name}</option>`)}</select></label>`;
    return html`<div class="wide-charts"><${Charts} panels=${panels} title=${t('nav.traffic')} head=${chooser} /></div>`;
}

const linkColumns = [
    { id: 'name', text: 'label.link', head: true, cell: (l) => html`<a href=${to.project(l.link.project)}>${l.link.name}</a><span class="muted small block">${l.link.project_name}</span>
        ${l.link.fault && html`<span class="problem small block">${l.link.fault}</span>`}` },
    { id: 'ab', text: 'field.ab', number: true, cell: (l) => html`<a href=${to.graph(l.rate.key)}>${format(l.rate.values?.ab_bytes, 'By/s')}</a>` },
    { id: 'ba', text: 'field.ba', number: true, cell: (l) => html`<a href=${to.graph(l.rate.key)}>${format(l.rate.values?.ba_bytes, 'By/s')}</a>` },
    { id: 'drops', text: 'field.drops', number: true, wide: true, cell: (l) => html`<span class=${l.rate.values?.drops ? 'bad-number' : ''}>${format(l.rate.values?.drops, '/s')}</span>` },
];

function TopLinks() {
    const rows = all('traffic.link').map((link) => ({ id: link.id, link, rate: rateOf(link) })).filter((l) => l.rate?.values || l.link.fault)
        .sort((a, b) => Number(Boolean(b.link.fault)) - Number(Boolean(a.link.fault)) || (total(b.rate) ?? -1) - (total(a.rate) ?? -1)).slice(0, TOP);
    return html`<${TablePanel} id="top" title=${t('traffic.top')}
            className="link-table" columns=${linkColumns} rows=${rows.filter((l) => l.rate)} empty=${t('empty.rates')} />`;
}
