/* components/tabs.js - the pages of one subject, side by side: [[address, key of its text]…]. */
import { html } from '../html.js';
import { t } from '../i18n.js';

export function Tabs({ label, tabs, here }) {
    return html`<nav class="tabs" aria-label=${label}><ul>${tabs.map(([href, text]) => html`<li key=${href}>
        <a href=${href} aria-current=${href === here ? 'page' : undefined}>${t(text)}</a></li>`)}</ul></nav>`;
}
