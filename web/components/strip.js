/* components/strip.js - bars over a stretch of time, a row each: a timeline of alerts, or when a rule
 * would have fired. What the colours show is said in words for each row. */
import { clock, day, when } from '../format.js';
import { html } from '../html.js';
import { tv } from '../i18n.js';

const TICKS = 6;
const DAY_MS = 86400000;
const HOURS = [1, 2, 3, 6, 12, 24, 48].map((h) => h * 3600000);

/* Whole hours or days, about six of them. */
function ticks(from, to) {
    const step = HOURS.find((h) => (to - from) / h <= TICKS) ?? DAY_MS * Math.ceil((to - from) / DAY_MS / TICKS);
    const offset = new Date(from).getTimezoneOffset() * 60000;
    const found = [];
    for (let at = Math.ceil((from - offset) / step) * step + offset; at <= to; at += step)
        found.push(at);
    return found.map((at) => [at, step >= DAY_MS || new Date(at).getHours() === 0 ? day(at) : clock(at, false)]);
}

/* rows: [{id, label (view), name, bars: [{from, to, state, severity}], over: the same, on top}] */
export function Strip({ rows, from, to }) {
    const at = (ms) => `${((ms - from) / (to - from)) * 100}%`;
    const style = (b) => `left:min(${at(b.from)}, 100% - 3px);width:max(3px, ${((b.to - b.from) / (to - from)) * 100}%)`;
    const said = (b) => `${tv('state', b.state)} ${when(b.from)} – ${when(b.to)}`;
    return html`<div class="strip"><div class="strip-rows">${rows.map((row) => html`<div class="strip-row" key=${row.id}>
        <div class="strip-label">${row.label}</div>
        <div class="strip-bars" role="img" aria-label=${[row.name, ...[...row.bars, ...(row.over ?? [])].map(said)].join('; ')}>
            ${row.bars.map((b, i) => html`<span key=${i} class=${`strip-bar strip-${b.state} strip-${b.severity}`} style=${style(b)} title=${said(b)}></span>`)}
            ${(row.over ?? []).map((b, i) => html`<span key=${`o${i}`} class=${`strip-over strip-${b.state}`} style=${style(b)} title=${said(b)}></span>`)}</div></div>`)}</div>
        <div class="strip-axis" aria-hidden="true">${ticks(from, to).map(([ms, text]) => html`<span key=${ms} style=${`left:${at(ms)}`}>${text}</span>`)}</div></div>`;
}
