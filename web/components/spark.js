/* components/spark.js - a line of the last minutes, a word long. Holes stay holes. */
import { html } from '../html.js';
import { youngWindow } from '../series.js';

const WIDTH = 96;
const HEIGHT = 24;
const YOUNG_MS = 60000;

/* `max`: the top, when fixed; `text` says the same in words. */
export function Spark({ columns, name, max, text, from, to }) {
    const values = columns?.fields[name];
    if (!values)
        return html`<span class="spark-none" aria-hidden="true"></span>`;
    const top = max ?? Math.max(1e-9, ...values.filter((v) => v !== null)) * 1.1;
    return html`<svg class="spark" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} width=${WIDTH} height=${HEIGHT}
        role="img" aria-label=${text} preserveAspectRatio="none">
        <path d=${path(columns, values, top, from, to)} fill="none" stroke="currentColor" stroke-width="1.5"
            stroke-linejoin="round" vector-effect="non-scaling-stroke" /></svg>`;
}

function path(columns, values, top, earliest, to) {
    const [from] = youngWindow(columns, earliest, to, YOUNG_MS);
    let d = '';
    let before = null;
    const hole = columns.step_ms * 5;
    for (let i = 0; i < values.length; i++) {
        const time = columns.times[i];
        if (values[i] === null || time < from)
            continue;
        const x = ((time - from) / (to - from)) * WIDTH;
        const y = HEIGHT - 2 - Math.min(1, values[i] / top) * (HEIGHT - 4);
        d += `${before !== null && time - before <= hole ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
        before = time;
    }
    return d;
}
