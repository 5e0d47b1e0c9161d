/* actions.js - what a person can ask for: commands, each with its confirmation, its way to say what
 * came of it, and its progress when it goes on as a job. Views call act() with a declared action. */
import { command, get, post } from './api.js';
import { bytes } from './format.js';
import { signal } from './html.js';
import { t } from './i18n.js';
import { complaints, fieldsOf, paramsOf, paramsSchema } from './schema.js';
import { can, jobs, keepJob } from './state.js';
import { actions as watchActions } from './watch/actions.js';

const JOB_POLL_MS = 2000;
const ERROR_MS = 12000;
const DONE_MS = 5000;

/* One dialog at a time: {title, text, fields, confirm, danger, answer(values or null)} or null. */
export const dialog = signal(null);
/* [{id, kind: busy|done|error, text, detail, progress, cancel}] */
export const toasts = signal([]);
/* Texts for people who do not see the screen; the last is read out. */
export const announcement = signal('');

/* Declared actions: the command, who may, the icon and what a person is asked before.
 *   confirm  key of the question; its sentence is `${confirm}.text`. Without it nothing is asked.
 *   fields   what the person fills in, [{name, text, value(object)}]
 *   form     instead: (object) => {fixed, given, only}: what is sent as it is, what stands in the form
 *            first, what is asked for; the rest is in the command's own schema
 *   said     (result) => what is told of it, when it is more than that it was done */
export const actions = {
    ...watchActions,
    'node.start': { command: 'gns3.node.start', icon: 'start', text: 'action.start', confirm: 'confirm.node.start' },
    'node.stop': { command: 'gns3.node.stop', icon: 'stop', text: 'action.stop', confirm: 'confirm.node.stop', danger: true },
    'node.suspend': { command: 'gns3.node.suspend', icon: 'suspend', text: 'action.suspend', confirm: 'confirm.node.suspend' },
    'node.reload': { command: 'gns3.node.reload', icon: 'reload', text: 'action.reload', confirm: 'confirm.node.reload', danger: true },
    'link.suspend': { command: 'gns3.link.suspend', icon: 'suspend', text: 'action.suspend', confirm: 'confirm.link.suspend', danger: true },
    'link.resume': { command: 'gns3.link.resume', icon: 'start', text: 'action.resume', confirm: 'confirm.link.resume' },
    'project.open': { command: 'gns3.project.open', icon: 'open', text: 'action.open', confirm: 'confirm.project.open' },
    'project.close': { command: 'gns3.project.close', icon: 'shut', text: 'action.close', confirm: 'confirm.project.close', danger: true },
    'project.start_all': { command: 'gns3.project.start_all', icon: 'start', text: 'action.start_all', confirm: 'confirm.project.start_all' },
    'project.stop_all': { command: 'gns3.project.stop_all', icon: 'stop', text: 'action.stop_all', confirm: 'confirm.project.stop_all', danger: true },
    'snapshot.create': { command: 'gns3.snapshot.create', icon: 'camera', text: 'action.snapshot', confirm: 'confirm.snapshot.create',
        params: (project, values) => ({ project: project.id, name: values.name }),
        fields: [{ name: 'name', text: 'label.name', value: () => `${t('snapshot.default')} ${new Date().toISOString().slice(0, 16).replace('T', ' ').replace(':', '')}` }] },
    'snapshot.restore': { command: 'gns3.snapshot.restore', icon: 'restore', text: 'action.restore', confirm: 'confirm.snapshot.restore', danger: true },
    'snapshot.delete': { command: 'gns3.snapshot.delete', icon: 'trash', text: 'action.delete', confirm: 'confirm.snapshot.delete', danger: true },
    'project.create': { command: 'gns3.project.create', icon: 'plus', text: 'action.create', confirm: 'confirm.project.create',
        form: (server) => ({ fixed: { server: server.name } }) },
    'project.duplicate': { command: 'gns3.project.duplicate', icon: 'copy', text: 'action.duplicate', confirm: 'confirm.project.duplicate',
        form: (project) => ({ fixed: { id: project.id }, given: { name: `${project.name} 2` } }) },
    'project.export': { command: 'gns3.project.export', role: 'admin', icon: 'export', text: 'action.export', confirm: 'confirm.project.export',
        form: (project) => ({ fixed: { id: project.id } }),
        said: (result) => (result.path ? t('toast.exported', { path: result.path, size: bytes(result.bytes) }) : '') },
    'server.test': { command: 'gns3.server.test', icon: 'test', text: 'action.test' },
    'server.sync': { command: 'gns3.server.sync', icon: 'reload', text: 'action.sync' },
    'plugin.restart': { role: 'admin', icon: 'reload', text: 'action.restart', confirm: 'confirm.plugin.restart',
        send: (plugin) => post(`/api/v1/plugins/${encodeURIComponent(plugin.instance)}/restart`) },
    'plugin.retry': { role: 'admin', icon: 'reload', text: 'action.retry',
        send: (plugin) => post(`/api/v1/plugins/${encodeURIComponent(plugin.instance)}/restart`) },
    'job.cancel': { icon: 'close', text: 'action.cancel_job', confirm: 'confirm.job.cancel', danger: true,
        send: (job) => post(`/api/v1/jobs/${encodeURIComponent(job.id)}/cancel`) },
};

/* Actions of pages that come later. */
export function addActions(more) {
    Object.assign(actions, more);
}

export function allowed(name) {
    return can(actions[name].role || 'operator');
}

export function nameOf(object) {
    return object.name || object.instance || object.summary || object.command || String(object.id ?? '');
}

