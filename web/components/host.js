/* components/host.js - how gnswatch itself is: what /api/v1/health says, and its instances. */
import { bytes, duration, number } from '../format.js';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { health } from '../state.js';
import { Facts, State } from './basics.js';

export function HostHealth({ plugins }) {
    const it = health.value;
    if (!it)
        return html`<p class="empty">${t('label.loading')}</p>`;
    const troubled = plugins.filter((p) => p.state === 'failed' || p.state === 'waiting');
    const busy = plugins.reduce((sum, p) => sum + (p.cpu_percent || 0), 0);
    return html`<${Facts} items=${[
        [t('label.state'), html`<${State} state=${it.status} />`],
        [t('label.version'), it.version],
        [t('host.uptime'), duration((it.uptime_s ?? 0) * 1000)],
        [t('nav.plugins'), troubled.length ? t('host.troubled', { names: troubled.map((p) => p.instance).join(', ') })
            : t('host.running', { count: plugins.length })],
        [t('host.cpu'), plugins.length ? `${number(busy, 1)} %` : ''],
        ...details('store', it.store), ...details('metric', it.metric), ...details('dropped', it.dropped),
    ]} />`;
}

/* The numbers of a part, as far as there is a word for them. */
function details(part, values) {
    return Object.entries(values || {}).flatMap(([name, value]) => {
        const key = `host.${part}.${name}`;
        const text = t(key);
        if (text === key || typeof value === 'object')
            return [];
        return [[text, typeof value !== 'number' ? String(value) : /bytes$/.test(name) ? bytes(value) : number(value, 1)]];
    });
}
