/* live.js - the only file that holds the live connection: a WebSocket, or server-sent events where
 * WebSockets do not get through. It reconnects with back-off and resumes by sequence number; what
 * the messages mean is state.js's business.
 *
 * Topics are wanted, not subscribed: want() counts who wants one and the difference is sent. */
import { signal } from './html.js';

const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 15000;
const PING_MS = 15000;
const SILENCE_MAX_MS = 40000;
const SOCKET_TRIES = 3; /* never opened after so many: try server-sent events */

/* state: connecting, open, lost. since: ms when it was lost. */
export const connection = signal({ state: 'connecting', since: null, via: null });

const wanted = new Map(); /* topic → how many want it */
const sent = new Set();
let onMessage = () => {};
let onFresh = () => {};
let sequence = null;
let link = null; /* {send, close} of the open connection */
let tries = 0;
let everOpen = false;
let retryTimer = null;
let pending = false;
let heard = 0;

/* `from`: the sequence that what is shown now belongs to, or null. `fresh` is called when
 * messages were missed and everything must be read again. */
export function start({ from, message, fresh }) {
    sequence = from ?? null;
    onMessage = message;
    onFresh = fresh;
    open();
    setInterval(watchSilence, 5000);
    addEventListener('online', retryNow);
    document.addEventListener('visibilitychange', () => document.hidden || retryNow());
}

export function want(topic) {
    wanted.set(topic, (wanted.get(topic) || 0) + 1);
    later();
    let released = false;
    return () => {
        if (released)
            return;
        released = true;
        const left = wanted.get(topic) - 1;
        if (left > 0)
            wanted.set(topic, left);
        else
            wanted.delete(topic);
        later();
    };
}

function later() {
    if (pending)
        return;
    pending = true;
    queueMicrotask(() => {
        pending = false;
        link?.topics();
    });
}

function open() {
    retryTimer = null;
    if (!everOpen && tries >= SOCKET_TRIES && window.EventSource)
        openEvents();
    else
        openSocket();
}

function openSocket() {
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/v1/live`);
    const send = (message) => socket.readyState === 1 && socket.send(JSON.stringify(message));
    const mine = { topics: () => sendTopics(send), ping: () => send({ op: 'ping' }),
        close: () => socket.close() };
    link = mine;
    socket.onopen = () => {
        sent.clear();
        for (const topic of wanted.keys())
            sent.add(topic);
        const ask = { op: 'subscribe', topics: [...sent] };
        if (sequence !== null)
            ask.since = sequence;
        send(ask);
    };
    socket.onmessage = (event) => receive(event.data, 'websocket');
    socket.onclose = () => link === mine && lost();
}

function sendTopics(send) {
    const more = [...wanted.keys()].filter((t) => !sent.has(t));
    const less = [...sent].filter((t) => !wanted.has(t));
    if (more.length)
        send({ op: 'subscribe', topics: more });
    if (less.length)
        send({ op: 'unsubscribe', topics: less });
    more.forEach((t) => sent.add(t));
    less.forEach((t) => sent.delete(t));
}

/* Topics are in the URL, so a change of them opens anew, resuming where it was. */
function openEvents() {
    const topics = [...wanted.keys()].join(',');
    const params = new URLSearchParams({ topics });
    if (sequence !== null)
        params.set('since', sequence);
    const source = new EventSource(`/api/v1/live/events?${params}`);
    const mine = {
        topics: () => {
            if ([...wanted.keys()].join(',') === topics)
                return;
            source.close();
            openEvents();
        },
        ping: () => {},
        close: () => { source.close(); lost(); },
    };
    link = mine;
    source.onmessage = (event) => receive(event.data, 'events');
    source.onerror = () => {
        source.close();
        if (link === mine)
            lost();
    };
}

function receive(text, via) {
    heard = Date.now();
    let message;
    try {
        message = JSON.parse(text);
    } catch {
        return;
    }
    if (message.type === 'hello')
        return hello(message, via);
    if (message.type === 'dropped') {
        onFresh();
        return;
    }
    if (message.sequence > (sequence ?? -1))
        sequence = message.sequence;
    onMessage(message);
}

/* Later subscriptions are answered by a hello too; only the first of a connection says whether we
 * are in step. */
function hello(message, via) {
    const first = connection.value.state !== 'open';
    tries = 0;
    everOpen = true;
    if (!first)
        return;
    connection.value = { state: 'open', since: null, via };
    if (message.resumed)
        return;
    sequence = message.sequence;
    onFresh();
}

function lost() {
    link = null;
    tries++;
    if (connection.value.state !== 'lost')
        connection.value = { state: 'lost', since: Date.now(), via: null };
    const limit = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(tries - 1, 10));
    clearTimeout(retryTimer);
    retryTimer = setTimeout(open, limit / 2 + Math.random() * limit / 2);
}

function retryNow() {
    if (retryTimer === null)
        return;
    clearTimeout(retryTimer);
    open();
}

/* A connection that died without a word (sleep, a lost network) is found by its silence. */
function watchSilence() {
    if (connection.value.state !== 'open' || !link)
        return;
    const silent = Date.now() - heard;
    if (silent > SILENCE_MAX_MS)
        link.close();
    else if (silent > PING_MS)
        link.ping();
}