/* Asks, sends, tells. Resolves when the toast says how it ended. */
export async function act(name, object) {
    const action = actions[name];
    if (action.form)
        return actByForm(action, object);
    const values = action.confirm ? await ask(action, object) : {};
    if (!values)
        return undefined;
    const what = sentence(action, object);
    const toast = addToast({ kind: 'busy', text: what });
    try {
        const answer = action.send ? await action.send(object)
            : await command(action.command, action.params?.(object, values) ?? { id: object.id });
        return await tell(action, toast, what, answer);
    } catch (error) {
        return finish(toast, 'error', what, errorText(error));
    }
}

function sentence(action, object) {
    return t('toast.what', { action: t(action.text), name: nameOf(object) });
}

async function tell(action, toast, what, answer) {
    if (answer.status === 202 && answer.body?.id)
        return followJob(toast, what, answer.body, action);
    return finish(toast, 'done', what, saidOf(action, answer.body));
}

function saidOf(action, body) {
    return action.said?.(body ?? {}) ?? resultText(body);
}

/* The dialog stays until the command takes what was filled in, or the person leaves. */
async function actByForm(action, object) {
    const what = sentence(action, object);
    let schema;
    try {
        schema = await paramsSchema(action.command);
        if (!schema)
            throw new Error(t('form.no_command', { name: action.command }));
    } catch (error) {
        return finish(addToast({ kind: 'busy', text: what }), 'error', what, errorText(error));
    }
    const { fixed = {}, given = {}, only } = action.form(object);
    const fields = fieldsOf(schema, fixed, only);
    let values = await ask(action, object, { schema: fields, given, stays: true });
    while (values) {
        const { params, problems } = paramsOf(fields, values, fixed);
        const refused = problems ?? await sendForm(action, what, params, fields);
        if (!refused)
            break;
        values = await askAgain(refused);
    }
    dialog.value = null;
    return undefined;
}

/* What the person must change, or null when it is under way or done. */
async function sendForm(action, what, params, fields) {
    try {
        const answer = await command(action.command, params);
        tell(action, addToast({ kind: 'busy', text: what }), what, answer);
        return null;
    } catch (error) {
        return error.status ? complaints(error, fields) : { '': errorText(error) };
    }
}

function askAgain(problems) {
    return new Promise((resolve) => {
        dialog.value = { ...dialog.value, problems, busy: false, answer: answerTo(resolve, true) };
    });
}

/* `stays`: the dialog is busy after an answer rather than gone. */
function answerTo(resolve, stays) {
    return (values) => {
        dialog.value = values && stays ? { ...dialog.value, busy: true } : null;
        resolve(values);
    };
}

function ask(action, object, { schema, given, stays } = {}) {
    return new Promise((resolve) => {
        dialog.value = {
            title: t(action.confirm, { name: nameOf(object) }),
            text: t(`${action.confirm}.text`, { name: nameOf(object), ...counts(object), ...action.words?.(object) }),
            fields: (action.fields || []).map((f) => ({ ...f, value: f.value(object) })),
            schema, given,
            confirm: t(action.text),
            danger: action.danger,
            answer: answerTo(resolve, stays),
        };
    });
}

function counts(object) {
    return { started: object.started_count ?? 0, project: object.project_name ?? '' };
}

export function errorText(error) {
    if (error.status === 0)
        return t(`error.${error.message}`);
    return error.message;
}

function resultText(body) {
    return typeof body?.message === 'string' ? body.message : '';
}

let toastId = 0;

function addToast(toast) {
    const id = ++toastId;
    toasts.value = [...toasts.value, { id, ...toast }].slice(-5);
    return id;
}

function change(id, what) {
    toasts.value = toasts.value.map((x) => (x.id === id ? { ...x, ...what } : x));
}

export function dismiss(id) {
    toasts.value = toasts.value.filter((x) => x.id !== id);
}

function finish(id, kind, text, detail) {
    change(id, { kind, text, detail, progress: undefined, job: undefined });
    setTimeout(() => dismiss(id), kind === 'error' ? ERROR_MS : DONE_MS);
}

/* Live messages bring the job's state; polling does when they do not come. */
async function followJob(toast, what, first, action) {
    keepJob(first);
    for (;;) {
        const job = await nextState(first.id);
        change(toast, { progress: job.progress, detail: job.log?.at(-1)?.text, job });
        if (job.state === 'done')
            return finish(toast, 'done', what, saidOf(action, job.result));
        if (job.state === 'failed' || job.state === 'cancelled')
            return finish(toast, 'error', what, job.error || t(`state.${job.state}`));
    }
}

function nextState(id) {
    const before = jobs.peek().find((j) => j.id === id);
    return new Promise((resolve, reject) => {
        const end = (fn, value) => {
            clearTimeout(timer);
            stop();
            fn(value);
        };
        const timer = setTimeout(() => get(`/api/v1/jobs/${encodeURIComponent(id)}`)
            .then((job) => { keepJob(job); end(resolve, job); }, (e) => end(reject, e)), JOB_POLL_MS);
        const stop = jobs.subscribe((list) => {
            const job = list.find((j) => j.id === id);
            if (job && (job !== before || /done|failed|cancelled/.test(job.state)))
                queueMicrotask(() => end(resolve, job));
        });
    });
}

export function announce(text) {
    announcement.value = text;
}

export async function copy(text) {
    try {
        await navigator.clipboard.writeText(text);
        finish(addToast({ kind: 'busy', text }), 'done', t('toast.copied', { text }), '');
    } catch {
        finish(addToast({ kind: 'busy', text }), 'error', t('toast.not_copied'), text);
    }
}
