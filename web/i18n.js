/* i18n.js - every text the dashboard shows, in the person's language. */
import { effect, signal } from './html.js';
import en from './i18n/en.js';
import fr from './i18n/fr.js';

const KEY = 'gnswatch.language';
const texts = { en, fr };
export const LANGUAGES = [['en', 'English'], ['fr', 'Français']];

function first() {
    const kept = localStorage.getItem(KEY);
    if (texts[kept])
        return kept;
    const liked = navigator.languages.map((l) => l.slice(0, 2)).find((l) => texts[l]);
    return liked || 'en';
}

export const language = signal(first());

export function choose(value) {
    language.value = value;
    localStorage.setItem(KEY, value);
}

effect(() => { document.documentElement.lang = language.value; });

/* Texts of pages that come later: {en: {key: text}, fr: …}. */
export function addTexts(more) {
    for (const [code, table] of Object.entries(more))
        Object.assign(texts[code], table);
}

/* t('node.count', {count: 3}): {name} is replaced; with `count`, key.one and key.other by the
 * language's plural rule. */
export function t(key, values) {
    const table = texts[language.value];
    let text = table[key];
    if (values && 'count' in values) {
        const form = new Intl.PluralRules(language.value).select(values.count);
        text = table[`${key}.${form}`] ?? table[`${key}.other`] ?? text;
    }
    text ??= en[key] ?? key;
    if (!values)
        return text;
    return text.replace(/\{(\w+)\}/g, (whole, name) => name in values ? fill(values[name]) : whole);
}

function fill(value) {
    return typeof value === 'number'
        ? new Intl.NumberFormat(language.value).format(value) : String(value);
}

/* The text for `key.value` when there is one, otherwise the value itself. */
export function tv(key, value) {
    const whole = `${key}.${value}`;
    return texts[language.value][whole] ?? en[whole] ?? String(value ?? '');
}
