/* host/metrics.js - the series of one program's values, with their last minutes, kept live. They are
 * read when there are others than before. */
import { get, query } from '../api.js';
import { useEffect, useState } from '../html.js';
import { Columns, follow } from '../series.js';
import { onReload } from '../state.js';
import { identity } from './exec.js';

export const SPAN_MS = 15 * 60000;
const MOST = 200;
const AT_ONCE = 50;
const POINTS = 60;

async function readAll(item, signal) {
    const { items } = await get(`/api/v1/series?${query({ item, limit: MOST })}`, signal);
    const found = new Map(items.map((s) => [s.id, { key: s.key, name: identity(s.measurement, s.labels) }]));
    const columns = [];
    for (let i = 0; i < items.length; i += AT_ONCE) {
        const ids = items.slice(i, i + AT_ONCE).map((s) => s.id).join(',');
        columns.push(...(await get(`/api/v1/query?${query({ series: ids, from: '-15m', to: 'now', points: POINTS })}`, signal)).items);
    }
    return columns.map((it) => ({ ...found.get(it.id), columns: new Columns(it, SPAN_MS) }));
}

/* identity of a series → {key, columns}. `names`: the identities that are wanted. */
export function useMetricSeries(item, names) {
    const [map, setMap] = useState(new Map());
    const [again, setAgain] = useState(0);
    const [, setTick] = useState(0);
    useEffect(() => onReload(() => setAgain((n) => n + 1)), []);
    useEffect(() => {
        const stop = new AbortController();
        let ends = [];
        if (names.length)
            readAll(item, stop.signal).then((list) => {
                if (stop.signal.aborted)
                    return;
                setMap(new Map(list.map((it) => [it.name, it])));
                ends = list.map((it) => follow(it.columns, () => setTick((n) => n + 1)));
            }, () => {});
        return () => {
            stop.abort();
            ends.forEach((end) => end());
        };
    }, [item, names.join('\n\n'), again]);
    return map;
}
