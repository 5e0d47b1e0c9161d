/* components/topology.js - the frame of the drawing: its buttons, its key, its words. */
import { number, value as format } from '../format.js';
import { html, useEffect, useRef, useState } from '../html.js';
import { t, tv } from '../i18n.js';
import { Icon, Sign } from '../icons.js';
import { go, to } from '../router.js';
import { theme } from '../theme.js';
import { Topology } from '../topology.js';
import { Empty, Panel } from './basics.js';
import { one } from '../state.js';
import { loadOf, rateOf } from '../watch/traffic.js';
import { NODE_STATES } from './labs.js';

/* What each link of the map carries; empty where no traffic is known. */
function loadsOf(links) {
    const loads = new Map();
    for (const link of links) {
        const it = one('traffic.link', link.id);
        if (!it || link.status !== 'up')
            continue;
        const load = loadOf(it, rateOf(it));
        const mark = load.dead ? '✕' : load.drops > 0 ? `▾ ${number(load.drops, 1)}/s` : undefined;
        loads.set(link.id, { ...load, mark, link: it });
    }
    return loads;
}

export function TopologyPanel({ project, nodes, links }) {
    const element = useRef(null);
    const drawing = useRef(null);
    const [tip, setTip] = useState(null); /* {id, x, y} */
    const loads = loadsOf(links);
    const any = nodes.length > 0;
    useEffect(() => {
        if (!any)
            return undefined;
        drawing.current = new Topology(element.current, (id) => go(to.node(id)), (id, at) => setTip(id && { id, ...at }));
        return () => drawing.current.destroy();
    }, [project.id, any]);
    useEffect(() => drawing.current?.restyle(), [theme.value]);
    useEffect(() => any && drawing.current.show(nodes, links), [nodes, links, any]);
    useEffect(() => any && drawing.current.load(loads));
    const tool = (icon, text, run) => html`<button type="button" class="button icon-button" title=${t(text)} aria-label=${t(text)}
        onClick=${() => run(drawing.current)}><${Icon} name=${icon} size=${16} /></button>`;
    const suspended = links.filter((l) => l.status === 'suspended').length;
    const words = t('topology.words', { name: project.name, nodes: nodes.length, links: links.length, suspended });
    return html`<${Panel} id="topology" className="topology-panel" title=${t('topology.title')} tools=${any && html`
        ${tool('plus', 'topology.in', (d) => d.zoom(1.25))}${tool('minus', 'topology.out', (d) => d.zoom(0.8))}${tool('fit', 'topology.fit', (d) => d.fit())}`}>
        ${any ? html`<div class="topology-frame" onMouseLeave=${() => setTip(null)}><div class="topology" ref=${element} role="img" aria-label=${words}></div>
            ${tip && loads.has(tip.id) && html`<${Tip} at=${tip} link=${links.find((l) => l.id === tip.id)} load=${loads.get(tip.id)} />`}</div>
        ${loads.size > 0 && html`<${LoadKey} />`}
        <ul class="key" aria-hidden="true">${NODE_STATES.map((s) => html`<li key=${s} class=${`state state-${s}`}><${Sign} state=${s} />${tv('state', s)}</li>`)}
            <li><span class="dash"></span>${t('topology.suspended')}</li></ul>
        <p class="hidden">${t('topology.table')}</p>` : html`<${Empty}>${t('empty.nodes')}<//>`}<//>`;
}

const STEPS = ['0', '≤ 1 kB/s', '≤ 10 kB/s', '≤ 100 kB/s', '≤ 1 MB/s', '> 1 MB/s'];

function LoadKey() {
    return html`<ul class="key load-key" aria-hidden="true"><li>${t('topology.load')}</li>${STEPS.map((text, i) => html`<li key=${i}><span class=${`load load-${i}`}></span>${text}</li>`)}
        <li><span class="load load-none"></span>${t('topology.no_data')}</li><li><span class="load-mark">▾</span>${t('topology.drops')}</li><li><span class="load load-dead"></span>${t('topology.dead')}</li></ul>`;
}

function Tip({ at, link, load }) {
    const [a, b] = link.nodes;
    return html`<div class="tip" style=${`left:${Math.round(at.x)}px;top:${Math.round(at.y)}px`}><b>${link.name}</b>
        ${load.load === null ? html`<p>${load.link.why || t('topology.no_data')}</p>` : html`
        <p><span class="num">${a.name} → ${b.name}</span> <b class="num">${format(load.ab, 'By/s')}</b></p><p><span class="num">${b.name} → ${a.name}</span> <b class="num">${format(load.ba, 'By/s')}</b></p>
        ${load.drops > 0 && html`<p class="problem">${t('topology.drops_of', { rate: number(load.drops, 1) })}</p>`}`}
        ${load.link.fault && html`<p class="problem">${load.link.fault}</p>`}</div>`;
}
