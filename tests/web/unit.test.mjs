/* The parts of the dashboard that need no browser page of their own: texts, columns, gaps. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

const web = new URL('../../web/', import.meta.url);
const { default: en } = await import(new URL('i18n/en.js', web));
const { default: fr } = await import(new URL('i18n/fr.js', web));

/* What modules ask of a browser when they load. */
Object.assign(globalThis, {
    location: { pathname: '/', origin: 'http://mock.test' }, localStorage: { getItem: () => null, setItem: () => {} },
    document: { documentElement: { dataset: {} }, addEventListener() {}, hidden: false }, addEventListener() {},
});
globalThis.navigator ??= { languages: ['en'] };
const keepNode = setInterval;
globalThis.setInterval = (...args) => keepNode(...args).unref();
const { Columns, bridged, gaps, labelsOf } = await import(new URL('series.js', web));
const format = await import(new URL('format.js', web));

function columns(times, values, step_ms = 1000) {
    return new Columns({ id: 1, times, step_ms, fields: { a: values }, units: {} }, null);
}

const { default: enHost } = await import(new URL('i18n/en_host.js', web));
const { default: frHost } = await import(new URL('i18n/fr_host.js', web));

test('every text is there in both languages', () => {
    assert.deepEqual(Object.keys(fr).sort(), Object.keys(en).sort());
    assert.deepEqual(Object.keys(frHost).sort(), Object.keys(enHost).sort());
});

test('a text that comes later is no other’s', () => {
    assert.deepEqual(Object.keys(enHost).filter((key) => key in en), []);
});

test('a translation fills in the same values', () => {
    const holes = (text) => [...new Set(text.match(/\{\w+\}/g))].sort();
    for (const [there, here] of [[en, fr], [enHost, frHost]])
        for (const key of Object.keys(there))
            assert.deepEqual(holes(here[key]), holes(there[key]), key);
});

test('a hole of some rows is a gap, said from its last value to its next', () => {
    const it = columns([0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000], [1, 1, 1, null, null, null, null, 1, 1]);
    assert.deepEqual(gaps(it, 0, 8000), [[2000, 7000]]);
});

test('steps finer than the rows are no gaps and are drawn through', () => {
    const it = columns([0, 1000, 2000, 3000, 4000, 5000, 6000], [1, null, 2, null, 3, null, 4]);
    assert.deepEqual(gaps(it, 0, 6000), []);
    assert.deepEqual(bridged(it, 'a'), [1, undefined, 2, undefined, 3, undefined, 4]);
});

test('silence up to now is a gap that reaches now', () => {
    const it = columns([0, 1000, 2000], [1, 1, 1]);
    assert.deepEqual(gaps(it, 0, 20000), [[2000, 20000]]);
});

test('live rows of one step are averaged and skipped steps become holes', () => {
    const it = columns([0, 10000], [1, 2], 10000);
    it.add([[20500, 4], [25000, 6], [50000, 9]]);
    assert.deepEqual(it.times, [0, 10000, 20000, 30000, 40000, 50000]);
    assert.deepEqual(it.fields.a, [1, 2, 5, null, null, 9]);
});

test('a live row older than what is known is left out', () => {
    const it = columns([0, 10000], [1, 2], 10000);
    it.add([[4000, 8]]);
    assert.deepEqual(it.fields.a, [1, 2]);
});

test('a live row may hold no value', () => {
    const it = columns([0], [1], 1000);
    it.add([[1000, null]]);
    assert.deepEqual(it.fields.a, [1, null]);
});

test('labels are read back from a key, with what was escaped', () => {
    assert.deepEqual(labelsOf({ key: 'gns3.node{server="a",node="say \\"hi\\""}' }), { server: 'a', node: 'say "hi"' });
});

test('values are written with the unit a person reads', () => {
    assert.equal(format.value(2048, 'By'), '2 KiB');
    assert.equal(format.value(93784, 's'), '1 d 2 h');
    assert.equal(format.value(0, 's'), '0 s');
    assert.equal(format.value(12.34, 'ms'), '12.3 ms');
    assert.equal(format.value(null, '%'), '–');
    assert.equal(format.value(3.2e9, 'Hz'), '3.2 GHz');
    assert.equal(format.value(1e9, 'bit/s'), '1 Gbit/s');
    assert.equal(format.value(66.25, 'Cel'), '66.3 °C');
});

