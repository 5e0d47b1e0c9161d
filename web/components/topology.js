/* components/topology.js - the frame of the drawing: its buttons, its key, its words. */
import { html, useEffect, useRef } from '../html.js';
import { t, tv } from '../i18n.js';
import { Icon, Sign } from '../icons.js';
import { go, to } from '../router.js';
import { theme } from '../theme.js';
import { Topology } from '../topology.js';
import { Empty, Panel } from './basics.js';
import { NODE_STATES } from './labs.js';

export function TopologyPanel({ project, nodes, links }) {
    const element = useRef(null);
    const drawing = useRef(null);
    const any = nodes.length > 0;
    useEffect(() => {
        if (!any)
            return undefined;
        drawing.current = new Topology(element.current, (id) => go(to.node(id)));
        return () => drawing.current.destroy();
    }, [project.id, any]);
    useEffect(() => drawing.current?.restyle(), [theme.value]);
    useEffect(() => any && drawing.current.show(nodes, links), [nodes, links, any]);
    const tool = (icon, text, run) => html`<button type="button" class="button icon-button" title=${t(text)} aria-label=${t(text)}
        onClick=${() => run(drawing.current)}><${Icon} name=${icon} size=${16} /></button>`;
    const suspended = links.filter((l) => l.status === 'suspended').length;
    const words = t('topology.words', { name: project.name, nodes: nodes.length, links: links.length, suspended });
    return html`<${Panel} id="topology" className="topology-panel" title=${t('topology.title')} tools=${any && html`
        ${tool('plus', 'topology.in', (d) => d.zoom(1.25))}${tool('minus', 'topology.out', (d) => d.zoom(0.8))}${tool('fit', 'topology.fit', (d) => d.fit())}`}>
        ${any ? html`<div class="topology" ref=${element} role="img" aria-label=${words}></div>
        <ul class="key" aria-hidden="true">${NODE_STATES.map((s) => html`<li key=${s} class=${`state state-${s}`}><${Sign} state=${s} />${tv('state', s)}</li>`)}
            <li><span class="dash"></span>${t('topology.suspended')}</li></ul>
        <p class="hidden">${t('topology.table')}</p>` : html`<${Empty}>${t('empty.nodes')}<//>`}<//>`;
}
