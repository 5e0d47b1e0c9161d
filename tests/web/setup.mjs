/* setup.mjs - the mock and the browser of a suite, and the pages that are known to be there. */
import { after, before } from 'node:test';
import { launch, open } from './browser.mjs';
import { Mock } from './mock.mjs';

export const PROJECT = '00000000-0000-4000-8000-0000000003e8';
export const CLOSED = '00000000-0000-4000-8000-0000000003ea';
export const NODE = '00000000-0000-4000-8000-000000002710'; /* R1, started */
export const STOPPED = '00000000-0000-4000-8000-000000002714'; /* R5, stopped */

export const SERIES = 'gns3.compute{server="campus",compute="local"}';

export const PAGES = ['/', '/projects', `/projects/${PROJECT}`, '/nodes', `/nodes/${NODE}`, '/servers', '/servers/campus',
    '/servers/attic', '/plugins', '/events', '/jobs', '/nowhere', `/nodes/none`, '/alerts', '/alerts/disk-campus-local', '/alerts/none',
    '/alerts/silences', '/alerts/rules', '/alerts/receivers', '/scores', '/traffic', '/snapshots', '/delivery', '/system', '/system/nodes', '/exec', '/exec/munin.load', '/exec/none', '/exec/-/try', `/graph/${encodeURIComponent(SERIES)}?field=disk`];

/* it.mock, it.browser and it.open(path, options) for each test of a file. */
export function setup() {
    const it = {};
    before(async () => {
        it.mock = new Mock();
        it.base = await it.mock.listen();
        it.browser = await launch();
        it.open = (path, options) => open(it.browser, it.base, path, options);
    });
    after(async () => {
        await it.browser?.close();
        await it.mock?.close();
    });
    return it;
}