/* ---- Forms from schemas, alerts over time, load of links ---- */

const { fieldsOf, paramsOf, shown, complaints } = await import(new URL('schema.js', web));
const { barsOf, quietOf, speaking, thresholdOf, urgentFirst } = await import(new URL('watch/alerts.js', web));
const { loadOf } = await import(new URL('watch/traffic.js', web));

const SCHEMA = { type: 'object', required: ['name'], properties: { id: { type: 'string' }, name: { type: 'string', maxLength: 20 }, count: { type: 'integer', minimum: 1, default: 3 }, loud: { type: 'boolean', default: false },
    mode: { type: 'string', enum: ['a', 'b'] }, for: { type: 'string', examples: ['500ms', '5s'] }, from: { type: ['string', 'integer'], format: 'date-time' }, words: { type: ['array', 'string'], items: { type: 'string' } }, more: { description: 'any JSON' } } };

test('a schema becomes fields of the right kinds, without what is fixed', () => {
    const fields = fieldsOf(SCHEMA, { id: 'x' });
    assert.deepEqual(fields.map((f) => [f.name, f.kind]), [['name', 'text'], ['count', 'whole'], ['loud', 'yes'], ['mode', 'choice'], ['for', 'duration'], ['from', 'time'], ['words', 'lines'], ['more', 'json']]);
    assert.equal(fields[0].required, true);
    assert.deepEqual(fieldsOf(SCHEMA, {}, ['mode', 'name', 'gone']).map((f) => f.name), ['mode', 'name']);
});

test('what is filled in becomes parameters, and what is left empty is not said', () => {
    const fields = fieldsOf(SCHEMA, { id: 'x' });
    const empty = Object.fromEntries(fields.map((f) => [f.name, shown(f, undefined)]));
    assert.deepEqual(paramsOf(fields, empty, { id: 'x' }), { params: { id: 'x' } });
    const full = { ...empty, name: 'n', count: '4', loud: true, for: '2h', from: '2026-11-23T05:00', words: ' one \n\ntwo', more: '{"a":1}' };
    assert.deepEqual(paramsOf(fields, full).params, { name: 'n', count: 4, loud: true, for: '2h', from: new Date('2026-11-23T05:00').getTime(), words: ['one', 'two'], more: { a: 1 } });
    assert.deepEqual(paramsOf(fields, { ...full, more: '{' }), { problems: { more: 'json' } });
});

test('values stand in a form as a person writes them', () => {
    const field = (kind) => ({ kind });
    assert.equal(shown(field('duration'), 14400000), '4h');
    assert.equal(shown(field('duration'), 90000), '90s');
    assert.equal(shown(field('lines'), ['a=b', 'c=d']), 'a=b\nc=d');
    assert.match(shown(field('time'), 1795000000000), /^2026-11-1\dT\d\d:\d\d$/);
});

test('a complaint of the API stands at its field, or at the end', () => {
    const fields = fieldsOf(SCHEMA);
    assert.deepEqual(complaints({ problem: { errors: [{ where: "parameter 'name'", what: 'is too long' }, { where: 'body', what: 'is odd' }] } }, fields), { name: 'is too long', '': 'is odd' });
    assert.deepEqual(complaints({ problem: { detail: 'There is no such project' } }, fields), { '': 'There is no such project' });
});

const alert = (more) => ({ id: 'a', state: 'firing', severity: 'warning', silenced_by: [], since: 100000, fired: 200000, ended: null, labels: {}, ...more });

test('the bars of an alert are its earlier rounds from events and its last one whole', () => {
    const events = [{ topic: 'alert.resolved', time: 50000, id: 'a' }, { topic: 'alert.firing', time: 30000, severity: 'critical', id: 'a' }, { topic: 'alert.firing', time: 200000, severity: 'warning', id: 'a' }];
    assert.deepEqual(barsOf(alert(), events, 0, 300000), [{ from: 30000, to: 50000, state: 'firing', severity: 'critical' },
        { from: 100000, to: 200000, state: 'pending', severity: 'warning' }, { from: 200000, to: 300000, state: 'firing', severity: 'warning' }]);
});

