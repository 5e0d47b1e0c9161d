/* axe.mjs - what axe-core finds on a page. */
import { readFileSync } from 'node:fs';

const source = readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

/* `rules`: only these; all without. One line for each that is broken, with where. */
export async function violations(page, rules) {
    if (!(await page.evaluate(() => 'axe' in window)))
        await page.evaluate(source);
    const { violations: found } = await page.evaluate((only) => window.axe.run(document, { resultTypes: ['violations'], ...(only && { runOnly: only }) }), rules);
    return found.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 140)} ${n.any[0]?.message ?? ''}`).join(' | ')}`);
}
