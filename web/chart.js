/* chart.js - the only file that knows uPlot. A Plot draws columns in an element: one axis, lines
 * that follow live rows, gaps shaded, a cursor shared by the plots of a page, zoom by drag.
 *
 * It knows nothing of pages, ranges or reading: what the person does is told by callbacks. */
import uPlot from './vendor/uplot.js';
import { clock, day, value as format } from './format.js';
import { bridged, gaps } from './series.js';
import { colour } from './theme.js';

export const COLOURS = ['chart-1', 'chart-2', 'chart-3', 'chart-4', 'chart-5', 'chart-6'];
const HEIGHT = 190;
const DAY_S = 86400;
const DECADES = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

/* Distances of the axis' lines that a person counts in; other units have uPlot's own. */
const STEPS = {
    count: DECADES.flatMap((d) => [d, 2 * d, 5 * d]),
    s: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200,
        ...DECADES.flatMap((d) => [d, 2 * d, 5 * d].map((n) => n * DAY_S))],
    By: Array.from({ length: 45 }, (_, i) => 2 ** i),
    'By/s': Array.from({ length: 45 }, (_, i) => 2 ** i),
};

/* fields: [{name, label, unit, step}]; options: {unit, min, max, threshold, sync,
 * onZoom(from, to in ms), onCursor(index or null)}. */
export class Plot {
    constructor(element, fields, options) {
        this.element = element;
        this.fields = fields;
        this.options = options;
        this.holes = [];
        this.dirty = false;
        this.plot = new uPlot(this.settings(), this.noData(), element);
        this.watch = new ResizeObserver(() => this.resize());
        this.watch.observe(element);
    }

    destroy() {
        this.watch.disconnect();
        this.plot.destroy();
    }

    noData() {
        return [[], ...this.fields.map(() => [])];
    }

    width() {
        return Math.max(200, this.element.clientWidth);
    }

    resize() {
        if (this.width() !== this.plot.width)
            this.plot.setSize({ width: this.width(), height: HEIGHT });
    }

    settings() {
        const { unit, min, max, threshold, sync } = this.options;
        return {
            width: this.width(),
            height: HEIGHT,
            legend: { show: false },
            padding: [8, 12, 0, 0],
            cursor: {
                y: false,
                points: { size: 7 },
                drag: { x: true, y: false, setScale: false, dist: 4 },
                sync: sync ? { key: sync, setSeries: false, scales: ['x', null] } : undefined,
            },
            scales: {
                x: { time: true, range: () => this.window ?? [0, 1] },
                y: { range: (u, low, high) => valueRange(low, high, min, max, threshold) },
            },
            axes: [
                { ...axis(), values: timeLabels, space: 70, size: 30 },
                { ...axis(), values: (u, ticks) => ticks.map((v) => format(v, unit)), size: axisSize,
                    incrs: STEPS[unit ?? 'count'] },
            ],
            series: [{}, ...this.fields.map((field, i) => line(field, i))],
            hooks: {
                drawClear: [(u) => this.drawHoles(u)],
                draw: [(u) => this.drawThreshold(u)],
                setSelect: [(u) => this.select(u)],
                setCursor: [(u) => this.options.onCursor?.(u.cursor.idx ?? null)],
            },
        };
    }

    select(u) {
        const { left, width } = u.select;
        if (width < 4)
            return;
        const from = u.posToVal(left, 'x') * 1000;
        const to = u.posToVal(left + width, 'x') * 1000;
        u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        this.options.onZoom?.(from, to);
    }

    /* Shaded, so a hole is seen to be missing data rather than a quiet line. */
    drawHoles(u) {
        const { ctx, bbox } = u;
        ctx.save();
        ctx.beginPath();
        ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
        ctx.clip();
        ctx.fillStyle = colour('gap');
        for (const [from, to] of this.holes) {
            const left = u.valToPos(from / 1000, 'x', true);
            ctx.fillRect(left, bbox.top, u.valToPos(to / 1000, 'x', true) - left, bbox.height);
        }
        ctx.restore();
    }

    /* A dashed line where an alert's rule draws it. */
    drawThreshold(u) {
        const { threshold } = this.options;
        if (threshold === null || threshold === undefined)
            return;
        const { ctx, bbox } = u;
        const y = Math.round(u.valToPos(threshold, 'y', true));
        ctx.save();
        ctx.strokeStyle = colour('bad');
        ctx.lineWidth = 1.5 * devicePixelRatio;
        ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
        ctx.beginPath();
        ctx.moveTo(bbox.left, y);
        ctx.lineTo(bbox.left + bbox.width, y);
        ctx.stroke();
        ctx.restore();
    }

    /* Draws at most once a frame. `window` is [from, to] in ms. */
    show(columns, window) {
        this.columns = columns;
        this.window = [window[0] / 1000, window[1] / 1000];
        if (this.dirty)
            return;
        this.dirty = true;
        requestAnimationFrame(() => this.draw());
    }

    draw() {
        this.dirty = false;
        if (!this.element.isConnected)
            return;
        const [from, to] = this.window;
        const begin = this.columns.firstTime() ?? to * 1000;
        this.holes = gaps(this.columns, Math.max(from * 1000, begin), to * 1000);
        this.plot.setData([this.columns.times.map((ms) => ms / 1000),
            ...this.fields.map((field) => bridged(this.columns, field.name) ?? [])]);
    }

    /* The keyboard's way to the cursor: to a row, by index. */
    pointAt(index) {
        const time = this.columns?.times[index];
        if (time === undefined)
            return;
        const left = this.plot.valToPos(time / 1000, 'x');
        this.plot.setCursor({ left, top: HEIGHT / 2 });
    }
}

function axis() {
    return {
        stroke: () => colour('muted'),
        font: '11px system-ui, sans-serif',
        grid: { stroke: () => colour('grid'), width: 1 },
        ticks: { show: false },
    };
}

function axisSize(u, values) {
    const longest = Math.max(0, ...(values || []).map((v) => v.length));
    return Math.min(90, 18 + longest * 6.3);
}

function line(field, i) {
    const name = COLOURS[i % COLOURS.length];
    return {
        label: field.label,
        stroke: () => colour(name),
        width: 1.75,
        dash: field.dash,
        fill: field.fill ? () => `${colour(name)}26` : undefined,
        paths: field.step ? uPlot.paths.stepped({ align: 1 }) : undefined,
        points: { show: (u, s, i0, i1) => i1 - i0 < 3 },
    };
}

/* Starts at nought unless the values are far from it; never of no height; the threshold is in it. */
function valueRange(low, high, min, max, threshold) {
    if (low === null || low === undefined)
        return [min ?? 0, max ?? 1];
    if (Number.isFinite(threshold))
        [low, high] = [Math.min(low, threshold), Math.max(high, threshold)];
    const bottom = min ?? Math.min(0, low);
    const top = max ?? (high <= bottom ? bottom + 1 : bottom + (high - bottom) * 1.12);
    return [bottom, top];
}

function timeLabels(u, splits) {
    const span = splits.length > 1 ? splits.at(-1) - splits[0] : 0;
    const step = splits.length > 1 ? splits[1] - splits[0] : 0;
    return splits.map((s) => {
        const ms = s * 1000;
        if (step >= DAY_S)
            return day(ms);
        if (span > DAY_S && new Date(ms).getHours() === 0)
            return day(ms);
        return clock(ms, step < 60);
    });
}
