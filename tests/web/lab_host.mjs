/* lab_host.mjs - what system and exec tell in the made-up lab: a machine that runs the nodes of
 * campus, and programs of each protocol, well and broken. */

const MINUTE = 60000;
const HOUR = 60 * MINUTE;
const GIB = 1024 ** 3;

export function addHost(lab, now) {
    const put = (kind, items) => items.forEach((it) => lab.put(kind, it));
    addMachine(lab, now, put);
    addNodes(lab, now, put);
    addItems(lab, now, put);
    addTold(lab, now);
    Object.assign(lab.values, values(lab));
}

/* ---- The machine ---- */

const FILESYSTEMS = [['/', 64, 62, 'ok', null], ['/srv/gns3', 931, 91, 'filling', 3 * 3600], ['/boot', 0.5, 97, 'full', null]];

function addMachine(lab, now, put) {
    put('system.host', [{ id: 'host', name: 'rack-1', kernel: '6.1.0-18-amd64', os: 'Debian GNU/Linux 12 (bookworm)', booted: now - 31 * 24 * HOUR }]);
    put('system.disk', [{ id: 'nvme0n1', name: 'nvme0n1', size: 512 * GIB, model: 'Solid 980', rotational: false }, { id: 'sda', name: 'sda', size: 931 * GIB, model: 'Spinning Blue', rotational: true }]);
    put('system.filesystem', FILESYSTEMS.map(([mount, , used, status, full]) => ({ id: mount, mount, device: mount === '/srv/gns3' ? '/dev/sda1' : '/dev/nvme0n1p2', type: 'ext4', read_only: false, status, used_percent: used, inodes_percent: 12, full_in_hours: full && full / 3600 })));
    put('system.interface', [{ id: 'eno1', name: 'eno1', up: true, speed: 1e9, address: '3c:ec:ef:12:34:56' }, { id: 'eno2', name: 'eno2', up: false, speed: null, address: '3c:ec:ef:12:34:57' }, { id: 'virbr0', name: 'virbr0', up: true, speed: null, address: '52:54:00:aa:bb:cc' }]);
    const add = (name, labels, units) => lab.addSeries(`system.${name}`, labels, units, true);
    add('cpu', {}, { used: '%', user: '%', system: '%', iowait: '%', steal: '%', cores: '1', frequency: 'Hz' });
    add('memory', {}, { total: 'By', used: 'By', used_percent: '%', cached: 'By' });
    add('swap', {}, { total: 'By', used: 'By', used_percent: '%', in: 'By/s', out: 'By/s' });
    add('host', {}, { load1: '1', load5: '1', load15: '1', uptime: 's', blocked: '1', files_open: '1' });
    ['cpu', 'memory', 'io'].forEach((resource) => add('pressure', { resource }, { some: '%', full: '%' }));
    ['nvme0n1', 'sda'].forEach((disk) => add('disk', { disk }, { reads: '/s', read_bytes: 'By/s', read_ms: 'ms', writes: '/s', write_bytes: 'By/s', write_ms: 'ms', busy: '%' }));
    FILESYSTEMS.forEach(([mount]) => add('filesystem', { mount }, { size: 'By', used: 'By', free: 'By', used_percent: '%', inodes_percent: '%', full_in: 's' }));
    ['eno1', 'eno2', 'virbr0'].forEach((name) => add('interface', { interface: name }, { in_bytes: 'By/s', in_errors: '/s', in_drops: '/s', out_bytes: 'By/s', out_errors: '/s', out_drops: '/s', up: '1' }));
    [['coretemp', 'Package id 0'], ['coretemp', 'Core 0'], ['nvme', 'Composite']].forEach(([chip, sensor]) => add('temperature', { chip, sensor }, { temperature: 'Cel', critical: 'Cel' }));
    add('fan', { chip: 'nct6775', sensor: 'fan1' }, { speed: '/min' });
}

/* ---- Nodes ---- */

const USAGE = { cpu: '%', memory: 'By', pss: 'By', processes: '1', threads: '1', open_files: '1', read_bytes: 'By/s', write_bytes: 'By/s', directory_bytes: 'By' };

