/* schema.js - from a command's JSON schema to fields of a form, and from what was filled in to
 * parameters. Knows the shapes that core/conf/table_schema.c writes; knows nothing of drawing. */
import { get } from './api.js';

let asked = null;

function commands() {
    asked ??= get('/api/v1/commands').then((body) => new Map(body.items.map((c) => [c.name, c])),
        (error) => { asked = null; throw error; });
    return asked;
}

/* The schema of a command's parameters, or undefined: no plugin has it. All are read once, and again
 * when one is asked for that was not there. */
export async function paramsSchema(name) {
    const known = (await commands()).get(name);
    if (known)
        return known.params;
    asked = null;
    return (await commands()).get(name)?.params;
}

function typesOf(schema) {
    return [schema.type ?? 'json'].flat().filter((type) => type !== 'null');
}

function kindOf(schema) {
    const types = typesOf(schema);
    if (schema.enum)
        return 'choice';
    if (types.includes('boolean'))
        return 'yes';
    if (types.includes('array'))
        return schema.items?.type === 'string' ? 'lines' : 'json';
    if (types.includes('object') || types.includes('json'))
        return 'json';
    if (schema.format === 'date-time')
        return 'time';
    if (schema.format === 'password')
        return 'secret';
    if (types.includes('string'))
        return isDuration(schema) ? 'duration' : 'text';
    return types.includes('integer') ? 'whole' : 'number';
}

function isDuration(schema) {
    return (schema.examples ?? []).includes('500ms');
}

/* [{name, kind, required, help, unit, choices, min, max, initial}]; `fixed` are not asked for,
 * nor what is not in `only`, whose order is the form's. */
export function fieldsOf(schema, fixed = {}, only = null) {
    const there = schema?.properties ?? {};
    const names = (only ?? Object.keys(there)).filter((name) => there[name] && !(name in fixed));
    return names.map((name) => fieldOf(name, there[name], (schema.required ?? []).includes(name)));
}

function fieldOf(name, it, required) {
    return {
        name, kind: kindOf(it), required, help: it.description,
        unit: it['x-unit'], choices: (it.enum ?? []).filter((c) => c !== null),
        min: it.minimum, max: it.maximum, longest: it.maxLength, initial: it.default,
    };
}

function localTime(ms) {
    const at = new Date(ms);
    return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

/* Milliseconds as a person writes them: "90s", "4h". */
function durationText(value) {
    if (typeof value !== 'number')
        return String(value ?? '');
    const [size, sign] = [[86400000, 'd'], [3600000, 'h'], [60000, 'm'], [1000, 's'], [1, 'ms']].find(([s]) => value % s === 0);
    return `${value / size}${sign}`;
}

/* A value as the form shows it: text, or yes and no. */
export function shown(field, value) {
    if (field.kind === 'yes')
        return value === true || value === 'yes';
    if (value === undefined || value === null)
        return '';
    if (field.kind === 'lines')
        return [value].flat().join('\n');
    if (field.kind === 'json')
        return JSON.stringify(value, null, 2);
    if (field.kind === 'time')
        return typeof value === 'number' ? localTime(value) : value;
    return field.kind === 'duration' ? durationText(value) : String(value);
}

/* What was filled in as a parameter; undefined: left to the command. Throws what is no JSON. */
function parameter(field, text) {
    if (field.kind === 'yes')
        return text;
    if (text.trim() === '')
        return undefined;
    if (field.kind === 'lines')
        return text.split('\n').map((line) => line.trim()).filter(Boolean);
    if (field.kind === 'json')
        return JSON.parse(text);
    if (field.kind === 'time')
        return new Date(text).getTime();
    if (field.kind === 'whole' || field.kind === 'number')
        return Number(text);
    return text;
}

/* → {params} or {problems: {name: 'json'}}. A choice of yes or no that stays as it was is not said. */
export function paramsOf(fields, values, fixed = {}) {
    const params = { ...fixed };
    const problems = {};
    for (const field of fields) {
        try {
            const value = parameter(field, values[field.name]);
            if (value !== undefined && !(field.kind === 'yes' && value === shown(field, field.initial) && !field.required))
                params[field.name] = value;
        } catch {
            problems[field.name] = 'json';
        }
    }
    return Object.keys(problems).length ? { problems } : { params };
}

/* Which field each of the API's complaints is about: {name: sentence}; the rest under ''. */
export function complaints(error, fields) {
    const found = {};
    for (const { where, what } of error.problem?.errors ?? []) {
        const name = /'([^'.[]+)/.exec(where ?? '')?.[1] ?? where;
        const key = fields.some((f) => f.name === name) ? name : '';
        found[key] = found[key] ? `${found[key]} ${what}` : what;
    }
    if (!Object.keys(found).length)
        found[''] = error.problem?.detail ?? error.message;
    return found;
}
