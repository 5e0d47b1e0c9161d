/* components/alert_timeline.js - when each alert was pending, firing, taken care of, silenced. Its
 * events tell the earlier rounds, the alerts themselves the last one. */
import { get, query } from '../api.js';
import { now } from '../format.js';
import { html, useEffect, useState } from '../html.js';
import { t, tv } from '../i18n.js';
import { to as toPage } from '../router.js';
import { onEvents, onReload } from '../state.js';
import { barsOf, quietOf } from '../watch/alerts.js';
import { Empty, Panel } from './basics.js';
import { Strip } from './strip.js';

const SPANS = [['1h', 3600000], ['24h', 86400000], ['7d', 7 * 86400000]];
const EVENTS = 1000;
const ROWS = 40;

function useAlertEvents(span) {
    const [events, setEvents] = useState([]);
    const [again, setAgain] = useState(0);
    useEffect(() => onReload(() => setAgain((n) => n + 1)), []);
    useEffect(() => {
        const stop = new AbortController();
        get(`/api/v1/events?${query({ topic: 'alert.*', from: Date.now() - span, limit: EVENTS })}`, stop.signal)
            .then((body) => setEvents(body.items), () => {});
        const end = onEvents((list) => setEvents((old) => [...list.filter((e) => e.kind === 'alert.alert'), ...old]));
        return () => {
            stop.abort();
            end();
        };
    }, [span, again]);
    return events;
}

export function AlertTimeline({ alerts, silences, title = t('alert.timeline') }) {
    const [name, setName] = useState('24h');
    const span = SPANS.find(([n]) => n === name)[1];
    const events = useAlertEvents(span);
    const to = Math.floor(now.value / 10000) * 10000 + 10000;
    const from = to - span;
    const rows = alerts.map((a) => ({ id: a.id, name: a.summary || a.rule, label: html`<a href=${toPage.alert(a.id)}>${a.summary || a.rule}</a>`,
        bars: barsOf(a, events.filter((e) => e.id === a.id), from, Math.min(to, now.value)), over: quietOf(a, silences, from, Math.min(to, now.value)) }))
        .filter((row) => row.bars.length).slice(0, ROWS);
    return html`<${Panel} id="timeline" title=${title} tools=${html`<div class="segments" role="group" aria-label=${t('range.label')}>${SPANS.map(([n]) => html`<button
        type="button" key=${n} data-span=${n} aria-pressed=${n === name} onClick=${() => setName(n)}>${t(`range.${n}`)}</button>`)}</div>`}>
        ${rows.length ? html`<${Strip} rows=${rows} from=${from} to=${to} />` : html`<${Empty}>${t('empty.timeline')}<//>`}
        ${rows.length > 0 && html`<ul class="key" aria-hidden="true">${['pending', 'firing-warning', 'firing-critical', 'acknowledged', 'silenced'].map((k) => html`<li key=${k}>
            <span class=${`strip-key key-${k}`}></span>${tv('strip', k)}</li>`)}</ul>`}<//>`;
}
