/* format.js - numbers, units, times and durations as the person's language writes them. */
import { signal } from './html.js';
import { language, t } from './i18n.js';

export const NONE = '–';

/* The second that relative times are drawn from. */
export const now = signal(Date.now());
setInterval(() => { now.value = Date.now(); }, 1000);

const made = new Map(); /* Intl objects are dear to make */

function intl(Kind, options) {
    const key = `${Kind.name} ${language.value} ${JSON.stringify(options)}`;
    if (!made.has(key))
        made.set(key, new Kind(language.value, options));
    return made.get(key);
}

export function number(value, digits = 0) {
    if (value === null || value === undefined || Number.isNaN(value))
        return NONE;
    return intl(Intl.NumberFormat, { maximumFractionDigits: digits }).format(value);
}

function significant(value) {
    const size = Math.abs(value);
    return number(value, size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3);
}

const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function bytes(value) {
    if (value === null || value === undefined)
        return NONE;
    let step = 0;
    while (Math.abs(value) >= 1024 && step < BYTES.length - 1) {
        value /= 1024;
        step++;
    }
    return `${step ? significant(value) : number(value)} ${BYTES[step]}`;
}

const SCALES = ['', 'k', 'M', 'G', 'T'];

/* Decimal steps of a unit: 3.2 GHz, 1 Gbit/s. */
function scaled(it, unit) {
    let step = 0;
    while (Math.abs(it) >= 1000 && step < SCALES.length - 1) {
        it /= 1000;
        step++;
    }
    return `${significant(it)} ${SCALES[step]}${unit}`;
}

/* A value with its unit: UCUM names in, a person's signs out; {packet} and the like say nothing more. */
export function value(it, unit) {
    unit = unit?.replace(/\{\w*\}/g, '');
    if (it === null || it === undefined || Number.isNaN(it))
        return NONE;
    if (unit === '%')
        return intl(Intl.NumberFormat, { style: 'percent', maximumFractionDigits: 1 }).format(it / 100);
    if (unit === 'By')
        return bytes(it);
    if (unit === 'By/s')
        return `${bytes(it)}/s`;
    if (unit === 's')
        return it === 0 ? `0 ${t('unit.s')}` : duration(it * 1000);
    if (unit === 'ms')
        return it >= 10000 ? duration(it) : `${significant(it)} ms`;
    if (unit === 'Hz' || unit === 'bit/s')
        return scaled(it, unit);
    if (unit === 'Cel')
        return `${significant(it)} °C`;
    if (!unit || unit === '1')
        return significant(it);
    return `${significant(it)} ${unit}`;
}

const PARTS = [['d', 86400000], ['h', 3600000], ['min', 60000], ['s', 1000]];

/* The two largest parts: "3 d 4 h", "12 s". */
export function duration(ms) {
    if (ms === null || ms === undefined || Number.isNaN(ms))
        return NONE;
    ms = Math.max(0, ms);
    if (ms < 1000)
        return `${number(ms)} ms`;
    const out = [];
    for (const [name, size] of PARTS) {
        const count = Math.floor(ms / size);
        if (count || out.length) {
            if (count)
                out.push(`${number(count)} ${t(`unit.${name}`)}`);
            if (out.length === 2 || !count)
                break;
        }
        ms -= count * size;
    }
    return out.join(' ');
}

const AGES = [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];

export function ago(time, from = now.value) {
    if (!time)
        return NONE;
    const seconds = Math.round((time - from) / 1000);
    const [unit, size] = AGES.find(([, s]) => Math.abs(seconds) >= s) || AGES[3];
    const whole = Math.trunc(seconds / size);
    return intl(Intl.RelativeTimeFormat, { numeric: 'auto' }).format(whole, unit);
}

export function clock(time, seconds = true) {
    return intl(Intl.DateTimeFormat, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
        ...(seconds && { second: '2-digit' }) }).format(time);
}

export function day(time) {
    return intl(Intl.DateTimeFormat, { day: 'numeric', month: 'short' }).format(time);
}

export function dateTime(time) {
    if (!time)
        return NONE;
    return intl(Intl.DateTimeFormat, { dateStyle: 'medium', timeStyle: 'medium',
        hourCycle: 'h23' }).format(time);
}

/* The clock time today, with the day before that. */
export function when(time) {
    const today = new Date(now.peek()).toDateString() === new Date(time).toDateString();
    return today ? clock(time) : `${day(time)} ${clock(time, false)}`;
}

export function compare(a, b) {
    return intl(Intl.Collator, { numeric: true, sensitivity: 'base' }).compare(a, b);
}

export function join(list) {
    return intl(Intl.ListFormat, { type: 'conjunction' }).format(list);
}
