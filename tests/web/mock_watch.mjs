/* mock_watch.mjs - the commands of the plugins that watch, store and tell: their schemas, and what
 * each does to the made-up lab. */

const MINUTE = 60000;
const UNITS = { s: 1000, m: MINUTE, h: 60 * MINUTE, d: 1440 * MINUTE };

const text = (description, more) => ({ type: 'string', description, ...more });
const yes = (description, def) => ({ type: 'boolean', description, default: def });
const length = (description, more) => ({ type: 'string', examples: ['500ms', '5s', '2m', '1h'], description, ...more });
const time = (description) => ({ type: ['string', 'integer'], format: 'date-time', description });
const params = (properties, required = []) => ({ type: 'object', properties, ...(required.length && { required }), additionalProperties: false });
const id = text('Which one');
const command = (name, help, shape, role = 'operator') => ({ name, help, role, params: shape, result: params({}) });

export const COMMANDS = [
    command('alert.alert.acknowledge', 'Says that somebody takes care of it.', params({ id, comment: text('What is being done') }, ['id'])),
    command('alert.alert.unacknowledge', 'Takes that back.', params({ id }, ['id'])),
    command('alert.silence.create', 'Keeps quiet about what matches.', params({ matchers: { type: ['array', 'string'], items: { type: 'string' }, description: 'One a line: node=PC1, project=~net-.*, severity!=critical' },
        comment: text('Why', { maxLength: 500 }), author: text('Who; the caller when absent'), starts: time('From when; now when absent'), ends: time('Until when'), duration: length('How long, instead of an end') }, ['matchers', 'comment'])),
    command('alert.silence.update', 'Changes its end or comment.', params({ id, ends: time('Until when'), duration: length('How long from now'), comment: text('Why') }, ['id'])),
    command('alert.silence.delete', 'Ends it now.', params({ id }, ['id'])),
    command('alert.test', 'When a rule would have fired.', params({ rule: text('Its name'), from: time('From when'), to: time('Until when') }, ['rule'])),
    command('alert.receiver.test', 'Sends a test notification.', params({ id }, ['id'])),
    command('health.report.create', 'Makes a report.', params({ from: time('From when'), to: time('Until when') })),
    command('traffic.project.select', 'Makes it the active project.', params({ id, for: length('How long; until told otherwise when absent') }, ['id'])),
    command('traffic.project.watch', 'Watches it.', params({ id, priority: { type: 'integer', minimum: 1, maximum: 10, default: 5, description: '10 is the most important' } }, ['id'])),
    command('traffic.project.unwatch', 'Watches it no more.', params({ id }, ['id'])),
    command('traffic.project.keep', 'No idle action meanwhile.', params({ id, for: length('How long') }, ['id', 'for'])),
    command('traffic.auto_switch', 'Lets the switch follow traffic, or not.', params({ enabled: yes('Whether it does') }, ['enabled'])),
    command('snapshot.take', 'Takes a snapshot and verifies it.', params({ project: text('Which project'), name: text('Its name'), mode: { type: 'string', enum: ['stopped', 'quiesce'], default: 'stopped', description: 'What to do with running nodes' } }, ['project'])),
    command('snapshot.prune', 'What would be removed, and why.', params({ schedule: text('The schedule\'s name'), dry_run: yes('Only say what would go', true) }, ['schedule'])),
    command('snapshot.copy.restore', 'Restores it.', params({ id, quiesce: yes('Stop nodes that run, and start them again afterwards', false) }, ['id'])),
    command('snapshot.copy.import', 'Makes a new project of it.', params({ id, name: text('The new project\'s name'), server: text('Where to'), from: text('The target whose copy is taken') }, ['id'])),
    command('snapshot.copy.drill', 'Restores it into a duplicate.', params({ id, start: yes('Also start the copy\'s nodes', false) }, ['id'])),
    command('gns3.project.create', 'Makes a project.', params({ server: text('Which server'), name: text('Its name', { maxLength: 100 }), auto_close: yes('Close it when the last client leaves'), auto_open: yes('Open it with the server'), auto_start: yes('Start its nodes when it is opened') }, ['server', 'name'])),
    command('gns3.project.duplicate', 'Copies a project.', params({ id, name: text('Name of the copy') }, ['id', 'name'])),
    command('gns3.project.export', 'Writes a project into a file.', params({ id, path: text('A file on the machine of gnswatch') }, ['id', 'path']), 'admin'),
    command('email.test', 'Sends a test letter.', params({ to: text('To whom') }, ['to'])),
    command('mqtt.test', 'Publishes a test message.', params({ topic: text('Where to') })),
    command('webhook.test', 'Posts a test notification.', params({ hook: text('Which hook') }, ['hook'])),
];

