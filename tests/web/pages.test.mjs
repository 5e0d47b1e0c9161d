/* Every page, as it is first seen: drawn without complaint, named, wide or narrow, in both languages and
 * themes. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { violations } from './axe.mjs';
import { fits, settled, until } from './browser.mjs';
import { NODE, PAGES, PROJECT, setup } from './setup.mjs';

const it = setup();

const AT_ONCE = 3;
const BARE = /\b(nav|label|state|chart|panel|field|plugin|host|action|empty|range|confirm|silence|strip|score|report|level|factor|kind|param|rule|form|delivery|keeps?|verified|mode|run|sink|period|system|vital|exec|limit|forecast|other|pressure|absent)\.(?!yaml\b)[a-z_]+\b/g;

test('the first paint takes one request for data', async () => {
    it.mock.requests.length = 0;
    const page = await it.open('/');
    await page.waitForSelector('[data-tile="nodes"]');
    const asked = it.mock.requests.filter((r) => r.startsWith('GET /api/'));
    assert.deepEqual(asked, ['GET /api/v1/batch']);
    await page.context().close();
});

test('the overview counts what the lab has', async () => {
    const page = await it.open('/');
    assert.match(await page.textContent('[data-tile="servers"]'), /2\s*of 3 up/);
    assert.match(await page.textContent('[data-tile="projects"]'), /3\s*of 6 opened/);
    assert.match(await page.textContent('[data-id="attic"]'), /down[^]*open: resting[^]*Connection refused/);
    assert.equal(await page.locator('.server-card .spark path[d^="M"]').count(), 3);
    await page.context().close();
});

test('opened projects come first', async () => {
    const page = await it.open('/projects');
    const states = await page.locator('tbody tr td:nth-child(2)').allTextContents();
    assert.deepEqual(states.map((s) => s.trim()), ['open', 'open', 'open', 'closed', 'closed', 'closed']);
    await page.context().close();
});

test('a table is sorted by a click on its column, and back', async () => {
    const page = await it.open(`/projects/${PROJECT}`);
    const first = () => page.textContent('section[aria-labelledby="nodes"] tbody tr:first-child th');
    await page.click('section[aria-labelledby="nodes"] thead button:has-text("Node")');
    assert.equal(await first(), 'monitor');
    await page.click('section[aria-labelledby="nodes"] thead button:has-text("Node")');
    assert.equal(await first(), 'web');
    await page.context().close();
});

test('the topology draws every node, and a click on one goes to it', async () => {
    const page = await it.open(`/projects/${PROJECT}`);
    await page.waitForSelector('.topology canvas');
    assert.match(await page.getAttribute('.topology', 'aria-label'), /13 nodes, 14 links, 1 of them suspended/);
    const where = await until(() => page.evaluate(() => {
        const cy = document.querySelector('.topology')._cyreg?.cy;
        return cy?.nodes().length === 13 && cy.getElementById('00000000-0000-4000-8000-000000002710').renderedPosition();
    }), 'the topology to be drawn');
    await page.locator('.topology').click({ position: where });
    await page.waitForURL(`**/nodes/${NODE}`);
    await page.context().close();
});

test('search finds a node of any project, by keyboard alone', async () => {
    const page = await it.open('/');
    await page.keyboard.press('/');
    await page.keyboard.type('FW6');
    await page.waitForSelector('[role="option"]:has-text("FW6")');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/nodes/*');
    assert.equal(await page.textContent('main h1'), 'FW6');
    await page.context().close();
});

test('French is spoken to a French browser, and the choice of a language is kept', async () => {
    const page = await it.open('/', { locale: 'fr-CH' });
    assert.equal(await page.getAttribute('html', 'lang'), 'fr');
    assert.match(await page.textContent('nav#nav'), /Projets/);
    assert.match(await page.textContent('[data-tile="states"]'), /démarré/);
    await page.selectOption('header select', 'en');
    await page.waitForSelector('nav#nav:has-text("Projects")');
    await page.reload();
    await page.waitForSelector('nav#nav:has-text("Projects")');
    await page.context().close();
});

test('the theme follows the system, and a choice overrules it', async () => {
    const page = await it.open('/', { colorScheme: 'dark' });
    assert.equal(await page.getAttribute('html', 'data-theme'), 'dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.waitForSelector('html[data-theme="light"]');
    await page.click('[data-theme-button]'); /* light */
    await page.click('[data-theme-button]'); /* dark */
    await page.waitForSelector('html[data-theme="dark"]');
    await page.reload();
    await page.waitForSelector('html[data-theme="dark"]');
    await page.context().close();
});

test('on a phone the menu opens, leads somewhere, and closes', async () => {
    const page = await it.open('/', { viewport: { width: 360, height: 740 } });
    assert.equal(await page.isVisible('#nav'), false);
    await page.click('.menu-button');
    await page.click('#nav a[href="/events"]');
    await page.waitForURL('**/events');
    await until(async () => !(await page.isVisible('#nav')), 'the menu to close');
    await page.context().close();
});

test('events are filtered by severity, topic and text, and paged back', async () => {
    const page = await it.open('/events');
    await page.waitForSelector('.timeline .event');
    await page.click('[data-older]');
    await until(async () => (await page.locator('.timeline .event').count()) === 200, 'two hundred events');
    await page.selectOption('[name="severity"]', 'error');
    await until(async () => (await page.locator('.timeline .event:not(.event-error)').count()) === 0, 'only errors');
    await page.fill('[name="topic"]', 'gns3.server.*');
    await until(async () => (await page.locator('.timeline .event').count()) === 1, 'one event of servers');
    assert.match(page.url(), /severity=error&topic=gns3.server/);
    await page.context().close();
});

test('an instance in trouble says its last error and what it is set to', async () => {
    const page = await it.open('/plugins');
    const instance = page.locator('[data-instance="rooftop"]');
    assert.match(await instance.textContent(), /waiting[^]*Errors12[^]*Late3[^]*Restarts4[^]*Is the sensor plugged in/);
    await page.locator('[data-instance="gns3"] summary').click();
    assert.match(await page.textContent('[data-instance="gns3"] pre'), /"password": "\*\*\*"/);
    await page.context().close();
});

test('what a chart shows is kept as a file', async () => {
    const page = await it.open(`/projects/${PROJECT}`);
    await settled(page);
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator('[data-csv]').first().click()]);
    assert.match(file.suggestedFilename(), /^[\w-]+\.csv$/);
    const [head, first] = (await readFile(await file.path(), 'utf8')).split('\r\n');
    assert.match(head, /^time,/);
    assert.match(first, /^20\d\d-[\d-]+T[\d:.]+Z,/);
    await page.context().close();
});

test('nodes are sorted by who cuts them into pages', async () => {
    const page = await it.open('/nodes');
    const first = () => page.textContent('tbody tr:first-child th');
    await settled(page);
    const least = await first();
    await page.click('thead button:has-text("Node")');
    await until(async () => (await first()) !== least, 'the other end of the alphabet');
    assert.equal(await page.getAttribute('thead th:first-child', 'aria-sort'), 'descending');
    await page.context().close();
});

test('what changed is told as a person reads it', async () => {
    const page = await it.open(`/nodes/${NODE}`);
    await page.waitForSelector('section[aria-labelledby="history"] .change');
    const told = await page.textContent('section[aria-labelledby="history"]');
    assert.match(told, /state\s*stopped\s*→\s*started/);
    assert.match(told, /fired\s*–\s*→\s*\D*\d+[^]*:/);
    assert.doesNotMatch(told, /\d{13}|\[|notified/);
    await page.context().close();
});

test('what was asked lately says about what, and what people asked is found among it', async () => {
    const call = (id, command, via, params) => ({ id, command, caller: 'x', via, params, state: 'done', started: Date.now(), ended: Date.now(), error: null });
    it.mock.history.unshift(call('h1', 'gns3.node.start', 'plugin', { id: NODE }), call('h2', 'gns3.project.open', 'web', { id: PROJECT }));
    const page = await it.open('/jobs');
    const name = it.mock.lab.kind('gns3.node').get(NODE).name;
    await page.waitForSelector(`tr[data-id="h1"] a[href="/nodes/${NODE}"]:text-is("${name}")`);
    await page.check('[name="people"]');
    await page.waitForSelector('tr[data-id="h1"]', { state: 'detached' });
    assert.equal(await page.locator('tr[data-id="h2"]').count(), 1);
    it.mock.history.splice(0, 2);
    await page.context().close();
});

/* Each page is read once and then looked at every way a person may have it: a reload for each would take minutes.
 * Last in this file, for the lab grows older meanwhile. */
test('every page', { concurrency: AT_ONCE }, async (t) => {
    const titles = new Set();
    const named = PAGES.filter((p) => !/nowhere|none/.test(p));
    await Promise.all(PAGES.map((path) => t.test(`${path} complains of nothing, suits axe in both themes, fits its screen and speaks French`, async () => {
        const page = await it.open(path);
        await settled(page);
        if (named.includes(path))
            titles.add(await page.title());
        assert.deepEqual(await violations(page), [], 'light');
        await fits(page, 768);
        await fits(page, 360);
        await page.selectOption('header select', 'fr');
        await page.waitForSelector('html[lang="fr"]');
        assert.deepEqual((await page.textContent('body')).match(BARE) ?? [], [], 'French');
        await fits(page, 360);
        await page.emulateMedia({ colorScheme: 'dark' });
        await page.waitForSelector('html[data-theme="dark"]');
        assert.deepEqual(await violations(page, ['color-contrast']), [], 'dark');
        assert.deepEqual(page.problems, []);
        await page.context().close();
    })));
    assert.equal(titles.size, named.length, `a title of its own each: ${[...titles].join(', ')}`);
});
