/* components/host.js - how gnswatch itself is: what /api/v1/health says, and its instances. */
import { bytes, duration, join, number } from '../format.js';
import { html, useEffect } from '../html.js';
import { t } from '../i18n.js';
import { health, keepHealth } from '../state.js';
import { Facts, State } from './basics.js';

/* What is shown of the health document: text, path in it, and how it is written. */
const FACTS = [
    ['host.series', 'metric.series', number],
    ['host.rows', 'store.process.rows.taken', number],
    ['host.journal', 'store.process.journal.bytes', bytes],
    ['host.files', 'store.process.rrd.files', number],
    ['host.disk', 'store.process.rrd.bytes', bytes],
    ['host.lost', 'store.process.rows.lost', number],
    ['host.clients', 'api.live_clients', number],
    ['host.dropped', 'dropped.live', number],
];

function at(path) {
    return path.split('.').reduce((it, name) => it?.[name], health.value);
}

/* The parts of the store that say that they fail. */
function failing() {
    const parts = ['process.journal', 'process.rrd', 'database'].filter((part) => at(`store.${part}.failing`));
    return [...(at('store.process.running') === false ? ['process'] : []), ...parts].map((part) => t(`host.${part}`));
}

export function HostHealth({ plugins }) {
    const it = health.value;
    useEffect(() => keepHealth(), []);
    if (!it)
        return html`<p class="empty">${t('label.loading')}</p>`;
    const troubled = plugins.filter((p) => p.state === 'failed' || p.state === 'waiting');
    const busy = plugins.reduce((sum, p) => sum + (p.cpu_percent || 0), 0);
    const bad = failing();
    return html`<${Facts} items=${[
        [t('label.state'), html`<${State} state=${it.status} />`],
        [t('label.version'), it.version],
        [t('host.uptime'), duration((it.uptime_s ?? 0) * 1000)],
        [t('nav.plugins'), troubled.length ? t('host.troubled', { names: troubled.map((p) => p.instance).join(', ') })
            : t('host.running', { count: plugins.length })],
        [t('host.cpu'), plugins.length ? `${number(busy, 2)} %` : ''],
        ...FACTS.map(([text, path, write]) => [t(text), at(path) === undefined ? '' : write(at(path))]),
    ]} />
    ${bad.length > 0 && html`<p class="problem">${t('host.failing', { names: join(bad) })}</p>`}`;
}
