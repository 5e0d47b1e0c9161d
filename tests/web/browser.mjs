/* browser.mjs - Debian's chromium for the tests, and what every test asks of a page. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CHROMIUM = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'];

export function chromiumPath() {
    return CHROMIUM.find((path) => path && existsSync(path));
}

/* {context(options), close()}: a browser with a directory of its own, gone afterwards. */
export async function launch() {
    const { chromium } = await import('playwright-core');
    const home = await mkdtemp(join(tmpdir(), 'gnswatch-web-'));
    const browser = await chromium.launch({ executablePath: chromiumPath(), args: FLAGS, env: { ...process.env, HOME: home, XDG_CONFIG_HOME: home } });
    return {
        context: (options) => browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 }, colorScheme: 'light', ...options }),
        close: async () => {
            await browser.close();
            await rm(home, { recursive: true, force: true });
        },
    };
}

/* A page of the dashboard, shown and live. `page.problems` collects what the console complains of,
 * and requests to any other host. */
export async function open(browser, base, path = '/', options = {}) {
    const context = await browser.context(options);
    const page = await context.newPage();
    page.problems = [];
    page.on('console', (m) => m.type() === 'error' && page.problems.push(m.text()));
    page.on('pageerror', (e) => page.problems.push(String(e)));
    page.on('request', (r) => /^(https?|wss?):/.test(r.url()) && new URL(r.url()).host !== new URL(base).host && page.problems.push(`other host: ${r.url()}`));
    await page.goto(base + path);
    if (!options.login)
        await page.waitForSelector('[data-connection="open"]');
    return page;
}

export async function until(check, what, limit = 8000) {
    const end = Date.now() + limit;
    for (;;) {
        const result = await check();
        if (result)
            return result;
        if (Date.now() > end)
            throw new Error(`did not happen in ${limit} ms: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 25));
    }
}

/* The page shows its heading and its charts have been read. */
export async function settled(page) {
    await page.waitForSelector('main h1', { state: 'attached' });
    await page.waitForFunction(() => !document.querySelector('[data-reading="true"], .loading'));
}

/* Nothing sticks out at this width, once what follows the width has. */
export async function fits(page, width) {
    await page.setViewportSize({ width, height: 740 });
    await until(() => page.evaluate((wanted) => innerWidth === wanted && document.documentElement.scrollWidth <= document.documentElement.clientWidth, width),
        `all of ${page.url()} to fit into ${width} pixels`, 3000);
}
