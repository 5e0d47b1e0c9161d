/* pages/projects.js - all projects, opened ones first. */
import { Panel, usePageTitle } from '../components/basics.js';
import { projectColumns } from '../components/labs.js';
import { Score, scoresRead } from '../components/score.js';
import { Table } from '../components/table.js';
import { html, useState } from '../html.js';
import { t } from '../i18n.js';
import { all, hasPlugin, one } from '../state.js';
import { openedFirst } from './overview.js';

export function reads() {
    return [scoresRead('gns3.project')];
}

const scoreOf = (project) => one('health.score', `gns3.project/${project.id}`);
const healthColumn = { id: 'health', text: 'nav.health', sort: (p) => scoreOf(p)?.score ?? 101, cell: (p) => html`<${Score} score=${scoreOf(p)} />` };

export function View() {
    usePageTitle(t('nav.projects'));
    const [text, setText] = useState('');
    const columns = [...projectColumns.slice(0, 2), hasPlugin('health') && healthColumn, ...projectColumns.slice(2)];
    const rows = all('gns3.project').filter((p) => p.name.toLowerCase().includes(text.toLowerCase())).sort(openedFirst);
    return html`<div class="page-head"><h1>${t('nav.projects')}</h1>
        <label class="filter"><span class="hidden">${t('label.filter')}</span><input type="search" placeholder=${t('label.filter')}
            value=${text} onInput=${(e) => setText(e.target.value)} /></label></div>
        <${Panel} title=${t('label.count', { count: rows.length })} id="list">
            <${Table} caption=${t('nav.projects')} columns=${columns} rows=${rows} empty=${t('empty.projects')} /><//>`;
}
