/* watch/alerts.js - what is told about alerts, apart from how it is drawn: which come first, which
 * speak, which belong to a thing, and when each was in which state. */

export const STATES = ['firing', 'pending', 'resolved'];
export const SEVERITIES = ['critical', 'warning', 'unknown'];

const rank = (list, value) => (list.indexOf(value) + list.length + 1) % (list.length + 1);

/* Firing, and nobody has asked for it to be quiet. */
export function speaking(alerts) {
    return alerts.filter((a) => a.state === 'firing' && !isQuiet(a));
}

export function isQuiet(alert) {
    return Boolean(alert.silenced_by?.length || alert.inhibited_by || alert.window);
}

export function worst(alerts) {
    return SEVERITIES.find((s) => alerts.some((a) => a.severity === s)) ?? 'unknown';
}

/* Firing first, then by severity, the newest first. */
export function urgentFirst(a, b) {
    return rank(STATES, a.state) - rank(STATES, b.state) || Number(isQuiet(a)) - Number(isQuiet(b)) ||
        rank(SEVERITIES, a.severity) - rank(SEVERITIES, b.severity) || (b.since ?? 0) - (a.since ?? 0);
}

/* Of a node, project or server: by its subject, or by the labels of what lies within. */
export function alertsOf(kind, object, alerts) {
    const labels = { 'gns3.server': { server: object.name }, 'gns3.project': { server: object.server, project: object.name },
        'gns3.node': { server: object.server, project: object.project_name, node: object.name } }[kind] ?? {};
    return alerts.filter((a) => (a.subject?.kind === kind && a.subject.id === object.id) ||
        Object.entries(labels).every(([name, value]) => a.labels?.[name] === value));
}

const NAMES = ['alertname', 'severity'];

/* The labels that tell this alert from others of its rule. */
export function ownLabels(alert) {
    return Object.entries(alert.labels ?? {}).filter(([name]) => !NAMES.includes(name));
}

/* The number in "> 95 %", when it is in the unit of the value; a chart draws a line there. */
export function thresholdOf(alert) {
    const found = /([<>]=?)?\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*([^\s\d]*)\s*$/.exec(alert.threshold ?? '');
    if (!found || (found[3] && found[3] !== alert.unit && !(found[3] === '%' && !alert.unit)))
        return null;
    return Number(found[2]);
}

/* ---- The timeline ------------------------------------------------------------------------------ */

const ENDS = { 'alert.resolved': true };
const PHASES = { 'alert.pending': 'pending', 'alert.firing': 'firing' };

/* Bars of one alert in [from, to]: [{from, to, state, severity}], from its events and what it is now.
 * Events tell earlier rounds; the object itself tells the last one, whole. */
export function barsOf(alert, events, from, to) {
    const bars = lastRound(alert, to);
    const begin = bars[0]?.from ?? Infinity;
    let open = null;
    for (const event of [...events].sort((a, b) => a.time - b.time)) {
        const ended = ENDS[event.topic];
        const state = PHASES[event.topic];
        if ((!state && !ended) || event.time >= begin - 1000)
            continue;
        if (open)
            bars.push({ ...open, to: event.time });
        open = ended ? null : { from: event.time, state, severity: event.data?.severity ?? event.severity };
    }
    return bars.map((b) => ({ ...b, from: Math.max(from, b.from), to: Math.min(to, b.to) }))
        .filter((b) => b.to > b.from).sort((a, b) => a.from - b.from);
}

function lastRound(alert, now) {
    const { since, fired, ended, severity } = alert;
    const bars = [];
    if (since && (!fired || fired > since))
        bars.push({ from: since, to: fired ?? ended ?? now, state: 'pending', severity });
    if (fired)
        bars.push({ from: fired, to: ended ?? now, state: 'firing', severity });
    return bars;
}

/* Stretches in which it was quiet or taken care of, to be drawn over the bars. */
export function quietOf(alert, silences, from, to) {
    const end = alert.ended ?? to;
    const found = (alert.silenced_by ?? []).map((id) => silences.find((s) => String(s.id) === String(id))).filter(Boolean)
        .map((s) => ({ from: Math.max(s.starts, alert.since ?? s.starts), to: Math.min(s.ends, end), state: 'silenced' }));
    if (alert.acknowledged)
        found.push({ from: alert.acknowledged.time, to: end, state: 'acknowledged' });
    return found.map((b) => ({ ...b, from: Math.max(from, b.from), to: Math.min(to, b.to) })).filter((b) => b.to > b.from);
}
