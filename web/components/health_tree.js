/* components/health_tree.js - scores by where things are: servers, their projects, their nodes. The
 * nodes of a project are read when it is opened; there may be thousands. */
import { get, query } from '../api.js';
import { compare } from '../format.js';
import { html, useState } from '../html.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { to, toObject } from '../router.js';
import { all, put } from '../state.js';
import { Empty, Panel } from './basics.js';
import { Score } from './score.js';

const MOST = 1000;

/* The worst first; what is not known comes before what is good. */
function worstFirst(a, b) {
    return (a.score ?? 89.5) - (b.score ?? 89.5) || compare(a.name, b.name);
}

export function HealthTree() {
    const scores = all('health.score');
    const of = (kind, check) => scores.filter((s) => s.subject_kind === kind && check(s)).sort(worstFirst);
    const servers = of('gns3.server', () => true);
    return html`<${Panel} id="tree" title=${t('health.tree')}>${servers.length ? html`<ul class="tree">${servers.map((server) => html`<li key=${server.id}>
        <${Branch} score=${server} href=${to.server(server.subject_id)} open>
            <ul>${of('gns3.compute', (s) => s.server === server.subject_id).map((c) => html`<li key=${c.id}><${Leaf} score=${c} note=${t('kind.gns3.compute')} /></li>`)}
            ${of('gns3.project', (s) => s.server === server.subject_id).map((p) => html`<li key=${p.id}>
                <${ProjectBranch} score=${p} nodes=${of('gns3.node', (s) => s.project === p.subject_id)} /></li>`)}</ul><//></li>`)}</ul>`
        : html`<${Empty}>${t('empty.tree')}<//>`}<//>`;
}

function Leaf({ score, note }) {
    return html`<span class="leaf"><${Score} score=${score} /><a href=${toObject(score.subject_kind, score.subject_id)}>${score.name}</a>
        ${note && html`<span class="muted small">${note}</span>`}<span class="muted small leaf-why">${score.reasons?.[0]?.text ?? ''}</span></span>`;
}

function Branch({ score, href, open, onOpen, children }) {
    return html`<div class="branch"><details open=${open} onToggle=${(e) => e.target.open && onOpen?.()}><summary>
        <${Score} score=${score} /><b>${score.name}</b><span class="muted small leaf-why">${score.reasons?.[0]?.text ?? ''}</span></summary>
        ${children}</details>
        <a class="branch-go" href=${href} title=${t('health.go', { name: score.name })} aria-label=${t('health.go', { name: score.name })}><${Icon} name="chevron" size=${15} /></a></div>`;
}

function ProjectBranch({ score, nodes }) {
    const [read, setRead] = useState(false);
    const more = () => read || get(`/api/health/scores?${query({ project: score.subject_id, subject_kind: 'gns3.node', limit: MOST })}`).then((body) => {
        setRead(true);
        put('health.score', body.items, (s) => s.subject_kind === 'gns3.node' && s.project === score.subject_id);
    }, () => setRead(true));
    return html`<${Branch} score=${score} href=${to.project(score.subject_id)} onOpen=${more}>
        <ul>${nodes.map((n) => html`<li key=${n.id}><${Leaf} score=${n} /></li>`)}${read && !nodes.length && html`<li class="muted">${t('empty.nodes')}</li>`}</ul><//>`;
}
