/* theme.js - light, dark, or as the system says. The choice is kept in the browser. */
import { computed, effect, signal } from './html.js';

const KEY = 'gnswatch.theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const systemDark = signal(system.matches);
system.addEventListener('change', () => { systemDark.value = system.matches; });

export const CHOICES = ['auto', 'light', 'dark'];
const kept = localStorage.getItem(KEY);
export const choice = signal(CHOICES.includes(kept) ? kept : 'auto');
export const theme = computed(() =>
    choice.value === 'auto' ? (systemDark.value ? 'dark' : 'light') : choice.value);

export function choose(value) {
    choice.value = value;
    localStorage.setItem(KEY, value);
}

/* A custom property of the page's style, for what draws on a canvas. */
export function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

effect(() => { document.documentElement.dataset.theme = theme.value; });
