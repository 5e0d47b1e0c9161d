/* pages/plugins.js - the instances of plugins: whether each does its turn, where it runs and what it
 * costs; what crashed; which files are refused. */
import '../host/texts.js';
import { Action, Ago, Empty, Facts, Panel, State, usePageTitle } from '../components/basics.js';
import { HostHealth } from '../components/host.js';
import { bytes, duration, number, value as format } from '../format.js';
import { crashesOf, refusedOf } from '../host/told.js';
import { html, signal, useEffect } from '../html.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { health, maybe, onEvents, plugins } from '../state.js';

const MOST = 50;
const TOPICS = ['gnswatch.conf.*', 'gnswatch.reload.done', 'gnswatch.instance.crashed'];
const told = Object.fromEntries(TOPICS.map((topic) => [topic, signal([])]));
const listOf = (e) => TOPICS.find((topic) => e.topic === topic || (topic.endsWith('*') && e.topic.startsWith(topic.slice(0, -1))));

export function reads() {
    return TOPICS.map((topic) => maybe({ path: `/api/v1/events?topic=${topic}&limit=${topic === 'gnswatch.reload.done' ? 1 : MOST}`, take: (body) => { told[topic].value = body.items; } }));
}

function hear(list) {
    for (const e of list)
        if (listOf(e))
            told[listOf(e)].value = [e, ...told[listOf(e)].value].slice(0, MOST);
}

export function View() {
    usePageTitle(t('nav.plugins'));
    useEffect(() => onEvents(hear), []);
    const list = plugins.value;
    const crashes = crashesOf(told['gnswatch.instance.crashed'].value);
    const since = health.value?.uptime_s === undefined ? 0 : Date.now() - (health.value.uptime_s + 5) * 1000;
    const refused = refusedOf([...told['gnswatch.conf.*'].value, ...told['gnswatch.reload.done'].value], since);
    return html`<div class="page-head"><h1>${t('nav.plugins')}</h1></div><${Refused} files=${refused} />
        ${list.length ? html`<div class="plugins">${list.map((p) => html`<${Instance} key=${p.instance} plugin=${p} crash=${crashes[p.instance]} />`)}</div>`
            : html`<${Empty}>${t('empty.plugins')}<//>`}
        <${Panel} id="host" title=${t('label.host')}><${HostHealth} plugins=${list} /><//>`;
}

/* Each with the place where a person looks. */
function Refused({ files }) {
    if (!files.length)
        return null;
    return html`<section class="panel refused" aria-labelledby="refused"><div class="panel-head"><h2 id="refused"><${Icon} name="error" /> ${t('plugin.refused', { count: files.length })}</h2></div>
        <ul>${files.map((f) => html`<li key=${f.sequence} data-refused=${f.file}><p><b class="mono wrap">${f.place}</b> <span class="muted small"><${Ago} time=${f.time} /></span></p>
            <p class="problem">${f.text}</p>${f.mistakes > 1 && html`<p class="muted small">${t('plugin.mistakes', { count: f.mistakes })}</p>`}</li>`)}</ul>
        <p class="muted">${t('plugin.refused.text')}</p></section>`;
}

function Instance({ plugin, crash }) {
    const error = plugin.last_error;
    const waits = plugin.state === 'waiting' || plugin.state === 'failed';
    return html`<section class="panel plugin" data-instance=${plugin.instance} aria-labelledby=${`plugin-${plugin.instance}`}>
        <div class="panel-head"><h2 id=${`plugin-${plugin.instance}`}>${plugin.instance}</h2><${State} state=${plugin.state} />
            <div class="tools"><${Action} name=${waits ? 'plugin.retry' : 'plugin.restart'} object=${plugin} /></div></div>
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
        <${Isolation} plugin=${plugin} crash=${crash} />
        <details><summary>${t('plugin.options')}</summary>
            <p class="muted">${plugin.file}</p><pre class="code" tabindex="0">${JSON.stringify(plugin.options ?? {}, null, 2)}</pre></details>
    </section>`;
}

/* [[key, limit]…] of what its process may; what is watched as it grows stands among the facts. */
function limitTexts({ files, series, events, processes, hang_ms }) {
    return [['files', files], ['series', series], ['events', events], ['processes', processes]].filter(([, count]) => count !== undefined)
        .map(([name, count]) => t(`plugin.limit.${name}`, { count })).concat(hang_ms ? [t('plugin.limit.hang', { time: duration(hang_ms) })] : []);
}

const of = (used, limit) => (limit ? t('plugin.limit', { used, limit }) : used);

/* Where it runs: a thread costs nothing but can take all with it; a process has limits and may crash. */
function Isolation({ plugin, crash }) {
    const { isolation, process: it } = plugin;
    if (!isolation)
        return null;
    if (!it)
        return html`<p class="isolation muted small">${t('plugin.isolation')} ${t(`plugin.isolation.${isolation}`)}</p>`;
    const { limits = {}, last_crash } = it;
    return html`<div class="isolation" data-isolation=${isolation}><p class="muted small">${t('plugin.isolation')} ${t(`plugin.isolation.${isolation}`)}${it.paused && html`<b class="warn-number"> · ${t('plugin.paused')}</b>`}</p>
        <${Facts} items=${[
            [t('plugin.pid'), it.pid ?? '–'], [t('plugin.memory'), of(it.pid ? bytes(it.rss_bytes) : '–', limits.memory && bytes(limits.memory))],
            [t('plugin.cpu'), limits.cpu && of(`${number(plugin.cpu_percent, 1)} %`, format(limits.cpu, '%'))], [t('plugin.run_as'), it.run_as],
            [t('plugin.crashed'), html`<span class=${it.crashes ? 'warn-number' : ''}>${number(it.crashes ?? 0)}</span>`], [t('plugin.rows_dropped'), it.dropped_rows ? number(it.dropped_rows) : ''],
        ]} />
        <p class="muted small">${t('plugin.limits')}: ${limitTexts(limits).join(' · ')}</p>
        ${last_crash && html`<details class="crash" data-crash><summary>${t('plugin.crash')} <${Ago} time=${last_crash.time} /></summary><p class="problem">${last_crash.text}</p>
            ${crash?.data?.backtrace ? html`<pre class="code" tabindex="0" aria-label=${t('plugin.backtrace')}>${crash.data.backtrace}</pre>` : html`<p class="muted">${t('plugin.no_backtrace')}</p>`}</details>`}</div>`;
}
