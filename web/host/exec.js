/* host/exec.js - what the programs that exec runs have told, apart from drawing. */

/* As their own people write them. */
export const PROTOCOLS = { netdata: 'Netdata', collectd: 'collectd', munin: 'Munin', nagios: 'Nagios, Icinga', influx: 'Influx, Telegraf',
    prometheus: 'Prometheus', jsonl: 'JSON lines' };

export const STATES = ['failed', 'critical', 'warning', 'unknown', 'disabled', 'running', 'waiting', 'ok'];

/* What needs a person comes first. */
export function worstFirst(a, b) {
    return STATES.indexOf(a.state) - STATES.indexOf(b.state) || (a.name < b.name ? -1 : 1);
}

/* How many are in which state: [[state, count]…], the worst first. */
export function countStates(items) {
    return STATES.map((state) => [state, items.filter((it) => it.state === state).length]).filter(([, count]) => count);
}

/* Its last word in a sentence: what a check said, or what went wrong, when that is how it is now. */
export function sentenceOf(item) {
    if (item.verdict && item.state !== 'failed')
        return item.verdict.text;
    return ['failed', 'unknown', 'disabled'].includes(item.state) ? item.error?.why ?? '' : '';
}

const LONGEST = 40;

/* A line in three: before the place, the place itself, what follows. Columns count bytes from 1. */
export function placeIn(text, column) {
    const bytes = new TextEncoder().encode(text);
    const decode = (part) => new TextDecoder().decode(part);
    if (!column || column > bytes.length)
        return [text, '', ''];
    const rest = decode(bytes.subarray(column - 1));
    const [mark] = /^\S+/.exec(rest) ?? rest;
    const cut = [...mark].slice(0, LONGEST).join('');
    return [decode(bytes.subarray(0, column - 1)), cut, rest.slice(cut.length)];
}

/* One name for a series, whatever the order of its labels. */
export function identity(measurement, labels) {
    return `${measurement}\n${Object.entries(labels).map(([n, v]) => `${n}=${v}`).sort().join('\n')}`;
}

export function identityOf(metric, item) {
    return identity(metric.series, { item, ...metric.labels });
}

/* The limits its author gave: [[what, range]…]. */
export function limitsOf({ warning, critical, min, max }) {
    const range = min !== undefined && max !== undefined ? `${min} … ${max}` : min !== undefined ? `≥ ${min}` : max !== undefined ? `≤ ${max}` : null;
    return [['warning', warning], ['critical', critical], ['range', range]].filter(([, it]) => it !== null && it !== undefined && it !== '');
}

/* What a trial said besides values, in words: {what, name, text}. */
export function otherOf(it) {
    if ('verdict' in it)
        return { what: 'verdict', state: ['ok', 'warning', 'critical', 'unknown'][it.state], text: [it.verdict, it.text, it.more].filter(Boolean).join('\n') };
    const what = ['object', 'event', 'offer', 'wish'].find((name) => name in it);
    return what ? { what, text: [it[what], it.id, it.text ?? it.help ?? it.fields].filter(Boolean).join(' – ') } : { what: 'other', text: JSON.stringify(it) };
}
