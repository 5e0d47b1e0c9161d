/* components/exec.js - how programs that are run, their words and their mistakes are drawn. */
import { duration, number } from '../format.js';
import { limitsOf, placeIn } from '../host/exec.js';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { can } from '../state.js';
import { Ago, State } from './basics.js';
import { Tabs } from './tabs.js';

const TABS = [['/exec', 'nav.exec'], ['/exec/-/try', 'exec.try']];

export function ExecTabs({ here }) {
    return can('admin') ? html`<${Tabs} label=${t('nav.exec')} tabs=${TABS} here=${here} />` : null;
}

/* A mistake: why, where, and the line with the place marked. */
export function Mistake({ error }) {
    const [before, mark, after] = placeIn(error.text ?? '', error.column);
    const where = error.line ? t(error.column ? 'exec.line_column' : 'exec.line', { line: error.line, column: error.column }) : '';
    return html`<div class="mistake"><p class="problem">${where && html`<b>${where}:</b> `}${error.why}${error.time && html` <span class="muted small"><${Ago} time=${error.time} /></span>`}</p>
        ${error.text && html`<pre class="code mistake-line" tabindex="0" aria-label=${t('exec.the_line')}><code>${before}${mark && html`<mark>${mark}</mark>`}${after}</code></pre>`}</div>`;
}

/* Lines as they were printed; the one that was wrong is marked. */
export function Lines({ lines, wrong, label }) {
    return html`<pre class="code lines" tabindex="0" aria-label=${label}>${lines.map((line, i) => html`<code key=${i} class=${wrong && line.startsWith(wrong) ? 'wrong' : ''}>${line}${'\n'}</code>`)}</pre>`;
}

/* How a run ended, in words: exit code 2, signal 9, timed out. */
export function endOf(last) {
    if (!last)
        return '';
    if (last.timed_out)
        return t('exec.timed_out');
    return last.signal ? t('exec.signal', { signal: last.signal }) : t('exec.exit', { code: last.exit ?? 0 });
}

export function LastRun({ item }) {
    const { last } = item;
    if (!last)
        return item.pid ? html`<span class="muted">${t('exec.since')} <${Ago} time=${item.since} /></span>` : html`<span class="muted">${t('exec.never')}</span>`;
    const bad = last.timed_out || last.signal || last.exit > 0;
    return html`<${Ago} time=${last.time} /><span class="muted small block">${t('exec.took', { time: duration(last.duration * 1000) })}${bad && html` · <span class="warn-number">${endOf(last)}</span>`}</span>`;
}

export function Count({ value, bad }) {
    return html`<span class=${bad && value ? 'warn-number' : ''}>${number(value ?? 0)}</span>`;
}

export function ItemState({ item }) {
    return html`<${State} state=${item.state} />${item.verdict?.soft && html`<span class="muted small block">${t('exec.soft', { state: t(`state.${item.verdict.now}`) })}</span>`}`;
}

/* What a value is called, and where it is kept. */
export function MetricName({ metric: m }) {
    return html`<span class="wrap">${m.title || m.name}</span><span class="muted small block wrap"><span class="mono">${m.series} ${m.field}</span>
        ${' '}${Object.entries(m.labels ?? {}).map(([n, v]) => html`<span class="chip" key=${n}>${n} ${v}</span> `)}</span>`;
}

export function Limits({ metric }) {
    return html`<span class="labels">${limitsOf(metric).map(([what, range]) => html`<span key=${what} class=${`chip limit-${what}`}><span class="muted">${t(`limit.${what}`)}</span> ${range}</span>`)}</span>`;
}
