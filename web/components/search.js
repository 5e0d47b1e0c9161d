/* components/search.js - finds servers, projects and nodes by name; "/" goes there from anywhere. */
import { get, query } from '../api.js';
import { compare } from '../format.js';
import { html, useEffect, useId, useRef, useState } from '../html.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { go, toObject } from '../router.js';
import { all } from '../state.js';
import { State } from './basics.js';

const WAIT_MS = 150;
const MOST = 8;

function known(text) {
    const has = (o) => o.name?.toLowerCase().includes(text.toLowerCase());
    const found = (kind) => all(kind).filter(has).sort((a, b) => compare(a.name, b.name)).slice(0, MOST)
        .map((o) => ({ kind, id: o.id, name: o.name, where: kind === 'gns3.project' ? o.server : '', status: o.status }));
    return [...found('gns3.server'), ...found('gns3.project')];
}

function useMatches(text) {
    const [nodes, setNodes] = useState([]);
    useEffect(() => {
        if (!text) {
            setNodes([]);
            return undefined;
        }
        const stop = new AbortController();
        const timer = setTimeout(() => get(`/api/gns3/nodes?${query({ search: text, limit: MOST })}`, stop.signal)
            .then((body) => setNodes(body.items), () => setNodes([])), WAIT_MS);
        return () => {
            clearTimeout(timer);
            stop.abort();
        };
    }, [text]);
    if (!text)
        return [];
    return [...known(text), ...nodes.map((n) => ({ kind: 'gns3.node', id: n.id, name: n.name,
        where: n.project_name, status: n.status }))];
}

export function Search() {
    const [text, setText] = useState('');
    const [open, setOpen] = useState(false);
    const [chosen, setChosen] = useState(0);
    const input = useRef(null);
    const id = useId().replace(/\W/g, '');
    const matches = useMatches(text.trim());
    useEffect(() => {
        const slash = (event) => {
            if (event.key !== '/' || /input|textarea|select/i.test(event.target.tagName) || event.ctrlKey)
                return;
            event.preventDefault();
            input.current.focus();
        };
        document.addEventListener('keydown', slash);
        return () => document.removeEventListener('keydown', slash);
    }, []);
    const choose = (match) => {
        setText('');
        setOpen(false);
        input.current.blur();
        go(toObject(match.kind, match.id));
    };
    const onKey = (event) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step && matches.length)
            setChosen((chosen + step + matches.length) % matches.length);
        else if (event.key === 'Enter' && matches[chosen])
            choose(matches[chosen]);
        else if (event.key === 'Escape')
            setOpen(false);
        else
            return;
        event.preventDefault();
    };
    const shown = open && text.trim() !== '';
    return html`<div class="search" role="search">
        <${Icon} name="search" size=${16} />
        <input ref=${input} type="search" role="combobox" aria-expanded=${shown} aria-controls=${`${id}list`}
            aria-autocomplete="list" aria-activedescendant=${shown && matches[chosen] ? `${id}${chosen}` : undefined}
            aria-label=${t('search.label')} placeholder=${t('search.hint')} value=${text} autocomplete="off" spellcheck=${false}
            onInput=${(e) => { setText(e.target.value); setChosen(0); setOpen(true); }}
            onFocus=${() => setOpen(true)} onBlur=${() => setTimeout(() => setOpen(false), 150)} onKeyDown=${onKey} />
        <kbd aria-hidden="true">/</kbd>
        <ul id=${`${id}list`} role="listbox" aria-label=${t('search.found')} hidden=${!shown || !matches.length}>
            ${matches.map((m, i) => html`<li key=${`${m.kind}${m.id}`} id=${`${id}${i}`} role="option" aria-selected=${i === chosen}
                onPointerDown=${(e) => e.preventDefault()} onClick=${() => choose(m)} onPointerEnter=${() => setChosen(i)}>
                <${Icon} name=${`${m.kind.slice(5)}s`} size=${15} /><b>${m.name}</b><span class="muted">${m.where}</span>
                <${State} state=${m.status} plain /></li>`)}</ul>
        ${shown && !matches.length && html`<p class="search-none" role="status">${t('search.none')}</p>`}
    </div>`;
}
