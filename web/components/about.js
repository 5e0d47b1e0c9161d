/* components/about.js - what happened to one object: its events, and how its document changed. */
import { get, query } from '../api.js';
import { dateTime, number, when } from '../format.js';
import { html, useEffect, useState } from '../html.js';
import { t, tv } from '../i18n.js';
import { onEvents, onReload } from '../state.js';
import { Empty, Panel } from './basics.js';
import { EventList } from './events.js';

const SHOWN = 12;
const SEEN = 100; /* among which those that fit are looked for */

/* `match`: query of the events, and `fits(event)` which of them, and of those that come, are meant; by
 * default those about the object itself. */
export function About({ kind, id, match, fits, title, history }) {
    const filter = match ?? { kind, id, severity: 'info' };
    const [events, setEvents] = useState(null);
    const [again, setAgain] = useState(0);
    useEffect(() => onReload(() => setAgain((n) => n + 1)), []);
    useEffect(() => {
        let alive = true;
        get(`/api/v1/events?${query({ ...filter, limit: fits ? SEEN : SHOWN })}`)
            .then((body) => alive && setEvents(fits ? body.items.filter(fits).slice(0, SHOWN) : body.items), () => alive && setEvents([]));
        const end = onEvents((list) => {
            const mine = list.filter(fits ?? ((e) => e.kind === kind && e.id === id && e.severity !== 'debug'));
            if (mine.length)
                setEvents((old) => [...mine, ...(old || [])].slice(0, SHOWN));
        });
        return () => {
            alive = false;
            end();
        };
    }, [kind, id, again]);
    return html`<${Panel} id="about-events" title=${title ?? t('label.events_here')}>
        ${events?.length ? html`<${EventList} events=${events} />`
            : html`<${Empty}>${events ? t('empty.events') : t('label.loading')}<//>`}<//>
        ${history && html`<${History} kind=${kind} id=${id} again=${again + (events?.[0]?.sequence ?? 0)} />`}`;
}

function History({ kind, id, again }) {
    const [items, setItems] = useState([]);
    useEffect(() => {
        let alive = true;
        get(`/api/v1/objects/${kind}/${encodeURIComponent(id)}/history?limit=${SHOWN}`)
            .then((body) => alive && setItems(body.items), () => {});
        return () => { alive = false; };
    }, [kind, id, again]);
    if (!items.length)
        return null;
    const shown = items.map((item) => ({ ...item, members: changesOf(item) })).filter((item) => item.members.length || !item.changed || !Object.keys(item.changed).length);
    return html`<${Panel} id="history" title=${t('label.history')}><ul class="events">${shown.map((item, i) => html`<li key=${i} class="event">
        <time datetime=${new Date(item.time).toISOString()} title=${dateTime(item.time)}>${when(item.time)}</time>
        <span class="event-text">${item.members.map(([name, before, after]) => html`<span class="change" key=${name}>
            <b>${memberName(name)}</b> ${before} <span aria-label=${t('label.became')}>→</span> ${after}</span>`)}
            ${!item.members.length && tv('change', item.change)}</span></li>`)}</ul><//>`;
}

/* Times of other changes are no changes of their own; what has a table on the page is told there. */
const UNTOLD = ['since', 'opened_at', 'notified', 'group'];

/* [name, before, after] as a person reads them; a list of the same length says nothing. */
function changesOf(item) {
    return Object.entries(item.changed || {}).filter(([name]) => !UNTOLD.includes(name))
        .map(([name, [before, after]]) => [name, short(name, before), short(name, after)]).filter(([, before, after]) => before !== after);
}

function memberName(name) {
    const known = tv('member', name);
    return known === name ? name.replaceAll('_', ' ') : known;
}

const YEAR_2001_MS = 1e12;
const YEAR_2096_MS = 4e12;

function short(name, value) {
    if (['status', 'state', 'severity'].includes(name) && typeof value === 'string' && value)
        return tv(name === 'severity' ? 'severity' : 'state', value);
    if (value === null || value === undefined || value === '')
        return '–';
    if (typeof value === 'boolean')
        return t(value ? 'label.yes' : 'label.no');
    if (typeof value === 'number')
        return value > YEAR_2001_MS && value < YEAR_2096_MS ? when(value) : number(value, 2);
    if (Array.isArray(value))
        return t('label.count', { count: value.length });
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
