/* components/reports.js - the reports on health, and what the last one advises. */
import { dateTime, number } from '../format.js';
import { html, useState } from '../html.js';
import { t, tv } from '../i18n.js';
import { local } from '../router.js';
import { Action, Panel, Severity } from './basics.js';
import { SubjectLink } from './score.js';
import { TablePanel } from './table.js';

function change(report) {
    const by = (report.score ?? NaN) - (report.score_before ?? NaN);
    return Number.isNaN(by) || by === 0 ? '' : html` <span class=${by > 0 ? 'good-number' : 'bad-number'}>${by > 0 ? '▲' : '▼'} ${number(Math.abs(by))}</span>`;
}

const columns = [
    { id: 'to', text: 'report.when', head: true, sort: (r) => r.to, cell: (r) => html`<a href=${r.page} target="_blank" rel="noopener">${dateTime(r.to)}</a>` },
    { id: 'period', text: 'report.period', cell: (r) => tv('period', r.period) },
    { id: 'score', text: 'field.score', number: true, sort: (r) => r.score ?? -1, cell: (r) => html`${r.score === null ? '?' : number(r.score)}${change(r)}` },
    { id: 'summary', text: 'report.summary', wide: true, cell: (r) => r.summary },
    { id: 'advice', text: 'report.advice', number: true, wide: true, cell: (r) => number((r.recommendations ?? []).length) },
];

export function Reports({ reports }) {
    return html`<${TablePanel} id="reports" title=${t('health.reports')}
            columns=${columns} rows=${reports} piece=${20} empty=${t('empty.reports')} />`;
}

const ADVICE = 6;

export function Recommendations({ report }) {
    const [all, setAll] = useState(false);
    const list = report.recommendations;
    return html`<${Panel} id="advice" title=${t('health.advice')} tools=${html`<span class="muted small">${dateTime(report.to)}</span>`}>
        <ul class="advice">${list.slice(0, all ? list.length : ADVICE).map((r, i) => html`<li key=${i}><${Severity} severity=${r.severity} /><div><b>${r.text}</b>
            <p class="small muted">${r.why}</p><p class="advice-links">${r.subject && html`<${SubjectLink} subject=${r.subject} />`}
            ${local(r.url) && html`<a href=${local(r.url)}>${t('report.look')}</a>`}
            ${r.command && html`<${Action} name="recommended" object=${{ ...r, name: r.text }} /> <span class="mono muted small">${r.command.name ?? r.command}</span>`}</p></div></li>`)}</ul>
        ${!all && list.length > ADVICE && html`<p class="more"><button type="button" class="button" onClick=${() => setAll(true)}>
            ${t('label.more_rows', { count: list.length - ADVICE })}</button></p>`}<//>`;
}
