/* What comes by the live connection: soon, all of it, and said when it does not come. Charts too. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { until } from './browser.mjs';
import { NODE, PROJECT, setup } from './setup.mjs';

const it = setup();
const LIVE_MS = 300;

/* Milliseconds, by the page's own clock, from the socket message to the change in the page. */
async function measured(page, selector, text, change) {
    const waiting = page.evaluate(([where, what]) => new Promise((resolve) => {
        const look = () => document.querySelector(where)?.textContent.includes(what) && resolve(Date.now());
        new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
    }), [selector, text]);
    await page.evaluate(() => new Promise(requestAnimationFrame));
    const sent = Date.now();
    change();
    return (await waiting) - sent;
}

function node(id = NODE) {
    return it.mock.lab.kind('gns3.node').get(id);
}

test('a node that stops is shown stopped within 300 ms', async () => {
    const page = await it.open(`/projects/${PROJECT}`);
    const row = `section[aria-labelledby="nodes"] tr[data-id="${NODE}"]`;
    await page.waitForSelector(row);
    const took = await measured(page, row, 'stopped', () => it.mock.nodeTo(node(), 'stopped'));
    assert.ok(took <= LIVE_MS, `${took} ms`);
    await page.waitForFunction((id) => document.querySelector('.topology')._cyreg.cy.getElementById(id).data('status') === 'stopped', NODE);
    it.mock.nodeTo(node(), 'started');
    await page.context().close();
});

test('an event is shown within 300 ms, at the top', async () => {
    const page = await it.open('/events');
    await page.waitForSelector('.timeline .event');
    const took = await measured(page, '.timeline .event:first-child', 'R1 in OSPF backbone stopped', () => it.mock.nodeTo(node(), 'stopped'));
    assert.ok(took <= LIVE_MS, `${took} ms`);
    it.mock.nodeTo(node(), 'started');
    await page.context().close();
});

test('five hundred changes at once are drawn together and the last of each is what stays', async () => {
    const page = await it.open('/');
    for (let i = 0; i < 500; i++)
        it.mock.change('gns3.node', { ...node(), status: i % 2 ? 'started' : 'suspended' });
    await until(async () => /32\s*of 64/.test(await page.textContent('[data-tile="nodes"]')), 'all nodes counted again');
    assert.deepEqual(page.problems, []);
    await page.context().close();
});

test('an error is read out to people who do not see the screen', async () => {
    const page = await it.open('/');
    const event = it.mock.lab.event('gns3.node.crashed', 'error', 'gns3.node', NODE, 'R1 crashed');
    it.mock.say({ type: 'event', event }, 'events');
    await page.waitForFunction(() => document.querySelector('#announcer').textContent === 'R1 crashed');
    assert.equal(await page.getAttribute('#announcer', 'aria-live'), 'polite');
    await page.context().close();
});

test('a lost connection is said, and what was missed comes when it is back', async () => {
    const page = await it.open(`/projects/${PROJECT}`);
    const row = page.locator(`section[aria-labelledby="nodes"] tr[data-id="${NODE}"]`);
    await row.waitFor();
    it.mock.refuseSockets = true;
    it.mock.dropSockets();
    await page.waitForSelector('.banner:has-text("Live connection lost since")');
    assert.equal(await page.getAttribute('main', 'data-stale'), 'true');
    it.mock.requests.length = 0;
    it.mock.nodeTo(node(), 'suspended');
    it.mock.refuseSockets = false;
    await page.waitForSelector('[data-connection="open"]', { timeout: 20000 });
    await row.locator('.state-suspended').waitFor();
    assert.equal(await page.locator('.banner').count(), 0);
    assert.deepEqual(it.mock.requests.filter((r) => r.includes('batch')), [], 'resumed without reading again');
    it.mock.nodeTo(node(), 'started');
    await page.context().close();
});

test('when too much was missed, everything is read again', async () => {
    const page = await it.open('/');
    it.mock.refuseSockets = true;
    it.mock.dropSockets();
    await page.waitForSelector('.banner');
    it.mock.sent.length = 0;
    it.mock.lab.sequence += 9000;
    it.mock.change('gns3.node', { ...node(), status: 'stopped' });
    it.mock.refuseSockets = false;
    await page.waitForSelector('[data-connection="open"]', { timeout: 20000 });
    await until(async () => /31\s*of 64/.test(await page.textContent('[data-tile="nodes"]')), 'the count read again');
    it.mock.nodeTo(node(), 'started');
    await page.context().close();
});

test('where sockets do not get through, server-sent events do', async () => {
    it.mock.refuseSockets = true;
    const page = await it.open('/');
    assert.match(await page.getAttribute('[data-connection]', 'title'), /server-sent events/);
    it.mock.nodeTo(node(), 'stopped');
    await until(async () => /31\s*of 64/.test(await page.textContent('[data-tile="nodes"]')), 'the change by events');
    it.mock.nodeTo(node(), 'started');
    it.mock.refuseSockets = false;
    await page.context().close();
});

