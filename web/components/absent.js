/* components/absent.js - what a page says whose plugin is not loaded. */
import { html } from '../html.js';
import { t } from '../i18n.js';
import { Empty, Panel } from './basics.js';

export function Absent({ plugin, title }) {
    return html`<div class="page-head"><h1>${title}</h1></div>
        <${Panel} id="absent" title=${t('absent.title', { plugin })}><${Empty}>${t('absent.text', { plugin })}<//><//>`;
}
