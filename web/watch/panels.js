/* watch/panels.js - the charts of what the plugins that watch, store and tell count; declared as in
 * panels.js. */

export function alertPanels() {
    return [{ id: 'count', title: 'panel.alert.count', measurement: 'alert.count', labels: {}, min: 0, fields: [
        { name: 'critical', text: 'severity.critical', step: true, fill: true }, { name: 'warning', text: 'severity.warning', step: true },
        { name: 'pending', text: 'state.pending', step: true }, { name: 'silenced', text: 'alert.silenced', step: true, dash: [2, 3] }] }];
}

export function healthPanels(kind = 'all', labels = {}) {
    return [{ id: `health ${kind}`, title: 'panel.health', measurement: 'health.score', labels: { kind, ...labels }, min: 0, max: 100, fields: [
        { name: 'score', text: 'field.score', fill: true }, { name: 'coverage', text: 'field.coverage', dash: [2, 3], unit: '%' }] }];
}

export function trafficPanels({ server, name }) {
    const source = { measurement: 'traffic.project', labels: { server, project: name }, none: 'empty.traffic' };
    return [
        { id: `traffic bytes ${server} ${name}`, title: 'panel.traffic.bytes', titleValues: { name }, ...source, unit: 'By/s', min: 0, fields: [{ name: 'bytes', text: 'field.bytes', fill: true }] },
        { id: `traffic packets ${server} ${name}`, title: 'panel.traffic.packets', titleValues: { name }, ...source, unit: '/s', min: 0, fields: [
            { name: 'packets', text: 'field.packets', fill: true }, { name: 'drops', text: 'field.drops' }] },
    ];
}

/* Both directions of one link, by its ends, which are in its name: "R1 e0 – R2 e1". */
export function linkPanels(name, key) {
    const [a, b] = name.split(' – ');
    const ab = { label: b ? `${a} → ${b}` : undefined, text: 'field.ab' };
    const ba = { label: b ? `${b} → ${a}` : undefined, text: 'field.ba' };
    return [
        { id: 'link bytes', title: 'panel.link.bytes', titleValues: { name }, series: key, unit: 'By/s', min: 0, fields: [
            { name: 'ab_bytes', ...ab, fill: true }, { name: 'ba_bytes', ...ba }] },
        { id: 'link packets', title: 'panel.link.packets', titleValues: { name }, series: key, unit: '/s', min: 0, fields: [
            { name: 'ab_packets', ...ab, fill: true }, { name: 'ba_packets', ...ba }, { name: 'drops', text: 'field.drops' }] },
    ];
}

export function queuePanels(plugin, labels = {}, of = '') {
    const source = { measurement: `${plugin}.queue`, labels };
    return [
        { id: `queue ${plugin} ${of}`, title: 'panel.queue', help: 'panel.queue.help', titleValues: { name: of || plugin }, ...source, min: 0, fields: [
            { name: 'waiting', text: 'delivery.waiting', step: true, fill: true }, { name: 'dead', text: 'delivery.dead', step: true }] },
        { id: `sent ${plugin} ${of}`, title: 'panel.sent', titleValues: { name: of || plugin }, ...source, unit: '/s', min: 0, fields: [
            { name: 'sent', text: 'delivery.sent', fill: true }, { name: 'failed', text: 'delivery.failed' }, { name: 'dropped', text: 'delivery.dropped', dash: [2, 3] }] },
    ];
}

export function snapshotPanels({ server, name }) {
    const source = { measurement: 'snapshot.project', labels: { server, project: name }, none: 'empty.snapshots' };
    return [
        { id: `snapshot age ${server} ${name}`, title: 'panel.snapshot.age', ...source, unit: 's', min: 0, fields: [{ name: 'age_s', text: 'field.age', fill: true }] },
        { id: `snapshot bytes ${server} ${name}`, title: 'panel.snapshot.bytes', ...source, unit: 'By', min: 0, fields: [{ name: 'bytes', text: 'field.bytes', step: true }] },
    ];
}

export function nodeTrafficPanels(node) {
    const source = { measurement: 'traffic.node', labels: { server: node.server, project: node.project_name, node: node.name } };
    return [{ id: 'traffic node', title: 'panel.node.traffic', ...source, unit: 'By/s', min: 0, fields: [
        { name: 'in_bytes', text: 'field.in', fill: true }, { name: 'out_bytes', text: 'field.out' }] }];
}
