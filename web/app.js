/* app.js - wiring: which address shows which page, and the start. */
import { ApiError } from './api.js';
import { effect, html, render, untracked } from './html.js';
import { Shell } from './components/shell.js';
import * as router from './router.js';
import { boot, pageError, visit } from './state.js';
import './theme.js';
import * as overview from './pages/overview.js';

/* The other pages come when they are asked for, or when nothing else is to be done: the first paint
 * waits for no chart, no topology and no page that is not shown. */
const later = (load) => ({ load });
const PAGES = {
    '/projects': later(() => import('./pages/projects.js')),
    '/projects/{id}': later(() => import('./pages/project.js')),
    '/nodes': later(() => import('./pages/nodes.js')),
    '/nodes/{id}': later(() => import('./pages/node.js')),
    '/servers': later(() => import('./pages/servers.js')),
    '/servers/{id}': later(() => import('./pages/server.js')),
    '/alerts': later(() => import('./pages/alerts.js')),
    '/alerts/silences': later(() => import('./pages/silences.js')),
    '/alerts/rules': later(() => import('./pages/rules.js')),
    '/alerts/receivers': later(() => import('./pages/receivers.js')),
    '/alerts/{id}': later(() => import('./pages/alert.js')),
    '/scores': later(() => import('./pages/health.js')),
    '/traffic': later(() => import('./pages/traffic.js')),
    '/snapshots': later(() => import('./pages/snapshots.js')),
    '/delivery': later(() => import('./pages/delivery.js')),
    '/system': later(() => import('./pages/system.js')),
    '/system/nodes': later(() => import('./pages/system_nodes.js')),
    '/exec': later(() => import('./pages/exec.js')),
    '/exec/-/try': later(() => import('./pages/exec_try.js')),
    '/exec/{id}': later(() => import('./pages/exec_item.js')),
    '/graph/{key}': later(() => import('./pages/graph.js')),
    '/events': later(() => import('./pages/events.js')),
    '/plugins': later(() => import('./pages/plugins.js')),
    '/jobs': later(() => import('./pages/jobs.js')),
};

router.route('/', overview);
for (const [shape, page] of Object.entries(PAGES))
    router.route(shape, page);

/* A page is a module of View and, when it needs more than is always known, reads(params). */
function readsOf(found) {
    return found?.page.reads?.(found.params) ?? [];
}

function isHere(page) {
    return !page?.load || Boolean(page.View);
}

/* The module is kept in the page itself, so the next visit needs no waiting. */
async function arrive(page) {
    try {
        Object.assign(page, await page.load());
    } catch {
        pageError.value = new ApiError(0, null, 'unreachable');
    }
}

async function start() {
    const found = router.match(location.pathname);
    if (!isHere(found?.page))
        await arrive(found.page);
    await boot(readsOf(found));
    (window.requestIdleCallback ?? setTimeout)(() => Object.values(PAGES).forEach((page) => page.load().catch(() => {})));
}

async function enter(where) {
    const found = router.match(where);
    if (!isHere(found?.page)) {
        await arrive(found.page);
        if (router.path.peek() !== where)
            return;
        visit(readsOf(found));
        router.arrived.value++;
    } else {
        visit(readsOf(found));
    }
}

router.startRouter();
start();
render(html`<${Shell} />`, document.getElementById('app'));

let first = true;
effect(() => {
    const where = router.path.value;
    if (!first)
        untracked(() => enter(where));
    first = false;
});