function addNodes(lab, now, put) {
    const nodes = [...lab.kind('gns3.node').values()].filter((n) => n.server === 'campus' && n.status !== 'closed');
    const status = (n) => (n.name === 'R3' ? 'dead' : /switch|nat/.test(n.node_type) || n.status === 'stopped' ? 'off' : 'running');
    put('system.node', nodes.map((n, i) => ({ id: n.id, server: n.server, project: n.project, name: n.name, status: status(n), pids: status(n) === 'running' ? [4100 + i] : [], shared: n.node_type === 'dynamips' && status(n) === 'running' ? 5 : 1,
        ubridge: n.name === 'R4' ? 'missing' : status(n) === 'running' ? 'running' : 'none',
        why: { running: 'its id is in the directory it runs in', off: 'a node of this kind has no process of its own', dead: 'no process or container is its own' }[status(n)] })));
    nodes.forEach((n) => lab.addSeries('system.node', { server: n.server, project: n.project_name, node: n.name }, { ...USAGE, shared: '1' }, true));
    [...new Set(nodes.map((n) => n.project_name))].forEach((project) => lab.addSeries('system.project', { server: 'campus', project }, { ...USAGE, running: '1' }, true));
}

/* ---- Programs ---- */

function item(id, protocol, command, state, now, more) {
    return { id, name: id, protocol, command, state, since: now - 3 * HOUR, every: 60000, error: null, verdict: null, last: { time: now - 20000, duration: 0.21, cpu: 0.04, exit: 0 }, next: now + 40000,
        counts: { lines: 1200, errors: 0, values: 1190, series: 1, restarts: 0, runs: 180, bytes: 61000, dropped: 0, refused: 0 }, output: [], messages: [], offers: [], metrics: [], ...more };
}

function metric(series, field, unit, last, more) {
    return { series, field, name: field, unit, title: null, warning: null, critical: null, labels: {}, last, ...more };
}

const BROKEN = 'load.value 0.42 0.40 0.37';
const cpuMetric = (name) => metric('exec.system.cpu', name, '%', 4, { title: `CPU, ${name}`, counter: true });

function addItems(lab, now, put) {
    put('exec.item', [
        item('apps', 'netdata', '/usr/libexec/netdata/plugins.d/apps.plugin 5', 'ok', now, { every: 5000, pid: 5210, last: null, next: null, counts: { lines: 92114, errors: 0, values: 81200, series: 46, restarts: 1, runs: 1, bytes: 9120000, dropped: 0, refused: 0 },
            output: ["BEGIN system.cpu 5000112", 'SET user = 18291', 'SET system = 7120', 'SET iowait = 310', 'END'], messages: ['apps.plugin: INFO: started on rack-1'],
            metrics: ['user', 'system', 'iowait'].map(cpuMetric) }),
        item('disk_root', 'nagios', '/usr/lib/nagios/plugins/check_disk -w 20% -c 10% -p /srv/gns3', 'critical', now, { verdict: { state: 'critical', now: 'critical', soft: false, since: now - 50 * MINUTE, text: 'DISK CRITICAL - free space: /srv/gns3 83 GiB (9%)', more: '/srv/gns3: 848 of 931 GiB\ninodes: 12 %' },
            last: { time: now - 20000, duration: 0.03, cpu: 0.01, exit: 2 }, output: ['DISK CRITICAL - free space: /srv/gns3 83 GiB (9%);| /srv/gns3=848GiB;744;837;0;931'],
            metrics: [metric('exec.disk', 'srv_gns3', 'By', 848 * GIB, { warning: '744', critical: '837', min: 0, max: 931 * GIB })] }),
        item('ntp', 'nagios', '/usr/lib/nagios/plugins/check_ntp_time -H time.lab.test', 'ok', now, { verdict: { state: 'ok', now: 'warning', soft: true, since: now - 9 * HOUR, text: 'NTP OK: Offset 0.4 secs' } }),
        item('munin.load', 'munin', '/usr/share/munin/plugins/load', 'failed', now, { counts: { lines: 44, errors: 12, values: 0, series: 0, restarts: 0, runs: 12, bytes: 812, dropped: 0, refused: 0 }, next: now + 4 * MINUTE,
            error: { why: 'a value is a number or U, followed by nothing', time: now - 20000, line: 2, column: 17, text: BROKEN }, output: ['multigraph load', BROKEN], messages: ['load: reading /proc/loadavg'], last: { time: now - 20000, duration: 0.02, cpu: 0.01, exit: 0 } }),
        item('sensors', 'collectd', '/opt/lab/rack-sensors.py --bus 3', 'failed', now, { error: { why: 'died of signal 11 (Segmentation fault): cannot open /dev/i2c-3', time: now - 90000 }, last: { time: now - 90000, duration: 4.2, cpu: 0.4, signal: 11 }, counts: { lines: 9, errors: 7, values: 8, series: 2, restarts: 7, runs: 7, bytes: 400, dropped: 0, refused: 0 } }),
        item('telegraf', 'influx', '/usr/local/bin/lab-telegraf execd', 'disabled', now, { error: { why: 'it asked not to be started again', time: now - 2 * HOUR }, next: null }),
        item('node_exporter', 'prometheus', 'http://127.0.0.1:9100/metrics', 'ok', now, { counts: { lines: 1800, errors: 0, values: 1500, series: 312, restarts: 0, runs: 720, bytes: 9e7, dropped: 0, refused: 12 }, metrics: [metric('exec.node_load1', 'value', '1', 0.42, { title: '1m load average' })] }),
        item('rack', 'jsonl', '/opt/lab/rack.py', 'running', now, { pid: 5333, last: null, next: null, offers: [{ name: 'blink', help: 'Lets the lamp of a rack blink' }], metrics: [metric('exec.rack.power', 'watts', 'W', 312, { title: 'Power', labels: { rack: 'r1' }, max: 900 })] }),
    ]);
    const series = (name, labels, units) => lab.addSeries(name, labels, units, true);
    series('exec.system.cpu', { item: 'apps' }, { user: '%', system: '%', iowait: '%' });
    series('exec.disk', { item: 'disk_root' }, { srv_gns3: 'By' });
    series('exec.node_load1', { item: 'node_exporter' }, { value: '1' });
    series('exec.rack.power', { item: 'rack', rack: 'r1' }, { watts: 'W' });
    for (const it of lab.kind('exec.item').values())
        series('exec.run', { item: it.id }, { lines: '/s', errors: '/s', values: '/s', restarts: '/s', bytes: 'By/s', dropped: '/s', duration: 's', cpu: 's', up: '1', series: '1' });
}

