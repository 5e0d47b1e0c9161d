/* components/alerts.js - how alerts are drawn wherever they are listed. */
import { value as format } from '../format.js';
import { html, useState } from '../html.js';
import { t, tv } from '../i18n.js';
import { Icon } from '../icons.js';
import { to } from '../router.js';
import { can } from '../state.js';
import { isQuiet, ownLabels } from '../watch/alerts.js';
import { Action, Ago, Severity, State } from './basics.js';
import { SubjectLink } from './score.js';
import { Tabs } from './tabs.js';

/* `known`: names of labels that go without saying where it is shown. */
export function Labels({ alert, known = [] }) {
    const shown = ownLabels(alert).filter(([name]) => !known.includes(name));
    return html`<span class="labels">${shown.map(([name, value]) => html`<span class="chip" key=${name}>
        <span class="muted">${name}</span> ${value}</span>`)}</span>`;
}

/* What keeps it from being told: each with the one who said so, or why. */
export function Flags({ alert }) {
    const { acknowledged, silenced_by, inhibited_by, window } = alert;
    return html`${acknowledged && html`<span class="flag"><${Icon} name="check" size=${14} />${t('alert.acknowledged_by', { name: acknowledged.by })}</span>`}
        ${silenced_by?.length > 0 && html`<a class="flag" href="/alerts/silences"><${Icon} name="mute" size=${14} />${t('alert.silenced')}</a>`}
        ${inhibited_by && html`<a class="flag" href=${to.alert(inhibited_by)}><${Icon} name="mute" size=${14} />${t('alert.inhibited')}</a>`}
        ${window && html`<span class="flag"><${Icon} name="lock" size=${14} />${t('alert.in_window', { name: window })}</span>`}`;
}

export function AlertActions({ alert, small }) {
    if (!can('operator') || alert.state === 'resolved')
        return null;
    return html`<span class="actions">${alert.acknowledged ? html`<${Action} name="alert.unacknowledge" object=${alert} small=${small} />`
        : html`<${Action} name="alert.acknowledge" object=${alert} small=${small} />`}<${Action} name="alert.silence" object=${alert} small=${small} /></span>`;
}

export function ValueOf({ alert }) {
    if (alert.value === null || alert.value === undefined)
        return null;
    return html`<span class="num"><b>${format(alert.value, alert.unit)}</b>${alert.threshold && html` <span class="muted">${alert.threshold}</span>`}</span>`;
}

/* One alert as a line of a list: what, where, since when, and what can be done. */
export function AlertLine({ alert, known = [] }) {
    const subject = alert.subject && !known.includes(alert.subject.id) && alert.subject;
    return html`<li class=${`alert alert-${alert.state === 'firing' ? alert.severity : alert.state} ${isQuiet(alert) ? 'alert-quiet' : ''}`} data-alert=${alert.id}>
        <div class="alert-kind"><${Severity} severity=${alert.severity} />${alert.state !== 'firing' && html`<${State} state=${alert.state} plain />`}</div>
        <div class="alert-text"><a class="alert-name" href=${to.alert(alert.id)}>${alert.summary || alert.rule}</a>
            <p class="alert-more"><${ValueOf} alert=${alert} />${subject && html`<${SubjectLink} subject=${subject} muted />`}
                <${Labels} alert=${alert} known=${known} /><${Flags} alert=${alert} /></p></div>
        <div class="alert-when"><span class="muted">${tv('alert.since', alert.state)} <${Ago} time=${alert.ended ?? alert.fired ?? alert.since} /></span>
            <${AlertActions} alert=${alert} small /></div></li>`;
}

export function AlertList({ alerts, known, piece = 50 }) {
    const [shown, setShown] = useState(piece);
    return html`<ul class="alerts">${alerts.slice(0, shown).map((a) => html`<${AlertLine} key=${a.id} alert=${a} known=${known} />`)}</ul>
        ${alerts.length > shown && html`<p class="more"><button type="button" class="button" onClick=${() => setShown(shown + 200)}>${t('label.more_rows', { count: alerts.length - shown })}</button></p>`}`;
}

const TABS = [['/alerts', 'nav.alerts'], ['/alerts/silences', 'alert.silences'], ['/alerts/rules', 'alert.rules'], ['/alerts/receivers', 'alert.receivers']];

export function AlertTabs({ here }) {
    return html`<${Tabs} label=${t('nav.alerts')} tabs=${TABS} here=${here} />`;
}
