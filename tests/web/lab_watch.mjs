/* lab_watch.mjs - what the plugins that watch, store and tell say about the made-up lab: alerts,
 * health, traffic, snapshots, and what waits to be delivered. */

const MINUTE = 60000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function addWatch(lab, now) {
    const projects = [...lab.kind('gns3.project').values()];
    const nodes = [...lab.kind('gns3.node').values()];
    const links = [...lab.kind('gns3.link').values()];
    const put = (kind, items) => items.forEach((it) => lab.put(kind, it));
    const world = { lab, now, projects, nodes, links, put };
    addAlerts(world);
    addHealth(world);
    addTraffic(world);
    addSnapshots(world);
    addSinks(world);
    lab.values = values(lab);
}

/* ---- Alerts ---- */

function subject(kind, object) {
    return { kind, id: object.id, name: object.name };
}

function addAlerts({ lab, now, projects, nodes, put }) {
    const [ospf] = projects;
    const node = (name) => nodes.find((n) => n.name === name && n.project === ospf.id);
    const compute = { id: 'campus/local', name: 'campus-1' };
    const key = 'gns3.compute{server="campus",compute="local"}';
    const base = { acknowledged: null, silenced_by: [], inhibited_by: null, window: null, series: null, escalation: null, notified: [], ended: null, value: null, unit: null, threshold: '', subject: null, description: '', group: 'campus' };
    const told = (receiver, kind, time, ok, text) => ({ receiver, kind, time, ok, text });
    put('alert.alert', [
        { ...base, id: 'disk-campus-local', rule: 'disk_full', state: 'firing', severity: 'critical', labels: { alertname: 'disk_full', severity: 'critical', server: 'campus', compute: 'local' },
            summary: 'The disk of campus-1 is 91 % full', description: 'At the rate of the last six hours it is full in 3 h. Snapshots and captures fail then, and nodes may stop.', value: 91.2, unit: '%', threshold: '> 90 %',
            since: now - 95 * MINUTE, fired: now - 85 * MINUTE, subject: subject('gns3.compute', compute), series: { id: lab.series.find((s) => s.key === key)?.id, key, field: 'disk' }, escalation: { step: 1, next: now + 35 * MINUTE },
            notified: [told('team', 'firing', now - 85 * MINUTE, true, 'email.send: queued for team@lab.test'), told('chat', 'firing', now - 85 * MINUTE, false, 'webhook.send: hook chat: 503 Service Unavailable'), told('chat', 'firing', now - 84 * MINUTE, true, 'webhook.send: queued')] },
        { ...base, id: 'server-attic', rule: 'server_down', state: 'firing', severity: 'critical', labels: { alertname: 'server_down', severity: 'critical', server: 'attic' }, summary: 'Server attic does not answer', description: 'Connection refused at attic.lab.test:3080.',
            value: 0, unit: '1', threshold: '< 1', since: now - 12 * MINUTE, fired: now - 11 * MINUTE, subject: { kind: 'gns3.server', id: 'attic', name: 'attic' }, series: { id: 15, key: 'gns3.server{server="attic"}', field: 'up' },
            acknowledged: { by: 'noor', comment: 'The machine is being moved', time: now - 8 * MINUTE }, notified: [told('team', 'firing', now - 11 * MINUTE, true, 'email.send: queued')], group: 'attic' },
        { ...base, id: 'crash-R5', rule: 'node_crashed', state: 'firing', severity: 'warning', labels: { alertname: 'node_crashed', severity: 'warning', server: 'campus', project: ospf.name, node: 'R5' },
            summary: 'R5 in OSPF backbone crashed', description: 'The emulator ended with signal 11.', since: now - 25 * MINUTE, fired: now - 25 * MINUTE, subject: subject('gns3.node', node('R5')), notified: [told('team', 'firing', now - 25 * MINUTE, true, 'email.send: queued')], group: ospf.name },
        { ...base, id: 'link-R1-R2', rule: 'link_drops', state: 'firing', severity: 'warning', labels: { alertname: 'link_drops', severity: 'warning', server: 'campus', project: ospf.name, link: 'R2 e1 – R3 e0' },
            summary: 'R2 e1 – R3 e0 drops 12 packets a second', value: 12, unit: '/s', threshold: '> 5 /s', since: now - 50 * MINUTE, fired: now - 45 * MINUTE, silenced_by: ['3'], group: ospf.name },
        { ...base, id: 'cpu-rack', rule: 'compute_cpu', state: 'pending', severity: 'warning', labels: { alertname: 'compute_cpu', severity: 'warning', server: 'campus', compute: 'rack-2' }, summary: 'The CPU of rack-2 is at 92 %', value: 92, unit: '%', threshold: '> 85 %', since: now - 2 * MINUTE, fired: null },
        { ...base, id: 'latency-bench', rule: 'api_latency', state: 'resolved', severity: 'warning', labels: { alertname: 'api_latency', severity: 'warning', server: 'bench' }, summary: 'bench answers in 480 ms', value: 22, unit: 'ms', threshold: '> 300 ms', since: now - 7 * HOUR, fired: now - 6.9 * HOUR, ended: now - 6.2 * HOUR,
            notified: [told('team', 'firing', now - 6.9 * HOUR, true, 'email.send: queued'), told('team', 'resolved', now - 6.2 * HOUR, true, 'email.send: queued')] },
    ]);
    put('alert.silence', [
        { id: '3', matchers: [{ label: 'link', op: '=', value: 'R2 e1 – R3 e0' }], author: 'noor', comment: 'Load test until tonight', starts: now - 30 * MINUTE, ends: now + 4 * HOUR, state: 'active', created: now - 30 * MINUTE },
        { id: '2', matchers: [{ label: 'server', op: '=', value: 'bench' }, { label: 'severity', op: '!=', value: 'critical' }], author: 'sam', comment: 'Update of bench', starts: now + DAY, ends: now + DAY + 2 * HOUR, state: 'pending', created: now - HOUR },
        { id: '1', matchers: [{ label: 'project', op: '=~', value: 'exam.*' }], author: 'sam', comment: 'Exams', starts: now - 3 * DAY, ends: now - 2 * DAY, state: 'ended', created: now - 3 * DAY },
    ]);
    const rule = (name, title, severity, kind, text, state, pending, firing, error = null) => ({ id: name, title, severity, kind, text, labels: {}, enabled: name !== 'swap', state, pending, firing, evaluated: now - 2000, error, source: error ? 'file' : 'default' });
    put('alert.rule', [
        rule('disk_full', 'Disk nearly full', 'critical', 'forecast', 'gns3.compute disk > 90 % for 10m, or full within 6h', 'critical', 0, 1),
        rule('server_down', 'Server does not answer', 'critical', 'threshold', 'gns3.server up < 1 for 1m', 'critical', 0, 1),
        rule('node_crashed', 'Node crashed', 'warning', 'event', 'event gns3.node.crashed', 'warning', 0, 1),
        rule('link_drops', 'Link drops packets', 'warning', 'rate', 'traffic.link drops > 5 /s for 5m', 'warning', 0, 1),
        rule('compute_cpu', 'Compute busy', 'warning', 'threshold', 'gns3.compute cpu > 85 % for 5m, clear < 75 %', 'pending', 1, 0),
        rule('api_latency', 'Slow API', 'warning', 'threshold', 'gns3.server latency_ms > 300 ms for 5m', 'ok', 0, 0),
        rule('swap', 'Swapping', 'warning', 'threshold', 'gns3.compute swap > 50 % for 10m', 'ok', 0, 0),
        rule('rooftop', 'Rooftop sensor silent', 'warning', 'absence', 'no row of weather.wind for 15m', 'unknown', 0, 0, 'There is no series weather.wind; is the plugin weather running?'),
    ]);
    put('alert.receiver', [
        { id: 'team', sends: ['email.send'], sent: 14, failed: 0, waiting: 0, last: { time: now - 11 * MINUTE, ok: true, text: 'queued for team@lab.test' } },
        { id: 'chat', sends: ['webhook.send', 'mqtt.send'], sent: 8, failed: 3, waiting: 1, last: { time: now - 25 * MINUTE, ok: false, text: 'hook chat: 503 Service Unavailable' } },
    ]);
    put('alert.window', [{ id: 'patch night', matchers: [{ label: 'server', op: '=', value: 'campus' }], schedule: '0 2 * * sun', zone: 'Europe/Zurich', duration: 2 * HOUR, active: false, next_start: now + 3 * DAY, next_end: now + 3 * DAY + 2 * HOUR }]);
    lab.addSeries('alert.count', {}, { pending: '1', warning: '1', critical: '1', unknown: '1', silenced: '1', acknowledged: '1' }, true);
    const told2 = (topic, severity, id, text, time) => lab.events.push({ sequence: 0, time, topic, severity, source: 'alert', kind: 'alert.alert', id, text, data: { alert: id, rule: id.split('-')[0], severity } });
    told2('alert.firing', 'warning', 'latency-bench', 'bench answers in 480 ms', now - 15 * HOUR);
    told2('alert.resolved', 'notice', 'latency-bench', 'bench answers in time again', now - 14 * HOUR);
    lab.events.sort((a, b) => b.time - a.time).forEach((e, i) => { e.sequence = lab.events.length - i; });
    lab.count = lab.events.length + 1;
}

