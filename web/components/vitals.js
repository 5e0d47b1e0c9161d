/* components/vitals.js - how the machine is now, in five tiles. */
import { duration, number, value as format } from '../format.js';
import { html } from '../html.js';
import { now, level } from '../host/system.js';
import { t } from '../i18n.js';
import { Meter } from './meter.js';

function Vital({ name, percent, text, warn, bad, children }) {
    return html`<div class=${`tile vital vital-${level(percent, warn, bad)}`} data-vital=${name}>
        <h2 class="tile-name">${t(`vital.${name}`)}</h2>
        <p class="vital-value"><${Meter} percent=${percent} warn=${warn} bad=${bad} text=${text} /></p>
        <p class="muted small">${children}</p></div>`;
}

const used = (it) => (it.total ? t('vital.of', { used: format(it.used, 'By'), total: format(it.total, 'By') }) : '');

export function Vitals() {
    const cpu = now('cpu');
    const memory = now('memory');
    const swap = now('swap');
    const host = now('host');
    const share = host.load1 !== undefined && cpu.cores ? (100 * host.load1) / cpu.cores : null;
    return html`<div class="vitals">
        <${Vital} name="cpu" percent=${cpu.used}>${cpu.cores ? t('vital.cores', { count: cpu.cores }) : ''}${cpu.iowait >= 1 && html` · ${t('vital.iowait', { percent: format(cpu.iowait, '%') })}`}
            ${cpu.steal >= 1 && html` · ${t('vital.steal', { percent: format(cpu.steal, '%') })}`}<//>
        <${Vital} name="memory" percent=${memory.used_percent} warn=${85}>${used(memory)}<//>
        <${Vital} name="swap" percent=${swap.total === 0 ? null : swap.used_percent} warn=${50} bad=${90}>${swap.total === 0 ? t('vital.no_swap') : used(swap)}<//>
        <${Vital} name="load" percent=${share} warn=${100} bad=${200} text=${host.load1 === undefined ? undefined : number(host.load1, 2)}>
            ${host.load5 !== undefined && t('vital.loads', { five: number(host.load5, 2), fifteen: number(host.load15, 2) })}
            ${host.blocked > 0 && html` · ${t('vital.blocked', { count: host.blocked })}`}<//>
        <${Pressure} /></div>`;
}

/* What waits for what, of the last ten seconds. */
function Pressure() {
    const rows = ['cpu', 'memory', 'io'].map((name) => [name, now('pressure', name).some]);
    const known = rows.some(([, it]) => it !== undefined);
    return html`<div class="tile vital" data-vital="pressure"><h2 class="tile-name">${t('vital.pressure')}</h2>
        ${known ? html`<dl class="pressure">${rows.map(([name, some]) => html`<div key=${name}><dt class="muted small">${t(`pressure.${name}`)}</dt>
            <dd><${Meter} percent=${some} warn=${10} bad=${40} /></dd></div>`)}</dl>` : html`<p class="muted small">${t('empty.pressure')}</p>`}</div>`;
}

/* Seconds until it is full as a person says it: "full in 3 h". */
export function forecast(seconds) {
    return seconds === null || seconds === undefined ? '' : t('forecast.full_in', { time: duration(seconds * 1000) });
}
