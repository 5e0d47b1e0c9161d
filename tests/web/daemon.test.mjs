/* The dashboard on the real daemon, watching the simulated lab; every page is one the mock was tested
 * with, so here it is asked whether both speak the same. GNSWATCH_BASE is where it is. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { violations } from './axe.mjs';
import { launch, open, settled, until } from './browser.mjs';

const base = process.env.GNSWATCH_BASE;
const sim = process.env.GNSWATCH_SIM; /* the simulator's control port; absent against a running gnswatch */
const conf = process.env.GNSWATCH_CONF; /* conf.d; absent against a running gnswatch */
const it = {};

async function api(path) {
    const answer = await fetch(base + path);
    assert.equal(answer.status, 200, path);
    return answer.json();
}

function control(path, body) {
    return fetch(sim + path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ server: 0, ...body }) });
}

before(async () => {
    it.browser = await launch();
    it.project = (await api('/api/gns3/projects?status=opened&limit=1')).items[0];
    it.nodes = (await api(`/api/gns3/nodes?project=${it.project.id}&limit=1000`)).items;
    it.server = (await api('/api/gns3/servers')).items[0];
    it.paths = ['/', '/projects', `/projects/${it.project.id}`, '/nodes', `/nodes/${it.nodes[0].id}`, '/servers',
        `/servers/${encodeURIComponent(it.server.id)}`, '/plugins', '/events', '/jobs', '/nowhere', '/alerts', '/alerts/silences', '/alerts/rules',
        '/alerts/receivers', '/scores', '/traffic', '/snapshots', '/delivery', '/system', '/system/nodes', '/exec', '/exec/load', '/exec/-/try'];
    it.plugins = new Set((await api('/api/v1/plugins')).items.map((p) => p.plugin));
    it.open = (path, options) => open(it.browser, base, path, options);
});

after(() => it.browser?.close());

test('every page is drawn without a complaint, asks no other host, and axe finds nothing', async () => {
    const page = await it.open('/');
    for (const path of it.paths) {
        await page.goto(base + path);
        await settled(page);
        assert.deepEqual(await violations(page), [], path);
        assert.equal(await page.locator('.trouble').count(), 0, path);
    }
    assert.deepEqual(page.problems, []);
    await page.context().close();
});

/* Only with the plugin; its test says so when it is not there. */
function withPlugin(name, text, body) {
    test(text, (t) => (it.plugins.has(name) ? body(t) : t.skip(`${name} is not loaded`)));
}

withPlugin('alert', 'a silence is made from the form of the command, and ended', async () => {
    const page = await it.open('/alerts/silences');
    await page.click('[data-action="silence.create"]');
    await page.waitForSelector('dialog textarea');
    await page.fill('dialog textarea', 'node=nobody');
    await page.fill('dialog [name="comment"]', 'by the browser test');
    await page.click('dialog [data-confirm]');
    const row = page.locator('tr:has-text("by the browser test")');
    await row.locator('.state-silent').waitFor({ timeout: 20000 });
    await row.locator('[data-action="silence.end"]').click();
    await page.click('dialog [data-confirm]');
    await row.locator('.state-ended').waitFor({ timeout: 20000 });
    await page.context().close();
});

withPlugin('alert', 'a rule is tried over what is stored', async () => {
    const page = await it.open('/alerts/rules');
    await page.click('[data-action="rule.test"] >> nth=0');
    await page.click('[data-form="alert.test"] [type="submit"]');
    await page.waitForSelector('.try-result', { timeout: 60000 });
    await page.context().close();
});

withPlugin('health', 'there is a score for everything, or a question mark', async () => {
    const page = await it.open('/scores');
    await page.waitForSelector('.ring[data-score]', { timeout: 30000 });
    await until(async () => (await page.locator('.tree .score').count()) > 0, 'the tree', 30000);
    await page.context().close();
});

withPlugin('traffic', 'the map of a project says what its links carry, or that nobody knows', async () => {
    const page = await it.open(`/projects/${it.project.id}`);
    await page.waitForFunction(() => document.querySelector('.topology')?._cyreg?.cy.edges().some((e) => e.data('load') !== undefined), null, { timeout: 30000 });
    await page.waitForSelector('.load-key');
    await page.context().close();
});

