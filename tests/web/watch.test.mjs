/* What a person does with alerts, traffic, snapshots and what waits to be delivered; and that none of
 * it is there where the plugins are not. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { settled, until } from './browser.mjs';
import { CLOSED, NODE, PROJECT, STOPPED, setup } from './setup.mjs';

const it = setup();
const posts = () => it.mock.requests.filter((r) => r.startsWith('POST'));
const alert = (id) => `[data-alert="${id}"]`;

test('the number of alerts that speak is in the navigation and in the top bar', async () => {
    const page = await it.open('/');
    assert.equal(await page.getAttribute('#nav [data-firing]', 'data-firing'), '3');
    assert.match(await page.getAttribute('.alarm', 'aria-label'), /3 alerts are firing/);
    assert.match(await page.textContent('[data-now="alerts"]'), /The disk of campus-1 is 91 % full/);
    await page.context().close();
});

test('firing comes first, by severity; filters and groups say what they do in the address', async () => {
    const page = await it.open('/alerts');
    await settled(page);
    const names = () => page.locator('.alerts > li').evaluateAll((list) => list.map((li) => li.dataset.alert));
    assert.deepEqual(await names(), ['server-attic', 'disk-campus-local', 'crash-R5', 'link-R1-R2', 'cpu-rack']);
    await page.selectOption('[name="severity"]', 'critical');
    assert.deepEqual(await names(), ['server-attic', 'disk-campus-local']);
    await page.selectOption('[name="by"]', 'server');
    await page.waitForSelector('h2:has-text("attic (1)")');
    assert.match(page.url(), /severity=critical&by=server/);
    await page.context().close();
});

test('an alert is acknowledged with a comment, and everyone sees who', async () => {
    const page = await it.open('/alerts');
    await page.click(`${alert('crash-R5')} [data-action="alert.acknowledge"]`);
    await page.fill('dialog [name="comment"]', 'I look at it');
    await page.click('dialog [data-confirm]');
    await page.waitForSelector(`${alert('crash-R5')} .flag:has-text("local takes care of it")`);
    await page.waitForSelector('.toast-done');
    assert.equal(it.mock.lab.kind('alert.alert').get('crash-R5').acknowledged.comment, 'I look at it');
    await page.context().close();
});

test('a silence from an alert matches that alert, and its badge goes', async () => {
    const page = await it.open('/alerts');
    await page.click(`${alert('disk-campus-local')} [data-action="alert.silence"]`);
    await page.waitForSelector('dialog textarea');
    assert.equal(await page.inputValue('dialog textarea'), 'alertname=disk_full\nserver=campus\ncompute=local');
    assert.equal(await page.inputValue('dialog [name="duration"]'), '4h');
    await page.fill('dialog [name="comment"]', 'disk is coming');
    await page.click('dialog [data-confirm]');
    await page.waitForSelector(`${alert('disk-campus-local')} a[href="/alerts/silences"]`);
    await page.waitForSelector('#nav [data-firing="2"]');
    await page.context().close();
});

test('what a command does not take is said at its field, and what was written stays', async () => {
    const page = await it.open('/alerts/silences');
    await page.click('[data-action="silence.create"]');
    await page.fill('dialog textarea', 'nonsense');
    await page.fill('dialog [name="comment"]', 'kept');
    await page.click('dialog [data-confirm]');
    await page.waitForSelector('dialog [data-field="matchers"] .problem:has-text("is no matcher")');
    assert.equal(await page.inputValue('dialog [name="comment"]'), 'kept');
    await page.fill('dialog textarea', 'server=bench');
    await page.click('dialog [data-confirm]');
    await page.waitForSelector('tr:has-text("server=bench"):has-text("kept")');
    assert.equal(await page.locator('dialog').count(), 0);
    await page.context().close();
});

test('a silence is ended, after a question', async () => {
    const page = await it.open('/alerts/silences');
    const row = page.locator('tr[data-id="3"]');
    await row.locator('[data-action="silence.end"]').click();
    assert.match(await page.textContent('dialog p'), /told at once/);
    await page.click('dialog [data-confirm]');
    await row.locator('.state-ended').waitFor();
    await page.context().close();
});

test('the page of an alert shows its threshold, who was told, and its line in time', async () => {
    const page = await it.open('/alerts/disk-campus-local');
    await page.waitForSelector('.chart-panel[data-reading="false"] canvas');
    assert.match(await page.textContent('.legend'), /Threshold\s*90%/);
    assert.equal(await page.locator('section[aria-labelledby="notified"] tbody tr').count(), 3);
    assert.match(await page.getAttribute('.strip-bars', 'aria-label'), /pending .*firing /);
    await page.context().close();
});

test('an address from a notification leads to its alert', async () => {
    const page = await it.open('/#/alerts/server-attic');
    await page.waitForSelector('h1:has-text("Server attic does not answer")');
    assert.equal(new URL(page.url()).pathname, '/alerts/server-attic');
    await page.goto(`${it.base}/#/health`);
    await page.waitForSelector('.ring');
    assert.equal(new URL(page.url()).pathname, '/scores');
    await page.context().close();
});

test('a rule is tried over the past and shows when it would have fired', async () => {
    const page = await it.open('/alerts/rules');
    await page.click('tr[data-id="compute_cpu"] [data-action="rule.test"]');
    await page.click('[data-form="alert.test"] [type="submit"]');
    await page.waitForSelector('.try-result:has-text("would have fired twice")');
    assert.equal(await page.locator('section[aria-labelledby="try"] .strip-bar').count(), 2);
    await page.context().close();
});

test('health says its reasons, and each leads to its graph', async () => {
    const page = await it.open('/scores');
    await page.click('section[aria-labelledby="whole"] a:has-text("disk 91 %")');
    await page.waitForURL('**/graph/**');
    await page.waitForSelector('.chart-panel[data-reading="false"] canvas');
    assert.equal(await page.textContent('.chart-panel h3'), 'disk');
    await page.context().close();
});

test('what is unknown is a question mark, never a good score', async () => {
    const page = await it.open('/scores');
    const row = page.locator('.tree details:has(> summary:has-text("VLAN basics"))').last();
    assert.equal(await row.locator('> summary .score b').textContent(), '?');
    assert.equal(await row.locator('> summary .score').getAttribute('data-score'), 'unknown');
    await page.context().close();
});

test('the nodes of a project come when it is opened in the tree', async () => {
    const page = await it.open('/scores');
    const project = page.locator('.tree details:has(> summary:has-text("SD-WAN rehearsal"))').last();
    await project.locator('> summary').click({ position: { x: 4, y: 10 } });
    await project.locator('.leaf').nth(15).waitFor();
    await page.context().close();
});

test('the score of a node stands on its page, with why', async () => {
    const page = await it.open(`/nodes/${STOPPED}`);
    assert.equal(await page.getAttribute('.page-head .score', 'data-score'), 'bad');
    assert.match(await page.textContent('#why'), /R5 in OSPF backbone crashed[^]*−30/);
    await page.context().close();
});

test('a project is selected for a while, and the switch says so', async () => {
    const page = await it.open('/traffic');
    await page.click('tr:has-text("SD-WAN rehearsal") [data-action="traffic.select"]');
    await page.fill('dialog [name="for"]', '2h');
    await page.click('dialog [data-confirm]');
    await page.waitForSelector('section[aria-labelledby="switch"] .switch-name:has-text("SD-WAN rehearsal")');
    assert.match(await page.textContent('section[aria-labelledby="switch"]'), /chosen by hand[^]*pinned until[^]*was selected by local/);
    await page.click('[data-action="traffic.auto"]');
    await page.click('dialog [data-confirm]');
    await page.waitForSelector('section[aria-labelledby="switch"] .state-auto');
    await page.context().close();
});

test('an idle lab says what will happen to it, and is kept', async () => {
    const page = await it.open('/traffic');
    const lab = page.locator('[data-idle]');
    assert.match(await lab.textContent(), /Its nodes are suspended in \d+ min/);
    await lab.locator('[data-action="traffic.keep"]').click();
    await page.click('dialog [data-confirm]');
    await page.waitForSelector('[data-idle]:has-text("Kept as it is")');
    await page.context().close();
});

test('no data is drawn apart from idle', async () => {
    const page = await it.open('/traffic');
    assert.equal(await page.locator('section[aria-labelledby="projects"] .state-idle.pill').count(), 1);
    assert.equal(await page.locator('section[aria-labelledby="projects"] .state-no_data.pill').count(), 3);
    await page.context().close();
});

test('the map shows load, drops, dead links and links without data, and tells both directions', async () => {
    const page = await it.open(`/projects/${PROJECT}`);
    const edges = () => page.evaluate(() => document.querySelector('.topology')._cyreg.cy.edges().map((e) => e.data()));
    const all = (check) => async () => check(await edges());
    await until(all((list) => list.some((e) => e.load > 0)), 'a load');
    await until(all((list) => list.filter((e) => e.dead).length === 1), 'one dead link');
    await until(all((list) => list.some((e) => /^▾.*12\/s/.test(e.mark))), 'drops');
    await until(all((list) => list.filter((e) => e.load === -1).length === 1), 'one link without data');
    await page.locator('.topology').scrollIntoViewIfNeeded();
    await until(async () => { /* what stands above the map may still move it */
        const at = await page.evaluate(() => document.querySelector('.topology')._cyreg.cy.edges()[0].renderedMidpoint());
        const box = await page.locator('.topology').boundingBox();
        await page.mouse.move(box.x, box.y);
        await page.mouse.move(box.x + at.x, box.y + at.y);
        return page.locator('.tip').isVisible();
    }, 'a tip at the link');
    assert.match(await page.textContent('.tip'), /(\w+) → (\w+) ?[\d.]+ [KM]?i?B\/s\2 → \1 ?[\d.]+/);
    await page.context().close();
});

