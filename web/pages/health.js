/* pages/health.js - one number for everything, why it is what it is, and what to do about it. */
import { Absent } from '../components/absent.js';
import { Action, Empty, Loading, Panel, usePageTitle } from '../components/basics.js';
import { HealthTree } from '../components/health_tree.js';
import { Charts } from '../components/panels.js';
import { Recommendations, Reports } from '../components/reports.js';
import { Reasons, Ring, Score, scoreRead, scoresRead } from '../components/score.js';
import { html, useMemo } from '../html.js';
import { t, tv } from '../i18n.js';
import { to, toObject } from '../router.js';
import { all, hasPlugin, maybe, objects, one, put } from '../state.js';
import { healthPanels } from '../watch/panels.js';

const WORST = 12;
const LEVELS = ['bad', 'poor', 'fair'];
const BIG = ['gns3.server', 'gns3.compute', 'gns3.project'];

/* What is wrong, and what is large; the nodes of a project come when it is opened in the tree. */
export function reads() {
    return [
        scoreRead('all', 'all'),
        ...BIG.map(scoresRead),
        ...LEVELS.map((level) => ({ path: `/api/health/scores?level=${level}&limit=100`, optional: true,
            take: (body) => put('health.score', body.items, (s) => body.items.some((i) => i.id === s.id)) })),
        maybe(objects('health.report', '/api/health/reports')),
    ];
}

export function View({ loaded }) {
    usePageTitle(t('nav.health'));
    const panels = useMemo(() => healthPanels(), []);
    if (!hasPlugin('health'))
        return html`<${Absent} plugin="health" title=${t('nav.health')} />`;
    const whole = one('health.score', 'all');
    const reports = all('health.report').sort((a, b) => b.to - a.to);
    const advice = reports.find((r) => r.recommendations?.length);
    if (!whole && !loaded)
        return html`<${Loading} />`;
    return html`<div class="page-head"><h1>${t('nav.health')}</h1><div class="actions"><${Action} name="report.create" object=${{ name: t('health.report') }} /></div></div>
        <div class="health-top"><${Panel} id="whole" className="whole" title=${t('health.whole')}>${whole
            ? html`<div class="whole-body"><${Ring} score=${whole} /><${Reasons} score=${whole} most=${8} /></div>` : html`<${Empty}>${t('score.unknown')}<//>`}<//>
        <${Charts} panels=${panels} title=${t('health.history')} /></div>
        <div class="columns even"><div class="column"><${Worst} />${advice && html`<${HealthTree} />`}</div>
        <div class="column">${advice ? html`<${Recommendations} report=${advice} />` : html`<${HealthTree} />`}</div></div>
        <${Reports} reports=${reports} />`;
}

function Worst() {
    const list = all('health.score').filter((s) => LEVELS.includes(s.level) && s.subject_kind !== 'all').sort((a, b) => a.score - b.score).slice(0, WORST);
    return html`<${Panel} id="worst" title=${t('health.worst')}>${list.length ? html`<ul class="scores">${list.map((s) => html`<li key=${s.id} data-worst=${s.id}>
        <${Score} score=${s} /><div><b><${Name} score=${s} /></b> <span class="muted small">${tv('kind', s.subject_kind)}${s.server && s.server !== s.name ? `, ${s.server}` : ''}</span>
        ${s.reasons?.[0] && html`<p class="small">${s.reasons[0].series?.key ? html`<a class="quiet" href=${to.graph(s.reasons[0].series.key)}>${s.reasons[0].text}</a>` : s.reasons[0].text}</p>`}</div></li>`)}</ul>`
        : html`<${Empty}>${t('empty.worst')}<//>`}<//>`;
}

function Name({ score }) {
    const href = score.subject_kind === 'gns3.link' ? score.project && to.project(score.project) : toObject(score.subject_kind, score.subject_id);
    return href ? html`<a href=${href}>${score.name}</a>` : score.name;
}
