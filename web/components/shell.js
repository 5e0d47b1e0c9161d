/* components/shell.js - what surrounds every page: navigation, search, language and theme, the word
 * that the connection is lost, and what is read out to people who do not see the screen. */
import { announcement, announce } from '../actions.js';
import { loginNeeded } from '../api.js';
import { ago, clock } from '../format.js';
import { html, useEffect, useRef, useState } from '../html.js';
import { LANGUAGES, choose as chooseLanguage, language, t } from '../i18n.js';
import { Icon, Logo } from '../icons.js';
import { connection } from '../live.js';
import { arrived, match, path } from '../router.js';
import { hasPlugin, jobs, loaded, onEvents, pageError, ready, reload, session } from '../state.js';
import { CHOICES, choice, choose as chooseTheme } from '../theme.js';
import { errorText } from '../actions.js';
import { Loading, NotFound } from './basics.js';
import { Alarm, AlarmBadge } from './alarm.js';
import { ConfirmDialog, Toasts } from './dialog.js';
import { Login } from './login.js';
import { Search } from './search.js';
import { SINKS } from './sinks.js';

/* [group, [[address, name, plugins of which one must be there]…]]: what nobody loaded is not shown. */
const NAV = [
    ['', [['/', 'overview'], ['/alerts', 'alerts', ['alert']], ['/scores', 'health', ['health']]]],
    ['lab', [['/projects', 'projects'], ['/nodes', 'nodes'], ['/servers', 'servers'],
        ['/traffic', 'traffic', ['traffic']], ['/snapshots', 'snapshots', ['snapshot']]]],
    ['system', [['/events', 'events'], ['/delivery', 'delivery', SINKS],
        ['/system', 'system', ['system']], ['/exec', 'exec', ['exec']], ['/plugins', 'plugins'], ['/jobs', 'jobs']]],
];
const THEME_ICONS = { auto: 'auto', light: 'sun', dark: 'moon' };

export function Shell() {
    useAnnouncements();
    if (loginNeeded.value)
        return html`<${Login} done=${reload} />`;
    return html`<a class="skip" href="#main">${t('label.skip')}</a>
        <${TopBar} /><${Banner} />
        <div class="body"><${SideNav} />
            <main id="main" tabindex="-1" data-stale=${connection.value.state === 'lost'}><${Page} /></main></div>
        <${Toasts} /><${ConfirmDialog} />
        <div class="hidden" aria-live="polite" id="announcer">${announcement.value}</div>`;
}

function TopBar() {
    const next = CHOICES[(CHOICES.indexOf(choice.value) + 1) % CHOICES.length];
    const label = t('theme.label', { now: t(`theme.${choice.value}`), next: t(`theme.${next}`) });
    return html`<header class="top">
        <a class="brand" href="/" aria-label=${t('label.home')}><${Logo} /><span>gnswatch</span></a>
        <${Search} />
        <div class="top-tools"><${Alarm} /><${Connection} />
            <label class="select"><span class="hidden">${t('label.language')}</span>
                <select value=${language.value} onChange=${(e) => chooseLanguage(e.target.value)}>
                ${LANGUAGES.map(([code, name]) => html`<option value=${code} key=${code} lang=${code} selected=${code === language.value}>${name}</option>`)}</select></label>
            <button type="button" class="icon-button plain" data-theme-button title=${label} aria-label=${label}
                onClick=${() => chooseTheme(next)}><${Icon} name=${THEME_ICONS[choice.value]} /></button>
            <span class="who" title=${t(`role.${session.value.role}`)}><${Icon} name="user" size=${16} />
                <span>${session.value.name || t(`role.${session.value.role}`)}</span></span></div></header>`;
}

function Connection() {
    const { state, via } = connection.value;
    return html`<span class=${`connection connection-${state}`} data-connection=${state} title=${via ? t(`live.via.${via}`) : undefined}>
        <span class="dot" aria-hidden="true"></span><span>${t(`live.${state}`)}</span></span>`;
}

function Banner() {
    const { state, since } = connection.value;
    if (state !== 'lost')
        return null;
    return html`<div class="banner" role="alert"><${Icon} name="warning" />
        <p>${t('live.banner', { time: clock(since) })} <span class="num" aria-hidden="true">${ago(since)}</span></p></div>`;
}

function SideNav() {
    const [open, setOpen] = useState(false);
    const button = useRef(null);
    useEffect(() => setOpen(false), [path.value]);
    const running = jobs.value.filter((j) => j.state === 'running' || j.state === 'waiting').length;
    const onKey = (event) => {
        if (event.key !== 'Escape' || !open)
            return;
        setOpen(false);
        button.current.focus();
    };
    return html`<div class="side" onKeyDown=${onKey}>
        <button ref=${button} type="button" class="button menu-button" aria-expanded=${open} aria-controls="nav"
            onClick=${() => setOpen(!open)}><${Icon} name=${open ? 'close' : 'menu'} /> ${t('label.menu')}</button>
        <nav id="nav" class=${open ? 'open' : ''} aria-label=${t('label.nav')}>
            ${NAV.map(([group, pages]) => html`<${NavGroup} key=${group} group=${group} pages=${pages} running=${running} />`)}</nav></div>`;
}

function NavGroup({ group, pages, running }) {
    const shown = pages.filter(([, , needs]) => !needs || needs.some(hasPlugin));
    return html`${group && html`<p class="nav-group" id=${`nav-${group}`}>${t(`nav.group.${group}`)}</p>`}
        <ul aria-labelledby=${group ? `nav-${group}` : undefined}>${shown.map(([href, name]) => html`<li key=${name}>
            <a href=${href} aria-current=${isHere(href) ? 'page' : undefined}><${Icon} name=${name} />${t(`nav.${name}`)}
                ${name === 'jobs' && running > 0 && html`<span class="badge">${running}</span>`}
                ${name === 'alerts' && html`<${AlarmBadge} />`}</a></li>`)}
        ${group === 'system' && html`<li><a href="/api/docs" target="_blank" rel="noopener"><${Icon} name="api" />${t('nav.api')}</a></li>`}</ul>`;
}

function isHere(href) {
    return href === '/' ? path.value === '/' : path.value === href || path.value.startsWith(`${href}/`);
}

function Page() {
    const found = match(path.value);
    const where = path.value;
    useFocusOnMove(where);
    if (!found)
        return html`<${NotFound} />`;
    arrived.value; /* read: drawn again when the page's module has come */
    if (!ready.value || !found.page.View)
        return pageError.value ? html`<${Trouble} />` : html`<${Loading} />`;
    return html`${pageError.value && html`<${Trouble} />`}
        <${found.page.View} key=${where} params=${found.params} loaded=${loaded.value} />`;
}

function Trouble() {
    const again = () => (match(path.value)?.page.View ? reload() : location.reload());
    return html`<div class="trouble" role="alert"><${Icon} name="error" /><p>${t('error.read')} ${errorText(pageError.value)}</p>
        <button type="button" class="button" onClick=${again}>${t('label.again')}</button></div>`;
}

/* After a move within the dashboard the new page's heading gets the focus, as a loaded page would. */
function useFocusOnMove(where) {
    const first = useRef(true);
    useEffect(() => {
        if (!first.current)
            document.getElementById('main')?.focus({ preventScroll: true });
        first.current = false;
    }, [where]);
}

/* Errors are read out as they come; the rest would be noise. */
function useAnnouncements() {
    useEffect(() => onEvents((list) => {
        const important = list.filter((e) => e.severity === 'error' || e.severity === 'critical');
        if (important.length)
            announce(important.slice(0, 3).map((e) => e.text).join('. '));
    }), []);
}
