/* The machine, what nodes take of it, the programs that exec runs, and where plugins run: what is
 * shown, how it follows, what can be done. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { settled, until } from './browser.mjs';
import { PROJECT, setup } from './setup.mjs';

const it = setup();
const DEAD = '00000000-0000-4000-8000-000000002712'; /* R3 */
const posts = () => it.mock.requests.filter((r) => r.startsWith('POST'));

test('the machine says how it is now, and when a file system will be full', async () => {
    const page = await it.open('/system');
    await settled(page);
    assert.equal(await page.textContent('main h1'), 'rack-1');
    assert.match(await page.textContent('[data-vital="memory"]'), /[\d.]+%[^]*of 64 GiB/);
    assert.match(await page.textContent('[data-vital="load"]'), /5 min [\d.]+/);
    assert.match(await page.textContent('[data-vital="pressure"]'), /CPU[^]*%[^]*Memory[^]*%[^]*I\/O[^]*%/);
    assert.match(await page.textContent('tr[data-id="/srv/gns3"]'), /fills up[^]*full in 3 h/);
    assert.match(await page.textContent('tr[data-id="/boot"] .state'), /full/);
    assert.match(await page.textContent('tr[data-id="eno1"]'), /1 Gbit\/s[^]*up/);
    assert.match(await page.textContent('section[aria-labelledby="sensors"]'), /Composite[^]*°C[^]*100 °C/);
    await page.context().close();
});

test('the tiles of the machine follow live rows', async () => {
    const page = await it.open('/system');
    const before = it.mock.lab.values['system.cpu'];
    it.mock.lab.values['system.cpu'] = (s, field) => ({ used: 97.5, cores: 16 }[field] ?? 0);
    it.mock.rows();
    await page.waitForSelector('[data-vital="cpu"].vital-bad:has-text("97.5%")');
    it.mock.lab.values['system.cpu'] = before;
    await page.context().close();
});

test('a file system’s name leads to its course', async () => {
    const page = await it.open('/system');
    await page.click('tr[data-id="/srv/gns3"] th a');
    await page.waitForURL('**/graph/**field=used_percent');
    await page.waitForSelector('.chart-panel[data-reading="false"] canvas');
    await page.context().close();
});

test('nodes that are not what GNS3 shows stand on top; the table is sorted and filtered', async () => {
    const page = await it.open('/system/nodes');
    assert.match(await page.textContent('.trouble-list'), /2 nodes[^]*R3[^]*has no process[^]*R4[^]*uBridge is gone/);
    const table = page.locator('section[aria-labelledby="nodes"]');
    const column = (n) => table.locator(`tbody td:nth-of-type(${n})`).allTextContents();
    await page.click('section[aria-labelledby="nodes"] thead button:has-text("Memory")');
    const bytes = (await column(3)).map((text) => parseFloat(text) * ({ B: 1, MiB: 2 ** 20 }[text.split(/\s/)[1]]));
    assert.deepEqual(bytes, [...bytes].sort((a, b) => a - b));
    await page.selectOption('[name="status"]', 'dead');
    assert.deepEqual(await table.locator('tbody th > a').allTextContents(), ['R3']);
    assert.match(await page.textContent('section[aria-labelledby="projects"]'), /OSPF backbone[^]*MiB/);
    await page.waitForSelector('section[aria-labelledby="about-events"]:has-text("process 7711")');
    assert.doesNotMatch(await page.textContent('section[aria-labelledby="about-events"]'), /will be full/);
    await page.context().close();
});

test('a node that dies is told while one looks', async () => {
    const page = await it.open('/system/nodes');
    const node = [...it.mock.lab.kind('system.node').values()].find((n) => n.name === 'PC1');
    it.mock.change('system.node', { ...node, status: 'dead', why: 'no process or container is its own' });
    await page.waitForSelector(`[data-trouble="${node.id}"]:has-text("PC1")`);
    it.mock.change('system.node', node);
    await until(async () => (await page.locator(`[data-trouble="${node.id}"]`).count()) === 0, 'the trouble to be over');
    await page.context().close();
});

test('the page of a node says what its processes take, or that it has none', async () => {
    const page = await it.open(`/nodes/${DEAD}`);
    assert.match(await page.textContent('section[aria-labelledby="processes"]'), /dead[^]*GNS3 shows it as started, but it has no process/);
    await page.waitForSelector('[data-panel="usage cpu"]');
    await page.goto(`${it.base}/projects/${PROJECT}`);
    await page.click('section[aria-labelledby="nodes"] tr:has-text("PC1") a');
    await page.waitForSelector('section[aria-labelledby="processes"]:has-text("MiB")');
    assert.match(await page.textContent('section[aria-labelledby="processes"]'), /running[^]*CPU[\d.]+%[^]*Process ids41\d\d/);
    await page.context().close();
});

