/* run.mjs - runs the browser tests, against the mock or against a dashboard that is there.
 *
 *   node run.mjs                       all, against the mock
 *   node run.mjs --base URL            those that need no mock, against a running gnswatch
 *   node run.mjs --daemon GNSWATCH SIM [--plugins DIR]
 *                                      starts both, with a directory of its own, and tests that
 *
 * Ends with 77, and a word why, when chromium or node_modules is not there. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromiumPath } from './browser.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

function skip(why) {
    process.stdout.write(`skipped: ${why}\n`);
    process.exit(77);
}

if (!chromiumPath())
    skip('chromium is not installed (Debian: apt-get install chromium)');
if (!existsSync(here('node_modules/playwright-core')) || !existsSync(here('node_modules/axe-core')))
    skip('node_modules is not there (npm --prefix tests/web ci)');

const args = process.argv.slice(2);
const env = { ...process.env };
let suites = ['unit.test.mjs', 'pages.test.mjs', 'live.test.mjs', 'act.test.mjs', 'watch.test.mjs', 'host.test.mjs', 'access.test.mjs'];
const end = [];
if (args[0] === '--base') {
    env.GNSWATCH_BASE = args[1];
    suites = ['daemon.test.mjs'];
} else if (args[0] === '--daemon') {
    const { startDaemon } = await import('./daemon.mjs');
    const daemon = await startDaemon(args.slice(1));
    end.push(daemon.stop);
    Object.assign(env, { GNSWATCH_BASE: daemon.base, GNSWATCH_SIM: daemon.sim, GNSWATCH_CONF: daemon.conf });
    suites = ['daemon.test.mjs'];
}
const result = spawnSync(process.execPath, ['--test', '--test-concurrency=2', '--test-reporter=spec', ...suites.map(here)],
    { stdio: 'inherit', env });
for (const stop of end)
    await stop();
process.exit(result.status ?? 1);
