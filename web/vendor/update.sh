#!/bin/sh
# update.sh - takes the dashboard's libraries anew from npm, at the versions below.
#
# They are kept in the tree so that the dashboard needs no other host and no build step. Their bare
# imports become relative paths here; nothing else is changed.
set -eu
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
npm install --prefix "$tmp" --no-audit --no-fund --no-save --ignore-scripts --silent \
    preact@11.2.0 htm@3.1.1 @preact/signals@2.11.4 @preact/signals-core@1.14.5 \
    uplot@1.6.32 cytoscape@3.34.4 rapidoc@9.3.8
from=$tmp/node_modules

module() { # SOURCE TARGET: a module with its bare imports made relative
    sed -e 's#"preact/hooks"#"./hooks.js"#g; s#"preact"#"./preact.js"#g' \
        -e 's#"@preact/signals-core"#"./signals-core.js"#g' \
        -e '/^\/\/# sourceMappingURL=/d' "$from/$1" >"$2"
}
module preact/dist/preact.mjs preact.js
module preact/hooks/dist/hooks.mjs hooks.js
module @preact/signals/dist/signals.module.js signals.js
module @preact/signals-core/dist/signals-core.module.js signals-core.js
module htm/dist/htm.module.js htm.js
module uplot/dist/uPlot.esm.js uplot.js
module cytoscape/dist/cytoscape.esm.min.mjs cytoscape.js
module rapidoc/dist/rapidoc-min.js rapidoc.js
cp "$from/uplot/dist/uPlot.min.css" uplot.css
for name in preact htm @preact/signals uplot cytoscape rapidoc; do
    licence=$(find "$from/$name" -maxdepth 1 -iname 'licen*' | head -n 1)
    [ -z "$licence" ] || cp "$licence" "LICENSE.$(basename "$name")"
done
cp "$from/rapidoc/dist/rapidoc-min.js.LICENSE.txt" LICENSE.rapidoc-parts