/* ---- Events ---- */

const BACKTRACE = 'Segmentation fault at 0x10 in thread weather\n#0 weather_tick+0x41 (plugins/weather.so)\n#1 instance_tick+0x9c\n#2 child_run+0x1f2\n#3 main+0x88';

function addTold(lab, now) {
    const say = (topic, severity, source, text, data, ago, kind, id) => Object.assign(lab.event(topic, severity, kind ?? null, id ?? null, text, data, now - ago), { source });
    say('system.filesystem.filling', 'warning', 'system', '/srv/gns3 will be full in 3.0 hours if it goes on like this; it is 91 % full', {}, 40 * MINUTE, 'system.filesystem', '/srv/gns3');
    say('system.node.dead', 'error', 'system', 'R3 in OSPF backbone is shown as started, but has no process', {}, 21 * MINUTE, 'system.node', '00000000-0000-4000-8000-000000002712');
    say('system.orphan', 'warning', 'system', 'qemu-system-x86 (process 7711) belongs to no node that runs: its directory is of OSPF backbone', {}, 19 * MINUTE, 'system.host', 'host');
    say('gnswatch.instance.crashed', 'error', 'rooftop', 'its process has ended: killed by signal 11 (Segmentation fault)', { signal: 11, why: 'killed by signal 11 (Segmentation fault)', backtrace: BACKTRACE }, 14 * MINUTE);
    say('gnswatch.conf.refused', 'error', 'gnswatch', "alert.yaml:12:7: 'severity' must be one of info, warning, error, critical, not 'loud'; there are more mistakes; its instance stays as it was", { file: 'alert.yaml', mistakes: 2 }, 6 * MINUTE);
}

/* ---- Numbers ---- */

function wave(seed, time, low, high, minutes) {
    return low + (high - low) * (0.5 + 0.34 * Math.sin(time / (minutes * MINUTE) + seed) + 0.16 * Math.sin(time / 37000 + seed * 3));
}

