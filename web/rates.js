/* rates.js - the latest row of many series at once, kept live: what a table or a map of rates shows.
 * Counters are rates already; knows nothing of drawing. */
import { query } from './api.js';
import { signal } from './html.js';
import { onRows } from './state.js';

const MOST = 1000;
const SILENT = 5; /* so many turns without a row: there is no present value */

/* rates(measurement, label names) → {read(labels): for a page's reads, get(values…), list(), stop()}.
 * A rate: {key, labels, values: {field: number}, time} or, when silent, values null. */
export function rates(measurement, names) {
    const map = new Map();
    const version = signal(0);
    let ends = [];
    const stop = () => {
        ends.forEach((end) => end());
        ends = [];
        map.clear();
    };
    const add = (item) => {
        const fields = item.fields.map((f) => f.name);
        const it = { key: item.key, labels: item.labels, every_ms: item.every_ms || 5000, time: item.last?.time ?? 0, values: item.last?.values ?? null };
        map.set(names.map((n) => item.labels[n]).join('\n'), it);
        ends.push(onRows(item.id, (rows) => {
            const [time, ...values] = rows.at(-1);
            it.time = time;
            it.values = Object.fromEntries(fields.map((name, i) => [name, values[i]]));
            version.value++;
        }));
    };
    const fresh = (it) => (it && Date.now() - it.time <= it.every_ms * SILENT ? it : it && { ...it, values: null });
    return {
        read: (labels = {}) => ({
            path: `/api/v1/series?${query({ measurement, ...labels, limit: MOST })}`,
            optional: true,
            absent: stop,
            take: (body) => {
                stop();
                body.items.forEach(add);
                version.value++;
            },
        }),
        get: (...values) => {
            version.value;
            return fresh(map.get(values.join('\n')));
        },
        list: () => {
            version.value;
            return [...map.values()].map(fresh);
        },
        stop,
    };
}

/* Both directions together; null when nothing is known. */
export function total(rate, what = 'bytes') {
    const values = rate?.values;
    if (!values)
        return null;
    const [a, b] = [values[`ab_${what}`], values[`ba_${what}`]];
    return a == null && b == null ? values[what] ?? null : (a ?? 0) + (b ?? 0);
}
