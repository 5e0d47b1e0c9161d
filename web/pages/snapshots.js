/* pages/snapshots.js - snapshots of all servers: when they are taken, whether they are whole, what is
 * kept and why, and what is done with them now. */
import { Absent } from '../components/absent.js';
import { Action, Panel, usePageTitle } from '../components/basics.js';
import { CopyTable } from '../components/copies.js';
import { Prune } from '../components/prune.js';
import { Runs } from '../components/runs.js';
import { Schedules } from '../components/schedules.js';
import { html, useState } from '../html.js';
import { t, tv } from '../i18n.js';
import { all, hasPlugin, maybe, objects } from '../state.js';

const STATES = ['ok', 'bad', 'unknown'];

export function reads() {
    return [maybe(objects('snapshot.schedule', '/api/snapshot/schedules')), maybe(objects('snapshot.copy', '/api/snapshot/copies')), maybe(objects('snapshot.run', '/api/snapshot/runs'))];
}

export function View() {
    usePageTitle(t('nav.snapshots'));
    if (!hasPlugin('snapshot'))
        return html`<${Absent} plugin="snapshot" title=${t('nav.snapshots')} />`;
    return html`<div class="page-head"><h1>${t('nav.snapshots')}</h1><div class="actions"><${Action} name="snapshot.take" object=${{ name: t('snapshot.a_project') }} /></div></div>
        <${Schedules} schedules=${all('snapshot.schedule')} /><${Runs} runs=${all('snapshot.run')} />
        <${Catalogue} copies=${all('snapshot.copy')} />
        <${Prune} schedules=${all('snapshot.schedule')} />`;
}

function Catalogue({ copies }) {
    const [filter, setFilter] = useState({ text: '', server: '', verified: '' });
    const set = (name) => (event) => setFilter({ ...filter, [name]: event.target.value });
    const servers = [...new Set(copies.map((c) => c.server))].sort();
    const shown = copies.filter((c) => (!filter.server || c.server === filter.server) && (!filter.verified || c.verified === filter.verified) &&
        `${c.name}\n${c.project_name}`.toLowerCase().includes(filter.text.toLowerCase())).sort((a, b) => b.created_at - a.created_at);
    const select = (name, text, any, options) => html`<label class="filter"><span class="hidden">${t(text)}</span><select name=${name} value=${filter[name]} onChange=${set(name)}>
        <option value="">${t(any)}</option>${options.map(([value, label]) => html`<option key=${value} value=${value}>${label}</option>`)}</select></label>`;
    return html`<${Panel} id="catalogue" title=${t('label.snapshots_of', { count: shown.length })} tools=${html`
        <label class="filter"><span class="hidden">${t('label.filter')}</span><input type="search" name="text" placeholder=${t('label.filter')} value=${filter.text} onInput=${set('text')} /></label>
        ${select('server', 'label.server', 'label.any_server', servers.map((s) => [s, s]))}${select('verified', 'snapshot.verified', 'label.any_state', STATES.map((s) => [s, tv('verified', s)]))}`}>
        <${CopyTable} copies=${shown} /><//>`;
}
