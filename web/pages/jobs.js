/* pages/jobs.js - commands that took or take a while, and all that was asked lately. */
import { batch, get } from '../api.js';
import { Action, Ago, Empty, Panel, State, usePageTitle } from '../components/basics.js';
import { Table } from '../components/table.js';
import { clock, duration, now, number } from '../format.js';
import { html, useEffect, useState } from '../html.js';
import { t } from '../i18n.js';
import { toObject } from '../router.js';
import { can, jobs, one, onReload } from '../state.js';

const SHOWN = 50;
const SEEN = 500; /* among which those of people are looked for */
const LONG = 80;
const NAMED = ['gns3.node', 'gns3.link'];
const ENDED = ['done', 'failed', 'cancelled'];

export function View() {
    usePageTitle(t('nav.jobs'));
    return html`<div class="page-head"><h1>${t('nav.jobs')}</h1></div>
        ${jobs.value.length ? html`<div class="jobs">${jobs.value.map((j) => html`<${Job} key=${j.id} job=${j} />`)}</div>`
            : html`<${Empty}>${t('empty.jobs')}<//>`}
        <${History} />`;
}

function Job({ job }) {
    const ended = ENDED.includes(job.state);
    const took = (job.ended ?? now.value) - job.started;
    return html`<section class="panel job" data-job=${job.id} aria-labelledby=${`job-${job.id}`}>
        <div class="panel-head"><h2 id=${`job-${job.id}`} class="mono">${job.command}</h2><${State} state=${job.state} />
            <div class="tools">${!ended && html`<${Action} name="job.cancel" object=${job} />`}</div></div>
        <p class="muted">${t('job.who', { caller: job.caller, via: job.via })} · <${Ago} time=${job.started} /> · ${duration(took)}</p>
        ${!ended && html`<progress max="1" value=${job.progress ?? 0} aria-label=${t('label.progress')}></progress>`}
        ${job.error && html`<p class="problem">${job.error}</p>`}
        <details><summary>${t('job.details')}</summary>
            <pre class="code" tabindex="0">${JSON.stringify(job.params ?? {}, null, 2)}</pre>
            <ol class="log">${(job.log || []).map((line, i) => html`<li key=${i}><time>${clock(line.time)}</time> ${line.text}</li>`)}</ol>
            ${job.result && html`<pre class="code" tabindex="0">${JSON.stringify(job.result, null, 2)}</pre>`}</details>
    </section>`;
}

const historyColumns = (names) => [
    { id: 'time', text: 'label.time', head: true, cell: (c) => html`<${Ago} time=${c.started ?? c.time} />` },
    { id: 'command', text: 'label.command', sort: (c) => c.command, cell: (c) => html`<span class="mono">${c.command}</span><${About} call=${c} names=${names} />` },
    { id: 'state', text: 'label.state', cell: (c) => html`<${State} state=${c.state ?? (c.error ? 'failed' : 'done')} />` },
    { id: 'caller', text: 'label.caller', wide: true, cell: (c) => `${c.caller ?? ''} ${c.via ? `(${c.via})` : ''}` },
    { id: 'took', text: 'label.took', number: true, wide: true, cell: (c) => (c.ended ? duration(c.ended - c.started) : number(null)) },
    { id: 'error', text: 'label.error', wide: true, cell: (c) => c.error || '–' },
];

const kindOf = (call) => call.command.split('.').slice(0, -1).join('.');
const nameIn = (names, kind, id) => one(kind, id)?.name ?? names.get(id);

/* What it was asked with, in a line; the object it is about is a link when it has a page. */
function About({ call, names }) {
    const { id, ...others } = call.params ?? {};
    const href = typeof id === 'string' ? toObject(kindOf(call), id) : null;
    const plain = Object.entries(href ? others : { id, ...others }).filter(([, v]) => v !== undefined && v !== null && typeof v !== 'object');
    const rest = plain.map(([name, v]) => `${name}=${nameIn(names, `gns3.${name}`, v) ?? names.get(v) ?? v}`).join(' ');
    return html`<span class="muted small block wrap">${href && html`<a href=${href}>${nameIn(names, kindOf(call), id) ?? id}</a> `}${rest.length > LONG ? `${rest.slice(0, LONG)}…` : rest}</span>`;
}

/* Names of what commands were about, by id, as far as they can be read now. */
function useNames(items) {
    const [names, setNames] = useState(new Map());
    useEffect(() => {
        const asked = new Map(items.filter((c) => NAMED.includes(kindOf(c)) && typeof c.params?.id === 'string' && !nameIn(names, kindOf(c), c.params.id))
            .map((c) => [c.params.id, `/api/v1/objects/${kindOf(c)}/${encodeURIComponent(c.params.id)}`]));
        let alive = asked.size > 0;
        if (alive)
            batch([...asked.values()]).then((bodies) => alive && setNames(new Map([...names, ...[...asked.keys()].map((id, i) => [id, bodies[i]?.name])])), () => {});
        return () => { alive = false; };
    }, [items]);
    return names;
}

function History() {
    const [items, setItems] = useState([]);
    const [people, setPeople] = useState(false);
    const [again, setAgain] = useState(0);
    useEffect(() => onReload(() => setAgain((n) => n + 1)), []);
    useEffect(() => {
        let alive = true;
        if (can('operator'))
            get(`/api/v1/commands/history?limit=${people ? SEEN : SHOWN}`).then((body) => alive && setItems(body.items), () => {});
        return () => { alive = false; };
    }, [again, people, jobs.value]);
    const names = useNames(items);
    const shown = people ? items.filter((c) => c.via !== 'plugin').slice(0, SHOWN) : items;
    const tools = html`<label class="check"><input type="checkbox" name="people" checked=${people} onChange=${(e) => setPeople(e.target.checked)} /> ${t('job.people')}</label>`;
    return html`<${Panel} id="history" title=${t('job.history')} tools=${tools}><${Table} caption=${t('job.history')} columns=${historyColumns(names)} rows=${shown}
        rowKey=${(c) => c.id ?? c.started} empty=${t(people ? 'empty.people' : 'empty.commands')} /><//>`;
}