test('bars are cut to what is shown, and what lies outside is not there', () => {
    assert.deepEqual(barsOf(alert({ ended: 250000 }), [], 220000, 300000), [{ from: 220000, to: 250000, state: 'firing', severity: 'warning' }]);
    assert.deepEqual(barsOf(alert({ ended: 250000 }), [], 260000, 300000), []);
});

test('silences and acknowledgements lie over the bars for as long as they held', () => {
    const it = alert({ silenced_by: [3], acknowledged: { time: 220000 } });
    assert.deepEqual(quietOf(it, [{ id: '3', starts: 90000, ends: 240000 }], 0, 300000), [{ from: 100000, to: 240000, state: 'silenced' }, { from: 220000, to: 300000, state: 'acknowledged' }]);
});

test('silenced and inhibited alerts do not speak; the loudest comes first', () => {
    const list = [alert({ id: 'w' }), alert({ id: 's', silenced_by: ['1'] }), alert({ id: 'c', severity: 'critical' }), alert({ id: 'p', state: 'pending' }), alert({ id: 'i', inhibited_by: 'c' })];
    assert.deepEqual(speaking(list).map((a) => a.id), ['w', 'c']);
    assert.deepEqual([...list].sort(urgentFirst).map((a) => a.id)[0], 'c');
    assert.equal([...list].sort(urgentFirst).at(-1).id, 'p');
});

test('the line of a chart is the number of the threshold, when its unit is the value’s', () => {
    assert.equal(thresholdOf({ threshold: '> 95 %', unit: '%' }), 95);
    assert.equal(thresholdOf({ threshold: '< 1', unit: '1' }), 1);
    assert.equal(thresholdOf({ threshold: '> 2 GiB', unit: 'By' }), null);
    assert.equal(thresholdOf({ threshold: 'no row for 15m', unit: null }), null);
});

test('a link without values has no load, which is not a load of nought', () => {
    assert.equal(loadOf({}, { values: null }).load, null);
    assert.equal(loadOf({}, { values: { ab_bytes: 0, ba_bytes: 0, drops: 0 } }).load, 0);
    assert.deepEqual(loadOf({ fault: 'dead' }, { values: { ab_bytes: 600, ba_bytes: 600, drops: 2 } }), { load: 2, drops: 2, dead: true, ab: 600, ba: 600 });
});

/* ---- The machine, programs, and what gnswatch tells of itself ---- */

const { identity, limitsOf, otherOf, placeIn, sentenceOf, worstFirst } = await import(new URL('host/exec.js', web));
const { level, sum } = await import(new URL('host/system.js', web));
const { crashesOf, refusedOf } = await import(new URL('host/told.js', web));

test('the place of a mistake is the word at its column, counted in bytes', () => {
    assert.deepEqual(placeIn('load.value 0.42 0.40', 17), ['load.value 0.42 ', '0.40', '']);
    assert.deepEqual(placeIn('café x=1 y', 7), ['café ', 'x=1', ' y']);
    assert.deepEqual(placeIn('a  b', 2), ['a', ' ', ' b']);
    assert.deepEqual(placeIn('short', 90), ['short', '', '']);
    assert.deepEqual(placeIn('no column', undefined), ['no column', '', '']);
    assert.equal(placeIn(`${'x'.repeat(300)}`, 1)[1].length, 40);
});

test('a series has one name whatever the order of its labels', () => {
    assert.equal(identity('exec.a', { item: 'x', cpu: '0' }), identity('exec.a', { cpu: '0', item: 'x' }));
    assert.notEqual(identity('exec.a', { item: 'x' }), identity('exec.a', { item: 'y' }));
});

test('limits are those that were given, and nought is one', () => {
    assert.deepEqual(limitsOf({ warning: '0:80', critical: null, min: 0 }), [['warning', '0:80'], ['range', '≥ 0']]);
    assert.deepEqual(limitsOf({ min: 0, max: 9 }), [['range', '0 … 9']]);
    assert.deepEqual(limitsOf({}), []);
});

