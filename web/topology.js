/* topology.js - the only file that knows cytoscape: nodes at their GNS3 coordinates, links between
 * them, states as colour and sign. The table beside it is the accessible form of the same. */
import cytoscape from './vendor/cytoscape.js';
import { colour } from './theme.js';

const TYPES = {
    vpcs: 'computer', docker: 'container', virtualbox: 'computer', vmware: 'computer',
    qemu: 'server', dynamips: 'router', iou: 'router', ethernet_switch: 'switch',
    ethernet_hub: 'switch', atm_switch: 'switch', frame_relay_switch: 'switch', cloud: 'cloud',
    nat: 'cloud', traceng: 'computer',
};
const SIGNS = ['started', 'stopped', 'suspended', 'closed'];
const SIZE = 44;
const WIDTHS = [1.5, 2.5, 3.5, 5, 7, 9]; /* by load, 0 to 5 */

/* What a node is, from its type and, where that says little, its symbol. */
export function shapeOf(node) {
    const symbol = node.symbol || '';
    if (/router/.test(symbol))
        return 'router';
    if (/switch|hub/.test(symbol))
        return 'switch';
    if (/firewall|asa/.test(symbol))
        return 'firewall';
    if (/cloud/.test(symbol))
        return 'cloud';
    return TYPES[node.node_type] || 'server';
}

function style() {
    return [
        { selector: 'node', style: {
            shape: 'round-rectangle', width: SIZE, height: SIZE,
            'background-color': colour('closed-fill'),
            'background-image': (e) => [`/img/${e.data('shape')}.svg`, `/img/sign-${e.data('status')}.svg`],
            'background-width': ['58%', '19px'], 'background-height': ['58%', '19px'],
            'background-position-x': ['42%', '100%'], 'background-position-y': ['60%', '0%'],
            'background-clip': 'none',
            label: 'data(name)', 'font-size': 12, 'font-family': 'system-ui, sans-serif',
            'font-weight': 600, color: colour('text'), 'text-valign': 'bottom', 'text-margin-y': 5,
            'text-background-color': colour('surface'), 'text-background-opacity': 0.85,
            'text-background-padding': 2, 'text-max-width': 130, 'text-wrap': 'ellipsis',
        } },
        ...SIGNS.map((status) => ({ selector: `node[status = "${status}"]`,
            style: { 'background-color': colour(`${status}-fill`) } })),
        { selector: 'node[status = "closed"]', style: { opacity: 0.7 } },
        { selector: 'node:active, node:selected', style: {
            'overlay-opacity': 0, 'border-width': 3, 'border-color': colour('accent') } },
        { selector: 'edge', style: {
            width: 2, 'line-color': colour('link'), 'curve-style': 'bezier',
            'source-label': 'data(from)', 'target-label': 'data(to)',
            'source-text-offset': 38, 'target-text-offset': 38, 'font-size': 10,
            'min-zoomed-font-size': 8,
            'font-family': 'system-ui, sans-serif', color: colour('muted'),
            'text-background-color': colour('surface'), 'text-background-opacity': 0.85,
            'text-background-padding': 1,
        } },
        ...WIDTHS.map((width, load) => ({ selector: `edge[load = ${load}]`, style: { width, 'line-color': colour(`load-${load}`) } })),
        { selector: 'edge[load = -1]', style: { 'line-style': 'dotted', width: 1.5 } },
        { selector: 'edge[mark]', style: { label: 'data(mark)', 'font-weight': 700, color: colour('bad'), 'text-background-opacity': 1,
            'font-size': 12, 'min-zoomed-font-size': 0, 'source-label': '', 'target-label': '' } },
        { selector: 'edge[?dead]', style: { 'line-style': 'dashed', 'line-dash-pattern': [4, 4], 'line-color': colour('bad'), width: 3 } },
        { selector: 'edge[status = "suspended"]', style: {
            'line-style': 'dashed', 'line-dash-pattern': [7, 5], 'line-color': colour('suspended') } },
        { selector: 'edge[status = "closed"]', style: { opacity: 0.5 } },
        { selector: 'edge[?capturing]', style: { 'line-color': colour('accent'), width: 3 } },
    ];
}

function nodeData(node) {
    return {
        data: { id: node.id, name: node.name, status: node.status, shape: shapeOf(node) },
        position: { x: (node.x || 0) + (node.width || 0) / 2, y: (node.y || 0) + (node.height || 0) / 2 },
    };
}

