/* pages/servers.js - all GNS3 servers and their computes. */
import { Empty, Panel, usePageTitle } from '../components/basics.js';
import { ComputeTable, computeSparks, serverSparks } from '../components/machines.js';
import { compare } from '../format.js';
import { html, useEffect } from '../html.js';
import { t } from '../i18n.js';
import { all } from '../state.js';
import { ServerCard, reads as overviewReads } from './overview.js';

export const reads = overviewReads;

export function View() {
    usePageTitle(t('nav.servers'));
    useEffect(() => () => [serverSparks, computeSparks].forEach((s) => s.stop()), []);
    const servers = all('gns3.server').sort((a, b) => compare(a.name, b.name));
    return html`<div class="page-head"><h1>${t('nav.servers')}</h1></div>
        ${servers.length ? html`<ul class="cards">${servers.map((s) => html`<${ServerCard} key=${s.id} server=${s} />`)}</ul>`
            : html`<${Empty}>${t('empty.servers')}<//>`}
        <${Panel} id="computes" title=${t('label.computes')}><${ComputeTable} computes=${all('gns3.compute')} /><//>`;
}
