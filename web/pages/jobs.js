/* pages/jobs.js - commands that took or take a while, and all that was asked lately. */
import { get } from '../api.js';
import { Action, Ago, Empty, Panel, State, usePageTitle } from '../components/basics.js';
import { Table } from '../components/table.js';
import { clock, duration, now, number } from '../format.js';
import { html, useEffect, useState } from '../html.js';
import { t } from '../i18n.js';
import { can, jobs, onReload } from '../state.js';

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

const historyColumns = [
    { id: 'time', text: 'label.time', head: true, cell: (c) => html`<${Ago} time=${c.started ?? c.time} />` },
    { id: 'command', text: 'label.command', cell: (c) => html`<span class="mono">${c.command}</span>` },
    { id: 'state', text: 'label.state', cell: (c) => html`<${State} state=${c.state ?? (c.error ? 'failed' : 'done')} />` },
    { id: 'caller', text: 'label.caller', wide: true, cell: (c) => `${c.caller ?? ''} ${c.via ? `(${c.via})` : ''}` },
    { id: 'took', text: 'label.took', number: true, wide: true, cell: (c) => (c.ended ? duration(c.ended - c.started) : number(null)) },
    { id: 'error', text: 'label.error', wide: true, cell: (c) => c.error || '–' },
];

function History() {
    const [items, setItems] = useState([]);
    const [again, setAgain] = useState(0);
    useEffect(() => onReload(() => setAgain((n) => n + 1)), []);
    useEffect(() => {
        let alive = true;
        if (can('operator'))
            get('/api/v1/commands/history?limit=50').then((body) => alive && setItems(body.items), () => {});
        return () => { alive = false; };
    }, [again, jobs.value]);
    return html`<${Panel} id="history" title=${t('job.history')}><${Table} caption=${t('job.history')} columns=${historyColumns} rows=${items}
        rowKey=${(c) => c.id ?? c.started} empty=${t('empty.commands')} /><//>`;
}
