/* icons.js - the dashboard's own line icons, 24 by 24, drawn in the colour of the text. An icon is
 * decoration; what it means stands beside it as text or as the label of its button. */
import { html } from './html.js';

const paths = {
    overview: 'M4 13h6V4H4zm10 7h6v-9h-6zM4 20h6v-3H4zM14 7h6V4h-6z',
    projects: 'M3 7a2 2 0 0 1 2-2h4l2 2.500h8a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z',
    servers: 'M4 4h16v7H4zm0 9h16v7H4zM8 7.500h.01M8 16.500h.01M12 7.500h5M12 16.500h5',
    nodes: 'M12 3v6m0 6v6M5 8l5 3m4 2 5 3M5 16l5-3m4-2 5-3M12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z',
    events: 'M4 6h2m4 0h10M4 12h2m4 0h10M4 18h2m4 0h10',
    plugins: 'M9 3v5m6-5v5M6 8h12v4a6 6 0 0 1-12 0zm6 10v3',
    jobs: 'M12 3a9 9 0 1 0 9 9M12 7v5l3 3M16 4.500l1-.500M19.5 8l.8-.7',
    api: 'M8 7l-5 5 5 5m8-10 5 5-5 5M14 4l-4 16',
    search: 'M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5 21 21',
    menu: 'M4 6h16M4 12h16M4 18h16',
    close: 'M6 6l12 12M18 6 6 18',
    start: 'M8 5v14l11-7z',
    stop: 'M6 6h12v12H6z',
    suspend: 'M8 5v14M16 5v14',
    reload: 'M20 5v5h-5M4 19v-5h5M5.6 9A7 7 0 0 1 18 7.500l2 2.500M18.4 15A7 7 0 0 1 6 16.500L4 14',
    open: 'M3 18V6a1 1 0 0 1 1-1h5l2 2.500h7a1 1 0 0 1 1 1V11M3 18l3-7h16l-3 7z',
    shut: 'M4 8h16v11H4zM8 8V5h8v3M9.5 13.500h5',
    plus: 'M12 5v14M5 12h14',
    minus: 'M5 12h14',
    fit: 'M4 9V4h5m6 0h5v5m0 6v5h-5m-6 0H4v-5',
    trash: 'M5 7h14M10 4h4M7 7l1 13h8l1-13M10.5 11v5m3-5v5',
    restore: 'M4 5v5h5M4.5 10a8 8 0 1 1-.3 4M12 8v4l3 2',
    copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
    camera: 'M4 8h3l2-3h6l2 3h3v11H4zM12 10a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7z',
    sun: 'M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 2v2m0 16v2M2 12h2m16 0h2M5 5l1.4 1.400m11.2 11.200L19 19M19 5l-1.4 1.400M6.4 17.6 5 19',
    moon: 'M20 14.500A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.500z',
    auto: 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM12 3v18M12 7h4M12 11h5.500M12 15h5',
    chevron: 'M9 6l6 6-6 6',
    warning: 'M12 4 2.5 20h19zM12 10v5m0 2.500h.01',
    error: 'M8 3h8l5 5v8l-5 5H8l-5-5V8zM12 7.500v6m0 3h.01',
    info: 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM12 11v6M12 7.500h.01',
    notice: 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM8 12.500l3 3 5.5-6.5',
    debug: 'M12 11.500h.01',
    download: 'M12 4v11m-5-5 5 5 5-5M5 20h14',
    table: 'M4 5h16v14H4zM4 10h16M4 14.500h16M10 10v9',
    link: 'M10 14a4 4 0 0 0 6 .500l3-3a4 4 0 0 0-5.6-5.700L12 7.200M14 10a4 4 0 0 0-6-.500l-3 3A4 4 0 0 0 10.6 18l1.4-1.4',
    test: 'M3 12h4l3-8 4 16 3-8h4',
    user: 'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4 20a8 6 0 0 1 16 0',
    alerts: 'M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4',
    health: 'M12 20C5 15 3 11.500 3 8.500A4.5 4.500 0 0 1 12 7a4.5 4.500 0 0 1 9 1.500C21 11.500 19 15 12 20z',
    traffic: 'M4 9h14l-4-4M20 15H6l4 4',
    snapshots: 'M4 8h3l2-3h6l2 3h3v11H4zM12 10a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7z',
    delivery: 'M3 11.500 21 4l-5 16-5-6zM11 14l10-10',
    check: 'M4 12.500l5 5L20 7',
    mute: 'M6 16V11a6 6 0 0 1 9-5.200M18 10v6l2 2H9M10 21h4M4 4l16 16',
    edit: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
    report: 'M6 3h9l4 4v14H6zM15 3v4h4M9 12h7M9 16h7',
    pin: 'M9 4h6l-1 6 3 3H7l3-3zM12 13v7',
    unpin: 'M9 4h6l-1 6 3 3H7l3-3zM12 13v7M4 4l16 16',
    eye: 'M2 12c4-7 16-7 20 0-4 7-16 7-20 0zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z',
    eye_off: 'M2 12c4-7 16-7 20 0-4 7-16 7-20 0zM4 4l16 16',
    lock: 'M6 11h12v9H6zM8.500 11V8a3.5 3.500 0 0 1 7 0v3',
    hand: 'M8 12V5.500a1.5 1.500 0 0 1 3 0V11M11 10V4.500a1.5 1.500 0 0 1 3 0V11M14 10.500V6a1.5 1.500 0 0 1 3 0v9c0 4-2 6-5 6s-4-1.500-6-5l-2-3.500c1-1 2-1 3 0l1 1.500',
    export: 'M12 3v12M8 11l4 4 4-4M4 17v3h16v-3',
    exec: 'M3 5h18v14H3zM7 9.500l3 2.500-3 2.500M12.5 15H17',
    system: 'M7 7h10v10H7zM10 3v4m4-4v4M10 17v4m4-4v4M3 10h4m-4 4h4M17 10h4m-4 4h4',
    graph: 'M4 4v16h16M7 15l4-5 3 3 5-7',
    unknown: 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM9.5 9.500a2.5 2.500 0 1 1 3.500 2.300c-.7.3-1 .8-1 1.700M12 16.500h.01',
    zoom: 'M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5 21 21M8 10.500h5',
};

