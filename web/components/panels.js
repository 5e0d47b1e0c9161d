/* components/panels.js - draws declared panels (panels.js): reads what they show, follows it live,
 * says where data is missing, and gives the same numbers as a table. */
import { Plot, COLOURS } from '../chart.js';
import { ago, clock, dateTime, value as format, when } from '../format.js';
import { html, useEffect, useMemo, useRef, useState } from '../html.js';
import { language, t } from '../i18n.js';
import { Icon } from '../icons.js';
import { saveText, toCsv } from '../export.js';
import { current, span_ms, zoom, zoomBy, zoomTo } from '../range.js';
import { Columns, follow, gaps, readSeries, youngWindow } from '../series.js';
import { onReload } from '../state.js';
import { theme } from '../theme.js';
import { errorText } from '../actions.js';
import { RangeButtons } from './range.js';

const POINTS = 300;
const TABLE_ROWS = 60;
const GAPS_SAID = 3;
const YOUNG_MS = 120000;

/* The stretch of time that the chart of these columns shows now. */
function windowOf(columns) {
    const [from, to] = current();
    return zoom.peek() ? [from, to] : youngWindow(columns, from, to, YOUNG_MS);
}

/* `head` stands beside the title. */
export function Charts({ panels, title, head }) {
    if (!panels.length)
        return null;
    return html`<section class="charts" aria-label=${title ? t('label.charts_of', { name: title }) : t('label.charts')}>
        <div class="charts-head"><h2>${title || t('label.charts')}</h2>${head}<${RangeButtons} /></div>
        <div class="charts-grid">${panels.map((p) => html`<${ChartPanel} key=${p.id} panel=${p} />`)}</div>
    </section>`;
}

/* The panel's columns, read anew when the stretch of time changes: {columns, error, reading, tick}. */
function useColumns(panel) {
    const [state, setState] = useState({ columns: null, error: null, reading: true, tick: 0 });
    const zoomed = zoom.value;
    const span = span_ms.value;
    const what = JSON.stringify([panel.measurement, panel.labels, panel.series]);
    const [again, setAgain] = useState(0);
    useEffect(() => onReload(() => setAgain((n) => n + 1)), []);
    useEffect(() => {
        const stop = new AbortController();
        let end = () => {};
        const window = zoomed ? { from: zoomed[0], to: zoomed[1] } : { from: Date.now() - span, to: 'now' };
        setState((s) => ({ ...s, reading: true }));
        readSeries(panel, { ...window, points: POINTS }, stop.signal).then((items) => {
            if (stop.signal.aborted)
                return;
            const columns = items.length ? new Columns(items[0], zoomed ? null : span) : null;
            setState((s) => ({ columns, error: null, reading: false, tick: s.tick + 1 }));
            if (columns && !zoomed)
                end = follow(columns, () => setState((s) => ({ ...s, tick: s.tick + 1 })));
        }, (error) => stop.signal.aborted ||
            setState((s) => ({ columns: null, error, reading: false, tick: s.tick + 1 })));
        return () => {
            stop.abort();
            end();
        };
    }, [what, zoomed, span, again]);
    return state;
}

function ChartPanel({ panel }) {
    const { columns, error, reading, tick } = useColumns(panel);
    const [index, setIndex] = useState(null);
    const [table, setTable] = useState(false);
    const title = panel.name ?? t(panel.title, panel.titleValues);
    const fields = useMemo(() => panel.fields.map((f) => ({ ...f, label: f.label ?? t(f.text) })), [panel.id, language.value]);
    const id = `chart-${panel.id.replace(/\W+/g, '-')}`;
    const shown = index !== null && columns && index < columns.times.length ? index : null;
    return html`<section class="panel chart-panel" aria-labelledby=${id} data-panel=${panel.id}
        data-tick=${tick} data-reading=${reading}>
        <div class="panel-head"><h3 id=${id}>${title}</h3>
            <div class="tools">${columns?.times.length > 0 && html`<button type="button" class="button icon-button" data-csv title=${t('chart.csv')}
                aria-label=${t('chart.csv_of', { name: title })} onClick=${() => saveText(title, 'csv', toCsv(columns, fields, panel.unit))}>
                <${Icon} name="download" size=${16} /></button>`}<button type="button" class="button icon-button" aria-pressed=${table} title=${t('chart.table')}
                aria-label=${t('chart.table_of', { name: title })} onClick=${() => setTable(!table)}>
                <${Icon} name="table" size=${16} /></button></div></div>
        ${panel.help && html`<p class="help">${t(panel.help)}</p>`}
        <${Legend} fields=${fields} columns=${columns} unit=${panel.unit} index=${shown} threshold=${panel.threshold} />
        ${columns ? html`<${PlotArea} panel=${panel} fields=${fields} columns=${columns} tick=${tick} title=${title}
            index=${shown} setIndex=${setIndex} />` : html`<div class="plot-none">${error
            ? html`<p class="problem">${t('chart.failed')} ${errorText(error)}</p>`
            : html`<p class="empty">${reading ? t('label.loading') : t(panel.none ?? 'chart.none')}</p>`}</div>`}
        ${columns && html`<${Missing} columns=${columns} />`}
        ${table && columns && html`<${DataTable} title=${title} fields=${fields} columns=${columns} unit=${panel.unit} />`}
    </section>`;
}