function linkData(link) {
    const [a, b] = link.nodes;
    return { data: {
        id: link.id, source: a.node, target: b.node, status: link.status, capturing: !!link.capturing,
        from: a.label || '', to: b.label || '',
    } };
}

/* onNode(id) when a node is chosen; onLink(id or null, {x, y}) when the pointer is on a link. */
export class Topology {
    constructor(element, onNode, onLink = () => {}) {
        this.element = element;
        this.fitted = false;
        this.cy = cytoscape({
            container: element, style: style(), minZoom: 0.1, maxZoom: 2.5,
            userZoomingEnabled: false, boxSelectionEnabled: false, autoungrabify: true,
            autounselectify: true, pixelRatio: Math.min(2, devicePixelRatio || 1),
        });
        this.cy.on('tap', 'node', (event) => onNode(event.target.id()));
        this.cy.on('mouseover', 'node', () => { element.style.cursor = 'pointer'; });
        this.cy.on('mouseout', 'node', () => { element.style.cursor = ''; });
        this.cy.on('mouseover', 'edge', (event) => onLink(event.target.id(), event.renderedPosition));
        this.cy.on('mouseout', 'edge', () => onLink(null));
        this.cy.on('zoom', () => this.rescale());
        this.wheel = (event) => this.onWheel(event);
        element.addEventListener('wheel', this.wheel, { passive: false });
        this.watch = new ResizeObserver(() => this.resized());
        this.watch.observe(element);
    }

    destroy() {
        this.watch.disconnect();
        this.element.removeEventListener('wheel', this.wheel);
        this.cy.destroy();
    }

    /* Ctrl and the wheel zoom; the wheel alone goes on scrolling the page. */
    onWheel(event) {
        if (!event.ctrlKey && !event.metaKey)
            return;
        event.preventDefault();
        this.zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15);
    }

    resized() {
        this.cy.resize();
        if (this.fitted)
            this.fit();
    }

    restyle() {
        this.cy.style(style());
    }

    /* Names stay readable when the whole is drawn small. */
    rescale() {
        const size = Math.round(Math.min(26, Math.max(12, 10.5 / this.cy.zoom())));
        if (size === this.fontSize)
            return;
        this.fontSize = size;
        this.cy.nodes().style('font-size', size);
    }

    fit() {
        this.cy.fit(undefined, 36);
        if (this.cy.zoom() > 1.4) {
            this.cy.zoom(1.4);
            this.cy.center();
        }
        this.fitted = true;
    }

    zoom(factor) {
        const { clientWidth, clientHeight } = this.element;
        this.fitted = false;
        this.cy.zoom({ level: this.cy.zoom() * factor,
            renderedPosition: { x: clientWidth / 2, y: clientHeight / 2 } });
    }

    /* Makes the drawing what the lists say, touching only what differs. */
    show(nodes, links) {
        const first = this.cy.nodes().length === 0 && nodes.length > 0;
        const known = new Set(nodes.map((n) => n.id));
        const drawn = links.filter((l) => l.nodes?.length === 2 && l.nodes.every((e) => known.has(e.node)));
        this.cy.batch(() => {
            this.keepOnly(new Set([...known, ...drawn.map((l) => l.id)]));
            nodes.forEach((node) => this.put(nodeData(node)));
            drawn.forEach((link) => this.put(linkData(link)));
        });
        if (first)
            this.fit();
        this.cy.nodes().style('font-size', this.fontSize ?? 12);
    }

    /* Load of links: {id: {load: 0–5 or null without data, dead, mark: what stands on it}}. */
    load(loads) {
        this.cy.batch(() => this.cy.edges().forEach((edge) => {
            const it = loads.get(edge.id());
            const data = it ? { load: it.load ?? -1, dead: it.dead, mark: it.mark } : {};
            for (const name of ['load', 'dead', 'mark'])
                if (!data[name] && data[name] !== 0)
                    edge.removeData(name);
                else if (edge.data(name) !== data[name])
                    edge.data(name, data[name]);
        }));
    }

    keepOnly(ids) {
        this.cy.elements().filter((e) => !ids.has(e.id())).remove();
    }

    put(element) {
        const there = this.cy.getElementById(element.data.id);
        if (!there.length) {
            this.cy.add({ group: element.data.source ? 'edges' : 'nodes', ...element });
            return;
        }
        for (const [name, value] of Object.entries(element.data))
            if (name !== 'id' && there.data(name) !== value)
                there.data(name, value);
        const { x, y } = element.position ?? there.position();
        if (element.position && (there.position('x') !== x || there.position('y') !== y))
            there.position({ x, y });
    }
}
