/* components/meter.js - how full something is: a bar in the colour of its level, and the number. */
import { value as format } from '../format.js';
import { html } from '../html.js';
import { level } from '../host/system.js';

export function Meter({ percent, warn, bad, text }) {
    const known = percent !== null && percent !== undefined;
    return html`<span class="meter-value"><span class=${`meter meter-${level(percent, warn, bad)}`} aria-hidden="true"><span
        style=${`width:${known ? Math.max(0, Math.min(100, percent)) : 0}%`}></span></span><b class="num">${text ?? format(percent, '%')}</b></span>`;
}