withPlugin('snapshot', 'the rules of a schedule are tried dry', async () => {
    const page = await it.open('/snapshots');
    await page.click('[data-form="snapshot.prune"] [type="submit"]');
    await page.waitForSelector('.prune-sum', { timeout: 30000 });
    await page.context().close();
});

withPlugin('system', 'the machine and what is on it are what system measures', async () => {
    const page = await it.open('/system');
    await page.waitForSelector('[data-vital="cpu"] b:has-text("%")', { timeout: 20000 });
    await page.waitForSelector('[data-vital="memory"]:has-text("of")');
    const { items } = await api('/api/v1/objects/system.host');
    assert.equal(await page.textContent('main h1'), items[0].name);
    const mounts = (await api('/api/v1/objects/system.filesystem')).items.map((f) => f.mount);
    assert.deepEqual((await page.locator('section[aria-labelledby="filesystems"] tbody tr').evaluateAll((list) => list.map((tr) => tr.dataset.id))).sort(), mounts.sort());
    await page.locator('[data-panel="memory"] canvas').waitFor({ timeout: 20000 });
    await page.context().close();
});

withPlugin('exec', 'a check is critical with its value and limits, a broken line is shown with its place, and a run can be asked for', async () => {
    const page = await it.open('/exec');
    await page.waitForSelector('tr[data-id="load"] .state-critical', { timeout: 30000 });
    await page.click('tr[data-id="load"] th a');
    await page.waitForSelector('section[aria-labelledby="verdict"]:has-text("LOAD CRITICAL - 9.5")');
    await page.waitForSelector('.metric-table tbody tr:has-text("9.5"):has-text("warning 4"):has-text("critical 8")', { timeout: 20000 });
    await page.locator('.metric-table .spark path[d^="M"]').first().waitFor({ state: 'attached', timeout: 20000 });
    await page.click('[data-action="exec.restart"]');
    await page.click('dialog [data-confirm]');
    await page.waitForSelector('.toast-done');
    await page.goto(`${base}/exec/broken`);
    await page.waitForSelector('section[aria-labelledby="error"]:has-text("Line 2, column")', { timeout: 20000 });
    await page.waitForSelector('.lines .wrong:has-text("temperature=warm=")');
    assert.deepEqual(page.problems, []);
    await page.context().close();
});

withPlugin('exec', 'a command is tried and its values are listed', async () => {
    const page = await it.open('/exec/-/try');
    await page.selectOption('[name="protocol"]', 'influx');
    await page.fill('[name="command"]', '/bin/echo\nroom temperature=21.5');
    await page.click('[data-form="exec.try"] [type="submit"]');
    await page.waitForSelector('[data-try] .metric-table tbody tr:has-text("21.5")', { timeout: 30000 });
    await page.context().close();
});

