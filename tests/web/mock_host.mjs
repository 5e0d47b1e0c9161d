/* mock_host.mjs - the commands of exec, and where the instances of plugins run, in the made-up lab. */

const text = (description, more) => ({ type: 'string', description, ...more });
const params = (properties, required) => ({ type: 'object', properties, required, additionalProperties: false });
const length = (description) => ({ type: 'string', examples: ['500ms', '5s', '2m', '1h'], description });
const command = (name, help, shape, role = 'operator') => ({ name, help, role, params: shape, result: { type: 'object', properties: {} } });
const id = text("The item's name", { maxLength: 400 });
const words = (description) => ({ type: ['array', 'string'], items: { type: 'string' }, description });

export const COMMANDS = [
    command('exec.item.run', 'Runs it now instead of at its time.', params({ id }, ['id'])),
    command('exec.item.restart', 'Ends what runs and starts it again.', params({ id }, ['id'])),
    command('exec.item.enable', 'Starts a plugin again that asked to be disabled.', params({ id }, ['id'])),
    command('exec.item.ask', 'Asks a plugin for something it offers.', params({ id, ask: text('One of what it offers'), params: { description: 'An object, handed on as it is' } }, ['id', 'ask'])),
    command('exec.try', 'Runs a command once and keeps nothing.', params({ protocol: { type: 'string', enum: ['netdata', 'collectd', 'munin', 'nagios', 'influx', 'prometheus', 'jsonl'], description: 'What it speaks' },
        command: words('The program and its arguments'), every: length('The interval'), timeout: length('How long a run may take'), user: text('Who it runs as'), allow_root: { type: 'boolean', default: false, description: 'Let it run as root' },
        env: { description: 'Further variables: {NAME: value}' }, precision: { type: 'string', enum: ['ns', 'us', 'ms', 's'], description: 'Of time stamps' } }, ['protocol']), 'admin'),
];

function tried({ command: words, protocol }) {
    if (!words)
        return [400, { title: 'Bad Request', status: 400, detail: 'A parameter is wrong', errors: [{ where: "parameter 'command'", what: 'is missing: name the program' }] }];
    return [200, { lines: 3, count: 3, exit: 1, timed_out: false, duration: 0.034, messages: ['warming up'],
        values: [{ series: 'exec.load', field: 'value', name: 'value', title: 'Load', kind: 'gauge', labels: { item: 'try', cpu: '0' }, value: 0.42, unit: '1', warning: '4', critical: '8' },
            { series: 'exec.bytes', field: 'value', name: 'value', title: null, kind: 'counter', labels: {}, value: 123456, unit: 'By' }],
        errors: [{ line: 2, column: 6, why: `this is no line of ${protocol}`, text: 'load %% 12' }], others: [{ verdict: null, state: 1, text: 'WARNING - a bit much', more: null }, { event: 'rack.hot', text: 'r1 is hot' }] }];
}

const changed = (changes) => (mock, given) => {
    const it = mock.lab.kind('exec.item').get(given.id);
    return it ? mock.change('exec.item', { ...it, ...changes(it) }) : [404, { title: 'Not Found', status: 404, detail: `There is no item '${given.id}'.` }];
};

const RUNS = {
    'exec.item.run': (mock, given) => (mock.lab.kind('exec.item').get(given.id)?.pid ? [409, { title: 'Conflict', status: 409, detail: `${given.id} is running` }]
        : changed((it) => ({ last: { ...it.last, time: Date.now() }, counts: { ...it.counts, runs: it.counts.runs + 1 } }))(mock, given)),
    'exec.item.restart': changed((it) => ({ state: it.verdict ? it.state : 'running', since: Date.now() })),
    'exec.item.enable': changed(() => ({ state: 'running', since: Date.now(), next: null })),
    'exec.item.ask': (mock, given) => [200, { blinks: given.params?.times ?? 3 }],
    'exec.try': (mock, given) => tried(given),
};

export function runHost(mock, name, given) {
    return RUNS[name]?.(mock, given);
}

export const PLUGINS = { system: 'How this machine is, and what each GNS3 node takes of it', exec: 'Runs plugins of Netdata, collectd, Munin, Nagios, Telegraf and Prometheus' };

const LIMITS = { memory: 268435456, cpu: 100, events: 100, files: 256, series: 10000, processes: 0, hang_ms: 30000 };

/* Where it runs: rooftop in a process that crashed, webhook in one that is well. */
export function isolated(plugin, now) {
    const process = { pid: 4711, run_as: null, rss_bytes: 9.4e6, dropped_rows: 0, paused: false, limits: LIMITS, last_crash: null, crashes: 0 };
    if (plugin.instance === 'rooftop')
        return { ...plugin, isolation: 'process', process: { ...process, pid: null, run_as: 'weather', rss_bytes: 0, last_crash: { time: now - 14 * 60000, text: 'its process has ended: killed by signal 11 (Segmentation fault)' }, crashes: 4 } };
    return plugin.instance === 'webhook' ? { ...plugin, isolation: 'process', process } : { ...plugin, isolation: 'thread', process: null };
}
