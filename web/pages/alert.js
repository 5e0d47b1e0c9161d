/* pages/alert.js - one alert: why, since when, the line it crossed, who was told. */
import { Absent } from '../components/absent.js';
import { About } from '../components/about.js';
import { AlertActions, Flags, Labels, ValueOf } from '../components/alerts.js';
import { AlertTimeline } from '../components/alert_timeline.js';
import { Ago, Crumbs, Facts, Loading, NotFound, Severity, State, usePageTitle } from '../components/basics.js';
import { Charts } from '../components/panels.js';
import { SubjectLink } from '../components/score.js';
import { TablePanel } from '../components/table.js';
import { dateTime, duration, now, when } from '../format.js';
import { html, useMemo } from '../html.js';
import { t, tv } from '../i18n.js';
import { all, hasPlugin, maybe, object, objects, one } from '../state.js';
import { thresholdOf } from '../watch/alerts.js';

export function reads({ id }) {
    return [object('alert.alert', `/api/alert/alerts/${encodeURIComponent(id)}`, id),
        maybe(objects('alert.silence', '/api/alert/silences')), maybe(objects('alert.rule', '/api/alert/rules'))];
}

export function View({ params, loaded }) {
    const alert = one('alert.alert', params.id);
    usePageTitle(alert?.summary ?? t('nav.alerts'));
    if (!hasPlugin('alert'))
        return html`<${Absent} plugin="alert" title=${t('nav.alerts')} />`;
    if (!alert)
        return loaded ? html`<${NotFound} what=${t('page.missing.alert')} />` : html`<${Loading} />`;
    const rule = one('alert.rule', alert.rule);
    return html`<${Head} alert=${alert} rule=${rule} />
        <${Chart} alert=${alert} />
        <div class="columns even"><div class="column"><${Notified} alert=${alert} />
            <${AlertTimeline} alerts=${[alert]} silences=${all('alert.silence')} /></div>
        <div class="column"><${About} kind="alert.alert" id=${alert.id} history /></div></div>`;
}

function Head({ alert, rule }) {
    const end = alert.ended ?? now.value;
    const step = alert.escalation;
    return html`<${Crumbs} items=${[[t('nav.alerts'), '/alerts'], [alert.rule]]} />
        <div class="page-head"><h1>${alert.summary || alert.rule}</h1><${State} state=${alert.state} /><${Severity} severity=${alert.severity} />
            <div class="actions"><${AlertActions} alert=${alert} /></div></div>
        ${alert.description && alert.description !== rule?.text && html`<p class="lead">${alert.description}</p>`}
        <p class="alert-more alert-flags"><${Flags} alert=${alert} /></p>
        ${alert.acknowledged && html`<blockquote class="said">${alert.acknowledged.comment || t('alert.no_comment')}
            <footer class="muted small">${alert.acknowledged.by}, <${Ago} time=${alert.acknowledged.time} /></footer></blockquote>`}
        <${Facts} items=${[
            [t('alert.about'), alert.subject && html`<${SubjectLink} subject=${alert.subject} />`],
            [t('alert.value'), alert.value !== null && alert.value !== undefined && html`<${ValueOf} alert=${alert} />`],
            [t('alert.rule'), html`${rule?.text ? html`<span class="mono">${rule.text}</span>` : alert.rule}`],
            [t('alert.began'), html`<${Ago} time=${alert.since} />`],
            [t('alert.fired'), alert.fired && html`<${Ago} time=${alert.fired} />`],
            [t('alert.ended'), alert.ended && html`<${Ago} time=${alert.ended} />`],
            [t('alert.lasted'), duration(end - alert.since)],
            [t('alert.escalation'), step && (step.next ? t('alert.next_step', { step: step.step, time: dateTime(step.next) }) : t('alert.step', { step: step.step }))],
            [t('alert.labels'), html`<${Labels} alert=${alert} />`],
        ]} />`;
}

function Chart({ alert }) {
    const { key, field } = alert.series ?? {};
    const panels = useMemo(() => (key ? [{ id: `alert ${alert.id}`, name: `${key.split('{')[0]} ${field ?? ''}`, series: key, unit: alert.unit ?? undefined, min: alert.unit === '%' ? 0 : undefined,
        threshold: thresholdOf(alert), fields: [{ name: field, label: field, fill: true }] }] : []), [key, field, alert.threshold, alert.unit]);
    return panels.length ? html`<div class="one-chart"><${Charts} panels=${panels} title=${t('alert.chart')} /></div>` : null;
}

const columns = [
    { id: 'time', text: 'label.time', head: true, cell: (n) => html`<span title=${dateTime(n.time)}>${when(n.time)}</span>` },
    { id: 'receiver', text: 'alert.receiver', cell: (n) => n.receiver },
    { id: 'kind', text: 'alert.told', cell: (n) => tv('state', n.kind) },
    { id: 'ok', text: 'label.state', cell: (n) => html`<${State} state=${n.ok ? 'done' : 'failed'} plain />` },
    { id: 'text', text: 'label.text', wide: true, cell: (n) => n.text },
];

function Notified({ alert }) {
    const list = [...(alert.notified ?? [])].sort((a, b) => b.time - a.time);
    return html`<${TablePanel} id="notified" title=${t('alert.notified')}
            columns=${columns} rows=${list} rowKey=${(n) => `${n.time}${n.receiver}${n.kind}`} empty=${t('empty.notified')} />`;
}
