/* api.js - the only file that fetches. Answers are JSON or an ApiError with the problem's text. */
import { signal } from './html.js';

/* True from the first 401 until a session is made; the shell then shows the login form. */
export const loginNeeded = signal(false);

const READ_TIMEOUT_MS = 20000;
const ACT_TIMEOUT_MS = 70000; /* above the 60 s that a call may wait at the server */

export class ApiError extends Error {
    constructor(status, problem, fallback) {
        super(describe(problem) || fallback);
        this.name = 'ApiError';
        this.status = status; /* 0: no answer at all */
        this.problem = problem;
    }
}

function describe(problem) {
    if (!problem)
        return '';
    const parts = (problem.errors || []).map((e) => `${e.where}: ${e.what}`);
    return [problem.detail || problem.title, ...parts].filter(Boolean).join(' – ');
}

async function request(method, path, body, timeout, outer) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), timeout);
    outer?.addEventListener('abort', () => stop.abort());
    try {
        const headers = { Accept: 'application/json' };
        if (body !== undefined)
            headers['Content-Type'] = 'application/json';
        const answer = await fetch(path, {
            method, headers, credentials: 'same-origin', signal: stop.signal,
            body: body === undefined ? undefined : JSON.stringify(body),
        });
        const text = await answer.text();
        return finish(answer, parse(text));
    } catch (error) {
        if (error instanceof ApiError || outer?.aborted)
            throw error;
        throw new ApiError(0, null, error.name === 'AbortError' ? 'timeout' : 'unreachable');
    } finally {
        clearTimeout(timer);
    }
}

function parse(text) {
    try {
        return text ? JSON.parse(text) : null;
    } catch {
        return null;
    }
}

function finish(answer, body) {
    if (answer.status === 401)
        loginNeeded.value = true;
    if (!answer.ok)
        throw new ApiError(answer.status, body, `${answer.status} ${answer.statusText}`);
    return { status: answer.status, body, location: answer.headers.get('Location') };
}

export async function get(path, signal) {
    return (await request('GET', path, undefined, READ_TIMEOUT_MS, signal)).body;
}

/* Up to 20 reads in one request, more in further ones; each result is its body or an ApiError. */
export async function batch(paths, signal) {
    const results = [];
    for (let i = 0; i < paths.length; i += 20) {
        const asked = paths.slice(i, i + 20).map((p) => `get=${encodeURIComponent(p)}`);
        const answer = await get(`/api/v1/batch?${asked.join('&')}`, signal);
        for (const item of answer.items)
            results.push(item.status < 300 ? item.body
                : new ApiError(item.status, item.body, String(item.status)));
        results.sequence ??= answer.sequence;
    }
    return results;
}

/* {status: 200, body} when done, {status: 202, body: job} when it goes on as a job; that is after a
 * second, or `wait_s`. */
export function command(name, params, wait_s) {
    const wait = wait_s ? `?wait=${wait_s}` : '';
    return request('POST', `/api/v1/commands/${encodeURIComponent(name)}${wait}`, params, ACT_TIMEOUT_MS);
}

export function post(path, body = {}) {
    return request('POST', path, body, ACT_TIMEOUT_MS);
}

export async function login(token) {
    await request('POST', '/api/v1/session', { token }, READ_TIMEOUT_MS);
    loginNeeded.value = false;
}

export function query(params) {
    const all = new URLSearchParams();
    for (const [name, value] of Object.entries(params))
        if (value !== undefined && value !== null && value !== '')
            all.append(name, value);
    return all.toString();
}
