/* api-docs.js - gives the page of the API the dashboard's theme; rapidoc draws the rest. */
import { effect } from './html.js';
import { colour, theme } from './theme.js';

const docs = document.getElementById('docs');

effect(() => {
    docs.setAttribute('theme', theme.value);
    docs.setAttribute('bg-color', colour('bg'));
    docs.setAttribute('text-color', colour('text'));
    docs.setAttribute('nav-bg-color', colour('surface'));
    docs.setAttribute('nav-text-color', colour('text'));
    docs.setAttribute('primary-color', colour('accent'));
});
