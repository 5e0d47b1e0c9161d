/* The parts of the dashboard that need no browser page of their own: texts, columns, gaps. */
import assert from 'node:assert/strict';
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

test('every text is there in both languages', () => {
    assert.deepEqual(Object.keys(fr).sort(), Object.keys(en).sort());
});

test('a translation fills in the same values', () => {
    const holes = (text) => [...new Set(text.match(/\{\w+\}/g))].sort();
    for (const key of Object.keys(en))
        assert.deepEqual(holes(fr[key]), holes(en[key]), key);
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
});
