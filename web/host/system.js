/* host/system.js - what the system plugin measures of this machine and of each node, kept live;
 * knows nothing of drawing. */
import { rates } from '../rates.js';

/* Of the machine as a whole, one series each; of its parts, one for each. */
export const vitals = {
    cpu: rates('system.cpu', []), memory: rates('system.memory', []), swap: rates('system.swap', []), host: rates('system.host', []),
    pressure: rates('system.pressure', ['resource']), disk: rates('system.disk', ['disk']), filesystem: rates('system.filesystem', ['mount']),
    interface: rates('system.interface', ['interface']), temperature: rates('system.temperature', ['chip', 'sensor']), fan: rates('system.fan', ['chip', 'sensor']),
};
export const nodeRates = rates('system.node', ['server', 'project', 'node']);
export const projectSums = rates('system.project', ['server', 'project']);

export function stopVitals() {
    Object.values(vitals).forEach((it) => it.stop());
}

/* A row of one of the machine's own series, or {}. */
export function now(name, ...labels) {
    return vitals[name].get(...labels)?.values ?? {};
}

/* Used, of 100: where a person should look, and where it is late. */
export function level(percent, warn = 80, bad = 95) {
    return percent === null || percent === undefined ? 'none' : percent >= bad ? 'bad' : percent >= warn ? 'warn' : 'good';
}

export function sum(...values) {
    const known = values.filter((v) => v !== null && v !== undefined);
    return known.length ? known.reduce((a, b) => a + b, 0) : null;
}

/* Nodes as the table shows them: the object and its latest row; `projectName(id)` names its project. */
export function nodeRow(node, projectName) {
    const name = projectName(node.project) ?? node.project;
    const rate = nodeRates.get(node.server, name, node.name) ?? nodeRates.get(node.server, name, node.id);
    const values = rate?.values ?? {};
    return { ...node, project_name: name, key: rate?.key, values, io: sum(values.read_bytes, values.write_bytes) };
}

export const TROUBLED = (node) => node.status === 'dead' || node.ubridge === 'missing';