/* ---- Health ---- */

const levelOf = (score) => (score === null ? 'unknown' : score >= 90 ? 'good' : score >= 70 ? 'fair' : score >= 40 ? 'poor' : 'bad');

function addHealth({ lab, now, projects, nodes, put }) {
    const disk = { factor: 'disk', points: -12, text: 'disk 91 %, full in 3 h', value: 91, unit: '%', series: { id: 3, key: 'gns3.compute{server="campus",compute="local"}', field: 'disk' }, subject: { kind: 'gns3.compute', id: 'campus/local', name: 'campus-1' } };
    const crash = (n) => ({ factor: 'state', points: -30, text: 'stopped, and nobody asked gnswatch for it', value: null, unit: null, series: { id: 1, key: `gns3.node{server="${n.server}",project="${n.project_name}",node="${n.name}"}`, field: 'started' }, subject: { kind: 'gns3.node', id: n.id, name: n.name } });
    const sentence = (r, of) => (r.subject && r.subject.id !== of ? { ...r, text: `${r.subject.name}: ${r.text}` } : r);
    const score = (subject_kind, subject_id, name, server, project, value, reasons = [], unknown = []) => ({ id: subject_kind === 'all' ? 'all' : `${subject_kind}/${subject_id}`, subject_kind, subject_id, name, server, project, score: value, level: levelOf(value),
        since: now - 3 * HOUR, coverage: value === null ? 0 : unknown.length ? 80 : 100, reasons: reasons.map((r) => sentence(r, subject_id)), unknown });
    const r5 = nodes.find((n) => n.name === 'R5');
    put('health.score', [
        score('all', 'all', 'everything', null, null, 81, [{ ...disk, points: -9 }, { factor: 'servers', points: -6, text: 'does not answer', value: null, unit: null, series: { id: 15, key: 'gns3.server{server="attic"}', field: 'up' }, subject: { kind: 'gns3.server', id: 'attic', name: 'attic' } }, { ...crash(r5), points: -4 }], ['snapshots']),
        score('gns3.server', 'campus', 'campus', 'campus', null, 84, [disk, { ...crash(r5), points: -4 }]),
        score('gns3.server', 'bench', 'bench', 'bench', null, 98, [{ factor: 'latency', points: -2, text: 'answers in 22 ms, usually 9 ms', value: 22, unit: 'ms', series: { id: 9, key: 'gns3.server{server="bench"}', field: 'latency_ms' }, subject: null }]),
        score('gns3.server', 'attic', 'attic', 'attic', null, 0, [{ factor: 'availability', points: -100, text: 'does not answer since 12 min', value: 0, unit: '1', series: { id: 15, key: 'gns3.server{server="attic"}', field: 'up' }, subject: null }]),
        score('gns3.compute', 'campus/local', 'campus-1', 'campus', null, 58, [{ ...disk, points: -42 }]),
        ...projects.map((p, i) => score('gns3.project', p.id, p.name, p.server, p.id, p.status !== 'opened' ? null : [88, 100, 0, 0, 95][i] ?? 100, i === 0 ? [{ ...crash(r5), points: -12 }] : [], p.status !== 'opened' ? ['state', 'snapshots'] : [])),
        ...nodes.filter((n) => n.status !== 'closed').map((n) => score('gns3.node', n.id, n.name, n.server, n.project, n.status === 'stopped' ? (n === r5 ? 35 : 70) : n.status === 'suspended' ? null : 100, n.status === 'stopped' ? [crash(n)] : [], n.status === 'suspended' ? ['state'] : [])),
    ]);
    put('health.report', [1, 2, 3].map((d) => ({ id: String(now - d * DAY), from: now - (d + 1) * DAY, to: now - d * DAY, period: d === 3 ? 'weekly' : 'daily', score: 81 + d, score_before: 88 + d,
        summary: 'The disk of campus-1 fills up; attic was away for 12 min.', events: { 'gns3.node.crashed': 2, 'gns3.server.down': 1 }, page: `/api/health/reports/${now - d * DAY}/page`,
        worst: [{ subject_kind: 'gns3.compute', subject_id: 'campus/local', name: 'campus-1', score: 58, text: 'disk 91 %, full in 3 h' }],
        recommendations: [{ severity: 'critical', text: 'Make room on the disk of campus-1', why: '41 snapshots of 18 GiB, 30 of them older than a month', subject: { kind: 'gns3.compute', id: 'campus/local', name: 'campus-1' }, command: { name: 'snapshot.prune', params: { schedule: 'nightly', dry_run: true } }, url: '#/snapshots' },
            { severity: 'warning', text: 'Start R5 again', why: 'It crashed and nothing restarted it', subject: { kind: 'gns3.node', id: r5.id, name: 'R5' }, command: { name: 'gns3.node.start', params: { id: r5.id } }, url: null }] })));
    lab.addSeries('health.score', { kind: 'all', server: '', project: '', name: 'everything' }, { score: '1', coverage: '%' }, true);
}

