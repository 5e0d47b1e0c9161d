/* pages/graph.js - one series with its whole history: where a number, a score's reason or an alert
 * leads to. A chart for each unit among its fields. */
import { get, query } from '../api.js';
import { Crumbs, Empty, Facts, Loading, NotFound, usePageTitle } from '../components/basics.js';
import { Charts } from '../components/panels.js';
import { html, useEffect, useMemo, useState } from '../html.js';
import { t } from '../i18n.js';
import { labelsOf } from '../series.js';
import { linkPanels } from '../watch/panels.js';

/* Which fields it has, and in which units, is told by a short read of it. */
function useSeries(key) {
    const [state, setState] = useState({ reading: true });
    useEffect(() => {
        const stop = new AbortController();
        get(`/api/v1/query?${query({ series: key, from: '-1h', points: 1 })}`, stop.signal).then((body) => setState({ item: body.items[0] }),
            (error) => stop.signal.aborted || setState({ error }));
        return () => stop.abort();
    }, [key]);
    return state;
}

function panel(key, unit, fields) {
    return { id: `graph ${fields.join(' ')}`, name: fields.join(', '), series: key, unit: unit || undefined, min: 0,
        max: unit === '%' ? 100 : undefined, fields: fields.map((name, i) => ({ name, label: name, fill: i === 0 })) };
}

/* The field that was asked for by itself, then the others by their unit. */
function panelsOf(item, key, chosen) {
    const units = new Map();
    for (const name of Object.keys(item.fields).filter((n) => n !== chosen)) {
        const unit = item.units?.[name] ?? '';
        units.set(unit, [...(units.get(unit) ?? []), name]);
    }
    const others = [...units].map(([unit, fields]) => panel(key, unit, fields));
    return chosen in item.fields ? [panel(key, item.units?.[chosen], [chosen]), ...others] : others;
}

export function View({ params }) {
    const { key } = params;
    const measurement = key.split('{')[0];
    const labels = labelsOf({ key });
    usePageTitle(`${measurement} ${Object.values(labels).join(' ')}`);
    const { item, error, reading } = useSeries(key);
    const chosen = new URLSearchParams(location.search).get('field');
    const panels = useMemo(() => (!item ? [] : measurement === 'traffic.link' ? linkPanels(labels.link, key) : panelsOf(item, key, chosen)), [item, key, chosen]);
    if (error?.status === 404)
        return html`<${NotFound} what=${t('page.missing.series')} />`;
    return html`<${Crumbs} items=${[[t('nav.overview'), '/'], [t('graph.series')]]} />
        <div class="page-head"><h1>${Object.values(labels).at(-1) ?? measurement}</h1><span class="muted mono">${measurement}</span></div>
        <${Facts} items=${Object.entries(labels).slice(0, -1)} />
        ${reading ? html`<${Loading} />` : panels.length ? html`<div class="wide-charts"><${Charts} panels=${panels} /></div>` : html`<${Empty}>${t('chart.none')}<//>`}`;
}
