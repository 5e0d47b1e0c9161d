/* lab.mjs - a believable lab for the mock: three GNS3 servers, some projects, numbers that move as
 * functions of time, so that history and the present agree. */

import { addHost } from './lab_host.mjs';
import { addWatch } from './lab_watch.mjs';

const MINUTE = 60000;
export const STEP_MS = 5000;

function uuid(n) {
    return `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
}

const OSPF = [
    ['R1', 'dynamips', -180, -160], ['R2', 'dynamips', 120, -160], ['R3', 'dynamips', 320, 0],
    ['R4', 'dynamips', 120, 140], ['R5', 'dynamips', -180, 140], ['R6', 'dynamips', -30, -10],
    ['SW1', 'ethernet_switch', -380, -160], ['SW2', 'ethernet_switch', -380, 140],
    ['PC1', 'vpcs', -560, -220], ['PC2', 'vpcs', -560, -90], ['web', 'docker', -560, 140],
    ['NAT', 'nat', 520, 0], ['monitor', 'qemu', 320, 180],
];
const OSPF_LINKS = [
    ['R1', 'R2'], ['R2', 'R3'], ['R3', 'R4'], ['R4', 'R5'], ['R5', 'R1'], ['R1', 'R6'], ['R4', 'R6'],
    ['SW1', 'R1'], ['SW2', 'R5'], ['PC1', 'SW1'], ['PC2', 'SW1'], ['web', 'SW2'], ['R3', 'NAT'], ['R4', 'monitor'],
];

const server = (name, version, up, computes) => ({ name, version, up, computes });
const SERVERS = [
    server('campus', '2.2.54', true, ['local', 'rack-2']),
    server('bench', '3.0.5', true, ['local']),
    server('attic', '2.2.49', false, []),
];

const PROJECTS = [
    ['OSPF backbone', 'campus', 'opened', 13], ['BGP week 6', 'campus', 'opened', 9],
    ['VLAN basics', 'campus', 'closed', 6], ['Firewall exam', 'campus', 'closed', 12],
    ['SD-WAN rehearsal', 'bench', 'opened', 16], ['IPv6 migration', 'bench', 'closed', 8],
];

export class Lab {
    constructor(now = Date.now()) {
        this.began = now;
        this.objects = new Map(); /* kind → Map of id → object */
        this.series = [];
        this.events = [];
        this.count = 1;
        this.sequence = 0;
        SERVERS.forEach((s) => this.addServer(s, now));
        PROJECTS.forEach(([name, at, status, size], i) => this.addProject(i, name, at, status, size, now));
        this.recount();
        this.addHistory(now);
        addWatch(this, now);
        addHost(this, now);
    }

    kind(name) {
        if (!this.objects.has(name))
            this.objects.set(name, new Map());
        return this.objects.get(name);
    }

    put(kind, object) {
        this.kind(kind).set(object.id, object);
    }

    addServer({ name, version, up, computes }, now) {
        this.put('gns3.server', { id: name, name, url: `http://${name}.lab.test:3080`, version, api: version[0] === '3' ? 'v3' : 'v2',
            status: up ? 'up' : 'down', error: up ? null : 'Connection refused at attic.lab.test:3080', breaker: up ? 'closed' : 'open',
            since: now - (up ? 3 * 24 * 60 : 12) * MINUTE, computes: computes.length, projects: 0, projects_opened: 0, nodes: 0,
            nodes_started: 0, links: 0, snapshots: 0, feed: up ? 'http' : 'none' });
        this.addSeries('gns3.server', { server: name }, { up: '1', latency_ms: 'ms', breaker: '1', projects: '1', projects_opened: '1', nodes: '1', nodes_started: '1', links: '1' }, up);
        this.addSeries('gns3.api', { server: name }, { requests: '/s', successes: '/s', failures: '/s', retries: '/s', rejected: '/s', sent_bytes: 'By/s', received_bytes: 'By/s' }, up);
        for (const id of computes) {
            this.put('gns3.compute', { id: `${name}/${id}`, server: name, compute_id: id, name: id === 'local' ? `${name}-1` : id, host: '127.0.0.1', connected: true, last_error: null });
            this.addSeries('gns3.compute', { server: name, compute: id }, { connected: '1', cpu: '%', memory: '%', swap: '%', disk: '%', load1: '%', load5: '%', load15: '%' }, true);
        }
    }

    addSeries(measurement, labels, units, live) {
        this.series.push({ id: this.series.length + 1, measurement, labels, units, live,
            key: `${measurement}{${Object.entries(labels).map(([k, v]) => `${k}="${v}"`).join(',')}}` });
    }

    addProject(i, name, at, status, size, now) {
        const id = uuid(1000 + i);
        this.put('gns3.project', { id, server: at, project_id: id, name, status, auto_close: i === 1, auto_open: false, auto_start: false,
            path: `/opt/gns3/projects/${id}`, filename: `${name}.gns3`, node_count: 0, started_count: 0, stopped_count: 0, suspended_count: 0,
            link_count: 0, snapshot_count: 0, drawing_count: 0, opened_at: status === 'opened' ? now - (47 + i * 63) * MINUTE : null,
            scene_width: 2000, scene_height: 1000 });
        this.addSeries('gns3.project', { server: at, project: name }, { opened: '1', nodes: '1', started: '1', stopped: '1', suspended: '1', links: '1', snapshots: '1', open_seconds: 's' }, true);
        const shape = i === 0 ? OSPF : Array.from({ length: size }, (_, n) => ring(n, size));
        const ids = new Map(shape.map((node, n) => [node[0], this.addNode(id, name, at, status, node, i * 100 + n, now)]));
        const links = i === 0 ? OSPF_LINKS : shape.map((node, n) => [node[0], shape[(n + 1) % size][0]]);
        links.forEach(([a, b], n) => this.addLink(id, name, at, status, ids.get(a), ids.get(b), i * 100 + n));
        ['before the change', 'as delivered'].slice(i % 2).forEach((text, n) => {
            const created = now - (n + 1) * 26 * 60 * MINUTE;
            this.put('gns3.snapshot', { id: `${name}/${text}@${created}`, server: at, project: id, project_name: name, snapshot_id: uuid(9000 + i * 10 + n), name: text, created_at: created });
        });
    }

    addNode(project, projectName, at, status, [name, type, x, y], n, now) {
        const id = uuid(10000 + n);
        const state = status !== 'opened' ? 'closed' : name === 'monitor' ? 'suspended' : n % 7 === 4 ? 'stopped' : 'started';
        this.put('gns3.node', { id, server: at, project, project_name: projectName, node_id: id, name, node_type: type, compute_id: 'local',
            template_id: uuid(77), status: state, since: now - (5 + n) * MINUTE, console: type === 'nat' ? null : 5000 + n, console_type: type === 'docker' ? 'vnc' : 'telnet',
            console_host: `${at}.lab.test`, x, y, z: 1, width: 60, height: 60, symbol: `:/symbols/${type}.svg`,
            ports: [0, 1, 2, 3].map((p) => ({ name: `GigabitEthernet0/${p}`, short_name: `Gi0/${p}`, adapter_number: 0, port_number: p, link_type: 'ethernet' })),
            command_line: type === 'qemu' ? '/usr/bin/qemu-system-x86_64 -name monitor -m 512M -smp cpus=1' : null, node_directory: null, container_id: type === 'docker' ? 'f3c1a9d27be04' : null });
        this.addSeries('gns3.node', { server: at, project: projectName, node: name }, { started: '1', suspended: '1', state_seconds: 's' }, true);
        return id;
    }

    addLink(project, projectName, at, status, a, b, n) {
        const ends = [a, b].map((node) => {
            const it = this.kind('gns3.node').get(node);
            const used = it.used = (it.used ?? -1) + 1;
            return { node, name: it.name, adapter_number: 0, port_number: used % 4, label: `e${used}` };
        });
        this.put('gns3.link', { id: uuid(50000 + n), server: at, project, project_name: projectName, link_id: uuid(50000 + n),
            name: `${ends[0].name} ${ends[0].label} – ${ends[1].name} ${ends[1].label}`, link_type: 'ethernet',
            status: status !== 'opened' ? 'closed' : n === 6 ? 'suspended' : 'up', filters: n === 2 ? { delay: [40, 5] } : {}, capturing: n === 7, nodes: ends });
    }

    /* The counts of projects and servers follow from the nodes. */
    recount() {
        const nodes = [...this.kind('gns3.node').values()];
        for (const project of this.kind('gns3.project').values()) {
            const mine = nodes.filter((n) => n.project === project.id);
            const count = (s) => mine.filter((n) => n.status === s).length;
            const of = (kind) => [...this.kind(kind).values()].filter((o) => o.project === project.id).length;
            Object.assign(project, { node_count: mine.length, started_count: count('started'), stopped_count: count('stopped'),
                suspended_count: count('suspended'), link_count: of('gns3.link'), snapshot_count: of('gns3.snapshot') });
        }
        for (const it of this.kind('gns3.server').values()) {
            const mine = [...this.kind('gns3.project').values()].filter((p) => p.server === it.name);
            Object.assign(it, { projects: mine.length, projects_opened: mine.filter((p) => p.status === 'opened').length,
                nodes: mine.reduce((n, p) => n + p.node_count, 0), nodes_started: mine.reduce((n, p) => n + p.started_count, 0),
                links: mine.reduce((n, p) => n + p.link_count, 0) });
        }
    }

    event(topic, severity, kind, id, text, data = {}, time = Date.now()) {
        const event = { sequence: this.count++, time, topic, severity, source: 'gns3', kind, id, text, data };
        this.events.unshift(event);
        return event;
    }

    addHistory(now) {
        const nodes = [...this.kind('gns3.node').values()].filter((n) => n.status !== 'closed');
        for (let i = 0; i < 240; i++) {
            const node = nodes[(i * 7) % nodes.length];
            const time = now - (245 - i) * 3 * MINUTE;
            const [verb, severity] = i % 31 === 5 ? ['crashed', 'error'] : [['started', 'info'], ['stopped', 'info']][i % 2];
            this.event(`gns3.node.${verb}`, severity, 'gns3.node', node.id, `${node.name} in ${node.project_name} ${verb}`,
                verb === 'crashed' ? { message: 'the emulator ended with signal 11' } : {}, time);
        }
        this.event('gns3.server.down', 'error', 'gns3.server', 'attic', 'Server attic does not answer: connection refused', {}, now - 12 * MINUTE);
        this.event('gns3.breaker.open', 'warning', 'gns3.server', 'attic', 'The breaker of attic opened after 5 failures; next probe in 60 s', { failures: 5 }, now - 11 * MINUTE);
    }

    /* The value of a field at a time: the present from the objects, the rest a wave of its own. */
    value(series, field, time) {
        if (this.missing(series, time))
            return null;
        if (this.values[series.measurement])
            return this.values[series.measurement](series, field, time);
        const seed = series.id * 1.7;
        const wave = (low, high, minutes) => low + (high - low) * (0.5 + 0.3 * Math.sin(time / (minutes * MINUTE) + seed) + 0.14 * Math.sin(time / 41000 + seed * 3) + 0.06 * Math.sin(time / 7000 + seed));
        const { server: at, project, node } = series.labels;
        if (series.measurement === 'gns3.compute')
            return { connected: 1, cpu: wave(12, 78, 6), memory: wave(48, 63, 30), swap: wave(0, 4, 50), disk: 61.4, load1: wave(10, 80, 6), load5: wave(20, 60, 15), load15: wave(25, 50, 40) }[field];
        if (series.measurement === 'gns3.server') {
            const it = this.kind('gns3.server').get(at);
            return { up: 1, latency_ms: wave(3, 24, 4), breaker: 0 }[field] ?? it[field];
        }
        if (series.measurement === 'gns3.api')
            return { requests: wave(2, 5, 9), successes: wave(2, 5, 9), failures: 0, retries: wave(0, 0.1, 20), rejected: 0, sent_bytes: wave(500, 900, 9), received_bytes: wave(20000, 60000, 9) }[field];
        const owner = [...this.kind('gns3.project').values()].find((p) => p.name === project);
        if (series.measurement === 'gns3.project')
            return { opened: owner.status === 'opened' ? 1 : 0, nodes: owner.node_count, started: owner.started_count, stopped: owner.stopped_count, suspended: owner.suspended_count,
                links: owner.link_count, snapshots: owner.snapshot_count, open_seconds: owner.opened_at ? Math.max(0, (time - owner.opened_at) / 1000) : 0 }[field];
        const it = [...this.kind('gns3.node').values()].find((n) => n.name === node && n.project_name === project);
        const since = time >= it.since;
        return { started: +(since ? it.status === 'started' : it.status !== 'started'), suspended: +(since && it.status === 'suspended'), state_seconds: Math.max(0, (time - it.since) / 1000) }[field];
    }

    /* A server that is down has no rows; campus had a hole of two minutes, seven minutes ago. */
    missing(series, time) {
        if (series.labels.server === 'attic')
            return time > this.began - 12 * MINUTE;
        const age = this.began - time;
        return series.labels.server === 'campus' && series.measurement !== 'gns3.node' && age > 7 * MINUTE && age < 9 * MINUTE;
    }

    query(series, from, to, points) {
        const step = Math.max(STEP_MS, Math.ceil((to - from) / points / 1000) * 1000);
        const times = [];
        for (let t = Math.ceil(from / step) * step; t <= to; t += step)
            times.push(t);
        const fields = Object.fromEntries(Object.keys(series.units).map((f) => [f, times.map((t) => this.value(series, f, t))]));
        return { id: series.id, key: series.key, step_ms: step, times, fields, units: series.units };
    }
}

function ring(n, size) {
    const angle = (2 * Math.PI * n) / size;
    const [name, type] = [['R', 'iou'], ['FW', 'qemu'], ['H', 'docker'], ['SW', 'ethernet_switch']][n % 4];
    return [`${name}${n + 1}`, type, Math.round(330 * Math.cos(angle)), Math.round(210 * Math.sin(angle))];
}
