/* pages/silences.js - what is kept quiet, by whom, until when; and the windows that come again. */
import { Absent } from '../components/absent.js';
import { AlertTabs } from '../components/alerts.js';
import { Action, Ago, State, usePageTitle } from '../components/basics.js';
import { TablePanel } from '../components/table.js';
import { dateTime, duration, now } from '../format.js';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { all, can, hasPlugin, maybe, objects } from '../state.js';

export function reads() {
    return [maybe(objects('alert.silence', '/api/alert/silences')), maybe(objects('alert.window', '/api/alert/windows')), maybe(objects('alert.alert', '/api/alert/alerts'))];
}

function Matchers({ matchers }) {
    return html`<span class="labels">${(matchers ?? []).map((m, i) => html`<span class="chip mono" key=${i}>${m.label}${m.op}${m.value}</span>`)}</span>`;
}

const ORDER = ['active', 'pending', 'ended'];

const columns = (acts) => [
    { id: 'matchers', text: 'silence.matchers', head: true, cell: (s) => html`<${Matchers} matchers=${s.matchers} />` },
    { id: 'state', text: 'label.state', sort: (s) => ORDER.indexOf(s.state), cell: (s) => html`<${State} state=${s.state === 'active' ? 'silent' : s.state} />` },
    { id: 'held', text: 'silence.holds', number: true, wide: true, cell: (s) => all('alert.alert').filter((a) => (a.silenced_by ?? []).map(String).includes(String(s.id))).length },
    { id: 'comment', text: 'label.comment', cell: (s) => html`${s.comment}<span class="muted small block">${s.author}</span>` },
    { id: 'ends', text: 'silence.ends', sort: (s) => s.ends, cell: (s) => (s.state === 'pending' ? html`<span>${t('silence.begins')} <${Ago} time=${s.starts} /></span>`
        : html`<${Ago} time=${s.ends} />${s.state === 'active' && html`<span class="muted small block">${t('silence.left', { time: duration(s.ends - now.value) })}</span>`}`) },
    acts && { id: 'actions', text: 'label.actions', number: true, cell: (s) => s.state !== 'ended' && html`<span class="actions">
        <${Action} name="silence.update" object=${named(s)} small /><${Action} name="silence.end" object=${named(s)} small /></span>` },
];

const named = (silence) => ({ ...silence, name: (silence.matchers ?? []).map((m) => `${m.label}${m.op}${m.value}`).join(' ') });

const windowColumns = [
    { id: 'name', text: 'label.name', head: true, cell: (w) => w.id },
    { id: 'state', text: 'label.state', cell: (w) => html`<${State} state=${w.active ? 'silent' : 'waiting'} />` },
    { id: 'matchers', text: 'silence.matchers', wide: true, cell: (w) => html`<${Matchers} matchers=${w.matchers} />` },
    { id: 'schedule', text: 'snapshot.when', wide: true, cell: (w) => html`<span class="mono">${w.schedule}</span> <span class="muted">${w.zone}, ${duration(w.duration)}</span>` },
    { id: 'next', text: 'silence.next', cell: (w) => (w.active ? t('silence.until', { time: dateTime(w.next_end) }) : dateTime(w.next_start)) },
];

export function View() {
    usePageTitle(t('alert.silences'));
    if (!hasPlugin('alert'))
        return html`<${Absent} plugin="alert" title=${t('alert.silences')} />`;
    const silences = all('alert.silence').sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || b.ends - a.ends);
    const acts = can('operator');
    return html`<div class="page-head"><h1>${t('alert.silences')}</h1><div class="actions"><${Action} name="silence.create" object=${{}} /></div></div>
        <${AlertTabs} here="/alerts/silences" />
        <${TablePanel} id="silences" title=${t('label.count', { count: silences.length })}
            caption=${t('alert.silences')} columns=${columns(acts)} rows=${silences} empty=${t('empty.silences')} />
        <${TablePanel} id="windows" title=${t('alert.windows')}
            columns=${windowColumns} rows=${all('alert.window')} empty=${t('empty.windows')} />`;
}
