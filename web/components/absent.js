/* components/absent.js - what a page says whose plugin is not loaded. */
import { html } from '../html.js';
import { t, tv } from '../i18n.js';
import { Empty, Panel } from './basics.js';

export function Absent({ plugin, title }) {
    const own = tv('absent.text', plugin);
    return html`<div class="page-head"><h1>${title}</h1></div>
        <${Panel} id="absent" title=${t('absent.title', { plugin })}><${Empty}>${own === plugin ? t('absent.text', { plugin }) : own}<//><//>`;
}