/* ---- Traffic ---- */

function addTraffic({ lab, now, projects, links, put }) {
    const state = (i) => (i === 0 ? 'active' : i === 1 ? 'idle' : i === 4 ? 'active' : 'no_data');
    put('traffic.project', projects.map((p, i) => ({ id: p.id, server: p.server, name: p.name, status: state(i), since: now - (4 + i) * MINUTE, last_traffic: i === 1 ? now - 50 * MINUTE : state(i) === 'active' ? now - 2000 : null,
        links_active: state(i) === 'active' ? p.link_count - 2 : 0, links_idle: state(i) === 'active' ? 1 : i === 1 ? p.link_count : 0, links_no_data: state(i) === 'active' ? 1 : i === 1 ? 0 : p.link_count,
        watched: i === 0 || i === 4 || i === 1, priority: i === 0 ? 8 : i === 1 ? 3 : 5, selected: i === 0,
        idle: i === 1 ? { since: now - 50 * MINUTE, action: 'suspend', at: now + 10 * MINUTE, text: 'No traffic, no console and 2 % CPU for 50 min. Its nodes are suspended in 10 min.' } : null })));
    const protocols = [{ name: 'OSPF', share: 44 }, { name: 'ICMP', share: 31 }, { name: 'TLS', share: 18 }, { name: 'DNS', share: 7 }];
    const opened = new Set(projects.filter((p) => p.status === 'opened').map((p) => p.id));
    put('traffic.link', links.filter((l) => opened.has(l.project)).map((l) => {
        const i = projects.findIndex((p) => p.id === l.project);
        const n = links.filter((x) => x.project === l.project).indexOf(l);
        const none = n === 12 || state(i) === 'no_data';
        return { id: l.id, server: l.server, project: l.project, project_name: l.project_name, name: l.name, source: none ? 'none' : n === 7 ? 'capture' : 'ubridge', why: none ? 'Both ends are on rack-2, and captures are not allowed there' : 'read from uBridge on this machine',
            status: none ? 'no_data' : state(i) === 'idle' || n === 6 ? 'idle' : 'active', since: now - 9 * MINUTE, fault: i === 0 && n === 4 ? 'R5 sends and R1 receives nothing since 3 min' : null, protocols: n === 7 || n === 0 ? protocols : [], captured: n === 7, started_capture: n === 7 };
    }));
    put('traffic.switch', [{ id: 'active', mode: 'auto', project: projects[0].id, name: projects[0].name, since: now - 14 * MINUTE, pinned_until: null,
        decision: { time: now - 14 * MINUTE, from: 'BGP week 6', to: projects[0].name, text: 'OSPF backbone has traffic and priority 8; BGP week 6 was quiet for 60 s.', candidates: [
            { project: projects[0].id, name: projects[0].name, priority: 8, status: 'active', score: 91, text: 'traffic since 4 min, highest priority' },
            { project: projects[4].id, name: projects[4].name, priority: 5, status: 'active', score: 62, text: 'traffic, shown 20 min ago' },
            { project: projects[1].id, name: projects[1].name, priority: 3, status: 'idle', score: 0, text: 'no traffic for 50 min' }] } }]);
    const rates = { ab_packets: '/s', ab_bytes: 'By/s', ba_packets: '/s', ba_bytes: 'By/s', drops: '/s' };
    for (const l of lab.kind('traffic.link').values())
        if (l.source !== 'none')
            lab.addSeries('traffic.link', { server: l.server, project: l.project_name, link: l.name }, rates, true);
    for (const n of lab.kind('gns3.node').values())
        if (opened.has(n.project))
            lab.addSeries('traffic.node', { server: n.server, project: n.project_name, node: n.name }, { in_packets: '/s', in_bytes: 'By/s', out_packets: '/s', out_bytes: 'By/s', drops: '/s' }, true);
    for (const p of lab.kind('traffic.project').values())
        if (p.status !== 'no_data') {
            lab.addSeries('traffic.project', { server: p.server, project: p.name }, { packets: '/s', bytes: 'By/s', drops: '/s', active: '1' }, true);
            protocols.forEach(({ name }) => lab.addSeries('traffic.protocol', { server: p.server, project: p.name, protocol: name }, { packets: '/s', bytes: 'By/s' }, true));
        }
}

