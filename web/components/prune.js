/* components/prune.js - what a schedule's rules would remove, each decision with its reason. Only a
 * dry run; the removal itself is another button, which asks. */
import { bytes, dateTime, number } from '../format.js';
import { html, useState } from '../html.js';
import { t, tv } from '../i18n.js';
import { can, one } from '../state.js';
import { Action, Panel } from './basics.js';
import { CommandForm } from './form.js';
import { Table } from './table.js';

const sizeOf = (decision) => decision.bytes ?? one('snapshot.copy', decision.snapshot)?.bytes;

const columns = [
    { id: 'name', text: 'label.name', head: true, sort: (c) => c.name, cell: (c) => html`${c.name}
        <span class="muted small block">${c.project_name}, ${c.server}</span>` },
    { id: 'created', text: 'label.created', sort: (c) => c.created_at ?? 0, cell: (c) => dateTime(c.created_at) },
    { id: 'bytes', text: 'field.bytes', number: true, wide: true, sort: (c) => sizeOf(c) ?? 0, cell: (c) => bytes(sizeOf(c)) },
    { id: 'decision', text: 'snapshot.keep', sort: (c) => c.decision, cell: (c) => html`<span class=${c.decision === 'remove' ? 'bad-number' : ''}>${tv('keep', c.decision)}</span>` },
    { id: 'text', text: 'traffic.why', cell: (c) => c.text },
];

export function Prune({ schedules }) {
    const [result, setResult] = useState(null);
    if (!can('operator'))
        return null;
    const rows = result?.answer.decisions ?? [];
    const gone = rows.filter((r) => r.decision === 'remove');
    const size = gone.reduce((sum, r) => sum + (sizeOf(r) ?? 0), 0);
    const names = schedules.map((s) => s.id);
    return html`<${Panel} id="prune" title=${t('snapshot.prune')}><p class="help">${t('snapshot.prune_help')}</p>
        <${CommandForm} name="snapshot.prune" fixed=${{ dry_run: true }} given=${{ schedule: names[0] }} choices=${{ schedule: names }}
            text=${t('snapshot.prune_try')} onResult=${(answer, { schedule }) => setResult({ answer, schedule })}
            extra=${gone.length > 0 && html`<${Action} name="prune.now" object=${{ id: result.schedule, count: gone.length }} />`} />
        ${result && html`<p role="status" class="prune-sum"><b>${t('snapshot.prune_sum', { count: gone.length, all: number(rows.length), size: bytes(size) })}</b></p>
            <${Table} caption=${t('snapshot.prune')} columns=${columns} rows=${rows} rowKey=${(r) => r.snapshot} first=${['decision', -1]} empty=${t('empty.prune')} />`}<//>`;
}
