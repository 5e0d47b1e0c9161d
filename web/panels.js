/* panels.js - the charts of each page, declared. A panel says what it shows; components/panels.js
 * reads, draws and follows it.
 *
 *   id           unique on its page
 *   title        key of a text; help: key of a sentence below it
 *   measurement  what is read; labels(object): the series' labels; or series: the key of one
 *   name         instead of title, when it is no text of ours; threshold: a line across; none: key of what is said
 *                without any data
 *   fields       [{name, text, …}]: text is a key; also step, dash, fill as chart.js knows them
 *   unit         of the axis (UCUM); min, max of the axis, when fixed */

const percent = { unit: '%', min: 0, max: 100 };

const compute = (server, id) => ({
    measurement: 'gns3.compute',
    labels: { server, compute: id },
});

const ofServer = (server) => ({ server: server.name });

/* CPU, memory and load of one compute; the name goes into the title. */
export function computePanels(item) {
    const source = compute(item.server, item.compute_id);
    const of = { name: item.name || item.compute_id };
    return [
        { id: `cpu ${item.id}`, title: 'panel.compute.cpu', titleValues: of, ...source, ...percent,
            fields: [{ name: 'cpu', text: 'field.cpu', fill: true }, { name: 'memory', text: 'field.memory' },
                { name: 'disk', text: 'field.disk', dash: [2, 3] }, { name: 'swap', text: 'field.swap', dash: [6, 4] }] },
        { id: `load ${item.id}`, title: 'panel.compute.load', titleValues: of, ...source, unit: '%', min: 0,
            fields: [{ name: 'load1', text: 'field.load1' }, { name: 'load5', text: 'field.load5', dash: [6, 4] },
                { name: 'load15', text: 'field.load15', dash: [2, 3] }] },
    ];
}

export function serverPanels(server) {
    const api = { measurement: 'gns3.api', labels: ofServer(server) };
    const own = { measurement: 'gns3.server', labels: ofServer(server) };
    return [
        { id: 'latency', title: 'panel.server.latency', help: 'panel.server.latency.help', ...own, unit: 'ms', min: 0,
            fields: [{ name: 'latency_ms', text: 'field.latency', fill: true }] },
        { id: 'nodes', title: 'panel.server.nodes', ...own, min: 0,
            fields: [{ name: 'nodes_started', text: 'field.started', step: true, fill: true },
                { name: 'nodes', text: 'field.nodes', step: true }] },
        { id: 'requests', title: 'panel.server.requests', help: 'panel.server.requests.help', ...api, unit: '/s', min: 0,
            fields: [{ name: 'successes', text: 'field.successes' }, { name: 'failures', text: 'field.failures' },
                { name: 'retries', text: 'field.retries' }, { name: 'rejected', text: 'field.rejected' }] },
        { id: 'bytes', title: 'panel.server.bytes', ...api, unit: 'By/s', min: 0,
            fields: [{ name: 'received_bytes', text: 'field.received', fill: true },
                { name: 'sent_bytes', text: 'field.sent' }] },
        { id: 'up', title: 'panel.server.up', help: 'panel.server.up.help', ...own, min: 0, max: 2.2,
            fields: [{ name: 'up', text: 'field.up', step: true, fill: true },
                { name: 'breaker', text: 'field.breaker', step: true }] },
    ];
}

export function projectPanels(project) {
    const source = { measurement: 'gns3.project', labels: { server: project.server, project: project.name } };
    return [
        { id: 'states', title: 'panel.project.states', ...source, min: 0,
            fields: [{ name: 'started', text: 'field.started', step: true, fill: true },
                { name: 'stopped', text: 'field.stopped', step: true },
                { name: 'suspended', text: 'field.suspended', step: true }] },
        { id: 'open', title: 'panel.project.open', ...source, unit: 's', min: 0,
            fields: [{ name: 'open_seconds', text: 'field.open_seconds', fill: true }] },
        { id: 'links', title: 'panel.project.links', ...source, min: 0,
            fields: [{ name: 'links', text: 'field.links', step: true },
                { name: 'snapshots', text: 'field.snapshots', step: true }] },
    ];
}

export function nodePanels(node) {
    const source = { measurement: 'gns3.node',
        labels: { server: node.server, project: node.project_name, node: node.name } };
    const host = compute(node.server, node.compute_id);
    return [
        { id: 'state', title: 'panel.node.state', help: 'panel.node.state.help', ...source, min: 0, max: 1.15,
            fields: [{ name: 'started', text: 'field.started', step: true, fill: true },
                { name: 'suspended', text: 'field.suspended', step: true }] },
        { id: 'since', title: 'panel.node.since', ...source, unit: 's', min: 0,
            fields: [{ name: 'state_seconds', text: 'field.state_seconds', fill: true }] },
        { id: 'compute', title: 'panel.node.compute', titleValues: { name: node.compute_id }, ...host, ...percent,
            fields: [{ name: 'cpu', text: 'field.cpu', fill: true }, { name: 'memory', text: 'field.memory' }] },
    ];
}
