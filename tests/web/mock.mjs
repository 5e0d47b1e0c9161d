/* mock.mjs - a stand-in for the daemon: the API of core/api/README.md, as far as the dashboard uses
 * it, over a made-up lab. For tests and for work on the dashboard without a daemon:
 *
 *   node mock.mjs [PORT]      then open http://127.0.0.1:PORT/
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Lab, STEP_MS } from './lab.mjs';
import * as host from './mock_host.mjs';
import * as watch from './mock_watch.mjs';

const COMMANDS = [...watch.COMMANDS, ...host.COMMANDS];
const PLUGINS = { ...watch.PLUGINS, ...host.PLUGINS };
const WEB = fileURLToPath(new URL('../../web', import.meta.url));
const KEPT = 4096;
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.png': 'image/png' };
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'self'; form-action 'self'; object-src 'none'; frame-ancestors 'none'";
/* Plurals of each plugin's kinds. */
const COLLECTIONS = {
    gns3: { servers: 'server', computes: 'compute', projects: 'project', nodes: 'node', links: 'link', snapshots: 'snapshot' },
    alert: { alerts: 'alert', rules: 'rule', silences: 'silence', windows: 'window', receivers: 'receiver' },
    health: { scores: 'score', reports: 'report' }, traffic: { links: 'link', projects: 'project', switch: 'switch' },
    snapshot: { schedules: 'schedule', copies: 'copy', runs: 'run' },
    email: { letters: 'letter' }, mqtt: { messages: 'message' }, webhook: { deliveries: 'delivery' }, prometheus: { targets: 'target' },
    exec: { items: 'item' }, system: { host: 'host', disks: 'disk', filesystems: 'filesystem', interfaces: 'interface', nodes: 'node' },
};
const ROLES = ['viewer', 'operator', 'admin'];
const STATES = { start: 'started', stop: 'stopped', suspend: 'suspended', reload: 'started' };

export class Mock {
    constructor() {
        this.lab = new Lab();
        this.role = 'admin';
        this.token = null; /* when set, requests without the session get 401 */
        this.refuseSockets = false;
        this.without = new Set(); /* plugins that are not loaded */
        this.requests = []; /* what was asked: "METHOD path" */
        this.clients = new Set();
        this.sent = []; /* numbered messages, for `since` */
        this.jobs = new Map();
        this.history = [];
        this.began = Date.now();
        this.timers = [setInterval(() => this.rows(), STEP_MS), setInterval(() => this.broadcast({ type: 'plugins', items: this.plugins() }, 'plugins'), 2000)];
        this.server = createServer((request, response) => this.answer(request, response));
        this.server.on('upgrade', (request, socket) => this.upgrade(request, socket));
    }

    listen(port = 0) {
        return new Promise((resolve) => this.server.listen(port, '127.0.0.1', () => {
            this.port = this.server.address().port;
            this.url = `http://127.0.0.1:${this.port}`;
            resolve(this.url);
        }));
    }

    close() {
        this.timers.forEach(clearInterval);
        this.dropSockets();
        this.server.closeAllConnections();
        return new Promise((resolve) => this.server.close(resolve));
    }

    /* ---- HTTP ---- */