function values(lab) {
    const rise = (s, time, from, to) => from + ((to - from) * (time % (6 * HOUR))) / (6 * HOUR);
    const usage = (s, field, time) => {
        const off = s.labels.node && [...lab.kind('system.node').values()].find((n) => n.name === s.labels.node)?.status !== 'running';
        const size = (s.id % 7) + 1;
        if (off && field !== 'directory_bytes')
            return 0;
        return { cpu: wave(s.id, time, 1, 9 * size, 4), memory: size * 90e6, pss: size * 71e6, processes: size > 4 ? 2 : 1, threads: 3 * size, open_files: 20 * size, read_bytes: wave(s.id, time, 0, 9000 * size, 5),
            write_bytes: wave(s.id, time, 0, 40000 * size, 7), directory_bytes: size * 120e6, shared: 1, running: 6 }[field];
    };
    return {
        'system.cpu': (s, field, time) => ({ used: wave(1, time, 20, 70, 5), user: wave(1, time, 14, 52, 5), system: wave(1, time, 5, 16, 5), iowait: wave(3, time, 1, 6, 4), steal: 0, cores: 16, frequency: 3.2e9 }[field]),
        'system.memory': (s, field, time) => ({ total: 64 * GIB, used: 64 * GIB * wave(2, time, 0.55, 0.62, 30), used_percent: 100 * wave(2, time, 0.55, 0.62, 30), cached: 12 * GIB }[field]),
        'system.swap': (s, field, time) => ({ total: 8 * GIB, used: 5 * GIB, used_percent: 62.5, in: wave(4, time, 0, 2000, 4), out: wave(5, time, 0, 9000, 6) }[field]),
        'system.host': (s, field, time) => ({ load1: wave(1, time, 3, 12, 5), load5: wave(1, time, 4, 10, 12), load15: wave(1, time, 5, 9, 30), uptime: 31 * 86400, blocked: 2, files_open: 18211 }[field]),
        'system.pressure': (s, field, time) => wave(s.id, time, 0, s.labels.resource === 'io' ? 24 : 4, 4) * (field === 'full' ? 0.4 : 1),
        'system.disk': (s, field, time) => ({ reads: 40, read_bytes: wave(s.id, time, 1e5, 8e6, 4), read_ms: s.labels.disk === 'sda' ? 9.4 : 0.2, writes: 80, write_bytes: wave(s.id, time, 1e6, 4e7, 6), write_ms: s.labels.disk === 'sda' ? 21 : 0.4, busy: s.labels.disk === 'sda' ? wave(s.id, time, 70, 93, 4) : wave(s.id, time, 2, 14, 4) }[field]),
        'system.filesystem': (s, field, time) => {
            const [, size, used, , full] = FILESYSTEMS.find(([mount]) => mount === s.labels.mount);
            const percent = full ? rise(s, time, used - 1, used) : used;
            return { size: size * GIB, used: (size * GIB * percent) / 100, free: (size * GIB * (100 - percent)) / 100, used_percent: percent, inodes_percent: 12, full_in: full }[field];
        },
        'system.interface': (s, field, time) => (s.labels.interface === 'eno2' ? 0 : { in_bytes: wave(s.id, time, 2e4, 4e6, 3), out_bytes: wave(s.id, time, 1e4, 2e6, 4), in_errors: 0, out_errors: 0, in_drops: s.labels.interface === 'eno1' ? 1.4 : 0, out_drops: 0, up: 1 }[field]),
        'system.temperature': (s, field, time) => (field === 'critical' ? 100 : wave(s.id, time, 48, s.labels.chip === 'nvme' ? 91 : 74, 5)),
        'system.fan': () => 1240,
        'system.node': usage, 'system.project': usage,
        'exec.system.cpu': (s, field, time) => wave(field.length, time, 1, 40, 4),
        'exec.disk': (s, field, time) => rise(s, time, 840, 848) * GIB,
        'exec.node_load1': (s, field, time) => wave(2, time, 0.2, 1.4, 5),
        'exec.rack.power': (s, field, time) => wave(3, time, 280, 360, 6),
        'exec.run': (s, field, time) => ({ lines: 7, errors: s.labels.item === 'munin.load' ? 0.02 : 0, values: s.labels.item === 'munin.load' ? 0 : wave(s.id, time, 5, 9, 5), restarts: 0, bytes: 900, dropped: 0, duration: wave(s.id, time, 0.1, 0.4, 5), cpu: 0.04, up: 1, series: 3 }[field]),
    };
}
