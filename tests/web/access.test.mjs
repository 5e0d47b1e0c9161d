/* The dashboard for everyone: axe finds nothing in what opens (pages.test.mjs asks it about each page), and the
 * keyboard goes everywhere. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { violations } from './axe.mjs';
import { until } from './browser.mjs';
import { NODE, PROJECT, setup } from './setup.mjs';

const it = setup();
test('axe finds nothing in a dialog, a toast, an open menu, a search and the login form', async () => {
    const page = await it.open(`/nodes/${NODE}`, { viewport: { width: 360, height: 740 } });
    await page.click('.menu-button');
    assert.deepEqual(await violations(page), [], 'menu');
    await page.keyboard.press('Escape');
    await page.fill('[role="combobox"]', 'R');
    await page.waitForSelector('[role="option"]');
    assert.deepEqual(await violations(page), [], 'search');
    await page.keyboard.press('Escape');
    await page.click('[data-action="node.suspend"]');
    await page.waitForSelector('dialog[open]');
    assert.deepEqual(await violations(page), [], 'dialog');
    await page.click('dialog [data-confirm]');
    await page.waitForSelector('.toast-done');
    assert.deepEqual(await violations(page), [], 'toast');
    it.mock.token = 'sesame';
    await page.reload();
    await page.waitForSelector('.login form');
    assert.deepEqual(await violations(page), [], 'login');
    it.mock.token = null;
    await page.context().close();
});

test('the keyboard alone goes from the skip link to a node and starts it', async () => {
    const page = await it.open(`/projects/${PROJECT}`);
    const focused = () => page.evaluate(() => document.activeElement.dataset.action || document.activeElement.textContent.trim());
    const tabTo = (check, what) => until(async () => {
        if (check(await focused()))
            return true;
        await page.keyboard.press('Tab');
        return false;
    }, what, 15000);
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'Skip to content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => Boolean(document.activeElement.closest('main'))), true, 'past the navigation');
    await tabTo((text) => text === 'R5', 'the link of R5');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/nodes/*');
    await tabTo((text) => text === 'node.start', 'the start button');
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open]');
    for (let i = 0; i < 5; i++) {
        await page.keyboard.press('Tab');
        assert.equal(await page.evaluate(() => document.activeElement === document.body || Boolean(document.activeElement.closest('dialog'))), true, 'the focus stays in the dialog');
    }
    await page.focus('dialog [data-confirm]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.toast-done:has-text("Start: R5")');
    await page.context().close();
});

test('what has the focus is seen to have it', async () => {
    const page = await it.open('/');
    for (let i = 0; i < 12; i++) {
        await page.keyboard.press('Tab');
        const seen = await page.evaluate(() => {
            const style = getComputedStyle(document.activeElement);
            return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || document.activeElement.className;
        });
        assert.equal(seen, true);
    }
    await page.context().close();
});

test('nothing moves for those who asked for it', async () => {
    const page = await it.open('/', { reducedMotion: 'reduce' });
    const longest = await page.evaluate(() => Math.max(...[...document.querySelectorAll('*')].map((e) => parseFloat(getComputedStyle(e).animationDuration) || 0)));
    assert.ok(longest <= 0.001);
    await page.context().close();
});
