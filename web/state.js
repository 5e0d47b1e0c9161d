/* state.js - what the dashboard knows: objects by kind, events, plugins, jobs, the session. Filled
 * by reads, kept in step by live messages, which are applied together once a frame. Views read
 * signals from here and never fetch. */
import { batch as readAll, get } from './api.js';
import { batch, signal } from './html.js';
import * as live from './live.js';

const EVENTS_KEPT = 200;
const QUEUE_MAX = 5000;
const PAGE = 1000;
const ROLES = ['viewer', 'operator', 'admin'];

export const session = signal({ name: '', role: 'viewer' });
export const health = signal(null);
export const events = signal([]); /* newest first */
export const plugins = signal([]);
export const jobs = signal([]); /* newest first */
export const pageError = signal(null);
export const ready = signal(false);
export const loaded = signal(false); /* the current page's own reads have been answered */

const stores = new Map(); /* kind → {map, version} */

function store(kind) {
    let it = stores.get(kind);
    if (!it)
        stores.set(kind, it = { map: new Map(), version: signal(0) });
    return it;
}

export function all(kind) {
    const it = store(kind);
    it.version.value; /* read: the caller is drawn again when the kind changes */
    return [...it.map.values()];
}

export function one(kind, id) {
    const it = store(kind);
    it.version.value;
    return it.map.get(id);
}

export function can(role) {
    return ROLES.indexOf(session.value.role) >= ROLES.indexOf(role);
}

/* Whether an instance of this plugin is there; its kinds are unknown (404) when not. */
export function hasPlugin(name) {
    return plugins.value.some((p) => p.plugin === name);
}

/* `match` says which of the known objects the answer speaks for: those it lacks are gone. */
export function put(kind, items, match = () => true) {
    const it = store(kind);
    for (const [id, object] of it.map)
        if (match(object))
            it.map.delete(id);
    for (const object of items)
        it.map.set(object.id, object);
    it.version.value++;
}

/* ---- Reading ---------------------------------------------------------------------------------
 * A read is {path, take(body), optional?, absent?(), next?}; `optional` means that an error is an
 * answer, and the page says so itself; `absent` is what a 404 means. */

export function objects(kind, path, match) {
    const joined = `${path}${path.includes('?') ? '&' : '?'}limit=${PAGE}`;
    return {
        path: joined,
        take: async (body) => {
            const items = body.items;
            while (items.length < body.total) {
                const more = await get(`${joined}&offset=${items.length}`);
                if (!more.items.length)
                    break;
                items.push(...more.items);
            }
            put(kind, items, match);
        },
        absent: () => put(kind, [], match),
    };
}

/* Objects of a plugin that need not be loaded. */
export function maybe(read) {
    return { ...read, optional: true };
}

export function object(kind, path, id) {
    return {
        path,
        optional: true,
        take: (body) => put(kind, [body], (o) => o.id === id),
        absent: () => put(kind, [], (o) => o.id === id),
    };
}

const base = [
    { path: '/api/v1/session', take: (body) => { session.value = body; } },
    objects('gns3.server', '/api/gns3/servers'),
    objects('gns3.project', '/api/gns3/projects'),
    { path: '/api/v1/plugins', take: (body) => { plugins.value = body.items; } },
    { path: '/api/v1/jobs', take: (body) => { jobs.value = sortJobs(body.items); } },
    { path: `/api/v1/events?limit=50`, take: (body) => { events.value = body.items; } },
    { path: '/api/v1/health', take: (body) => { health.value = body; } },
    maybe(objects('alert.alert', '/api/alert/alerts?state=firing', (a) => a.state === 'firing')),
];

const HEALTH_MS = 10000;

/* Reads the health again as long as someone shows it; returns what ends it. */
export function keepHealth() {
    const again = () => get('/api/v1/health').then((body) => { health.value = body; }, () => {});
    const timer = setInterval(() => document.hidden || again(), HEALTH_MS);
    return () => clearInterval(timer);
}

let pageReads = [];
let inStep = false; /* the base reads were answered since messages were last missed */
let turn = 0;

async function readThese(reads) {
    const mine = ++turn;
    const answers = await readAll(reads.map((r) => r.path));
    if (mine !== turn)
        return null;
    for (const [i, answer] of answers.entries()) {
        if (!(answer instanceof Error))
            await taken(reads[i], answer);
        else if (answer.status === 401)
            throw answer;
        else if (answer.status === 404 && reads[i].absent)
            reads[i].absent();
        else if (!reads[i].optional)
            pageError.value = answer;
    }
    return answers;
}

