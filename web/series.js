/* series.js - reads of time series and the live rows that go on from them. Knows times and values,
 * not how they are drawn. */
import { get, query } from './api.js';
import { onRows } from './state.js';

/* A series' labels from its key: gns3.node{server="lab",node="PC1"}. */
export function labelsOf(item) {
    if (item.labels)
        return item.labels;
    const labels = {};
    for (const [, name, value] of item.key.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
        labels[name] = value.replace(/\\(.)/g, '$1');
    return labels;
}

export function queryPath(measurement, labels, { from, to = 'now', points = 300, as = 'average' }) {
    return `/api/v1/query?${query({ measurement, ...labels, from, to, points, as })}`;
}

/* `source`: {measurement, labels}, or {series: key} of one that is known. */
export async function readSeries({ measurement, labels, series }, { from, to = 'now', points = 300, as = 'average' }, signal) {
    const path = series ? `/api/v1/query?${query({ series, from, to, points, as })}` : queryPath(measurement, labels, { from, to, points, as });
    const answer = await get(path, signal);
    return answer.items;
}

/* Columns that grow with live rows: {times: [s…], fields: {name: [value…]}}, in steps of the read
 * they began with. Rows of one step are averaged, as the server does. */
export class Columns {
    constructor(item, span_ms) {
        this.id = item.id;
        this.names = Object.keys(item.fields);
        this.units = item.units || {};
        this.times = item.times.map((ms) => ms);
        this.fields = Object.fromEntries(this.names.map((n) => [n, [...item.fields[n]]]));
        this.span_ms = span_ms; /* what is older leaves; null: nothing leaves */
        this.setStep(item.step_ms);
        this.trim(Date.now());
    }

    /* A read in steps finer than the rows come has holes between rows; those are no gaps. */
    setStep(step_ms) {
        this.step_ms = step_ms || 1000;
        this.counts = null;
    }

    add(rows) {
        for (const [ms, ...values] of rows)
            this.addRow(ms, values);
        this.trim(rows.at(-1)?.[0] ?? Date.now());
    }

    addRow(ms, values) {
        const step = Math.floor(ms / this.step_ms) * this.step_ms;
        const last = this.times.at(-1);
        if (last !== undefined && step < last)
            return;
        if (step === last && this.counts) {
            this.merge(values);
            return;
        }
        if (step !== last) {
            this.fill(last, step);
            this.times.push(step);
        }
        this.names.forEach((name, i) => {
            const column = this.fields[name];
            if (step === last)
                column[column.length - 1] = values[i] ?? column.at(-1);
            else
                column.push(values[i] ?? null);
        });
        this.counts = this.names.map((_, i) => (values[i] == null ? 0 : 1));
    }

    /* Steps without rows are holes. */
    fill(last, step) {
        if (last === undefined || (step - last) / this.step_ms > 5000)
            return;
        for (let t = last + this.step_ms; t < step; t += this.step_ms) {
            this.times.push(t);
            this.names.forEach((name) => this.fields[name].push(null));
        }
    }

    merge(values) {
        this.names.forEach((name, i) => {
            if (values[i] == null)
                return;
            const column = this.fields[name];
            const count = this.counts[i]++;
            const before = column.at(-1) ?? 0;
            column[column.length - 1] = (before * count + values[i]) / (count + 1);
        });
    }

    trim(newest) {
        if (!this.span_ms)
            return;
        const oldest = newest - this.span_ms - this.step_ms;
        let drop = 0;
        while (drop < this.times.length && this.times[drop] < oldest)
            drop++;
        if (drop < 20 && this.times.length < 2000)
            return;
        this.times.splice(0, drop);
        this.names.forEach((name) => this.fields[name].splice(0, drop));
    }

    last(name) {
        return this.fields[name]?.findLast((v) => v !== null) ?? null;
    }

    firstTime() {
        for (let i = 0; i < this.times.length; i++)
            if (this.names.some((n) => this.fields[n][i] !== null))
                return this.times[i];
        return null;
    }

    lastTime() {
        for (let i = this.times.length - 1; i >= 0; i--)
            if (this.names.some((n) => this.fields[n][i] !== null))
                return this.times[i];
        return null;
    }
}

/* The usual distance between two rows: the median of what is there. */
export function spacing(columns) {
    const seen = [];
    let before = null;
    for (let i = 0; i < columns.times.length && seen.length < 200; i++) {
        if (!columns.names.some((n) => columns.fields[n][i] !== null))
            continue;
        if (before !== null)
            seen.push(columns.times[i] - before);
        before = columns.times[i];
    }
    seen.sort((a, b) => a - b);
    return Math.max(columns.step_ms, seen[seen.length >> 1] || 0);
}

/* What of [from, to] to show live: a young series fills its chart rather than a corner of it. */
export function youngWindow(columns, from, to, least_ms) {
    const begin = columns.firstTime();
    if (begin === null || begin - from < (to - from) / 5)
        return [from, to];
    return [Math.max(from, Math.min(begin, to - least_ms)), to];
}

/* Stretches of [from, to] without any value, longer than three rows' distance: [[from, to], …]. */
export function gaps(columns, from, to) {
    const limit = spacing(columns) * 3;
    const found = [];
    let before = null;
    for (let i = 0; i < columns.times.length; i++) {
        if (!columns.names.some((n) => columns.fields[n][i] !== null))
            continue;
        const time = columns.times[i];
        const start = before ?? from;
        if (time - start > limit && time > from)
            found.push([Math.max(from, start), Math.min(time, to)]);
        before = time;
    }
    if (before !== null && to - before > limit)
        found.push([Math.max(from, before), to]);
    return found.filter(([a, b]) => b > a);
}

/* A hole narrower than the rows' distance is drawn through: its steps take the value before. */
export function bridged(columns, name) {
    const most = Math.ceil(spacing(columns) * 1.5 / columns.step_ms);
    const values = columns.fields[name];
    if (most <= 1 || !values)
        return values;
    const out = [...values];
    let before = -1;
    for (let i = 0; i < values.length; i++) {
        if (values[i] === null)
            continue;
        if (before >= 0 && i - before > 1 && i - before <= most)
            for (let hole = before + 1; hole < i; hole++)
                out[hole] = undefined; /* drawn through, where null is a hole */
        before = i;
    }
    return out;
}

export function follow(columns, changed) {
    return onRows(columns.id, (rows) => {
        columns.add(rows);
        changed();
    });
}
