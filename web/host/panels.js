/* host/panels.js - the charts of the machine, of a node's processes and of a program; declared as in
 * ../panels.js. */

const share = { unit: '%', min: 0, max: 100 };

function pressure(resource) {
    return { id: `pressure ${resource}`, title: `panel.pressure.${resource}`, measurement: 'system.pressure', labels: { resource }, unit: '%', min: 0, none: 'empty.pressure', fields: [
        { name: 'some', text: 'field.some', fill: true }, { name: 'full', text: 'field.full', dash: [6, 4] }] };
}

export function machinePanels() {
    return [
        { id: 'cpu', title: 'panel.machine.cpu', measurement: 'system.cpu', labels: {}, ...share, fields: [{ name: 'used', text: 'field.used', fill: true },
            { name: 'system', text: 'field.kernel' }, { name: 'iowait', text: 'field.iowait' }, { name: 'steal', text: 'field.steal', dash: [2, 3] }] },
        { id: 'memory', title: 'panel.machine.memory', measurement: 'system.memory', labels: {}, unit: 'By', min: 0, fields: [{ name: 'used', text: 'field.used', fill: true },
            { name: 'cached', text: 'field.cached' }, { name: 'total', text: 'field.total', dash: [6, 4] }] },
        { id: 'load', title: 'panel.machine.load', measurement: 'system.host', labels: {}, min: 0, fields: [{ name: 'load1', text: 'field.load1', fill: true },
            { name: 'load5', text: 'field.load5', dash: [6, 4] }, { name: 'load15', text: 'field.load15', dash: [2, 3] }] },
        { id: 'swap', title: 'panel.machine.swap', measurement: 'system.swap', labels: {}, unit: 'By/s', min: 0, fields: [
            { name: 'in', text: 'field.swap_in', fill: true }, { name: 'out', text: 'field.swap_out' }] },
        ...['cpu', 'memory', 'io'].map(pressure),
    ];
}

/* The same of a node and of a project: what its processes take. */
export function usagePanels(measurement, labels) {
    const source = { measurement, labels };
    return [
        { id: 'usage cpu', title: 'panel.usage.cpu', ...source, unit: '%', min: 0, fields: [{ name: 'cpu', text: 'field.cpu', fill: true }] },
        { id: 'usage memory', title: 'panel.usage.memory', ...source, unit: 'By', min: 0, fields: [{ name: 'memory', text: 'field.rss', fill: true }, { name: 'pss', text: 'field.pss', dash: [6, 4] }] },
        { id: 'usage io', title: 'panel.usage.io', ...source, unit: 'By/s', min: 0, fields: [{ name: 'read_bytes', text: 'field.read', fill: true }, { name: 'write_bytes', text: 'field.written' }] },
    ];
}

export function itemPanels(item) {
    const source = { measurement: 'exec.run', labels: { item } };
    return [
        { id: 'run time', title: 'panel.run.time', ...source, unit: 's', min: 0, fields: [{ name: 'duration', text: 'field.duration', fill: true }, { name: 'cpu', text: 'field.cpu_time', dash: [6, 4] }] },
        { id: 'run values', title: 'panel.run.values', ...source, unit: '/s', min: 0, fields: [{ name: 'values', text: 'field.values', fill: true }, { name: 'errors', text: 'field.errors' }, { name: 'dropped', text: 'field.dropped', dash: [2, 3] }] },
    ];
}