/* ---- Charts ---- */

const PANEL = '[data-panel="latency"]';

async function drawn(page, panel = PANEL) {
    await page.waitForSelector(`${panel}[data-reading="false"] canvas`);
}

test('a chart goes on with live rows', async () => {
    const page = await it.open('/servers/campus');
    await drawn(page);
    const before = Number(await page.getAttribute(PANEL, 'data-tick'));
    it.mock.rows();
    await until(async () => Number(await page.getAttribute(PANEL, 'data-tick')) > before, 'a live row in the chart', 3000);
    await page.context().close();
});

test('missing data is said with its times, and shaded', async () => {
    const page = await it.open('/servers/campus');
    await drawn(page);
    await page.waitForSelector(`${PANEL} [data-gap]`);
    assert.match(await page.textContent(`${PANEL} [data-gap]`), /^No data from \d\d:\d\d:\d\d to \d\d:\d\d:\d\d\.$/);
    await page.context().close();
});

test('a chart whose server is silent says since when', async () => {
    const page = await it.open('/servers/attic');
    await drawn(page);
    assert.match(await page.textContent(`${PANEL} .stale`), /No new values since .*ago\)/);
    await page.context().close();
});

test('a series that is not there yet says what to expect', async () => {
    it.mock.lab.put('gns3.node', { ...node(), id: 'fresh', node_id: 'fresh', name: 'fresh' });
    const page = await it.open('/nodes/fresh');
    await page.waitForSelector('[data-panel="state"] .plot-none:has-text("No data yet")');
    it.mock.lab.kind('gns3.node').delete('fresh');
    await page.context().close();
});

test('each time range reads what it says', async () => {
    const page = await it.open('/servers/campus');
    await drawn(page);
    for (const [name, ms] of [['1h', 36e5], ['6h', 216e5], ['24h', 864e5], ['7d', 6048e5], ['30d', 2592e6]]) {
        const asked = page.waitForRequest((r) => r.url().includes('/query?') && r.url().includes('gns3.server') && r.url().includes('to=now'));
        await page.click(`[data-span="${name}"] >> nth=0`);
        const from = Number(new URL((await asked).url()).searchParams.get('from'));
        assert.ok(Math.abs(Date.now() - from - ms) < 5000, name);
        await drawn(page);
    }
    assert.equal(await page.getAttribute('[data-span="30d"] >> nth=0', 'aria-pressed'), 'true');
    await page.context().close();
});

test('dragging over a chart zooms all charts, and one button goes back', async () => {
    const page = await it.open('/servers/campus');
    await drawn(page);
    await page.locator(PANEL).scrollIntoViewIfNeeded();
    const box = await page.locator(`${PANEL} .u-over`).boundingBox();
    const asked = page.waitForRequest((r) => r.url().includes('gns3.api') && !r.url().includes('to=now'));
    await page.mouse.move(box.x + box.width * 0.25, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 5 });
    await page.mouse.up();
    const asks = new URL((await asked).url()).searchParams;
    const span = Number(asks.get('to')) - Number(asks.get('from'));
    assert.ok(span > 6.5 * 60000 && span < 8.5 * 60000, `${span} ms`);
    await page.click('[data-unzoom] >> nth=0');
    await until(async () => (await page.locator('[data-unzoom]').count()) === 0, 'back to live');
    await page.context().close();
});

test('a chart is read and zoomed by keyboard', async () => {
    const page = await it.open('/servers/campus');
    await drawn(page);
    await page.focus(`${PANEL} .plot`);
    await page.keyboard.press('End');
    await page.waitForSelector(`${PANEL} .legend li:nth-child(2)`);
    const at = await page.textContent(`${PANEL} .legend li:nth-child(2)`);
    await page.keyboard.press('ArrowLeft');
    await until(async () => (await page.textContent(`${PANEL} .legend li:nth-child(2)`)) !== at, 'the row before');
    await page.keyboard.press('+');
    await page.waitForSelector('[data-unzoom]');
    await page.context().close();
});

test('a chart gives its numbers as a table', async () => {
    const page = await it.open('/servers/campus');
    await drawn(page);
    await page.click(`${PANEL} button[aria-pressed]`);
    assert.match(await page.textContent(`${PANEL} tbody tr:first-child td`), /\d ms|no data/);
    await page.context().close();
});

test('the cursor of one chart is seen in the others', async () => {
    const page = await it.open('/servers/campus');
    await drawn(page);
    await drawn(page, '[data-panel="nodes"]');
    await page.locator(PANEL).scrollIntoViewIfNeeded();
    const box = await page.locator(`${PANEL} .u-over`).boundingBox();
    await page.mouse.move(box.x + box.width * 0.2, box.y + 50);
    await page.waitForSelector('[data-panel="nodes"] .legend li:nth-child(3)');
    await page.context().close();
});