test('the load of a link follows live rows', async () => {
    const page = await it.open(`/projects/${PROJECT}`);
    const row = page.locator('section[aria-labelledby="links"] tr:has-text("PC1 e0 – SW1 e1") .both-ways');
    await row.waitFor();
    const before = await row.textContent();
    it.mock.lab.values['traffic.link'] = () => 5000000;
    it.mock.rows();
    await until(async () => (await row.textContent()) !== before, 'another rate', 3000);
    await page.waitForFunction(() => document.querySelector('.topology')._cyreg.cy.edges().some((e) => e.data('load') === 5));
    await page.context().close();
});

test('restoring says what happens to the lab before it does it', async () => {
    const page = await it.open('/snapshots');
    it.mock.requests.length = 0;
    await page.click('tr:has-text("before the change"):has-text("OSPF backbone") [data-action="copy.restore"]');
    assert.match(await page.textContent('dialog p'), /OSPF backbone becomes what it was on .*nodes are stopped.*safety copy/);
    assert.deepEqual(posts(), []);
    await page.click('dialog [data-confirm]');
    await page.waitForSelector('.toast-done');
    assert.deepEqual(posts(), ['POST /api/v1/commands/snapshot.copy.restore']);
    await page.context().close();
});

test('a snapshot becomes a new project, also when only a copy elsewhere is left', async () => {
    const page = await it.open('/snapshots');
    const [copy] = [...it.mock.lab.kind('snapshot.copy').values()].filter((c) => c.copies.length);
    it.mock.change('snapshot.copy', { ...copy, on_server: false });
    const row = page.locator('tr:not(:has([data-action="copy.restore"])):has([data-action="copy.import"])');
    await row.first().waitFor();
    it.mock.requests.length = 0;
    await row.first().locator('[data-action="copy.import"]').click();
    await page.fill('dialog [name="name"]', 'saved');
    await page.click('dialog [data-confirm]');
    await page.waitForSelector('.toast-done');
    assert.deepEqual(posts(), ['POST /api/v1/commands/snapshot.copy.import']);
    it.mock.change('snapshot.copy', copy);
    await page.context().close();
});

