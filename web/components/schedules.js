/* components/schedules.js - when snapshots are taken, of what, and how the last time went. */
import { html } from '../html.js';
import { t, tv } from '../i18n.js';
import { can } from '../state.js';
import { Action, Ago, State } from './basics.js';
import { TablePanel } from './table.js';

const KEEPS = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'];

const columns = (acts) => [
    { id: 'name', text: 'label.name', head: true, sort: (s) => s.id, cell: (s) => html`${s.id}<span class="muted small block"><span class="mono">${s.cron}</span> ${s.zone}</span>` },
    { id: 'what', text: 'snapshot.what', wide: true, cell: (s) => html`<span class="mono">${(s.projects ?? []).join(' ')}</span>${s.server && s.server !== '*' && html` <span class="muted">${s.server}</span>`}
        <span class="muted small block">${tv('mode', s.mode)}</span><span class="muted small block">${KEEPS.filter((k) => s.keep?.[k]).map((k) => t(`keeps.${k}`, { count: s.keep[k] })).join(', ')}</span>` },
    { id: 'last', text: 'snapshot.last', cell: (s) => (s.running ? html`<${State} state="running" />` : s.last ? html`<${State} state=${s.last.ok ? 'done' : 'failed'} plain /> <${Ago} time=${s.last.time} />
        <span class="muted small block">${s.last.text}</span>` : '–') },
    { id: 'next', text: 'snapshot.next', sort: (s) => s.next ?? Infinity, cell: (s) => (s.enabled === false ? html`<${State} state="disabled" plain />` : html`<${Ago} time=${s.next} />`) },
    acts && { id: 'actions', text: 'label.actions', number: true, cell: (s) => html`<${Action} name="schedule.run" object=${s} small disabled=${s.running} />` },
];

export function Schedules({ schedules }) {
    return html`<${TablePanel} id="schedules" title=${t('snapshot.schedules')}
            columns=${columns(can('operator'))} rows=${schedules} empty=${t('empty.schedules')} />`;
}