/* ---- Snapshots ---- */

function addSnapshots({ lab, now, projects, put }) {
    const schedule = (name, more) => ({ id: name, cron: '30 2 * * *', zone: 'Europe/Zurich', server: '', projects: ['*'], mode: 'stopped', keep: { last: 3, hourly: 0, daily: 7, weekly: 4, monthly: 6, yearly: 0 }, enabled: true, next: now + 9 * HOUR, last: null, running: false, ...more });
    put('snapshot.schedule', [
        schedule('nightly', { last: { time: now - 15 * HOUR, ok: true, text: '2 of 3 projects; SD-WAN rehearsal was running' } }),
        schedule('exams', { cron: '0 */4 * * mon-fri', server: 'campus', projects: ['*exam*'], mode: 'quiesce', last: { time: now - 3 * HOUR, ok: false, text: 'FW2 did not start again in 2 min' }, running: true, next: now + HOUR }),
        schedule('old', { enabled: false, next: null }),
    ]);
    const copies = [...lab.kind('gns3.snapshot').values()].map((s, i) => ({ id: s.id, server: s.server, project: s.project, project_name: s.project_name, name: s.name, created_at: s.created_at, schedule: i % 2 ? 'nightly' : null, on_server: true,
        verified: ['ok', 'ok', 'unknown', 'bad'][i % 4], verify: i % 4 === 2 ? null : { time: s.created_at + MINUTE, text: i % 4 === 3 ? '2 files are not in it' : 'opens, 13 nodes, 41 files', nodes: 13, files: 41, bytes: 5.1e7, missing: i % 4 === 3 ? ['project-files/qemu/3f/hda_disk.qcow2', 'project-files/iou/nvram_00002'] : [] },
        bytes: i % 4 === 2 ? null : 5.1e7 + i * 9e6, pinned: i === 0, keep: { decision: i === 5 ? 'remove' : 'keep', text: i === 0 ? 'pinned' : i === 5 ? 'older than all that is kept' : 'daily, the newest of its day' },
        copies: i % 2 ? [{ target: 'vault', path: `/srv/vault/${i}.gns3project.zst`, bytes: 2.2e7, sha256: 'ab'.repeat(32), time: s.created_at + HOUR, ok: true }] : [], drill: i === 1 ? { time: now - DAY, ok: true, text: 'restored into a duplicate, 13 of 13 nodes started' } : null }));
    put('snapshot.copy', copies);
    const step = (text, ok, ago) => ({ time: now - ago, text, ok });
    const run = (id, more) => ({ id, schedule: 'exams', project: projects[3].id, project_name: projects[3].name, server: 'campus', mode: 'quiesce', kind: 'snapshot', state: 'done', steps: [], started: now - 3 * HOUR, ended: now - 3 * HOUR + 4 * MINUTE, text: '', nodes: [], snapshot: null, ...more });
    put('snapshot.run', [
        run('12', { state: 'running', started: now - 70000, ended: null, text: 'waiting for its nodes to stop', steps: [step('held: nobody else may start its nodes', true, 70000), step('FW2, H3 and SW4 stopped', true, 40000), step('R1 is asked to stop', null, 8000)], nodes: [{ name: 'R1', was: 'started', now: 'started' }, { name: 'FW2', was: 'started', now: 'stopped' }] }),
        run('11', { state: 'failed', text: 'FW2 did not start again in 2 min', steps: [step('stopped 4 nodes', true, 3 * HOUR), step('snapshot taken', true, 3 * HOUR - MINUTE), step('FW2 did not start again', false, 3 * HOUR - 4 * MINUTE)] }),
        run('10', { kind: 'drill', schedule: null, project: projects[0].id, project_name: projects[0].name, mode: 'stopped', text: '13 of 13 nodes started', steps: [step('duplicate made', true, DAY), step('all nodes started', true, DAY - MINUTE)], started: now - DAY, ended: now - DAY + 3 * MINUTE }),
    ]);
    for (const p of projects)
        lab.addSeries('snapshot.project', { server: p.server, project: p.name }, { age_s: 's', count: '1', bytes: 'By', last_ok: '1', duration_s: 's' }, true);
}