test('a snapshot is pinned at once, and unpinned after a question', async () => {
    const page = await it.open('/snapshots');
    const row = page.locator('tr:has-text("IPv6 migration")').first();
    await row.locator('[data-action="copy.pin"]').click();
    await row.locator('[data-action="copy.unpin"]').click();
    await page.click('dialog [data-confirm]');
    await row.locator('[data-action="copy.pin"]').waitFor();
    await page.context().close();
});

test('pruning is tried dry, each decision with its reason', async () => {
    const page = await it.open('/snapshots');
    await page.click('[data-form="snapshot.prune"] [type="submit"]');
    await page.waitForSelector('.prune-sum:has-text("1 of 9 would go")');
    assert.match(await page.textContent('section[aria-labelledby="prune"] tbody tr:first-child'), /goes[^]*older than all that is kept/);
    await page.context().close();
});

test('steps of a run are shown while it goes on', async () => {
    const page = await it.open('/snapshots');
    const run = page.locator('[data-run="12"]');
    await run.locator('.step-now').waitFor();
    const now = it.mock.lab.kind('snapshot.run').get('12');
    it.mock.change('snapshot.run', { ...now, steps: [...now.steps.slice(0, 2), { ...now.steps[2], ok: true }, { time: Date.now(), text: 'the snapshot is taken', ok: null }] });
    await run.locator('.step-now:has-text("the snapshot is taken")').waitFor();
    await page.context().close();
});

