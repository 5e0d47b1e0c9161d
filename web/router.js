/* router.js - which page the address names, and going to another without a reload. */
import { signal } from './html.js';

/* /health is the daemon's own word about itself; the page of scores has another address. */
function renamed(where) {
    return where.replace(/^\/health(?![^/?])/, '/scores');
}

/* Addresses in notifications are written #/alerts/ID, which any web server passes on. */
function unhash() {
    if (location.hash.startsWith('#/'))
        history.replaceState(null, '', renamed(location.hash.slice(1)));
}

unhash();
export const path = signal(location.pathname);
export const arrived = signal(0); /* counts the pages whose module came after the address */

const routes = []; /* {pattern: RegExp, names, page} */

/* `shape` is like /nodes/{id}; ids may hold percent-encoded slashes. */
export function route(shape, page) {
    const names = [];
    const pattern = shape.replace(/\{(\w+)\}/g, (_, name) => {
        names.push(name);
        return '([^/]+)';
    });
    routes.push({ pattern: new RegExp(`^${pattern}/?$`), names, page });
}

export function match(where) {
    for (const { pattern, names, page } of routes) {
        const found = pattern.exec(where);
        if (found)
            return { page, params: Object.fromEntries(
                names.map((name, i) => [name, decodeURIComponent(found[i + 1])])) };
    }
    return null;
}

export function go(where) {
    if (where === location.pathname + location.search)
        return;
    history.pushState(null, '', where);
    path.value = location.pathname;
    scrollTo(0, 0);
}

export function replaceSearch(params) {
    const search = params.toString();
    history.replaceState(null, '', location.pathname + (search ? `?${search}` : ''));
}

export const to = {
    project: (id) => `/projects/${encodeURIComponent(id)}`,
    node: (id) => `/nodes/${encodeURIComponent(id)}`,
    server: (id) => `/servers/${encodeURIComponent(id)}`,
    alert: (id) => `/alerts/${encodeURIComponent(id)}`,
    exec: (id) => `/exec/${encodeURIComponent(id)}`,
    graph: (key) => `/graph/${encodeURIComponent(key)}`,
};

const LISTS = { 'alert.': '/alerts', 'health.': '/scores', 'traffic.': '/traffic', 'snapshot.': '/snapshots',
    'email.': '/delivery', 'mqtt.': '/delivery', 'webhook.': '/delivery', 'prometheus.': '/delivery',
    'exec.': '/exec', 'system.': '/system' };

/* The page that shows an object, or null. */
export function toObject(kind, id) {
    if (kind === 'gns3.project' || kind === 'gns3.node' || kind === 'gns3.server')
        return to[kind.slice(5)](id);
    if (kind === 'alert.alert')
        return to.alert(id);
    if (kind === 'exec.item')
        return to.exec(id);
    if (kind === 'system.node')
        return to.node(id);
    if (kind === 'gns3.compute')
        return to.server(id.split('/')[0]);
    return LISTS[Object.keys(LISTS).find((start) => kind?.startsWith(start))] ?? null;
}

/* An address that a plugin wrote, as one of ours: whole, #/page or /page; else null. */
export function local(url) {
    const found = /^(?:https?:\/\/[^/]+\/?)?#?(\/.*)$/.exec(url || '');
    const where = found && renamed(found[1]);
    return where && match(where.split('?')[0]) ? where : null;
}

function follow(event) {
    const link = event.target.closest?.('a[href]');
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey ||
        event.shiftKey || event.altKey || link.target || link.origin !== location.origin)
        return;
    if (!match(link.pathname) || (link.hash && link.pathname === location.pathname))
        return;
    event.preventDefault();
    go(link.pathname + link.search);
}

export function startRouter() {
    document.addEventListener('click', follow);
    addEventListener('popstate', () => {
        unhash();
        path.value = location.pathname;
    });
}
