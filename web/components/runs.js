/* components/runs.js - what is being done with snapshots, step by step, and what was done. */
import { clock, duration, now } from '../format.js';
import { html } from '../html.js';
import { t, tv } from '../i18n.js';
import { Icon } from '../icons.js';
import { to } from '../router.js';
import { Ago, Empty, Panel, State } from './basics.js';

const SHOWN = 8;
const ENDED = ['done', 'failed', 'skipped'];

export function Runs({ runs }) {
    const list = [...runs].sort((a, b) => Number(ENDED.includes(a.state)) - Number(ENDED.includes(b.state)) || (b.started || Infinity) - (a.started || Infinity)).slice(0, SHOWN);
    return html`<${Panel} id="runs" title=${t('snapshot.runs')}>${list.length
        ? html`<ul class="runs">${list.map((r) => html`<${Run} key=${r.id} run=${r} />`)}</ul>` : html`<${Empty}>${t('empty.runs')}<//>`}<//>`;
}

function Run({ run }) {
    const going = !ENDED.includes(run.state);
    const took = run.started ? html`<${Ago} time=${run.started} />, ${duration((run.ended ?? now.value) - run.started)}` : '';
    return html`<li class="run" data-run=${run.id}><details open=${going}>
        <summary><${State} state=${run.state} plain /> <b>${tv('run', run.kind)}</b> ${run.project_name} <span class="muted small">${took}</span></summary>
        <p class="small"><a href=${to.project(run.made ?? run.project)}>${run.project_name}</a> <span class="muted">${run.server}${run.schedule ? `, ${run.schedule}` : ''}, ${tv('mode', run.mode)}</span></p>
        <ol class="steps">${(run.steps ?? []).map((s, i) => html`<li key=${i} class=${`step-${s.ok === false ? 'bad' : s.ok ? 'good' : 'now'}`}>
            ${s.ok === null || s.ok === undefined ? html`<span class="spinner" aria-hidden="true"></span>` : html`<${Icon} name=${s.ok ? 'check' : 'error'} size=${14} />`}
            <time class="muted num">${clock(s.time)}</time> <span>${s.text}</span></li>`)}</ol>
        ${run.nodes?.length > 0 && html`<p class="small labels">${run.nodes.map((n) => html`<span class="chip" key=${n.name}>${n.name}
            ${' '}<span class="muted">${tv('state', n.was)} → ${tv('state', n.now)}</span></span>`)}</p>`}
        </details>${run.text && html`<p class=${`small ${run.state === 'failed' ? 'problem' : 'muted'}`}>${run.text}</p>`}</li>`;
}