    async answer(request, response) {
        const url = new URL(request.url, this.url);
        this.requests.push(`${request.method} ${url.pathname}`);
        const body = request.method === 'GET' ? null : await readJson(request);
        if (/^\/api\/health\/reports\/\w+\/page$/.test(url.pathname))
            return response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end('<!doctype html><title>Report</title><h1>Report</h1>');
        if (url.pathname === '/health')
            return response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"status":"ok"}');
        if (url.pathname === '/api/docs')
            return this.file('/api-docs.html', response);
        if (!url.pathname.startsWith('/api/'))
            return this.file(url.pathname, response);
        if (url.pathname === '/api/v1/live/events')
            return this.eventStream(url, response);
        const known = !this.token || request.headers.cookie?.includes(`session=${this.token}`);
        const [status, answer, headers] = url.pathname === '/api/v1/session' && body ? this.login(body)
            : known ? this.route(request.method, url, body) : problem(401, 'A token is needed.');
        response.writeHead(status, { 'Content-Type': status < 300 ? 'application/json' : 'application/problem+json', ...headers });
        response.end(JSON.stringify(answer));
    }

    login({ token }) {
        return token === this.token ? [200, { role: this.role }, { 'Set-Cookie': `session=${token}; HttpOnly; SameSite=Strict; Path=/` }] : problem(401, 'The token is not known.');
    }

    file(path, response) {
        let name = join(WEB, normalize(path));
        if (!existsSync(name) || statSync(name).isDirectory())
            name = join(WEB, 'index.html');
        response.writeHead(200, { 'Content-Type': TYPES[extname(name)] ?? 'text/plain', 'Content-Security-Policy': POLICY, 'Cache-Control': 'no-cache' });
        createReadStream(name).pipe(response);
    }

    route(method, url, body) {
        const parts = url.pathname.slice(5).split('/').map(decodeURIComponent);
        const asked = url.searchParams;
        if (method === 'GET' && parts[0] !== 'v1') {
            const thing = !this.without.has(parts[0]) && COLLECTIONS[parts[0]]?.[parts[1]];
            return thing ? this.collection(`${parts[0]}.${thing}`, parts[2], asked) : problem(404, 'There is no such route.');
        }
        if (method === 'GET')
            return this.read(parts.slice(1), asked, url);
        if (parts[1] === 'commands')
            return this.command(parts[2], body);
        if (parts[1] === 'plugins' && parts[3] === 'restart')
            return this.may('admin') ?? [200, {}];
        if (parts[1] === 'jobs' && parts[3] === 'cancel')
            return this.may('operator') ?? this.cancel(parts[2]);
        return problem(404, 'There is no such route.');
    }

    may(role) {
        return ROLES.indexOf(this.role) < ROLES.indexOf(role) ? problem(403, `The role ${role} is needed.`) : null;
    }

    collection(kind, id, asked) {
        if (id !== undefined) {
            const object = this.lab.kind(kind).get(id);
            return object ? [200, object] : problem(404, `There is no ${kind} ${id}.`);
        }
        let items = [...this.lab.kind(kind).values()];
        for (const [name, value] of asked)
            if (name === 'search')
                items = items.filter((o) => JSON.stringify(o).toLowerCase().includes(value.toLowerCase()));
            else if (!['sort', 'offset', 'limit'].includes(name))
                items = items.filter((o) => String(o[name]) === value);
        const member = asked.get('sort')?.replace(/^-/, '') ?? 'name';
        items.sort((a, b) => (asked.get('sort')?.startsWith('-') ? -1 : 1) * String(a[member]).localeCompare(String(b[member]), 'en', { numeric: true }));
        return [200, page(items, asked)];
    }

    read([what, id, more, tail], asked, url) {
        const { lab } = this;
        const readers = {
            batch: () => [200, { items: asked.getAll('get').map((path) => {
                const [status, body] = this.route('GET', new URL(path, url), null);
                return { status, body };
            }), sequence: lab.sequence }],
            session: () => [200, { name: 'local', role: this.role }],
            health: () => [200, this.health()],
            plugins: () => [200, { items: this.plugins() }],
            events: () => this.events(asked),
            query: () => this.query(asked),
            series: () => this.series(asked),
            jobs: () => (id ? [200, this.jobs.get(id)] : [200, { items: [...this.jobs.values()] }]),
            commands: () => [200, { items: id === 'history' ? this.history : COMMANDS.filter((c) => !this.without.has(c.name.split('.')[0])) }],
            objects: () => (tail === 'history' ? [200, { items: this.changes(id, more) }]
                : this.without.has(id.split('.')[0]) ? problem(404, 'There is no such kind.') : this.collection(id, more, asked)),
        };
        return readers[what]?.() ?? problem(404, 'There is no such route.');
    }

    changes(kind, id) {
        const object = this.lab.kind(kind).get(id);
        return object?.status ? [{ time: object.since ?? this.began, change: 'put', changed: { status: ['stopped', object.status], fired: [null, this.began], notified: [[], [{ receiver: 'x' }]] } }, { time: this.began - 9e6, change: 'new', changed: {} }] : [];
    }

    events(asked) {
        const order = ['debug', 'info', 'notice', 'warning', 'error', 'critical'];
        const topic = asked.get('topic') && new RegExp(`^${asked.get('topic').replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
        const items = this.lab.events.filter((e) =>
            (!asked.get('severity') || order.indexOf(e.severity) >= order.indexOf(asked.get('severity'))) &&
            (!topic || topic.test(e.topic)) && ['kind', 'id'].every((n) => !asked.get(n) || e[n] === asked.get(n)) &&
            e.text.toLowerCase().includes((asked.get('search') ?? '').toLowerCase()) &&
            e.time >= Number(asked.get('from') ?? 0) && e.time <= Number(asked.get('to') ?? Infinity) &&
            e.sequence < Number(asked.get('before') ?? Infinity));
        return [200, { items: items.slice(0, Number(asked.get('limit') ?? 100)) }];
    }

    query(asked) {
        const now = Date.now();
        const units = { s: 1000, m: 60000, h: 3600000, d: 86400000 };
        const time = (text) => {
            const [, count, unit] = /^-(\d+)([smhd])$/.exec(text) ?? [];
            return text === 'now' ? now : count ? now - count * units[unit] : Number(text);
        };
        const wanted = asked.getAll('series');
        const ids = /^[\d,]+$/.test(wanted[0]) ? wanted[0].split(',') : [];
        const found = wanted.length ? this.lab.series.filter((s) => wanted.includes(s.key) || ids.includes(String(s.id))) : this.seriesOf(asked);
        return [200, { items: found.slice(0, 50).map((s) => this.lab.query(s, time(asked.get('from')), time(asked.get('to') ?? 'now'), Number(asked.get('points') ?? 300))) }];
    }

    seriesOf(asked) {
        const labels = [...asked].filter(([n]) => !['measurement', 'from', 'to', 'points', 'as', 'limit', 'offset', 'search'].includes(n));
        return this.lab.series.filter((s) => (!asked.get('measurement') || s.measurement === asked.get('measurement')) && labels.every(([n, v]) => s.labels[n] === v));
    }

    series(asked) {
        const time = Math.floor(Date.now() / STEP_MS) * STEP_MS;
        const items = this.seriesOf(asked).map(({ id, key, measurement, labels, units, live }) => ({ id, key, measurement, labels, every_ms: STEP_MS, live,
            fields: Object.entries(units).map(([name, unit]) => ({ name, kind: unit.endsWith('/s') ? 'counter' : 'gauge', unit, help: '' })),
            last: { time, values: Object.fromEntries(Object.keys(units).map((f) => [f, this.lab.value(this.lab.series[id - 1], f, time)])) } }));
        return [200, page(items, asked)];
    }

    plugins() {
        const now = Date.now();
        const base = { version: '0.1.0', restarts: 0, late: 0, queue: 0 };
        return [
            { ...base, instance: 'gns3', plugin: 'gns3', summary: 'GNS3 servers: inventory, series, events and control', state: 'running', file: 'conf.d/gns3.yaml', every_ms: 5000, last_tick: now - 1200,
                last_success: now - 1200, last_error: { time: now - 700000, text: 'attic: connection refused at attic.lab.test:3080' }, ticks: 51840, errors: 144, cpu_ms: 91234, cpu_percent: 1.3,
                options: { servers: [{ name: 'campus', url: 'http://campus.lab.test:3080', password: '***' }], every: '5s' } },
            { ...base, instance: 'load', plugin: 'load', summary: 'Load average of this machine', state: 'running', file: 'conf.d/load.yaml', every_ms: 5000, last_tick: now - 3100, last_success: now - 3100, last_error: null, ticks: 51840, errors: 0, cpu_ms: 412, cpu_percent: 0.01, options: {} },
            ...Object.entries(PLUGINS).filter(([name]) => !this.without.has(name)).map(([name, summary]) => ({ ...base, instance: name, plugin: name, summary, state: 'running', file: `conf.d/${name}.yaml`, every_ms: 1000,
                last_tick: now - 400, last_success: now - 400, last_error: null, ticks: 259200, errors: 0, cpu_ms: 900, cpu_percent: 0.02, options: {} })),
            { ...base, instance: 'rooftop', plugin: 'weather', summary: 'A plugin of the lab’s own', state: 'waiting', file: 'conf.d/rooftop.yaml', every_ms: 60000, last_tick: now - 52000, last_success: null, last_error: { time: now - 52000, text: 'open /dev/ttyUSB0: No such file or directory. Is the sensor plugged in?' }, ticks: 12, errors: 12, late: 3, restarts: 4, cpu_ms: 8, cpu_percent: 0, options: { device: '/dev/ttyUSB0' } },
        ].map((p) => host.isolated(p, now));
    }

    health() {
        return { status: 'ok', version: '0.1.0', uptime_s: 259200 + Math.floor((Date.now() - this.began) / 1000), role: this.role,
            store: { process: { rows: { taken: 4147200, lost: 0 }, journal: { bytes: 183500, failing: false }, rrd: { files: 214, bytes: 41943040, failing: false } }, database: { failing: false } }, api: { live_clients: this.clients.size }, metric: { series: this.lab.series.length, live: this.lab.series.length - 2, arena_bytes: 3145728 }, dropped: { live: 0 } };
    }

    /* ---- Commands ---- */

    command(name, params) {
        const refused = this.may('operator');
        if (refused)
            return refused;
        const [, thing, verb] = name.split('.');
        const caller = { command: name, caller: 'local', via: 'rest', params, started: Date.now() };
        if (verb === 'start_all' || verb === 'stop_all')
            return this.startJob(caller, params.id, verb === 'start_all' ? 'started' : 'stopped');
        if (COMMANDS.some((c) => c.name === name && c.role === 'admin') && this.may('admin'))
            return this.may('admin');
        const answer = watch.runWatch(this, name, params) ?? host.runHost(this, name, params) ?? this.run(thing, verb, params);
        this.history.unshift({ id: String(this.history.length + 1), ...caller, ended: Date.now(), state: answer[0] < 300 ? 'done' : 'failed', error: answer[1].detail ?? null });
        return answer;
    }

    run(thing, verb, params) {
        const object = this.lab.kind(`gns3.${thing}`).get(params.id ?? params.project);
        if (thing === 'node' && object)
            return object.name === 'web' && verb === 'reload' ? problem(409, 'web: the container is locked by another task') : this.nodeTo(object, STATES[verb]);
        if (thing === 'link' && object)
            return this.change('gns3.link', { ...object, status: verb === 'suspend' ? 'suspended' : 'up' });
        if (thing === 'project' && object)
            return this.project(object, verb === 'open');
        if (thing === 'snapshot')
            return this.snapshot(verb, params);
        return thing === 'server' ? [200, { message: 'GNS3 2.2.54 answered in 7 ms' }] : problem(404, 'There is no such object.');
    }

    nodeTo(node, status) {
        const event = this.lab.event(`gns3.node.${status}`, 'info', 'gns3.node', node.id, `${node.name} in ${node.project_name} ${status}`);
        const answer = this.change('gns3.node', { ...node, status, since: Date.now() });
        this.say({ type: 'event', event }, 'events');
        return answer;
    }

    project(project, open) {
        for (const node of [...this.lab.kind('gns3.node').values()].filter((n) => n.project === project.id))
            this.change('gns3.node', { ...node, status: open ? 'stopped' : 'closed', since: Date.now() });
        return this.change('gns3.project', { ...project, status: open ? 'opened' : 'closed', opened_at: open ? Date.now() : null });
    }

    snapshot(verb, params) {
        const all = this.lab.kind('gns3.snapshot');
        if (verb === 'create') {
            const owner = this.lab.kind('gns3.project').get(params.project);
            const created = Date.now();
            return this.change('gns3.snapshot', { id: `${owner.name}/${params.name}@${created}`, server: owner.server, project: owner.id, project_name: owner.name, name: params.name, created_at: created });
        }
        if (verb === 'delete') {
            all.delete(params.id);
            this.say({ type: 'delete', kind: 'gns3.snapshot', id: params.id }, 'object:gns3.snapshot');
        }
        return [200, {}];
    }

    change(kind, object) {
        this.lab.put(kind, object);
        this.say({ type: 'put', kind, id: object.id, object }, `object:${kind}`);
        this.lab.recount();
        if (object.project && kind.startsWith('gns3.'))
            this.say({ type: 'put', kind: 'gns3.project', id: object.project, object: this.lab.kind('gns3.project').get(object.project) }, 'object:gns3.project');
        return [200, object];
    }

    startJob(caller, project, status) {
        const job = { id: String(this.jobs.size + 1), ...caller, state: 'running', progress: 0, log: [], ended: null, status: null, result: null, error: null };
        this.jobs.set(job.id, job);
        const waiting = [...this.lab.kind('gns3.node').values()].filter((n) => n.project === project && n.status !== status);
        const total = waiting.length || 1;
        const pause = status === 'started' ? 1000 : 150; /* long enough to be cancelled on a busy machine */
        const step = () => {
            const node = waiting.shift();
            if (job.state !== 'running')
                return;
            if (node) {
                this.nodeTo(node, status);
                job.log.push({ time: Date.now(), text: `${node.name} ${status}` });
                job.progress = 1 - waiting.length / total;
                setTimeout(step, pause);
            } else {
                Object.assign(job, { state: 'done', progress: 1, ended: Date.now(), status: 200, result: {} });
            }
            this.broadcast({ type: 'job', job }, 'jobs');
        };
        setTimeout(step, 150);
        return [202, job, { Location: `/api/v1/jobs/${job.id}` }];
    }

    cancel(id) {
        const job = this.jobs.get(id);
        Object.assign(job, { state: 'cancelled', ended: Date.now(), error: 'Cancelled by local' });
        this.broadcast({ type: 'job', job }, 'jobs');
        return [200, job];
    }

    /* ---- Live ---- */

    eventStream(url, response) {
        response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
        const client = { topics: new Set(url.searchParams.get('topics').split(',')), send: (m) => response.write(`data: ${JSON.stringify(m)}\n\n`), close: () => response.destroy() };
        this.join(client, url.searchParams.get('since'));
        response.on('close', () => this.clients.delete(client));
    }

    upgrade(request, socket) {
        socket.on('error', () => {});
        if (this.refuseSockets)
            return socket.destroy();
        const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
        socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
        const client = { topics: new Set(), joined: false, send: (m) => socket.write(frame(JSON.stringify(m))), close: () => socket.destroy() };
        let buffered = Buffer.alloc(0);
        socket.on('data', (data) => {
            buffered = Buffer.concat([buffered, data]);
            for (let found = unframe(buffered); found; found = unframe(buffered)) {
                buffered = buffered.subarray(found.used);
                if (found.opcode === 8)
                    return socket.end();
                if (found.opcode === 1)
                    this.hear(client, JSON.parse(found.text));
            }
        });
        socket.on('close', () => this.clients.delete(client));
        return undefined;
    }

    hear(client, message) {
        if (message.op === 'ping')
            client.send({ type: 'pong' });
        if (message.op === 'unsubscribe')
            message.topics.forEach((t) => client.topics.delete(t));
        if (message.op !== 'subscribe')
            return;
        message.topics.forEach((t) => client.topics.add(t));
        if (!client.joined)
            this.join(client, message.since);
    }

    join(client, since) {
        client.joined = true;
        this.clients.add(client);
        const from = since === undefined || since === null ? null : Number(since);
        const resumed = from !== null && from <= this.lab.sequence && from >= this.lab.sequence - this.sent.length;
        client.send({ type: 'hello', sequence: this.lab.sequence, resumed });
        if (resumed)
            this.sent.filter((m) => m.message.sequence > from && wants(client, m.topic)).forEach((m) => client.send(m.message));
    }

    /* Numbered, and kept for who resumes. */
    say(message, topic) {
        message.sequence = ++this.lab.sequence;
        this.sent.push({ message, topic });
        this.sent.splice(0, this.sent.length - KEPT);
        this.broadcast(message, topic);
    }

    broadcast(message, topic) {
        for (const client of this.clients)
            if (wants(client, topic))
                client.send(message);
    }

    rows() {
        const time = Math.floor(Date.now() / STEP_MS) * STEP_MS;
        for (const series of this.lab.series) {
            const values = Object.keys(series.units).map((f) => this.lab.value(series, f, time));
            if (!values.every((v) => v === null))
                this.broadcast({ type: 'rows', series: series.id, rows: [[time, ...values]] }, `series:${series.id}`);
        }
    }

    dropSockets() {
        for (const client of this.clients)
            client.close();
        this.clients.clear();
    }
}

function wants(client, topic) {
    return client.topics.has(topic) || (topic.startsWith('object:') && client.topics.has('object:*'));
}

function page(items, asked) {
    const offset = Number(asked.get('offset') ?? 0);
    const limit = Number(asked.get('limit') ?? 100);
    return { items: items.slice(offset, offset + limit), total: items.length, offset, limit };
}

function problem(status, detail) {
    return [status, { type: 'about:blank', title: String(status), status, detail }];
}

async function readJson(request) {
    let text = '';
    for await (const piece of request)
        text += piece;
    return text ? JSON.parse(text) : {};
}

/* RFC 6455, section 5.2: unmasked text from the server, masked from the client. */
function frame(text) {
    const body = Buffer.from(text);
    const head = body.length < 126 ? Buffer.from([0x81, body.length])
        : body.length < 65536 ? Buffer.from([0x81, 126, body.length >> 8, body.length & 255])
            : Buffer.concat([Buffer.from([0x81, 127, 0, 0, 0, 0]), uint32(body.length)]);
    return Buffer.concat([head, body]);
}

function uint32(number) {
    const out = Buffer.alloc(4);
    out.writeUInt32BE(number);
    return out;
}

function unframe(data) {
    if (data.length < 2)
        return null;
    let length = data[1] & 127;
    let at = 2;
    if (length === 126) {
        if (data.length < 4)
            return null;
        length = data.readUInt16BE(2);
        at = 4;
    }
    if (data.length < at + 4 + length)
        return null;
    const mask = data.subarray(at, at + 4);
    const body = Buffer.from(data.subarray(at + 4, at + 4 + length).map((b, i) => b ^ mask[i % 4]));
    return { opcode: data[0] & 15, text: body.toString(), used: at + 4 + length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const mock = new Mock();
    process.stdout.write(`${await mock.listen(Number(process.argv[2] ?? 8099))}\n`);
}
