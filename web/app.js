/* app.js - wiring: which address shows which page, and the start. */
import { ApiError } from './api.js';
import { effect, html, render, untracked } from './html.js';
import { Shell } from './components/shell.js';
import * as router from './router.js';
import { boot, pageError, visit } from './state.js';
import './theme.js';
import * as events from './pages/events.js';
import * as jobs from './pages/jobs.js';
import * as node from './pages/node.js';
import * as nodes from './pages/nodes.js';
import * as overview from './pages/overview.js';
import * as plugins from './pages/plugins.js';
import * as project from './pages/project.js';
import * as projects from './pages/projects.js';
import * as server from './pages/server.js';
import * as servers from './pages/servers.js';

router.route('/', overview);
router.route('/projects', projects);
router.route('/projects/{id}', project);
router.route('/nodes', nodes);
router.route('/nodes/{id}', node);
router.route('/servers', servers);
router.route('/servers/{id}', server);
router.route('/plugins', plugins);
router.route('/events', events);
router.route('/jobs', jobs);


/* Pages of plugins that not everyone has come when they are asked for. */
const later = (load) => ({ load });
router.route('/alerts', later(() => import('./pages/alerts.js')));
router.route('/alerts/silences', later(() => import('./pages/silences.js')));
router.route('/alerts/rules', later(() => import('./pages/rules.js')));
router.route('/alerts/receivers', later(() => import('./pages/receivers.js')));
router.route('/alerts/{id}', later(() => import('./pages/alert.js')));
router.route('/health', later(() => import('./pages/health.js')));
router.route('/traffic', later(() => import('./pages/traffic.js')));
router.route('/snapshots', later(() => import('./pages/snapshots.js')));
router.route('/delivery', later(() => import('./pages/delivery.js')));
router.route('/graph/{key}', later(() => import('./pages/graph.js')));

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
