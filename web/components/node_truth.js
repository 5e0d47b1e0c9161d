/* components/node_truth.js - on the page of a node: its processes on this machine, and what they take. */
import '../host/texts.js';
import { value as format } from '../format.js';
import { nodeRates, nodeRow } from '../host/system.js';
import { html } from '../html.js';
import { t, tv } from '../i18n.js';
import { Facts, Panel } from './basics.js';
import { GraphLink, Truth } from './system.js';

export function NodeTruth({ node, system }) {
    const row = nodeRow(system, () => node.project_name);
    const of = (name, unit) => (row.values[name] === undefined ? '' : format(row.values[name], unit));
    return html`<${Panel} id="processes" title=${t('system.on_machine')} tools=${html`<${GraphLink} series=${row} field="cpu" name=${node.name} />`}>
        <div class="truth"><${Truth} node=${system} /> <span class="muted">${system.why}</span></div>
        ${system.status === 'dead' && html`<p class="problem">${t('system.dead')}</p>`}
        <${Facts} items=${[
            [t('field.cpu'), of('cpu', '%')], [t('field.memory'), of('memory', 'By')], [t('field.pss'), of('pss', 'By')],
            [t('field.read'), of('read_bytes', 'By/s')], [t('field.written'), of('write_bytes', 'By/s')],
            [t('system.processes'), of('processes')], [t('system.threads'), of('threads')], [t('system.open_files'), of('open_files')],
            [t('field.disk'), of('directory_bytes', 'By')], ['uBridge', tv('system.ubridge', system.ubridge)],
            [t('system.pids'), system.pids?.length > 0 && html`<span class="mono wrap">${system.pids.join(', ')}</span>`],
        ]} /><//>`;
}