/* ---- Delivery ---- */

function addSinks({ lab, now, put }) {
    put('email.letter', [
        { id: '41', to: ['team@lab.test'], subject: '[gnswatch] Server attic does not answer', state: 'waiting', tries: 2, why: '450 4.2.1 try again later', put: now - 9 * MINUTE, due: now + 40000 },
        { id: '37', to: ['nobody@lab.test'], subject: '[gnswatch] R5 in OSPF backbone crashed', state: 'dead', tries: 8, why: '550 5.1.1 no such user here', put: now - 26 * HOUR, due: null }]);
    put('webhook.delivery', [{ id: '8', hook: 'chat', title: 'Server attic does not answer', state: 'waiting', tries: 3, why: '503 Service Unavailable', put: now - 12 * MINUTE, due: now + 90000 }]);
    put('prometheus.target', [
        { id: 'long', url: 'http://metrics.lab.test:8428/api/v1/write', state: 'up', dead: 0, waiting: 12, bytes: 4096, oldest: now - 3000, last_error: null },
        { id: 'mirror', url: 'https://mirror.lab.test/write', state: 'down', dead: 3, waiting: 41230, bytes: 12e6, oldest: now - 2 * HOUR, last_error: 'connect to mirror.lab.test: connection refused' }]);
    const units = { waiting: '1', bytes: 'By', dead: '1', oldest_s: 's', sent: '/s', failed: '/s', dropped: '/s' };
    for (const plugin of ['email', 'mqtt', 'webhook'])
        lab.addSeries(`${plugin}.queue`, {}, units, true);
    for (const target of ['long', 'mirror'])
        lab.addSeries('prometheus.queue', { target }, units, true);
}

