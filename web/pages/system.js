/* pages/system.js - the machine gnswatch runs on: how it is now, what is on it, how it was. */
import '../host/texts.js';
import { About } from '../components/about.js';
import { Absent } from '../components/absent.js';
import { Facts, State, usePageTitle } from '../components/basics.js';
import { Meter } from '../components/meter.js';
import { Charts } from '../components/panels.js';
import { GraphName, SystemTabs } from '../components/system.js';
import { TablePanel } from '../components/table.js';
import { Vitals, forecast } from '../components/vitals.js';
import { duration, now as clock, number, value as format } from '../format.js';
import { machinePanels } from '../host/panels.js';
import { now, stopVitals, sum, vitals } from '../host/system.js';
import { html, useEffect, useMemo } from '../html.js';
import { t } from '../i18n.js';
import { all, hasPlugin, maybe, objects, one } from '../state.js';

const DAY_S = 86400;
const KINDS = ['host', 'disk', 'filesystem', 'interface'];

export function reads() {
    return [...KINDS.map((kind) => maybe(objects(`system.${kind}`, `/api/v1/objects/system.${kind}`))), ...Object.values(vitals).map((it) => it.read())];
}

export function View() {
    const host = one('system.host', 'host');
    usePageTitle(t('nav.system'));
    useEffect(() => stopVitals, []);
    const panels = useMemo(machinePanels, []);
    if (!hasPlugin('system'))
        return html`<${Absent} plugin="system" title=${t('nav.system')} />`;
    return html`<div class="page-head"><h1>${host?.name ?? t('nav.system')}</h1></div><${SystemTabs} here="/system" />
        ${host && html`<${Facts} items=${[[t('system.os'), host.os], [t('system.kernel'), host.kernel],
            [t('system.up'), host.booted && duration(clock.value - host.booted)], [t('system.processor'), now('cpu').frequency && format(now('cpu').frequency, 'Hz')],
            [t('system.files'), now('host').files_open !== undefined && number(now('host').files_open)]]} />`}
        <${Vitals} /><${Filesystems} />
        <div class="columns even"><div class="column"><${Disks} /><${Sensors} /></div><div class="column"><${Interfaces} />
            <${About} title=${t('system.events')} match=${{ topic: 'system.*', severity: 'notice' }} fits=${(e) => e.topic.startsWith('system.') && e.severity !== 'info' && e.severity !== 'debug'} /></div></div>
        <${Charts} panels=${panels} title=${t('system.past')} />`;
}

const fsNow = (f) => now('filesystem', f.mount);
const percentOf = (f) => fsNow(f).used_percent ?? f.used_percent;
const fullIn = (f) => fsNow(f).full_in ?? (f.full_in_hours === null || f.full_in_hours === undefined ? null : f.full_in_hours * 3600);

const filesystemColumns = [
    { id: 'mount', text: 'system.mount', head: true, sort: (f) => f.mount, cell: (f) => html`<${GraphName} series=${vitals.filesystem.get(f.mount)} field="used_percent" name=${f.mount} /><span class="muted small block wrap">${f.device} · ${f.type}${f.read_only && html` · ${t('system.read_only')}`}</span>` },
    { id: 'used', text: 'system.used', sort: percentOf, cell: (f) => html`<${Meter} percent=${percentOf(f)} warn=${85} />` },
    { id: 'forecast', text: 'system.forecast', sort: (f) => fullIn(f) ?? Infinity, cell: (f) => html`${f.status !== 'ok' && html`<${State} state=${f.status} plain />`}<${Forecast} seconds=${fullIn(f)} calm=${f.status === 'ok'} />` },
    { id: 'free', text: 'system.free', number: true, sort: (f) => fsNow(f).free ?? -1, cell: (f) => html`${format(fsNow(f).free, 'By')}<span class="muted small block">${t('system.of', { size: format(fsNow(f).size, 'By') })}</span>` },
    { id: 'inodes', text: 'system.inodes', number: true, wide: true, sort: (f) => f.inodes_percent ?? -1, cell: (f) => format(fsNow(f).inodes_percent ?? f.inodes_percent, '%') },
];
function Forecast({ seconds, calm }) {
    if (seconds === null)
        return calm && html`<span class="muted">${t('forecast.none')}</span>`;
    return html`<b class=${`block ${seconds < DAY_S ? 'bad-number' : 'warn-number'}`} data-forecast>${forecast(seconds)}</b>`;
}

function Filesystems() {
    return html`<${TablePanel} id="filesystems" title=${t('system.filesystems')} columns=${filesystemColumns} rows=${all('system.filesystem')} rowKey=${(f) => f.mount} first=${['used', -1]} empty=${t('empty.filesystems')} />`;
}

