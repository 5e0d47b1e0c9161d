/* components/events.js - a list of events as they are shown on the overview and on each object. */
import { clock, dateTime, day } from '../format.js';
import { html } from '../html.js';
import { Severity } from './basics.js';
import { toObject } from '../router.js';

export function EventList({ events }) {
    return html`<ul class="events">${events.map((e) => html`<li key=${e.sequence} class=${`event event-${e.severity}`}>
        <time datetime=${new Date(e.time).toISOString()} title=${dateTime(e.time)}>${stamp(e.time)}</time>
        <${Severity} severity=${e.severity} /><span class="event-text"><${Subject} event=${e} /></span></li>`)}</ul>`;
}

function stamp(time) {
    return new Date(time).toDateString() === new Date().toDateString() ? clock(time) : `${day(time)} ${clock(time, false)}`;
}

export function Subject({ event }) {
    const href = event.id && toObject(event.kind, event.id);
    return href ? html`<a href=${href}>${event.text}</a>` : event.text;
}
