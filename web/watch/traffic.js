/* watch/traffic.js - rates of links, projects and protocols, and what a rate looks like on a map;
 * knows nothing of cytoscape or preact. */
import { rates } from '../rates.js';

export const linkRates = rates('traffic.link', ['server', 'project', 'link']);
export const projectRates = rates('traffic.project', ['server', 'project']);
export const protocolRates = rates('traffic.protocol', ['server', 'project', 'protocol']);

/* Series are labelled by names; an id stands in where a name would not be one of its kind. */
export function rateOf(link) {
    return linkRates.get(link.server, link.project_name, link.name) ?? linkRates.get(link.server, link.project_name, link.id) ?? linkRates.get(link.server, link.project, link.id);
}

/* Steps of load on a link, in bytes a second, both ways together: up to this much, of this class. */
export const LOADS = [
    { most: 0, load: 0 }, { most: 1e3, load: 1 }, { most: 1e4, load: 2 }, { most: 1e5, load: 3 }, { most: 1e6, load: 4 }, { most: Infinity, load: 5 },
];

/* What the map shows of one link: {load: 0–5 or null without data, drops, dead, ab, ba}. */
export function loadOf(link, rate) {
    const values = rate?.values;
    if (!values)
        return { load: null, drops: 0, dead: Boolean(link?.fault), ab: null, ba: null };
    const both = (values.ab_bytes ?? 0) + (values.ba_bytes ?? 0);
    return { load: LOADS.find((step) => both <= step.most).load, drops: values.drops ?? 0, dead: Boolean(link?.fault), ab: values.ab_bytes ?? null, ba: values.ba_bytes ?? null };
}
