/* pages/receivers.js - who is told, and how that goes. */
import { Absent } from '../components/absent.js';
import { AlertTabs } from '../components/alerts.js';
import { Action, Ago, State, usePageTitle } from '../components/basics.js';
import { Charts } from '../components/panels.js';
import { TablePanel } from '../components/table.js';
import { number } from '../format.js';
import { html, useMemo } from '../html.js';
import { t } from '../i18n.js';
import { alertPanels } from '../watch/panels.js';
import { all, can, hasPlugin, maybe, objects } from '../state.js';

export function reads() {
    return [maybe(objects('alert.receiver', '/api/alert/receivers'))];
}

const columns = (acts) => [
    { id: 'name', text: 'alert.receiver', head: true, sort: (r) => r.id, cell: (r) => html`${r.id}<span class="muted small block mono">${(r.sends ?? []).join(', ')}</span>` },
    { id: 'last', text: 'alert.last', cell: (r) => (r.last ? html`<${State} state=${r.last.ok ? 'done' : 'failed'} plain /> <${Ago} time=${r.last.time} />
        <span class="muted small block wrap">${r.last.text}</span>` : '–') },
    { id: 'sent', text: 'delivery.sent', number: true, sort: (r) => r.sent, cell: (r) => number(r.sent) },
    { id: 'failed', text: 'delivery.failed', number: true, sort: (r) => r.failed, cell: (r) => html`<span class=${r.failed ? 'bad-number' : ''}>${number(r.failed)}</span>` },
    { id: 'waiting', text: 'delivery.waiting', number: true, sort: (r) => r.waiting, cell: (r) => html`<span class=${r.waiting ? 'warn-number' : ''}>${number(r.waiting)}</span>` },
    acts && { id: 'actions', text: 'label.actions', number: true, cell: (r) => html`<${Action} name="receiver.test" object=${r} />` },
];

export function View() {
    usePageTitle(t('alert.receivers'));
    const panels = useMemo(alertPanels, []);
    if (!hasPlugin('alert'))
        return html`<${Absent} plugin="alert" title=${t('alert.receivers')} />`;
    const receivers = all('alert.receiver');
    return html`<div class="page-head"><h1>${t('alert.receivers')}</h1></div><${AlertTabs} here="/alerts/receivers" />
        <${TablePanel} id="receivers" title=${t('label.count', { count: receivers.length })}
            caption=${t('alert.receivers')} columns=${columns(can('operator'))} rows=${receivers} empty=${t('empty.receivers')} />
        <${Charts} panels=${panels} />`;
}
