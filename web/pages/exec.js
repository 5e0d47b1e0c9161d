/* pages/exec.js - the programs that exec runs: how each is, what it counted, when it ran last. */
import '../host/texts.js';
import '../host/actions.js';
import { Absent } from '../components/absent.js';
import { Action, Panel, State, usePageTitle } from '../components/basics.js';
import { Count, ExecTabs, ItemState, LastRun } from '../components/exec.js';
import { Table } from '../components/table.js';
import { number } from '../format.js';
import { PROTOCOLS, STATES, countStates, sentenceOf, worstFirst } from '../host/exec.js';
import { html, useState } from '../html.js';
import { t, tv } from '../i18n.js';
import { replaceSearch, to } from '../router.js';
import { all, can, hasPlugin, maybe, objects } from '../state.js';

/* As conf.d/exec.yaml begins. */
const FIRST = `items:
  - name: load
    protocol: nagios
    command: /usr/lib/nagios/plugins/check_load -w 5 -c 10`;

export function reads() {
    return [maybe(objects('exec.item', '/api/v1/objects/exec.item'))];
}

const columns = (acts) => [
    { id: 'name', text: 'label.name', head: true, sort: (it) => it.name, cell: (it) => html`<a class="wrap" href=${to.exec(it.id)}>${it.name}</a><span class="muted small block">${PROTOCOLS[it.protocol] ?? it.protocol}</span><span class="muted block mono wrap command" title=${it.command}>${it.command}</span>` },
    { id: 'state', text: 'label.state', sort: (it) => STATES.indexOf(it.state), cell: (it) => html`<${ItemState} item=${it} />` },
    { id: 'says', text: 'exec.says', wide: true, cell: (it) => html`<span class="wrap says">${sentenceOf(it)}</span>` },
    { id: 'series', text: 'exec.series', number: true, wide: true, sort: (it) => it.counts?.series ?? 0, cell: (it) => number(it.counts?.series ?? 0) },
    { id: 'errors', text: 'plugin.errors', number: true, wide: true, sort: (it) => it.counts?.errors ?? 0, cell: (it) => html`<${Count} value=${it.counts?.errors} bad />` },
    { id: 'restarts', text: 'plugin.restarts', number: true, wide: true, sort: (it) => it.counts?.restarts ?? 0, cell: (it) => number(it.counts?.restarts ?? 0) },
    { id: 'last', text: 'exec.last', wide: true, sort: (it) => it.last?.time ?? 0, cell: (it) => html`<${LastRun} item=${it} />` },
    acts && { id: 'actions', text: 'label.actions', number: true, cell: (it) => html`<span class="actions">${it.state === 'disabled' ? html`<${Action} name="exec.enable" object=${it} small />` : html`<${Action} name=${it.pid ? 'exec.restart' : 'exec.run'} object=${it} small />`}</span>` },
];

function useFilter(names) {
    const asked = new URLSearchParams(location.search);
    const [filter, setFilter] = useState(Object.fromEntries(names.map((n) => [n, asked.get(n) ?? ''])));
    return [filter, (name) => (event) => {
        const next = { ...filter, [name]: event.target.value };
        setFilter(next);
        replaceSearch(new URLSearchParams(Object.entries(next).filter(([, value]) => value)));
    }];
}

export function View() {
    usePageTitle(t('nav.exec'));
    const [filter, set] = useFilter(['text', 'state', 'protocol']);
    if (!hasPlugin('exec'))
        return html`<${Absent} plugin="exec" title=${t('nav.exec')} />`;
    const items = all('exec.item');
    const shown = items.filter((it) => (!filter.state || it.state === filter.state) && (!filter.protocol || it.protocol === filter.protocol) &&
        `${it.name}\n${it.command}\n${sentenceOf(it)}`.toLowerCase().includes(filter.text.toLowerCase())).sort(worstFirst);
    const select = (name, text, any, options) => html`<label class="filter"><span class="hidden">${t(text)}</span><select name=${name} value=${filter[name]} onChange=${set(name)}>
        <option value="">${t(any)}</option>${options.map(([value, label]) => html`<option key=${value} value=${value} selected=${value === filter[name]}>${label}</option>`)}</select></label>`;
    return html`<div class="page-head"><h1>${t('nav.exec')}</h1><p class="counts">${countStates(items).map(([state, count]) => html`<span key=${state}><b class="num">${number(count)}</b> <${State} state=${state} plain /></span>`)}</p></div>
        <${ExecTabs} here="/exec" />
        <${Panel} id="items" title=${t('exec.count', { count: shown.length })} tools=${html`
            <label class="filter"><span class="hidden">${t('label.filter')}</span><input type="search" name="text" placeholder=${t('label.filter')} value=${filter.text} onInput=${set('text')} /></label>
            ${select('state', 'label.state', 'label.any_state', STATES.map((s) => [s, tv('state', s)]))}
            ${select('protocol', 'exec.protocol', 'exec.any_protocol', Object.entries(PROTOCOLS))}`}>
            <${Table} className="exec-table" caption=${t('nav.exec')} columns=${columns(can('operator'))} rows=${shown} empty=${items.length ? t('empty.filtered') : t('empty.exec')} />
            ${items.length ? '' : html`<pre class="code" tabindex="0">${FIRST}</pre>`}<p class="muted small">${t('exec.add')}</p><//>`;
}