test('what died says why, and is tried again', async () => {
    const page = await it.open('/delivery');
    const row = page.locator('[data-sink="email"] tr[data-id="37"]');
    assert.match(await row.textContent(), /dead[^]*no such user here/);
    await row.locator('[data-action="email.retry"]').click();
    await row.locator('.state-waiting').waitFor();
    await page.context().close();
});

test('a project is made on a server, and a wrong name is told at its field', async () => {
    const page = await it.open('/servers/campus');
    await page.click('[data-action="project.create"]');
    await page.fill('dialog [name="name"]', 'a/b');
    await page.click('dialog [data-confirm]');
    await page.waitForSelector('dialog [data-field="name"] .problem');
    await page.fill('dialog [name="name"]', 'new lab');
    await page.click('dialog [data-confirm]');
    await page.waitForSelector('.toast-done:has-text("New project")');
    await page.context().close();
});

test('a project is duplicated under a name that is proposed', async () => {
    const page = await it.open(`/projects/${CLOSED}`);
    await page.click('[data-action="project.duplicate"]');
    await page.waitForSelector('dialog [name="name"]');
    assert.equal(await page.inputValue('dialog [name="name"]'), 'VLAN basics 2');
    await page.click('dialog [data-confirm]');
    await page.waitForSelector('.toast-done');
    await page.context().close();
});

test('an operator may not export or delete, and is not shown that he could', async () => {
    it.mock.role = 'operator';
    const page = await it.open('/snapshots');
    await page.waitForSelector('[data-action="copy.verify"]');
    assert.equal(await page.locator('[data-action="copy.delete"]').count(), 0);
    await page.goto(`${it.base}/projects/${PROJECT}`);
    await page.waitForSelector('[data-action="project.duplicate"]');
    assert.equal(await page.locator('[data-action="project.export"]').count(), 0);
    it.mock.role = 'admin';
    await page.context().close();
});

test('without the plugins the dashboard is what it was, without a complaint', async () => {
    ['alert', 'health', 'traffic', 'snapshot', 'email', 'mqtt', 'webhook', 'prometheus', 'system', 'exec'].forEach((p) => it.mock.without.add(p));
    const page = await it.open('/');
    const links = () => page.locator('#nav a').evaluateAll((list) => list.map((a) => a.getAttribute('href')));
    assert.deepEqual(await links(), ['/', '/projects', '/nodes', '/servers', '/events', '/plugins', '/jobs', '/api/docs']);
    for (const path of ['/', `/projects/${PROJECT}`, `/nodes/${NODE}`, '/servers/campus', '/projects']) {
        await page.goto(it.base + path);
        await settled(page);
        assert.equal(await page.locator('.score, .alarm, .now, #why, .load-key, .trouble').count(), 0, path);
    }
    for (const path of ['/alerts', '/alerts/rules', '/scores', '/traffic', '/snapshots', '/delivery']) {
        await page.goto(it.base + path);
        await page.waitForSelector('h2:has-text("is not loaded")');
    }
    assert.deepEqual(page.problems, []);
    it.mock.without.clear();
    await page.context().close();
});
