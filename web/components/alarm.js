/* components/alarm.js - how many alerts speak now, wherever one is in the dashboard. */
import { html } from '../html.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { speaking, worst } from '../watch/alerts.js';
import { all } from '../state.js';

export function AlarmBadge() {
    const list = speaking(all('alert.alert'));
    return list.length > 0 && html`<span class=${`badge badge-${worst(list)}`} data-firing=${list.length}>
        ${list.length}<span class="hidden"> ${t('alert.firing_word')}</span></span>`;
}

/* In the top bar, also where the navigation is folded away. */
export function Alarm() {
    const list = speaking(all('alert.alert'));
    if (!list.length)
        return null;
    const text = t('alert.speaking', { count: list.length });
    return html`<a class=${`alarm alarm-${worst(list)}`} href="/alerts" title=${text} aria-label=${text}>
        <${Icon} name="alerts" size=${16} /><b class="num">${list.length}</b></a>`;
}
