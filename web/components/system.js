/* components/system.js - what the pages of the machine and of its nodes share. */
import { value as format } from '../format.js';
import { projectSums } from '../host/system.js';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { to } from '../router.js';
import { State } from './basics.js';
import { Tabs } from './tabs.js';

const TABS = [['/system', 'system.tab.machine'], ['/system/nodes', 'system.tab.nodes']];

export function SystemTabs({ here }) {
    return html`<${Tabs} label=${t('nav.system')} tabs=${TABS} here=${here} />`;
}

/* The way from a number to its past. */
export function GraphLink({ series, field, name }) {
    if (!series?.key)
        return null;
    const text = t('label.graph_of', { name });
    return html`<a class="button icon-button" href=${`${to.graph(series.key)}?field=${field}`} title=${text} aria-label=${text}><${Icon} name="graph" size=${16} /></a>`;
}

/* A name that leads to its past; the name alone while nothing was measured. */
export function GraphName({ series, field, name, mono = true }) {
    const className = `wrap ${mono ? 'mono' : ''}`;
    return series?.key ? html`<a class=${className} href=${`${to.graph(series.key)}?field=${field}`} title=${t('label.graph_of', { name })}>${name}</a>` : html`<span class=${className}>${name}</span>`;
}

const number = (name, unit) => ({ number: true, sort: (r) => r.values?.[name] ?? -1, cell: (r) => format(r.values?.[name], unit) });

/* What processes take: the same columns of nodes and of projects. */
export const usageColumns = [
    { id: 'cpu', text: 'field.cpu', ...number('cpu', '%') },
    { id: 'memory', text: 'field.memory', ...number('memory', 'By') },
    { id: 'io', text: 'system.io', wide: true, number: true, sort: (r) => r.io ?? -1, cell: (r) => (r.io === null ? format(null) : html`<span class="both-ways"><span>${format(r.values.read_bytes, 'By/s')}</span><span class="muted">${format(r.values.write_bytes, 'By/s')}</span></span>`) },
    { id: 'processes', text: 'system.processes', wide: true, ...number('processes') },
    { id: 'disk', text: 'field.disk', wide: true, ...number('directory_bytes', 'By') },
];

/* What the processes say, beside what GNS3 says. */
export function Truth({ node }) {
    return html`<${State} state=${node.status} />${node.ubridge === 'missing' && html`<span class="block small bad-number">${t('system.ubridge.missing')}</span>`}
        ${node.shared > 1 && html`<span class="block small muted">${t('system.shared', { count: node.shared })}</span>`}`;
}

export function projectRows() {
    return projectSums.list().map((it) => ({ ...it, id: it.key, server: it.labels.server, name: it.labels.project, values: it.values ?? {},
        io: it.values ? (it.values.read_bytes ?? 0) + (it.values.write_bytes ?? 0) : null }));
}
