/* range.js - the stretch of time that the charts of a page show together: the last minutes, hours
 * or days, going on live, or a stretch that was zoomed into, standing still. */
import { computed, signal } from './html.js';

const MINUTE = 60000;
export const SPANS = [
    ['15m', 15 * MINUTE], ['1h', 60 * MINUTE], ['6h', 360 * MINUTE],
    ['24h', 1440 * MINUTE], ['7d', 7 * 1440 * MINUTE], ['30d', 30 * 1440 * MINUTE],
];
const KEY = 'gnswatch.span';

const kept = localStorage.getItem(KEY);
export const span = signal(SPANS.some(([name]) => name === kept) ? kept : '15m');
export const zoom = signal(null); /* [from, to] in ms, or null */
export const span_ms = computed(() => SPANS.find(([name]) => name === span.value)[1]);

export function chooseSpan(name) {
    zoom.value = null;
    span.value = name;
    localStorage.setItem(KEY, name);
}

const NARROWEST_MS = 10000;

export function zoomTo(from, to) {
    if (to - from < NARROWEST_MS) {
        const middle = (from + to) / 2;
        [from, to] = [middle - NARROWEST_MS / 2, middle + NARROWEST_MS / 2];
    }
    zoom.value = [Math.round(from), Math.round(Math.min(to, Date.now()))];
}

/* What is seen at this moment: [from, to] in ms. */
export function current() {
    const now = Date.now();
    return zoom.value ?? [now - span_ms.value, now];
}

/* Twice as near, or half, around the middle. */
export function zoomBy(factor) {
    const [from, to] = current();
    const half = ((to - from) / 2) * factor;
    const middle = (from + to) / 2;
    zoomTo(middle - half, middle + half);
}

export function unzoom() {
    zoom.value = null;
}
