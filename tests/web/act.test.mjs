/* What a person does: asked before, told after, and only if they may. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { settled, until } from './browser.mjs';
import { CLOSED, NODE, PAGES, PROJECT, STOPPED, setup } from './setup.mjs';

const it = setup();
const posts = () => it.mock.requests.filter((r) => r.startsWith('POST'));

test('starting a node asks first, then posts, then says so', async () => {
    const page = await it.open(`/nodes/${STOPPED}`);
    it.mock.requests.length = 0;
    await page.click('[data-action="node.start"]');
    assert.equal(await page.textContent('dialog h2'), 'Start R5?');
    assert.deepEqual(posts(), []);
    await page.click('dialog [data-confirm]');
    await page.waitForSelector('.toast-done:has-text("Start: R5")');
    assert.deepEqual(posts(), ['POST /api/v1/commands/gns3.node.start']);
    await page.waitForSelector('main h1 + .state-started');
    await page.context().close();
});

test('Cancel, Escape and a click beside the dialog ask for nothing', async () => {
    const page = await it.open(`/nodes/${NODE}`);
    it.mock.requests.length = 0;
    for (const leave of [() => page.click('dialog [data-cancel]'), () => page.keyboard.press('Escape'), () => page.mouse.click(5, 400)]) {
        await page.click('[data-action="node.stop"]');
        await page.waitForSelector('dialog[open]');
        await leave();
        await until(async () => (await page.locator('dialog').count()) === 0, 'the dialog to close');
    }
    assert.deepEqual(posts(), []);
    assert.equal(await page.evaluate(() => document.activeElement.dataset.action), 'node.stop', 'the focus is back');
    await page.context().close();
});

test('a refusal is shown in the words of the server', async () => {
    const page = await it.open(`/projects/${PROJECT}`);
    await page.click('tr:has-text("web") [data-action="node.reload"]');
    await page.click('dialog [data-confirm]');
    await page.waitForSelector('.toast-error:has-text("the container is locked by another task")');
    await page.context().close();
});

test('stopping all nodes goes on as a job with its progress, and is listed', async () => {
    const page = await it.open(`/projects/${PROJECT}`);
    await page.click('[data-action="project.stop_all"]');
    assert.match(await page.textContent('dialog p'), /1\d nodes are started now and are switched off at once/);
    await page.click('dialog [data-confirm]');
    await page.waitForSelector('.toast progress');
    await page.waitForSelector('.toast-done:has-text("Stop all")');
    await until(async () => (await page.locator('section[aria-labelledby="nodes"] .state-started').count()) === 0, 'all nodes stopped');
    await page.click('#nav a[href="/jobs"]');
    await page.waitForSelector('[data-job]:has-text("gns3.project.stop_all") .state-done');
    await page.context().close();
});

test('a job can be cancelled from its page', async () => {
    const page = await it.open(`/projects/${PROJECT}`);
    await page.click('[data-action="project.start_all"]');
    await page.click('dialog [data-confirm]');
    await page.click('#nav a[href="/jobs"]');
    await page.click('[data-action="job.cancel"]');
    await page.click('dialog [data-confirm]');
    await page.waitForSelector('[data-job] .state-cancelled');
    await page.context().close();
});

test('a project is opened and closed', async () => {
    const page = await it.open(`/projects/${CLOSED}`);
    await page.click('[data-action="project.open"]');
    await page.click('dialog [data-confirm]');
    await page.waitForSelector('main h1 + .state-opened');
    await page.click('[data-action="project.close"]');
    await page.click('dialog [data-confirm]');
    await page.waitForSelector('main h1 + .state-closed');
    await page.context().close();
});

test('a snapshot is taken under a name, and deleted', async () => {
    const page = await it.open(`/projects/${PROJECT}`);
    await page.click('[data-action="snapshot.create"]');
    await page.fill('dialog input', 'from the test');
    await page.click('dialog [data-confirm]');
    const row = page.locator('section[aria-labelledby="snapshots"] tr:has-text("from the test")');
    await row.waitFor();
    await row.locator('[data-action="snapshot.delete"]').click();
    await page.click('dialog [data-confirm]');
    await row.waitFor({ state: 'detached' });
    await page.context().close();
});

test('a link is suspended and resumed', async () => {
    const page = await it.open(`/projects/${PROJECT}`);
    const row = page.locator('section[aria-labelledby="links"] tr:has-text("R1 e0 – R2 e0")');
    await row.locator('[data-action="link.suspend"]').click();
    await page.click('dialog [data-confirm]');
    await row.locator('[data-action="link.resume"]').click();
    await page.click('dialog [data-confirm]');
    await row.locator('.state-up').waitFor();
    await page.context().close();
});

test('a viewer sees no button that acts, on any page', async () => {
    it.mock.role = 'viewer';
    const look = async (paths) => {
        const page = await it.open('/');
        for (const path of paths) {
            await page.goto(it.base + path);
            await settled(page);
            assert.equal(await page.locator('[data-action]').count(), 0, path);
        }
        await page.context().close();
    };
    await Promise.all([0, 1, 2].map((n) => look(PAGES.filter((_, i) => i % 3 === n))));
    it.mock.role = 'admin';
});

test('an operator may start nodes but not restart plugins', async () => {
    it.mock.role = 'operator';
    const page = await it.open('/plugins');
    await page.waitForSelector('[data-instance]');
    assert.equal(await page.locator('[data-action="plugin.restart"]').count(), 0);
    await page.goto(`${it.base}/nodes/${NODE}`);
    await page.waitForSelector('[data-action="node.stop"]');
    it.mock.role = 'admin';
    await page.context().close();
});

test('without a session a token is asked for, a wrong one is refused, a right one lets in', async () => {
    it.mock.token = 'sesame';
    const page = await it.open('/', { login: true });
    await page.fill('input[type="password"]', 'wrong');
    await page.click('button[type="submit"]');
    await page.waitForSelector('[role="alert"]:has-text("not known")');
    await page.fill('input[type="password"]', 'sesame');
    await page.click('button[type="submit"]');
    await page.waitForSelector('[data-tile="nodes"]');
    it.mock.token = null;
    await page.context().close();
});