test('a file with a mistake is shown with its place until it is mended', { skip: !conf && 'needs conf.d' }, async () => {
    const page = await it.open('/plugins');
    const file = join(conf, 'gns3.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, `${text}colour: red\n`);
    await page.waitForSelector('[data-refused="gns3.yaml"]:has-text("gns3.yaml:5")', { timeout: 20000 });
    await writeFile(file, text);
    await until(async () => (await page.locator('[data-refused]').count()) === 0, 'the file to be accepted', 20000);
    await page.context().close();
});

test('the overview counts what the API says', async () => {
    const page = await it.open('/');
    await until(async () => {
        const { items } = await api('/api/gns3/projects?limit=1000');
        const opened = items.filter((p) => p.status === 'opened');
        const text = await page.textContent('.tiles');
        return text.includes(`${opened.length} of ${items.length} opened`) && text.includes(`${opened.reduce((n, p) => n + p.started_count, 0)} of`);
    }, 'the tiles to say what the API says');
    await page.context().close();
});

test('the page of a project lists its nodes and draws them', async () => {
    const page = await it.open(`/projects/${it.project.id}`);
    await until(async () => (await page.locator('section[aria-labelledby="nodes"] tbody tr').count()) === Math.min(40, it.nodes.length), 'the nodes');
    await page.waitForFunction((n) => document.querySelector('.topology')?._cyreg?.cy.nodes().length === n, it.nodes.length);
    await page.context().close();
});

test('charts have values and go on', async () => {
    const page = await it.open(`/servers/${encodeURIComponent(it.server.id)}`);
    const panel = page.locator('[data-panel="latency"]');
    await panel.locator('canvas').waitFor({ timeout: 20000 });
    const before = Number(await panel.getAttribute('data-tick'));
    await until(async () => Number(await panel.getAttribute('data-tick')) > before, 'a live row in the chart', 20000);
    assert.match(await panel.locator('.legend').textContent(), /Latency\s*[\d.]+ ms/);
    await page.context().close();
});

test('a node is stopped and started from its page, and each is asked before', async () => {
    const node = it.nodes.find((n) => n.status === 'started' && n.node_type === 'vpcs');
    const page = await it.open(`/nodes/${node.id}`);
    for (const [verb, state] of [['stop', 'stopped'], ['start', 'started']]) {
        await page.click(`[data-action="node.${verb}"]`);
        await page.click('dialog [data-confirm]');
        await page.waitForSelector(`main h1 + .state-${state}`, { timeout: 20000 });
    }
    await page.waitForSelector('.toast-done');
    await until(async () => /stopped/.test(await page.textContent('section[aria-labelledby="about-events"]')), 'the event');
    assert.deepEqual(page.problems, []);
    await page.context().close();
});

test('a refused command is told in words', async () => {
    const page = await it.open('/');
    const answer = await page.evaluate(() => fetch('/api/v1/commands/gns3.node.start', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"id":"none"}' }).then(async (r) => [r.status, await r.json()]));
    assert.equal(answer[0], 404);
    assert.ok(answer[1].detail.length > 10);
    await page.context().close();
});

test('the change of a node by another client is shown soon after the daemon has it', { skip: !sim && 'needs the simulator' }, async () => {
    const node = it.nodes.findLast((n) => n.status === 'started');
    const page = await it.open(`/nodes/${node.id}`);
    await page.evaluate((id) => {
        const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/api/v1/live`);
        socket.onopen = () => socket.send(JSON.stringify({ op: 'subscribe', topics: ['object:gns3.node'] }));
        socket.onmessage = (event) => {
            const message = JSON.parse(event.data);
            if (message.id === id && message.object.status === 'stopped')
                window.told ??= performance.now();
        };
        new MutationObserver(() => {
            if (document.querySelector('main h1 + .state-stopped'))
                window.shown ??= performance.now();
        }).observe(document.body, { subtree: true, childList: true });
    }, node.id);
    const answer = await control('/node', { project: it.project.name, node: node.name, action: 'stop' });
    assert.ok(answer.ok, await answer.text());
    await page.waitForFunction(() => window.told && window.shown, null, { timeout: 20000 });
    const took = await page.evaluate(() => window.shown - window.told);
    assert.ok(took <= 300, `${took} ms`);
    await page.context().close();
});

test('a server that goes down is said to be down, and up when it is back', { skip: !sim && 'needs the simulator' }, async () => {
    const page = await it.open('/');
    await control('/fault', { kind: 'down' });
    await page.waitForSelector('.server-card .state-down, .server-card .breaker', { timeout: 60000 });
    await control('/fault', { kind: 'none' });
    await page.goto(`${base}/servers/${encodeURIComponent(it.server.id)}`);
    await until(async () => {
        await fetch(`${base}/api/v1/commands/gns3.server.test`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ id: it.server.id }) });
        return page.locator('main h1 + .state-up').isVisible();
    }, 'the server to be up again', 90000);
    await page.context().close();
});

test('the page of the API is drawn from the daemon’s own description', async () => {
    const page = await it.open('/api/docs', { login: true });
    await page.waitForFunction(() => document.querySelector('rapi-doc')?.shadowRoot?.textContent.includes('/api/gns3/nodes'), null, { timeout: 20000 });
    assert.deepEqual(page.problems, []);
    await page.context().close();
});
