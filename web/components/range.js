/* components/range.js - the buttons for the stretch of time that a page's charts show. */
import { dateTime } from '../format.js';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { SPANS, chooseSpan, span, unzoom, zoom, zoomBy } from '../range.js';

export function RangeButtons() {
    const zoomed = zoom.value;
    return html`<div class="range" role="group" aria-label=${t('range.label')}>
        <div class="segments">${SPANS.map(([name]) => html`<button type="button" key=${name} data-span=${name}
            aria-pressed=${!zoomed && span.value === name} onClick=${() => chooseSpan(name)}>${t(`range.${name}`)}</button>`)}</div>
        <button type="button" class="button icon-button" title=${t('range.in')} aria-label=${t('range.in')}
            onClick=${() => zoomBy(0.5)}><${Icon} name="plus" size=${16} /></button>
        <button type="button" class="button icon-button" title=${t('range.out')} aria-label=${t('range.out')}
            onClick=${() => zoomBy(2)}><${Icon} name="minus" size=${16} /></button>
        ${zoomed && html`<button type="button" class="button" data-unzoom onClick=${unzoom}>
            <${Icon} name="close" size=${14} /><span>${t('range.reset')}</span></button>
            <span class="muted zoomed">${t('range.shown', { from: dateTime(zoomed[0]), to: dateTime(zoomed[1]) })}</span>`}
    </div>`;
}