test('programs that need somebody come first, and are filtered by the address', async () => {
    const page = await it.open('/exec');
    const names = () => page.locator('.exec-table tbody tr').evaluateAll((list) => list.map((tr) => tr.dataset.id));
    assert.deepEqual(await names(), ['munin.load', 'sensors', 'disk_root', 'telegraf', 'rack', 'apps', 'node_exporter', 'ntp']);
    assert.match(await page.textContent('tr[data-id="sensors"]'), /died of signal 11[^]*signal 11/);
    await page.selectOption('[name="protocol"]', 'nagios');
    assert.deepEqual(await names(), ['disk_root', 'ntp']);
    assert.match(page.url(), /protocol=nagios/);
    await page.fill('[name="text"]', 'srv');
    assert.deepEqual(await names(), ['disk_root']);
    await page.context().close();
});

test('a program is run at once, restarted after a question, and enabled when it is off', async () => {
    const page = await it.open('/exec/munin.load');
    it.mock.requests.length = 0;
    await page.click('[data-action="exec.run"]');
    await page.waitForSelector('.toast-done:has-text("Run now: munin.load")');
    await page.waitForSelector('section[aria-labelledby="counts"]:has-text("Runs13")');
    await page.click('[data-action="exec.restart"]');
    assert.match(await page.textContent('dialog'), /Restart munin.load\?[^]*ended and started again/);
    await page.click('dialog [data-cancel]');
    await page.goto(`${it.base}/exec/telegraf`);
    await page.click('[data-action="exec.enable"]');
    await page.click('dialog [data-confirm]');
    await page.waitForSelector('main h1 + .state-running');
    assert.deepEqual(posts(), ['POST /api/v1/commands/exec.item.run', 'POST /api/v1/commands/exec.item.enable']);
    await page.context().close();
});

test('the place of a mistake is marked in its line, and a new mistake is shown as it comes', async () => {
    const page = await it.open('/exec/munin.load');
    assert.match(await page.textContent('section[aria-labelledby="error"]'), /Line 2, column 17: a value is a number/);
    assert.equal(await page.textContent('.mistake-line mark'), '0.40');
    assert.equal(await page.textContent('.lines .wrong'), 'load.value 0.42 0.40 0.37\n');
    const item = it.mock.lab.kind('exec.item').get('munin.load');
    it.mock.change('exec.item', { ...item, error: { why: 'timed out after 10 s and was ended', time: Date.now() } });
    await page.waitForSelector('section[aria-labelledby="error"]:has-text("timed out after 10 s")');
    assert.equal(await page.locator('.mistake-line').count(), 0);
    await page.context().close();
});

test('what a program measures has its unit, its limits and its last minutes', async () => {
    const page = await it.open('/exec/disk_root');
    const row = page.locator('.metric-table tbody tr');
    await row.locator('.spark path[d^="M"]').waitFor({ state: 'attached' });
    assert.match(await row.textContent(), /^srv_gns3\s*exec.disk srv_gns3[^]*\d+ GiB[^]*warning 744[^]*critical 837[^]*possible 0 …/);
    assert.match(await page.textContent('section[aria-labelledby="verdict"]'), /critical[^]*DISK CRITICAL[^]*inodes: 12 %/);
    await row.locator('.metric-past').click();
    await page.waitForURL('**/graph/**field=srv_gns3');
    await page.context().close();
});

test('a program in our own lines is asked for what it offers', async () => {
    const page = await it.open('/exec/rack');
    await page.click('[data-action="exec.ask"]');
    await page.fill('dialog textarea', '{"times": 7}');
    await page.click('dialog [data-confirm]');
    await page.waitForSelector('.toast-done:has-text(\'{"blinks":7}\')');
    await page.context().close();
});

test('an author tries a command and sees what would be made of it', async () => {
    const page = await it.open('/exec/-/try');
    await page.selectOption('[name="protocol"]', 'jsonl');
    await page.click('[data-form="exec.try"] [type="submit"]');
    await page.waitForSelector('[data-field="command"] .problem:has-text("is missing")');
    await page.fill('[name="command"]', '/opt/lab/rack.py');
    await page.click('[data-form="exec.try"] [type="submit"]');
    await page.waitForSelector('[data-try]');
    assert.match(await page.textContent('[data-try]'), /exit code 1[^]*Line 2, column 6: this is no line of jsonl[^]*warming up[^]*Load[^]*0.42[^]*critical 8[^]*Verdict[^]*WARNING/);
    assert.equal(await page.textContent('.mistake-line mark'), '%%');
    await page.context().close();
});

