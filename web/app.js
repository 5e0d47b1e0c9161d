/* app.js - wiring: which address shows which page, and the start. */
import { effect, html, render, untracked } from './html.js';
import { Shell } from './components/shell.js';
import * as router from './router.js';
import { boot, visit } from './state.js';
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

/* A page is a module of View and, when it needs more than is always known, reads(params). */
function readsOf(where) {
    const found = router.match(where);
    return found?.page.reads?.(found.params) ?? [];
}

router.startRouter();
boot(readsOf(location.pathname));
render(html`<${Shell} />`, document.getElementById('app'));

let first = true;
effect(() => {
    const where = router.path.value;
    if (!first)
        untracked(() => visit(readsOf(where)));
    first = false;
});
