/* pages/events.js - the timeline: filtered, growing at the top, paged back at the bottom. */
import { get, query } from '../api.js';
import { errorText } from '../actions.js';
import { Empty, Panel, Severity, usePageTitle } from '../components/basics.js';
import { Subject } from '../components/events.js';
import { dateTime } from '../format.js';
import { html, useEffect, useState } from '../html.js';
import { t, tv } from '../i18n.js';
import { replaceSearch } from '../router.js';
import { onEvents, onReload } from '../state.js';

const PIECE = 100;
const WAIT_MS = 250;
const KEPT = 1000;
const SEVERITIES = ['debug', 'info', 'notice', 'warning', 'error', 'critical'];
const TOPICS = ['gns3.*', 'gns3.server.*', 'gns3.breaker.*', 'gns3.compute.*', 'gns3.project.*', 'gns3.node.*',
    'gns3.link.*', 'gns3.snapshot.*', 'gns3.log.*', 'alert.*', 'health.*', 'traffic.*', 'snapshot.*', 'email.*', 'mqtt.*', 'webhook.*'];
const NAMES = ['severity', 'topic', 'search', 'from', 'to'];

function asked() {
    const search = new URLSearchParams(location.search);
    return Object.fromEntries(NAMES.map((name) => [name, search.get(name) || '']));
}

/* What the API is asked: local times become milliseconds. */
function asQuery(filter, before) {
    const ms = (text) => (text ? new Date(text).getTime() || '' : '');
    return query({ ...filter, from: ms(filter.from), to: ms(filter.to), before, limit: PIECE });
}

/* The API's filter, for events that come live. */
function passes(event, filter) {
    const topic = new RegExp(`^${filter.topic.replace(/[^\w*.-]/g, '').replace(/\./g, '\\.').replace(/\*/g, '.*')}$`);
    return SEVERITIES.indexOf(event.severity) >= SEVERITIES.indexOf(filter.severity || 'debug') &&
        (!filter.topic || topic.test(event.topic)) &&
        event.text.toLowerCase().includes(filter.search.toLowerCase()) &&
        (!filter.from || event.time >= new Date(filter.from).getTime()) &&
        (!filter.to || event.time <= new Date(filter.to).getTime());
}

function useEventList(filter) {
    const [list, setList] = useState({ items: [], more: false, error: null, reading: true });
    const [again, setAgain] = useState(0);
    const key = JSON.stringify(filter);
    useEffect(() => onReload(() => setAgain((n) => n + 1)), []);
    useEffect(() => {
        const stop = new AbortController();
        const timer = setTimeout(() => get(`/api/v1/events?${asQuery(filter)}`, stop.signal).then(
            (body) => setList({ items: body.items, more: body.items.length === PIECE, error: null, reading: false }),
            (error) => stop.signal.aborted || setList({ items: [], more: false, error, reading: false })), WAIT_MS);
        const end = onEvents((fresh) => {
            const mine = fresh.filter((e) => passes(e, filter));
            if (mine.length)
                setList((l) => ({ ...l, items: merge(mine, l.items) }));
        });
        return () => {
            clearTimeout(timer);
            stop.abort();
            end();
        };
    }, [key, again]);
    const older = async () => {
        try {
            const body = await get(`/api/v1/events?${asQuery(filter, list.items.at(-1).sequence)}`);
            setList((l) => ({ ...l, items: [...l.items, ...body.items], more: body.items.length === PIECE }));
        } catch (error) {
            setList((l) => ({ ...l, error }));
        }
    };
    return [list, older];
}

function merge(fresh, old) {
    const newest = old[0]?.sequence ?? -1;
    return [...fresh.filter((e) => e.sequence > newest), ...old].slice(0, Math.max(KEPT, old.length));
}

export function View() {
    usePageTitle(t('nav.events'));
    const [filter, setFilter] = useState(asked);
    const [list, older] = useEventList(filter);
    const set = (name) => (event) => {
        const next = { ...filter, [name]: event.target.value };
        setFilter(next);
        replaceSearch(new URLSearchParams(query(next)));
    };
    return html`<div class="page-head"><h1>${t('nav.events')}</h1></div>
        <${Filters} filter=${filter} set=${set} />
        ${list.error && html`<p class="problem" role="alert">${errorText(list.error)}</p>`}
        <${Panel} id="list" title=${t('label.count', { count: list.items.length })}>
            ${list.items.length ? html`<ul class="events timeline">${list.items.map((e) => html`<${Row} key=${e.sequence} event=${e} />`)}</ul>`
                : html`<${Empty}>${list.reading ? t('label.loading') : t('empty.events_filter')}<//>`}
            ${list.more && html`<p class="more"><button type="button" class="button" data-older onClick=${older}>${t('label.older')}</button></p>`}<//>`;
}

function Filters({ filter, set }) {
    return html`<form class="filters" role="search" aria-label=${t('label.filter')} onSubmit=${(e) => e.preventDefault()}>
        <label class="field"><span>${t('label.severity')}</span><select name="severity" value=${filter.severity} onChange=${set('severity')}>
            <option value="">${t('label.any')}</option>${SEVERITIES.slice(1).map((s) => html`<option key=${s} value=${s} selected=${s === filter.severity}>
                ${t('label.at_least', { what: tv('severity', s) })}</option>`)}</select></label>
        <label class="field"><span>${t('label.topic')}</span><input name="topic" list="topics" value=${filter.topic} placeholder="gns3.node.*" onInput=${set('topic')} />
            <datalist id="topics">${TOPICS.map((x) => html`<option key=${x} value=${x} />`)}</datalist></label>
        <label class="field"><span>${t('label.text')}</span><input name="search" type="search" value=${filter.search} onInput=${set('search')} /></label>
        <label class="field"><span>${t('label.from')}</span><input name="from" type="datetime-local" value=${filter.from} onInput=${set('from')} /></label>
        <label class="field"><span>${t('label.to')}</span><input name="to" type="datetime-local" value=${filter.to} onInput=${set('to')} /></label></form>`;
}

function Row({ event }) {
    const data = event.data && Object.keys(event.data).length > 0;
    return html`<li class=${`event event-${event.severity}`} data-sequence=${event.sequence}>
        <time datetime=${new Date(event.time).toISOString()}>${dateTime(event.time)}</time><${Severity} severity=${event.severity} />
        <span class="event-text"><${Subject} event=${event} /><span class="muted small block mono">${event.topic} · ${event.source}</span>
        ${data && html`<details><summary>${t('label.data')}</summary><pre class="code" tabindex="0">${JSON.stringify(event.data, null, 2)}</pre></details>`}</span></li>`;
}
