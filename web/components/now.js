/* components/now.js - on top of the overview: how it all is, and what is wrong now. Not there at all
 * without the plugins that know. */
import { html } from '../html.js';
import { t } from '../i18n.js';
import { to } from '../router.js';
import { all, hasPlugin, one } from '../state.js';
import { speaking, urgentFirst } from '../watch/alerts.js';
import { Ago, Severity } from './basics.js';
import { Ring } from './score.js';

const ALERTS = 4;
const REASONS = 3;

export function Now() {
    const whole = hasPlugin('health') && one('health.score', 'all');
    const alerts = hasPlugin('alert') && speaking(all('alert.alert')).sort(urgentFirst);
    if (!whole && !alerts)
        return null;
    return html`<div class="now">${whole && html`<section class="panel now-health" aria-labelledby="now-health" data-now="health">
        <div class="now-ring"><${Ring} score=${whole} size=${104} /></div>
        <div><h2 id="now-health"><a href="/scores">${t('nav.health')}</a></h2><ul class="now-reasons">${(whole.reasons ?? []).slice(0, REASONS).map((r, i) => html`<li key=${i}>
            <b class="points num">${t('score.points', { points: Math.abs(Math.round(r.points)) })}</b> <span>${r.text}</span></li>`)}
            ${!whole.reasons?.length && html`<li class="muted">${whole.score === null ? t('score.unknown') : t('score.nothing')}</li>`}</ul></div></section>`}
        ${alerts && html`<section class=${`panel now-alerts ${alerts.length ? 'now-bad' : ''}`} aria-labelledby="now-alerts" data-now="alerts">
        <div class="panel-head"><h2 id="now-alerts">${alerts.length ? t('alert.speaking', { count: alerts.length }) : t('nav.alerts')}</h2><div class="tools"><a href="/alerts">${t('alert.all')}</a></div></div>
        ${alerts.length ? html`<ul>${alerts.slice(0, ALERTS).map((a) => html`<li key=${a.id}><${Severity} severity=${a.severity} /><a class="now-name" href=${to.alert(a.id)}>${a.summary || a.rule}</a>
            <span class="muted small"><${Ago} time=${a.fired ?? a.since} /></span></li>`)}</ul>` : html`<p class="empty">${t('empty.alerts')}</p>`}</section>`}</div>`;
}
