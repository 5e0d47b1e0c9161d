/* components/why.js - on the page of a thing: its health with the reasons, and the alerts that concern
 * it. Nothing at all where neither plugin is loaded, or nothing is wrong. */
import { html } from '../html.js';
import { t } from '../i18n.js';
import { all, hasPlugin, one } from '../state.js';
import { alertsOf, urgentFirst } from '../watch/alerts.js';
import { AlertList } from './alerts.js';
import { Panel } from './basics.js';
import { Reasons, Score } from './score.js';

const KNOWN = { 'gns3.server': ['server'], 'gns3.project': ['server', 'project'], 'gns3.node': ['server', 'project', 'node'] };

export function Why({ kind, object }) {
    const score = hasPlugin('health') && one('health.score', `${kind}/${object.id}`);
    const alerts = alertsOf(kind, object, all('alert.alert')).filter((a) => a.state !== 'resolved').sort(urgentFirst);
    const worth = score && (score.reasons?.length || score.score === null || score.unknown?.length);
    if (!worth && !alerts.length)
        return null;
    return html`<div class=${worth && alerts.length ? 'columns even' : ''} id="why">
        ${alerts.length > 0 && html`<${Panel} id="alerts-here" title=${t('alert.here', { count: alerts.length })} tools=${html`<a href="/alerts">${t('alert.all')}</a>`}>
            <${AlertList} alerts=${alerts} piece=${6} known=${[object.id, ...KNOWN[kind]]} /><//>`}
        ${worth && html`<${Panel} id="health-here" title=${t('nav.health')} tools=${html`<${Score} score=${score} href="/scores" />`}><${Reasons} score=${score} most=${6} /><//>`}</div>`;
}