const both = (a, b) => html`<span class="both-ways"><span>${a}</span><span class="muted">${b}</span></span>`;
const diskNow = (d) => now('disk', d.name);

const diskColumns = [
    { id: 'name', text: 'system.disk', head: true, sort: (d) => d.name, cell: (d) => html`<${GraphName} series=${vitals.disk.get(d.name)} field="busy" name=${d.name} /><span class="muted small block wrap">${[d.model, d.size && format(d.size, 'By'), d.rotational && t('system.rotational')].filter(Boolean).join(' · ')}</span>` },
    { id: 'busy', text: 'system.busy', sort: (d) => diskNow(d).busy ?? -1, cell: (d) => html`<${Meter} percent=${diskNow(d).busy} />` },
    { id: 'bytes', text: 'system.read_write', number: true, sort: (d) => sum(diskNow(d).read_bytes, diskNow(d).write_bytes) ?? -1, cell: (d) => both(format(diskNow(d).read_bytes, 'By/s'), format(diskNow(d).write_bytes, 'By/s')) },
    { id: 'wait', text: 'system.wait', number: true, wide: true, sort: (d) => diskNow(d).read_ms ?? -1, cell: (d) => both(format(diskNow(d).read_ms, 'ms'), format(diskNow(d).write_ms, 'ms')) },
];

function Disks() {
    return html`<${TablePanel} id="disks" title=${t('system.disks')} columns=${diskColumns} rows=${all('system.disk')} rowKey=${(d) => d.name} first=${['name', 1]} empty=${t('empty.disks')} />`;
}

const ifNow = (i) => now('interface', i.name);
const lost = (i) => sum(ifNow(i).in_errors, ifNow(i).out_errors, ifNow(i).in_drops, ifNow(i).out_drops);

const interfaceColumns = [
    { id: 'name', text: 'system.interface', head: true, sort: (i) => i.name, cell: (i) => html`<${GraphName} series=${vitals.interface.get(i.name)} field="in_bytes" name=${i.name} /><span class="muted small block">${[i.speed && format(i.speed, 'bit/s'), i.address].filter(Boolean).join(' · ')}</span>` },
    { id: 'up', text: 'label.state', sort: (i) => (i.up ? 0 : 1), cell: (i) => html`<${State} state=${i.up ? 'up' : 'down'} plain />` },
    { id: 'bytes', text: 'system.in_out', number: true, sort: (i) => sum(ifNow(i).in_bytes, ifNow(i).out_bytes) ?? -1, cell: (i) => both(format(ifNow(i).in_bytes, 'By/s'), format(ifNow(i).out_bytes, 'By/s')) },
    { id: 'lost', text: 'system.lost', number: true, wide: true, sort: (i) => lost(i) ?? -1, cell: (i) => html`<span class=${lost(i) > 0 ? 'warn-number' : ''}>${format(lost(i), '/s')}</span>` },
];

function Interfaces() {
    return html`<${TablePanel} id="interfaces" title=${t('system.interfaces')} columns=${interfaceColumns} rows=${all('system.interface')} rowKey=${(i) => i.name} first=${['name', 1]} empty=${t('empty.interfaces')} />`;
}

const nameOf = (s) => `${s.labels.chip}/${s.labels.sensor}`;

const sensorColumns = [
    { id: 'name', text: 'system.sensor', head: true, sort: nameOf, cell: (s) => html`<${GraphName} series=${s} field=${s.fan ? 'speed' : 'temperature'} name=${s.labels.sensor} mono=${false} /><span class="muted small block">${s.labels.chip}</span>` },
    { id: 'value', text: 'system.measured', cell: (s) => (s.fan ? html`<b class="num">${format(s.values?.speed, '/min')}</b>`
        : html`<${Meter} percent=${s.values && (100 * s.values.temperature) / (s.values.critical || 95)} warn=${85} bad=${100} text=${format(s.values?.temperature, 'Cel')} />`) },
    { id: 'critical', text: 'system.critical', number: true, wide: true, cell: (s) => (s.fan ? '' : format(s.values?.critical, 'Cel')) },
];

function Sensors() {
    const rows = [...vitals.temperature.list(), ...vitals.fan.list().map((s) => ({ ...s, fan: true }))];
    return html`<${TablePanel} id="sensors" title=${t('system.sensors')} columns=${sensorColumns} rows=${rows} rowKey=${(s) => s.key} first=${['name', 1]} empty=${t('empty.sensors')} />`;
}