/* ---- Numbers ---- */

function wave(seed, time, low, high, minutes) {
    return low + (high - low) * (0.5 + 0.34 * Math.sin(time / (minutes * MINUTE) + seed) + 0.16 * Math.sin(time / 37000 + seed * 3));
}

function values(lab) {
    const queue = (s, field, time) => ({ waiting: Math.round(wave(s.id, time, 0, 4, 9)), bytes: 4096, dead: s.measurement === 'email.queue' ? 1 : 0, oldest_s: wave(s.id, time, 0, 90, 6), sent: wave(s.id, time, 0, 0.4, 7), failed: s.measurement === 'mqtt.queue' ? 0 : wave(s.id, time, 0, 0.1, 11), dropped: 0 }[field]);
    return {
        'traffic.link': (s, field, time) => {
            const link = [...lab.kind('traffic.link').values()].find((l) => l.name === s.labels.link && l.project_name === s.labels.project);
            const n = [...lab.kind('traffic.link').values()].indexOf(link);
            if (link.status !== 'active')
                return 0;
            const size = 10 ** (2.4 + (n * 7 % 11) / 2.2);
            const rate = wave(n, time, 0.3, 1, 3) * size;
            const back = link.fault ? 0 : rate * 0.6;
            return { ab_bytes: rate, ab_packets: rate / 310, ba_bytes: back, ba_packets: back / 280, drops: n === 1 ? 12 : 0 }[field];
        },
        'traffic.project': (s, field, time) => ({ packets: wave(s.id, time, 40, 220, 5), bytes: wave(s.id, time, 9000, 91000, 5), drops: wave(s.id, time, 0, 3, 8), active: s.labels.project === 'BGP week 6' ? 0 : 1 }[field] * (field !== 'active' && s.labels.project === 'BGP week 6' ? 0 : 1)),
        'traffic.node': (s, field, time) => (field === 'drops' ? 0 : wave(s.id + field.length, time, 200, 30000, 4) / (field.endsWith('packets') ? 300 : 1)),
        'traffic.protocol': (s, field, time) => wave(s.id, time, 100, 30000 / (1 + s.id % 4), 6) / (field === 'packets' ? 300 : 1) * (s.labels.project === 'BGP week 6' ? 0 : 1),
        'health.score': (s, field, time) => (field === 'coverage' ? 96 : Math.round(wave(s.id, time, 76, 96, 30))),
        'alert.count': (s, field, time) => Math.round(wave(s.id, time, 0, 3, 20)),
        'snapshot.project': (s, field, time) => ({ age_s: (time / 1000) % 86400, count: 2, bytes: 5e7, last_ok: 1, duration_s: 14 }[field]),
        'email.queue': queue, 'mqtt.queue': queue, 'webhook.queue': queue, 'prometheus.queue': queue,
    };
}