const ms = (value, or) => (typeof value === 'number' ? value : value ? Number(value.slice(0, -1)) * UNITS[value.at(-1)] : or);

function bad(name, what) {
    return [400, { title: 'Bad Request', status: 400, detail: 'A parameter is wrong', errors: [{ where: `parameter '${name}'`, what }] }];
}

function silence(mock, given) {
    const matchers = [given.matchers].flat().map((m) => /^(\w+)(=~|!~|!=|=)(.*)$/.exec(m));
    if (matchers.includes(null))
        return bad('matchers', "is no matcher; write label=value");
    const now = Date.now();
    const it = { id: String(mock.lab.kind('alert.silence').size + 1), matchers: matchers.map(([, label, op, value]) => ({ label, op, value })), author: 'local', comment: given.comment, starts: given.starts ?? now,
        ends: given.ends ?? now + ms(given.duration, 60 * MINUTE), state: given.starts > now ? 'pending' : 'active', created: now };
    for (const alert of mock.lab.kind('alert.alert').values())
        if (it.matchers.every((m) => m.op === '=' && alert.labels[m.label] === m.value))
            mock.change('alert.alert', { ...alert, silenced_by: [...alert.silenced_by, it.id] });
    return mock.change('alert.silence', it);
}

function fired(given) {
    const to = given.to ?? Date.now();
    const from = given.from ?? to - 1440 * MINUTE;
    const at = (share) => Math.round(from + (to - from) * share);
    return [200, { evaluated: 2880, text: `${given.rule} would have fired twice`, fired: [
        { labels: { server: 'campus', compute: 'local' }, from: at(0.2), to: at(0.35), severity: 'warning', peak: 93 }, { labels: { server: 'campus', compute: 'rack-2' }, from: at(0.7), to: at(0.98), severity: 'critical', peak: 97 }] }];
}

function prune(mock, given) {
    const decisions = [...mock.lab.kind('snapshot.copy').values()].map((c) => ({ snapshot: c.id, project_name: c.project_name, server: c.server, name: c.name, created_at: c.created_at, decision: c.keep.decision, text: c.keep.text }));
    return [200, { dry_run: given.dry_run ?? true, decisions }];
}

const set = (kind, changes) => (mock, given) => {
    const object = mock.lab.kind(kind).get(given.id);
    return object ? mock.change(kind, { ...object, ...changes(given, object) }) : [404, { title: 'Not Found', status: 404, detail: `There is no ${kind} ${given.id}.` }];
};

function choose(mock, given) {
    for (const p of mock.lab.kind('traffic.project').values())
        mock.change('traffic.project', { ...p, selected: p.id === given.id });
    const it = mock.lab.kind('traffic.project').get(given.id);
    const now = mock.lab.kind('traffic.switch').get('active');
    return mock.change('traffic.switch', { ...now, mode: 'manual', project: it.id, name: it.name, since: Date.now(), pinned_until: given.for ? Date.now() + ms(given.for) : null,
        decision: { ...now.decision, time: Date.now(), from: now.name, to: it.name, text: `${it.name} was selected by local` } });
}

