/* daemon.mjs - the real gnswatch with the simulated lab, each with ports and a directory of its own. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './browser.mjs';

const START_MS = 20000;

function json(file) {
    return readFile(file, 'utf8').then(JSON.parse, () => null);
}

function run(program, args) {
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.ended = new Promise((resolve) => child.on('exit', resolve));
    child.on('error', (error) => process.stderr.write(`${program}: ${error.message}\n`));
    return child;
}

async function end(child) {
    if (child.exitCode !== null)
        return;
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 10000);
    await child.ended;
    clearTimeout(late);
}

/* What each further plugin is told, when it is among the built ones. */
const CONF = {
    alert: 'receivers:\n  - name: nobody\n    send:\n      - command: webhook.send\n        with: {hook: none}\n',
    health: '',
    traffic: 'captures: yes\n',
    snapshot: 'schedules:\n  - {name: nightly, cron: "30 2 * * *", projects: ["*"], keep: {last: 2}}\n',
    webhook: 'hooks:\n  - {name: none, url: "http://127.0.0.1:9/"}\n',
    prometheus: '',
    system: 'every: 1s\n',
    exec: `items:
  - {name: load, protocol: nagios, every: 1s, command: [/bin/sh, -c, "echo 'LOAD CRITICAL - 9.5 | load1=9.5;4;8;0'; exit 2"]}
  - {name: broken, protocol: influx, mode: each, every: 1s, command: [/bin/sh, -c, "echo 'room temperature=21.5'; echo 'room temperature=warm='"]}
`,
};

async function configurePlugins(conf, dir) {
    for (const [name, text] of Object.entries(CONF))
        if (dir && existsSync(join(dir, `${name}.so`)))
            await writeFile(join(conf, `${name}.yaml`), `plugin: ${name}\n${text}`);
}

/* Where the daemon listens, once it has read the lab. */
async function listening(dir) {
    const { http } = await until(() => json(join(dir, 'state/gnswatch.ports')), 'the daemon to listen', START_MS);
    const base = `http://127.0.0.1:${http}`;
    await until(() => fetch(`${base}/api/gns3/nodes`).then((r) => r.json()).then((b) => b.total === 36, () => false), 'the inventory to be read', START_MS);
    return base;
}

/* args: GNSWATCH SIM [--plugins DIR]. → {base, sim (control URL), stop()} */
export async function startDaemon([gnswatch, simulator, ...more]) {
    const dir = await mkdtemp(join(tmpdir(), 'gnswatch-web-daemon-'));
    const portsFile = join(dir, 'ports.json');
    const sim = run(simulator, ['--api', '2.2.59', '--projects', '3', '--nodes', '12', '--opened', '2', '--listen', '127.0.0.1:0',
        '--control', '127.0.0.1:0', '--ports-file', portsFile]);
    const ports = await until(() => json(portsFile), 'the simulator to start', START_MS);
    const conf = join(dir, 'conf.d');
    await mkdir(conf);
    await writeFile(join(conf, 'gnswatch.yaml'), `api:\n  listen: 127.0.0.1:0\n  anonymous_role: admin\n`);
    await writeFile(join(conf, 'gns3.yaml'), `plugin: gns3\nservers:\n  - name: lab\n    url: ${ports.servers[0].url}\n`);
    await configurePlugins(conf, more[more.indexOf('--plugins') + 1]);
    const daemon = run(gnswatch, ['run', '-c', conf, '--state', join(dir, 'state'), ...more]);
    const stop = async () => {
        await end(daemon);
        await end(sim);
        await rm(dir, { recursive: true, force: true });
    };
    const base = await listening(dir).catch(async (error) => {
        await stop();
        throw error;
    });
    return {
        base, conf,
        sim: typeof ports.control === 'number' ? `http://127.0.0.1:${ports.control}` : ports.control?.url ?? ports.control,
        stop,
    };
}
