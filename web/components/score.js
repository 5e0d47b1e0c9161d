/* components/score.js - a health score as a badge or a ring, and the reasons that made it. */
import { value as format, when } from '../format.js';
import { html } from '../html.js';
import { t, tv } from '../i18n.js';
import { hasPlugin, maybe, object, objects, one } from '../state.js';
import { to, toObject } from '../router.js';

export function scoreRead(kind, id) {
    const key = kind === 'all' ? 'all' : `${kind}/${id}`;
    return maybe(object('health.score', `/api/health/scores/${encodeURIComponent(key)}`, key));
}

export function scoresRead(kind) {
    return maybe(objects('health.score', `/api/health/scores?subject_kind=${kind}`, (s) => s.subject_kind === kind));
}

const words = (score) => (score.score === null ? t('level.unknown') : t('score.words', { score: score.score, level: tv('level', score.level) }));

/* A number in the colour of its level, or a question mark: unknown is never good. */
export function Score({ score, href }) {
    if (!score)
        return null;
    const inner = html`<b class="num" aria-hidden="true">${score.score ?? '?'}</b><span class="hidden">${words(score)}</span>`;
    const title = [words(score), ...(score.reasons ?? []).slice(0, 3).map((r) => `${r.points}: ${r.text}`)].join('\n');
    return href ? html`<a class=${`score score-${score.level}`} href=${href} title=${title} data-score=${score.level}>${inner}</a>`
        : html`<span class=${`score score-${score.level}`} title=${title} data-score=${score.level}>${inner}</span>`;
}

/* The badge beside a page's heading. */
export function ScoreOf({ kind, id }) {
    return hasPlugin('health') ? html`<${Score} score=${one('health.score', `${kind}/${id}`)} href="#why" />` : null;
}

const RADIUS = 52;
const AROUND = 2 * Math.PI * RADIUS;

export function Ring({ score, size = 148 }) {
    const known = score.score !== null;
    return html`<div class=${`ring score-${score.level}`} data-score=${score.level}><svg viewBox="0 0 120 120" width=${size} height=${size} role="img" aria-label=${words(score)}>
        <circle class="ring-back" cx="60" cy="60" r=${RADIUS} fill="none" stroke-width="9" stroke-dasharray=${known ? undefined : '3 7'} />
        ${known && html`<circle class="ring-front" cx="60" cy="60" r=${RADIUS} fill="none" stroke-width="9" stroke-linecap="round"
            stroke-dasharray=${`${AROUND * Math.max(0.004, score.score / 100)} ${AROUND}`} transform="rotate(-90 60 60)" />`}
        <text x="60" y="60" text-anchor="middle" dominant-baseline="central" class="ring-text">${score.score ?? '?'}</text></svg>
        <p class="ring-level">${tv('level', score.level)}</p>
        <p class="muted small">${t('score.since', { time: when(score.since) })}</p></div>`;
}

function hrefOf(reason) {
    if (reason.series?.key)
        return `${to.graph(reason.series.key)}?field=${encodeURIComponent(reason.series.field ?? '')}`;
    return reason.subject ? toObject(reason.subject.kind, reason.subject.id) : null;
}

/* "−12  campus-1: disk 91 %, full in 3 h", each going to its graph. */
export function Reasons({ score, most = 12 }) {
    const reasons = score.reasons ?? [];
    return html`<div class="reasons">${reasons.length === 0 && score.score !== null && html`<p class="empty">${t('score.nothing')}</p>`}
        ${score.score === null && html`<p class="empty">${t('score.unknown')}</p>`}
        <ul>${reasons.slice(0, most).map((r, i) => html`<li key=${i}><b class="points num">${t('score.points', { points: Math.abs(Math.round(r.points * 10) / 10) })}</b>
            <span>${hrefOf(r) ? html`<a href=${hrefOf(r)}>${r.text}</a>` : r.text}
            <span class="muted small"> · ${r.subject && r.subject.id !== score.subject_id && html`<${SubjectLink} subject=${r.subject} muted /> · `}${tv('factor', r.factor)}${r.value !== null && r.value !== undefined && html` · ${format(r.value, r.unit)}`}</span></span></li>`)}</ul>
        ${score.unknown?.length > 0 && html`<${Unknown} score=${score} />`}</div>`;
}

function Unknown({ score }) {
    const names = score.unknown.map((f) => tv('factor', f)).join(', ');
    const known = t('score.coverage', { percent: Math.round(score.coverage ?? 0) });
    return html`<p class="unknown-factors"><span class="state state-unknown">${t('score.not_known')}</span> ${names} <span class="muted">(${known})</span></p>`;
}

export function SubjectLink({ subject, muted }) {
    const href = toObject(subject.kind, subject.id);
    const name = subject.name || subject.id;
    return href ? html`<a class=${muted ? 'quiet' : ''} href=${href}>${name}</a>` : html`<span class="muted">${name}</span>`;
}
