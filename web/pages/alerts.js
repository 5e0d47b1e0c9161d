/* pages/alerts.js - what is wrong now: firing first, then when what was wrong. */
import { query } from '../api.js';
import { Absent } from '../components/absent.js';
import { AlertList, AlertTabs } from '../components/alerts.js';
import { AlertTimeline } from '../components/alert_timeline.js';
import { Empty, Panel, usePageTitle } from '../components/basics.js';
import { compare, number } from '../format.js';
import { html, useState } from '../html.js';
import { t, tv } from '../i18n.js';
import { replaceSearch } from '../router.js';
import { all, hasPlugin, maybe, objects } from '../state.js';
import { SEVERITIES, STATES, urgentFirst } from '../watch/alerts.js';

const GROUPS = ['rule', 'server', 'project', 'group'];
const NAMES = ['state', 'severity', 'search', 'by'];

export function reads() {
    return [maybe(objects('alert.alert', '/api/alert/alerts')), maybe(objects('alert.silence', '/api/alert/silences'))];
}

function asked() {
    const search = new URLSearchParams(location.search);
    return Object.fromEntries(NAMES.map((name) => [name, search.get(name) || '']));
}

/* Without a choice: all that is not over. */
function passes(alert, { state, severity, search }) {
    const text = [alert.rule, alert.summary, ...Object.values(alert.labels ?? {})].join('\n').toLowerCase();
    return (state === 'any' || (state ? alert.state === state : alert.state !== 'resolved')) &&
        (!severity || alert.severity === severity) && text.includes(search.toLowerCase());
}

export function View() {
    usePageTitle(t('nav.alerts'));
    const [filter, setFilter] = useState(asked);
    if (!hasPlugin('alert'))
        return html`<${Absent} plugin="alert" title=${t('nav.alerts')} />`;
    const set = (name) => (event) => {
        const next = { ...filter, [name]: event.target.value };
        setFilter(next);
        replaceSearch(new URLSearchParams(query(next)));
    };
    const alerts = all('alert.alert').sort(urgentFirst);
    const shown = alerts.filter((a) => passes(a, filter));
    return html`<div class="page-head"><h1>${t('nav.alerts')}</h1><${Counts} alerts=${alerts} /></div>
        <${AlertTabs} here="/alerts" />
        <${Filters} filter=${filter} set=${set} />
        <${Groups} alerts=${shown} by=${filter.by} none=${alerts.some((a) => a.state !== 'resolved') ? 'empty.alerts_filter' : 'empty.alerts'} />
        <${AlertTimeline} alerts=${alerts.filter((a) => passes(a, { ...filter, state: filter.state || 'any' }))} silences=${all('alert.silence')} />`;
}

function Counts({ alerts }) {
    const count = (check) => alerts.filter(check).length;
    const items = [['critical', count((a) => a.state === 'firing' && a.severity === 'critical')], ['warning', count((a) => a.state === 'firing' && a.severity === 'warning')],
        ['pending', count((a) => a.state === 'pending')]];
    return html`<ul class="counts" aria-label=${t('alert.counts')}>${items.map(([name, n]) => html`<li key=${name} class=${`count-${n ? name : 'none'}`}>
        ${tv('alert.count', name)} <b class="num">${number(n)}</b></li>`)}</ul>`;
}

function Filters({ filter, set }) {
    const select = (name, text, any, options) => html`<label class="field"><span>${t(text)}</span><select name=${name} value=${filter[name]} onChange=${set(name)}>
        <option value="">${any}</option>${options.map(([value, label]) => html`<option key=${value} value=${value} selected=${value === filter[name]}>${label}</option>`)}</select></label>`;
    return html`<form class="filters" role="search" aria-label=${t('label.filter')} onSubmit=${(e) => e.preventDefault()}>
        ${select('state', 'label.state', t('alert.open'), [['any', t('label.any')], ...STATES.map((s) => [s, tv('state', s)])])}
        ${select('severity', 'label.severity', t('label.any'), SEVERITIES.map((s) => [s, tv('severity', s)]))}
        ${select('by', 'alert.grouped', t('alert.ungrouped'), GROUPS.map((g) => [g, tv('alert.by', g)]))}
        <label class="field"><span>${t('label.text')}</span><input name="search" type="search" value=${filter.search} onInput=${set('search')} /></label></form>`;
}

function groupOf(alert, by) {
    return (by === 'rule' ? alert.rule : by === 'group' ? alert.group : alert.labels?.[by]) || '–';
}

function Groups({ alerts, by, none }) {
    if (!alerts.length)
        return html`<${Panel} id="list" title=${t('label.count', { count: 0 })}><${Empty}>${t(none)}<//><//>`;
    if (!by)
        return html`<${Panel} id="list" title=${t('label.count', { count: alerts.length })}><${AlertList} alerts=${alerts} /><//>`;
    const names = [...new Set(alerts.map((a) => groupOf(a, by)))].sort(compare);
    return html`${names.map((name, i) => html`<${Panel} key=${name} id=${`list-${i}`} title=${`${name} (${number(alerts.filter((a) => groupOf(a, by) === name).length)})`}>
        <${AlertList} alerts=${alerts.filter((a) => groupOf(a, by) === name)} /><//>`)}`;
}
