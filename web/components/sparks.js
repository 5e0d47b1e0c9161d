/* components/sparks.js - live columns for many small lines at once: one read a measurement, kept in
 * a map by their labels. A page lists a spark read among its reads, so that they come with it. */
import { signal } from '../html.js';
import { Columns, follow, labelsOf, queryPath } from '../series.js';

export const SPAN_MS = 15 * 60000;

/* sparks(measurement, label names) → {read: for the page's reads, get(label values…), use()} */
export function sparks(measurement, names) {
    const map = new Map();
    const version = signal(0);
    const key = (values) => values.join('\n');
    let ends = [];
    const stop = () => {
        ends.forEach((end) => end());
        ends = [];
    };
    const take = (body) => {
        stop();
        map.clear();
        for (const item of body.items) {
            const columns = new Columns(item, SPAN_MS);
            const labels = labelsOf(item);
            map.set(key(names.map((n) => labels[n])), columns);
            ends.push(follow(columns, () => { version.value++; }));
        }
        version.value++;
    };
    return {
        read: { path: queryPath(measurement, {}, { from: '-15m', points: 90 }), take, optional: true },
        get: (...values) => {
            version.value;
            return map.get(key(values));
        },
        stop,
    };
}