function Legend({ fields, columns, unit, index, threshold }) {
    return html`<ul class="legend">${fields.map((f, i) => html`<li key=${f.name}>
        <span class=${`swatch ${f.dash ? 'dashed' : ''}`} style=${`--swatch: var(--${COLOURS[i % COLOURS.length]})`} aria-hidden="true"></span>
        ${f.label} <b class="num">${format(!columns ? null : index === null ? columns.last(f.name)
            : columns.fields[f.name]?.[index], f.unit ?? unit)}</b></li>`)}
        ${threshold !== undefined && threshold !== null && html`<li><span class="swatch dashed swatch-threshold" aria-hidden="true"></span>
            ${t('chart.threshold')} <b class="num">${format(threshold, unit)}</b></li>`}
        ${index !== null && html`<li class="muted num">${dateTime(columns.times[index])}</li>`}</ul>`;
}

function PlotArea({ panel, fields, columns, tick, title, index, setIndex }) {
    const element = useRef(null);
    const plot = useRef(null);
    useEffect(() => {
        plot.current = new Plot(element.current, fields, {
            unit: panel.unit, min: panel.min, max: panel.max, threshold: panel.threshold, sync: 'page', onZoom: zoomTo, onCursor: setIndex,
        });
        return () => plot.current.destroy();
    }, [panel.id, panel.threshold, theme.value, language.value]);
    useEffect(() => plot.current.show(columns, windowOf(columns)), [columns, tick, theme.value, language.value]);
    useEffect(() => {
        /* The stretch moves on also when no rows come: a stale chart must show its hole. */
        const timer = setInterval(() => zoom.peek() || plot.current.show(columns, windowOf(columns)), 5000);
        return () => clearInterval(timer);
    }, [columns]);
    const onKey = (event) => keys(event, columns, index, (i) => plot.current.pointAt(i));
    return html`<div class="plot" ref=${element} tabindex="0" role="img" onKeyDown=${onKey}
        aria-label=${summary(title, fields, columns, panel.unit)}></div>`;
}

/* Arrows walk the rows, + and - zoom: what the mouse can, in words below and above the plot. */
function keys(event, columns, index, point) {
    const last = columns.times.length - 1;
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 };
    if (event.key in steps)
        point(Math.min(last, Math.max(0, (index ?? last + 1) + steps[event.key])));
    else if (event.key === 'Home' || event.key === 'End')
        point(event.key === 'Home' ? 0 : last);
    else if (event.key === '+' || event.key === '-')
        zoomBy(event.key === '+' ? 0.5 : 2);
    else if (event.key === '0')
        zoom.value = null;
    else
        return;
    event.preventDefault();
}

function summary(title, fields, columns, unit) {
    const parts = fields.map((f) => {
        const values = (columns.fields[f.name] || []).filter((v) => v !== null);
        if (!values.length)
            return `${f.label}: ${t('chart.no_values')}`;
        return t('chart.summary', { name: f.label, last: format(values.at(-1), f.unit ?? unit),
            min: format(values.reduce((a, b) => Math.min(a, b)), f.unit ?? unit),
            max: format(values.reduce((a, b) => Math.max(a, b)), f.unit ?? unit) });
    });
    return `${t('chart.of', { name: title })} ${parts.join('; ')}. ${t('chart.keys')}`;
}

/* Says in words what the shaded stretches show. */
function Missing({ columns }) {
    const [from, to] = current();
    const last = columns.lastTime();
    if (last === null)
        return html`<p class="missing">${t('chart.empty')}</p>`;
    const found = gaps(columns, from, to).filter(([a]) => a > from || columns.span_ms === null);
    const before = gaps(columns, from, to).find(([a]) => a === from);
    const stale = found.at(-1)?.[1] === to && !zoom.value;
    const holes = (stale ? found.slice(0, -1) : found).slice(-GAPS_SAID);
    return html`<div class="missing">
        ${before && columns.span_ms !== null && html`<p>${t('chart.begins', { time: when(before[1]) })}</p>`}
        ${holes.map(([a, b]) => html`<p key=${a} data-gap>${t('chart.gap', { from: clock(a), to: clock(b) })}</p>`)}
        ${found.length > GAPS_SAID + 1 && html`<p>${t('chart.more_gaps', { count: found.length - GAPS_SAID })}</p>`}
        ${stale && html`<p class="stale">${t('chart.stale', { time: when(last), ago: ago(last) })}</p>`}
    </div>`;
}

function DataTable({ title, fields, columns, unit }) {
    const rows = [];
    for (let i = columns.times.length - 1; i >= 0 && rows.length < TABLE_ROWS; i--)
        rows.push(i);
    return html`<div class="table-wrap data-table" tabindex="0" role="group" aria-label=${t('chart.data_of', { name: title })}>
        <table><caption class="hidden">${t('chart.data_of', { name: title })}</caption>
        <thead><tr><th scope="col">${t('label.time')}</th>${fields.map((f) => html`<th scope="col" class="number" key=${f.name}>${f.label}</th>`)}</tr></thead>
        <tbody>${rows.map((i) => html`<tr key=${columns.times[i]}><th scope="row">${dateTime(columns.times[i])}</th>
            ${fields.map((f) => html`<td class="number" key=${f.name}>${columns.fields[f.name]?.[i] === null
                ? t('chart.no_value') : format(columns.fields[f.name]?.[i], f.unit ?? unit)}</td>`)}</tr>`)}</tbody></table></div>`;
}