function gone(kind) {
    return (mock, given) => {
        mock.lab.kind(kind).delete(given.id);
        mock.say({ type: 'delete', kind, id: given.id }, `object:${kind}`);
        return [200, { deleted: true }];
    };
}

const retried = () => ({ state: 'waiting', tries: 0, why: '', due: Date.now() + 1000 });

const RUNS = {
    'alert.alert.acknowledge': set('alert.alert', (given) => ({ acknowledged: { by: 'local', comment: given.comment ?? '', time: Date.now() } })),
    'alert.alert.unacknowledge': set('alert.alert', () => ({ acknowledged: null })),
    'alert.silence.create': silence,
    'alert.silence.update': set('alert.silence', (given, s) => ({ ends: given.ends ?? s.ends, comment: given.comment ?? s.comment })),
    'alert.silence.delete': set('alert.silence', () => ({ state: 'ended', ends: Date.now() })),
    'alert.test': (mock, given) => fired(given),
    'alert.receiver.test': () => [200, { ok: true }],
    'health.report.create': (mock) => mock.change('health.report', { ...[...mock.lab.kind('health.report').values()][0], id: String(Date.now()), to: Date.now(), period: 'asked' }),
    'traffic.project.select': choose,
    'traffic.project.watch': set('traffic.project', (given) => ({ watched: true, priority: given.priority ?? 5 })),
    'traffic.project.unwatch': set('traffic.project', () => ({ watched: false })),
    'traffic.project.keep': set('traffic.project', (given, p) => ({ idle: { ...p.idle, action: 'none', at: null, text: 'Kept as it is' } })),
    'traffic.auto_switch': (mock, given) => set('traffic.switch', () => ({ mode: given.enabled ? 'auto' : 'off', pinned_until: null }))(mock, { id: 'active' }),
    'snapshot.take': () => [200, {}],
    'snapshot.schedule.run': set('snapshot.schedule', () => ({ running: true })),
    'snapshot.prune': prune,
    'snapshot.copy.verify': set('snapshot.copy', () => ({ verified: 'ok', verify: { time: Date.now(), text: 'opens, 13 nodes, 41 files', nodes: 13, files: 41, bytes: 5e7, missing: [] } })),
    'snapshot.copy.pin': set('snapshot.copy', (given) => ({ pinned: given.pinned })),
    'snapshot.copy.restore': () => [200, { text: 'restored' }],
    'snapshot.copy.import': () => [200, { text: 'imported' }],
    'snapshot.copy.drill': () => [200, { text: 'drilled' }],
    'snapshot.copy.delete': gone('snapshot.copy'),
    'email.test': () => [200, {}], 'mqtt.test': () => [200, {}], 'webhook.test': () => [200, {}],
    'email.letter.retry': set('email.letter', retried), 'mqtt.message.retry': set('mqtt.message', retried), 'webhook.delivery.retry': set('webhook.delivery', retried),
    'email.letter.delete': gone('email.letter'), 'mqtt.message.delete': gone('mqtt.message'), 'webhook.delivery.delete': gone('webhook.delivery'),
    'gns3.project.create': (mock, given) => (/[/\\]/.test(given.name) ? bad('name', 'is no plain file name') : [200, { name: given.name }]),
    'gns3.project.duplicate': (mock, given) => [200, { name: given.name }],
    'gns3.project.export': (mock, given) => [200, { path: given.path, bytes: 5e7 }],
};

export function runWatch(mock, name, given) {
    return RUNS[name]?.(mock, given);
}

export const PLUGINS = { alert: 'Rules, problems, and who is told', health: 'One number for everything, with its reasons', traffic: 'What flows, in which lab', snapshot: 'Snapshots that are there, whole, and can be restored',
    email: 'Notifications as mail', mqtt: 'Everything on a broker', webhook: 'Notifications to any HTTP address', prometheus: '/metrics and remote write' };