test('what needs somebody comes first, and says why it does', () => {
    const items = [{ name: 'b', state: 'ok' }, { name: 'a', state: 'ok' }, { name: 'c', state: 'failed', error: { why: 'died' } }, { name: 'd', state: 'critical', verdict: { text: 'full' }, error: { why: 'old' } }];
    assert.deepEqual([...items].sort(worstFirst).map((it) => it.name), ['c', 'd', 'a', 'b']);
    assert.deepEqual(items.map(sentenceOf), ['', '', 'died', 'full']);
});

test('what a trial said besides values is told by its kind', () => {
    assert.deepEqual(otherOf({ verdict: null, state: 2, text: 'hot', more: 'very' }), { what: 'verdict', state: 'critical', text: 'hot\nvery' });
    assert.deepEqual(otherOf({ object: 'rack', id: 'r1', fields: '{}' }), { what: 'object', text: 'rack – r1 – {}' });
    assert.equal(otherOf({ new: 1 }).what, 'other');
});

test('unknown is no level and no sum, which nought is', () => {
    assert.deepEqual([level(undefined), level(0), level(80), level(96), level(12, 10, 40)], ['none', 'good', 'warn', 'bad', 'warn']);
    assert.equal(sum(null, undefined), null);
    assert.equal(sum(0, null), 0);
});

const told = (sequence, topic, more) => ({ sequence, time: sequence * 1000, topic: `gnswatch.${topic}`, text: '', ...more });

test('of each instance the last crash counts', () => {
    const events = [told(3, 'instance.crashed', { source: 'a', text: 'last' }), told(2, 'instance.crashed', { source: 'b' }), told(1, 'instance.crashed', { source: 'a' })];
    assert.deepEqual(Object.entries(crashesOf(events)).map(([name, e]) => [name, e.sequence]), [['a', 3], ['b', 2]]);
});

test('a file is refused until it is accepted, all are read again, or gnswatch starts anew', () => {
    const no = (n, file) => told(n, 'conf.refused', { text: `${file}:2:5: bad: very; its instance stays as it was`, data: { file, mistakes: 1 } });
    const files = (events, since) => refusedOf(events, since).map((f) => f.file);
    assert.deepEqual(files([no(2, 'b.yaml'), no(1, 'a.yaml')]), ['b.yaml', 'a.yaml']);
    assert.deepEqual(files([told(3, 'conf.accepted', { data: { file: 'a.yaml' } }), no(2, 'b.yaml'), no(1, 'a.yaml')]), ['b.yaml']);
    assert.deepEqual(files([no(3, 'a.yaml'), told(2, 'reload.done'), no(1, 'b.yaml')]), ['a.yaml']);
    assert.deepEqual(files([no(2, 'b.yaml'), no(1, 'a.yaml')], 1500), ['b.yaml']);
    const [one] = refusedOf([no(1, 'a.yaml')]);
    assert.deepEqual([one.place, one.text], ['a.yaml:2:5', 'bad: very; its instance stays as it was']);
    assert.equal(refusedOf([told(1, 'conf.refused', { text: 'out of memory' })])[0].text, 'out of memory');
});

/* ---- What comes first ---- */

/* The modules that app.js imports, and those that they import. */
function modulesOf(name, found = new Set()) {
    if (found.has(name))
        return found;
    found.add(name);
    const text = readFileSync(new URL(`.${name}`, web), 'utf8');
    for (const [, from] of text.matchAll(/(?:^|[;}\s])(?:import|export)\b[^;'"()]*?\bfrom\s*['"]([^'"]+)['"]|^import ['"]([^'"]+)['"]/gm))
        if (from)
            modulesOf(new URL(from, new URL(name, 'http://mock.test')).pathname, found);
    return found;
}

test('all that the first page needs is named in index.html, and nothing else', () => {
    const named = [...readFileSync(new URL('index.html', web), 'utf8').matchAll(/modulepreload" href="([^"]+)"/g)].map(([, name]) => name);
    assert.deepEqual([...named].sort(), [...modulesOf('/app.js')].sort());
});

test('the first page waits for no chart and no topology', () => {
    const names = [...modulesOf('/app.js')];
    assert.deepEqual(names.filter((n) => /uplot|cytoscape|rapidoc/.test(n)), []);
});
