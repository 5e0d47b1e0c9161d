/* pages/plugins.js - the instances of plugins: whether each does its turn, and what it costs. */
import { Action, Ago, Empty, Facts, Panel, State, usePageTitle } from '../components/basics.js';
import { HostHealth } from '../components/host.js';
import { duration, number } from '../format.js';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { plugins } from '../state.js';

export function View() {
    usePageTitle(t('nav.plugins'));
    const list = plugins.value;
    return html`<div class="page-head"><h1>${t('nav.plugins')}</h1></div>
        ${list.length ? html`<div class="plugins">${list.map((p) => html`<${Instance} key=${p.instance} plugin=${p} />`)}</div>`
            : html`<${Empty}>${t('empty.plugins')}<//>`}
        <${Panel} id="host" title=${t('label.host')}><${HostHealth} plugins=${list} /><//>`;
}

function Instance({ plugin }) {
    const error = plugin.last_error;
    return html`<section class="panel plugin" data-instance=${plugin.instance} aria-labelledby=${`plugin-${plugin.instance}`}>
        <div class="panel-head"><h2 id=${`plugin-${plugin.instance}`}>${plugin.instance}</h2><${State} state=${plugin.state} />
            <div class="tools"><${Action} name="plugin.restart" object=${plugin} /></div></div>
        <p class="muted">${plugin.plugin} ${plugin.version} – ${plugin.summary}</p>
        <${Facts} items=${[
            [t('plugin.last_tick'), html`<${Ago} time=${plugin.last_tick} />`],
            [t('plugin.last_success'), html`<${Ago} time=${plugin.last_success} />`],
            [t('plugin.every'), plugin.every_ms ? duration(plugin.every_ms) : t('plugin.no_ticks')],
            [t('plugin.ticks'), number(plugin.ticks)],
            [t('plugin.cpu'), `${number(plugin.cpu_percent, 2)} % (${duration(plugin.cpu_ms)})`],
            [t('plugin.errors'), html`<span class=${plugin.errors ? 'bad-number' : ''}>${number(plugin.errors)}</span>`],
            [t('plugin.late'), html`<span class=${plugin.late ? 'warn-number' : ''}>${number(plugin.late)}</span>`],
            [t('plugin.restarts'), number(plugin.restarts)],
            [t('plugin.queue'), number(plugin.queue)],
        ]} />
        ${error && html`<p class="problem"><${Ago} time=${error.time} /> – ${error.text}</p>`}
        <details><summary>${t('plugin.options')}</summary>
            <p class="muted">${plugin.file}</p><pre class="code" tabindex="0">${JSON.stringify(plugin.options ?? {}, null, 2)}</pre></details>
    </section>`;
}