test('an operator runs programs but tries no commands, and restarts no plugin', async () => {
    it.mock.role = 'operator';
    const page = await it.open('/exec');
    await page.waitForSelector('[data-action="exec.run"]');
    assert.equal(await page.locator('a[href="/exec/-/try"]').count(), 0);
    await page.goto(`${it.base}/exec/-/try`);
    await page.waitForSelector('section[aria-labelledby="try"]:has-text("Only administrators")');
    assert.equal(await page.locator('form[data-form]').count(), 0);
    await page.goto(`${it.base}/plugins`);
    await page.waitForSelector('[data-instance="rooftop"]');
    assert.equal(await page.locator('[data-action="plugin.retry"]').count(), 0);
    it.mock.role = 'admin';
    await page.context().close();
});

test('an instance says where it runs, within which limits, and how it crashed', async () => {
    const page = await it.open('/plugins');
    assert.match(await page.textContent('[data-instance="webhook"]'), /in a process of its own[^]*Process4711[^]*Memory8.96 MiB of 256 MiB[^]*256 files · 10,000 series/);
    assert.match(await page.textContent('[data-instance="load"]'), /as a thread of gnswatch/);
    const rooftop = page.locator('[data-instance="rooftop"]');
    await rooftop.locator('[data-crash] summary').click();
    assert.match(await rooftop.locator('[data-crash]').textContent(), /killed by signal 11[^]*#0 weather_tick\+0x41/);
    it.mock.requests.length = 0;
    await rooftop.locator('[data-action="plugin.retry"]').click();
    await page.waitForSelector('.toast-done:has-text("Try again: rooftop")');
    assert.deepEqual(posts(), ['POST /api/v1/plugins/rooftop/restart']);
    await page.context().close();
});

test('a refused file says its line and column, and a mended one nothing any more', async () => {
    const page = await it.open('/plugins');
    const say = (topic, severity, text, data) => it.mock.say({ type: 'event', event: { ...it.mock.lab.event(topic, severity, null, null, text, data), source: 'gnswatch' } }, 'events');
    assert.match(await page.textContent('[data-refused="alert.yaml"]'), /^alert.yaml:12:7[^]*'severity' must be one of[^]*2 mistakes/);
    say('gnswatch.conf.refused', 'error', "exec.yaml:3:1: there is no option 'itms'; its instance stays as it was", { file: 'exec.yaml', mistakes: 1 });
    await page.waitForSelector('[data-refused="exec.yaml"]:has-text("exec.yaml:3:1")');
    say('gnswatch.conf.accepted', 'notice', 'exec.yaml is well again', { file: 'exec.yaml' });
    await until(async () => (await page.locator('[data-refused="exec.yaml"]').count()) === 0, 'the mended file to go');
    assert.equal(await page.locator('[data-refused]').count(), 1);
    await page.context().close();
});

test('a crash is shown as it happens', async () => {
    const page = await it.open('/plugins');
    const event = Object.assign(it.mock.lab.event('gnswatch.instance.crashed', 'error', null, null, 'its process was killed: it hung for 30 s', { backtrace: '#0 poll+0x1' }), { source: 'rooftop' });
    it.mock.say({ type: 'event', event }, 'events');
    const crash = page.locator('[data-instance="rooftop"] [data-crash]');
    await crash.locator('summary').click();
    await crash.locator('pre:has-text("#0 poll")').waitFor();
    await page.context().close();
});

test('a page whose plugin is not there says what to put into conf.d', async () => {
    ['system', 'exec'].forEach((p) => it.mock.without.add(p));
    const page = await it.open('/');
    assert.equal(await page.locator('#nav a[href="/exec"], #nav a[href="/system"]').count(), 0);
    for (const [path, plugin] of [['/system', 'system'], ['/system/nodes', 'system'], ['/exec', 'exec'], ['/exec/apps', 'exec'], ['/exec/-/try', 'exec']]) {
        await page.goto(it.base + path);
        await page.waitForSelector(`section[aria-labelledby="absent"]:has-text("Drop ${plugin}.yaml")`);
    }
    assert.deepEqual(page.problems, []);
    it.mock.without.clear();
    await page.context().close();
});
