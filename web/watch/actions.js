/* watch/actions.js - what can be asked of the plugins that watch, store and tell; declared as in
 * actions.js, which takes these in. */
import { command } from '../api.js';
import { dateTime } from '../format.js';
import { t } from '../i18n.js';
import { one } from '../state.js';
import { ownLabels } from './alerts.js';

const id = (object) => ({ fixed: { id: object.id } });
const comment = (object) => ({ ...id(object), only: ['comment'] });

/* The matchers that fit one alert and nothing else. */
function matchersOf(alert) {
    return [`alertname=${alert.labels?.alertname ?? alert.rule}`, ...ownLabels(alert).map(([name, value]) => `${name}=${value}`)];
}

const SILENCE = ['matchers', 'comment', 'duration', 'starts', 'ends'];

const alert = {
    'alert.acknowledge': { command: 'alert.alert.acknowledge', icon: 'check', text: 'action.acknowledge', confirm: 'confirm.alert.acknowledge', form: comment },
    'alert.unacknowledge': { command: 'alert.alert.unacknowledge', icon: 'restore', text: 'action.unacknowledge', confirm: 'confirm.alert.unacknowledge' },
    'alert.silence': { command: 'alert.silence.create', icon: 'mute', text: 'action.silence', confirm: 'confirm.alert.silence',
        form: (it) => ({ given: { matchers: matchersOf(it), duration: '4h' }, only: SILENCE }) },
    'silence.create': { command: 'alert.silence.create', icon: 'mute', text: 'action.new_silence', confirm: 'confirm.silence.create',
        form: () => ({ given: { duration: '4h' }, only: SILENCE }) },
    'silence.update': { command: 'alert.silence.update', icon: 'edit', text: 'action.edit', confirm: 'confirm.silence.update',
        form: (it) => ({ ...id(it), given: { comment: it.comment, ends: it.ends } }) },
    'silence.end': { command: 'alert.silence.delete', icon: 'close', text: 'action.end', confirm: 'confirm.silence.end' },
    'receiver.test': { command: 'alert.receiver.test', icon: 'test', text: 'action.test', confirm: 'confirm.receiver.test' },
};

const health = {
    'report.create': { command: 'health.report.create', icon: 'report', text: 'action.report', confirm: 'confirm.report.create',
        form: () => ({ given: { from: Date.now() - 86400000, to: Date.now() } }) },
    'recommended': { icon: 'start', text: 'action.do', confirm: 'confirm.recommended',
        words: (it) => ({ command: `${it.command.name} ${Object.entries(it.command.params ?? {}).map(([n, v]) => `${n}=${v}`).join(' ')}` }),
        send: (it) => command(it.command.name, it.command.params ?? {}) },
};

const traffic = {
    'traffic.select': { command: 'traffic.project.select', icon: 'pin', text: 'action.select', confirm: 'confirm.traffic.select', form: id },
    'traffic.watch': { command: 'traffic.project.watch', icon: 'eye', text: 'action.watch', confirm: 'confirm.traffic.watch',
        form: (it) => ({ ...id(it), given: { priority: it.priority || undefined } }) },
    'traffic.unwatch': { command: 'traffic.project.unwatch', icon: 'eye_off', text: 'action.unwatch', confirm: 'confirm.traffic.unwatch' },
    'traffic.keep': { command: 'traffic.project.keep', icon: 'lock', text: 'action.keep', confirm: 'confirm.traffic.keep',
        form: (it) => ({ ...id(it), given: { for: '4h' } }) },
    'traffic.auto': { command: 'traffic.auto_switch', icon: 'auto', text: 'action.auto', confirm: 'confirm.traffic.auto', params: () => ({ enabled: true }) },
    'traffic.manual': { command: 'traffic.auto_switch', icon: 'hand', text: 'action.manual', confirm: 'confirm.traffic.manual', params: () => ({ enabled: false }) },
};

const of = (it) => ({ project: it.project_name ?? it.project ?? '', time: dateTime(it.created_at) });

const told = (run) => run.text;

/* Whether nodes would be stopped by what is asked; then stopping them is offered. */
const runs = (it) => (one('gns3.project', it.project)?.started_count ?? 0) > 0;

const snapshot = {
    'snapshot.take': { command: 'snapshot.take', icon: 'camera', text: 'action.snapshot', confirm: 'confirm.snapshot.take',
        form: (project) => ({ fixed: project.id ? { project: project.id } : {} }) },
    'schedule.run': { command: 'snapshot.schedule.run', icon: 'start', text: 'action.run_now', confirm: 'confirm.schedule.run' },
    'prune.now': { command: 'snapshot.prune', icon: 'trash', text: 'action.prune', confirm: 'confirm.prune', danger: true,
        params: (it) => ({ schedule: it.id, dry_run: false }), words: (it) => ({ count: it.count }) },
    'copy.verify': { command: 'snapshot.copy.verify', icon: 'check', text: 'action.verify' },
    'copy.accept': { command: 'snapshot.copy.verify', icon: 'check', text: 'action.accept', confirm: 'confirm.copy.accept', words: of, params: (it) => ({ id: it.id, accept: true }) },
    'copy.pin': { command: 'snapshot.copy.pin', icon: 'pin', text: 'action.pin', params: (it) => ({ id: it.id, pinned: true }) },
    'copy.unpin': { command: 'snapshot.copy.pin', icon: 'unpin', text: 'action.unpin', confirm: 'confirm.copy.unpin', words: of,
        params: (it) => ({ id: it.id, pinned: false }) },
    'copy.restore': { command: 'snapshot.copy.restore', icon: 'restore', text: 'action.restore', confirm: 'confirm.copy.restore', words: of, danger: true, said: told,
        form: (it) => ({ ...id(it), given: { quiesce: runs(it) } }) },
    'copy.import': { command: 'snapshot.copy.import', icon: 'copy', text: 'action.import', confirm: 'confirm.copy.import', words: of, said: told, form: (it) => ({ ...id(it), given: { name: it.project_name } }) },
    'copy.drill': { command: 'snapshot.copy.drill', icon: 'test', text: 'action.drill', confirm: 'confirm.copy.drill', words: of, said: told, form: id },
    'copy.delete': { command: 'snapshot.copy.delete', role: 'admin', icon: 'trash', text: 'action.delete', confirm: 'confirm.copy.delete', words: of, danger: true },
};

/* Every sink has the same three. */
const sink = (plugin, thing) => ({
    [`${plugin}.test`]: { command: `${plugin}.test`, icon: 'test', text: 'action.test', confirm: 'confirm.sink.test', form: () => ({}),
        said: (result) => result.text ?? result.words ?? (result.status ? `HTTP ${result.status}` : t('delivery.accepted')) },
    [`${plugin}.retry`]: { command: `${plugin}.${thing}.retry`, icon: 'reload', text: 'action.retry' },
    [`${plugin}.delete`]: { command: `${plugin}.${thing}.delete`, role: 'admin', icon: 'trash', text: 'action.delete', confirm: 'confirm.sink.delete', danger: true },
});

const target = { 'target.retry': { command: 'prometheus.target.retry', icon: 'reload', text: 'action.retry' } };

export const actions = { ...alert, ...health, ...traffic, ...snapshot,
    ...sink('email', 'letter'), ...sink('mqtt', 'message'), ...sink('webhook', 'delivery'), ...target };