/* `next(body)` gives reads, one or a list, that could only be named by the answer to the first. */
async function taken(asked, body) {
    await asked.take(body);
    for (const next of [asked.next?.(body)].flat().filter(Boolean)) {
        const answer = next.optional ? await get(next.path).catch(() => null) : await get(next.path);
        if (answer)
            await next.take(answer);
    }
}

async function attempt(reads) {
    try {
        pageError.value = null;
        const answers = await readThese(reads);
        if (answers)
            batch(() => { ready.value = true; loaded.value = true; });
        return answers;
    } catch (error) {
        pageError.value = error;
        return null;
    }
}

/* The first paint: everything it needs in one request; then the live connection. */
export async function boot(reads) {
    pageReads = reads;
    const answers = await attempt([...base, ...reads]);
    inStep = answers !== null;
    for (const topic of ['object:*', 'events', 'plugins', 'jobs'])
        live.want(topic);
    live.start({ from: answers?.sequence, message: receive, fresh: reload });
}

export function visit(reads) {
    pageReads = reads;
    loaded.value = reads.length === 0;
    if (!inStep)
        return reload();
    return reads.length ? attempt(reads) : Promise.resolve();
}

const reloaded = new Set();

/* Called after everything was read again, when live messages were missed. */
export function onReload(fn) {
    reloaded.add(fn);
    return () => reloaded.delete(fn);
}

export async function reload() {
    inStep = false;
    const answers = await attempt([...base, ...pageReads]);
    if (!answers)
        return;
    inStep = true;
    reloaded.forEach((fn) => fn());
}

/* ---- Live ----------------------------------------------------------------------------------- */

let queue = [];
let scheduled = false;

function receive(message) {
    if (queue.length >= QUEUE_MAX)
        flush();
    queue.push(message);
    if (scheduled)
        return;
    scheduled = true;
    /* Hidden pages get no frames; a timer keeps them in step. */
    if (document.hidden)
        setTimeout(flush, 200);
    else
        requestAnimationFrame(flush);
}

function flush() {
    scheduled = false;
    const messages = queue;
    queue = [];
    batch(() => apply(messages));
}

function apply(messages) {
    const touched = new Set();
    const newEvents = [];
    const rows = [];
    for (const message of messages) {
        if (message.type === 'put') {
            store(message.kind).map.set(message.id, { id: message.id, ...message.object });
            touched.add(message.kind);
        } else if (message.type === 'delete') {
            store(message.kind).map.delete(message.id);
            touched.add(message.kind);
        } else if (message.type === 'event') {
            newEvents.unshift(message.event);
        } else if (message.type === 'rows') {
            rows.push(message);
        } else if (message.type === 'plugins') {
            plugins.value = message.items;
        } else if (message.type === 'job') {
            keepJob(message.job);
        }
    }
    for (const kind of touched)
        store(kind).version.value++;
    if (newEvents.length)
        addEvents(newEvents);
    for (const message of rows)
        rowListeners.get(message.series)?.forEach((fn) => fn(message.rows));
}

/* A resumed connection may repeat what a read already brought. */
function addEvents(list) {
    const newest = events.value[0]?.sequence ?? -1;
    const fresh = list.filter((e) => e.sequence > newest && e.topic && !/^object\./.test(e.topic));
    if (!fresh.length)
        return;
    events.value = [...fresh, ...events.value].slice(0, EVENTS_KEPT);
    eventListeners.forEach((fn) => fn(fresh));
}

const eventListeners = new Set();

export function onEvents(fn) {
    eventListeners.add(fn);
    return () => eventListeners.delete(fn);
}

function sortJobs(list) {
    return [...list].sort((a, b) => b.started - a.started);
}

export function keepJob(job) {
    jobs.value = sortJobs([job, ...jobs.value.filter((j) => j.id !== job.id)]).slice(0, 100);
}

const rowListeners = new Map(); /* series id → functions */

/* Rows of a series as they come: fn([[ms, value…], …]). Returns what ends it. */
export function onRows(id, fn) {
    const release = live.want(`series:${id}`);
    if (!rowListeners.has(id))
        rowListeners.set(id, new Set());
    rowListeners.get(id).add(fn);
    return () => {
        release();
        rowListeners.get(id)?.delete(fn);
        if (!rowListeners.get(id)?.size)
            rowListeners.delete(id);
    };
}