/* Signs of a state: filled, each of another shape, so colour is not all there is. */
const signs = {
    started: html`<path d="M7 5v14l11-7z" />`,
    stopped: html`<rect x="6" y="6" width="12" height="12" />`,
    suspended: html`<path d="M6 5h4v14H6zm8 0h4v14h-4z" />`,
    closed: html`<path d="M6 6l12 12M18 6 6 18" stroke="currentColor" stroke-width="3" />`,
    up: html`<path d="M12 4 20 16H4zM4 18h16v2H4z" />`,
    opened: html`<circle cx="12" cy="12" r="8" />`,
    down: html`<path d="M12 20 4 8h16zM4 4h16v2H4z" />`,
    waiting: html`<circle cx="12" cy="12" r="7" fill="none" stroke="currentColor" stroke-width="3"
        stroke-dasharray="4 3.3" />`,
    failed: html`<path d="M12 3 22 21H2z" />`,
    none: html`<path d="M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16z" fill="none" stroke="currentColor" stroke-width="2.5" stroke-dasharray="2 4" />`,
    idle: html`<path d="M4 10h16v4H4z" />`,
    active: html`<path d="M3 9h13V4l6 8-6 8v-5H3z" />`,
};

const signOf = {
    connecting: 'waiting', unauthorized: 'failed', running: 'started', starting: 'waiting',
    done: 'opened', cancelled: 'closed', connected: 'up', lost: 'down', ok: 'opened',
    degraded: 'failed',
    verified: 'opened', fine: 'opened', damaged: 'failed', unverified: 'none', silent: 'suspended', disabled: 'closed',
    firing: 'failed', pending: 'waiting', resolved: 'opened', ended: 'closed', unknown: 'none', no_data: 'none',
    dead: 'closed', skipped: 'closed', bad: 'failed', critical: 'failed', warning: 'failed', auto: 'opened', manual: 'stopped', off: 'closed', hidden: 'none', filling: 'waiting', full: 'failed', missing: 'failed',
};

export function Icon({ name, size = 18 }) {
    return html`<svg class="icon" viewBox="0 0 24 24" width=${size} height=${size} fill="none"
        stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"
        aria-hidden="true"><path d=${paths[name]} /></svg>`;
}

export function Sign({ state, size = 12 }) {
    return html`<svg class="sign" viewBox="0 0 24 24" width=${size} height=${size}
        fill="currentColor" aria-hidden="true">${signs[signOf[state] || state] || signs.waiting}</svg>`;
}

export function Logo() {
    return html`<svg class="logo" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
        <rect width="32" height="32" rx="7" fill="#0b5cad" />
        <path d="M5 17.500h5l3-8 5 14 3.5-9 1.5 3H27" fill="none" stroke="#fff" stroke-width="2.6"
            stroke-linecap="round" stroke-linejoin="round" />
        <circle cx="27" cy="17.5" r="2.3" fill="#7ee2a8" /></svg>`;
}
