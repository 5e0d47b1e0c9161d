/* report_templates.c - see report_templates.h. Only places things: what is shown is decided in
 * report_page.c. The page has no script and nothing from elsewhere. In parts, because
 * compilers need not take longer literals. */
#include "report_templates.h"

#include <stddef.h>

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<title>{{title}}, {{to|time}}</title>\n<style>\n"
    ":root{--ink:#1d2939;--dim:#5c677a;--paper:#fff;--line:#dfe3e9;--soft:#f3f5f8;--link:#175cd3;"
    "--good:#067647;--fair:#8a6100;--poor:#b54708;--bad:#c4241a;--unknown:#5c677a}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#e6eaef;--dim:#98a2b3;--paper:#12161b;"
    "--line:#2c3540;--soft:#1b2129;--link:#7cb0ff;--good:#47cd89;--fair:#fdb022;--poor:#f79009;"
    "--bad:#f97066;--unknown:#98a2b3}}\n"
    "*{box-sizing:border-box}body{margin:0 auto;max-width:60rem;padding:1.5rem;color:var(--ink);"
    "background:var(--paper);font:15px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif}\n"
    "h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}a{color:var(--link)}\n"
    "p{margin:.4rem 0}.dim{color:var(--dim)}.num{text-align:right;"
    "font-variant-numeric:tabular-nums}\n"
    ".top{display:flex;gap:1.5rem;align-items:center;flex-wrap:wrap;margin:1rem 0}\n"
    ".big{font-size:3.2rem;font-weight:700;line-height:1}\n"
    ".good{color:var(--good)}.fair{color:var(--fair)}.poor{color:var(--poor)}"
    ".bad{color:var(--bad)}.unknown{color:var(--unknown)}\n"
    "table{border-collapse:collapse;width:100%}th,td{padding:.3rem .6rem .3rem 0;text-align:left;"
    "border-bottom:1px solid var(--line);vertical-align:top}td{overflow-wrap:anywhere}"
    "th{color:var(--dim);font-weight:600;white-space:nowrap}\n"
    "td.num,th.num{text-align:right;overflow-wrap:normal;white-space:nowrap}\n"
    "ul.advice{list-style:none;padding:0;margin:0}ul.advice li{border-left:4px solid var(--poor);"
    "padding:.2rem 0 .2rem .8rem;margin:.6rem 0}ul.advice li.critical{border-color:var(--bad)}\n"
    "code{background:var(--soft);padding:.1rem .3rem;border-radius:3px;overflow-wrap:anywhere}\n"
    ".bar{display:block;height:.5rem;background:var(--soft);border-radius:3px;min-width:5rem}"
    ".bar i{display:block;height:100%;background:var(--link);border-radius:3px}\n"
    "svg{display:block;width:100%;height:8rem;background:var(--soft);border-radius:4px}"
    "polyline{fill:none;stroke:var(--link);stroke-width:2;vector-effect:non-scaling-stroke}"
    ".grid{stroke:var(--line);stroke-width:1;vector-effect:non-scaling-stroke}\n"
    ".scale{display:flex;justify-content:space-between;font-size:.85rem}\n"
    "@media print{body{max-width:none;padding:0;font-size:11pt}h2,li,tr,svg{break-inside:avoid}"
    ".bar,svg,code{-webkit-print-color-adjust:exact;print-color-adjust:exact}}\n"
    "</style></head><body>\n";

static const char score[] =
    "<header><h1>{{title}}</h1><p class=\"dim\">{{from|time}} to {{to|time}}</p></header>\n"
    "<div class=\"top\"><span class=\"big {{level}}\">{{#known}}{{score}}{{/known}}"
    "{{^known}}?{{/known}}</span><div><b class=\"{{level}}\">{{level}}</b>"
    "{{#change}} <span>{{change}}</span> <span class=\"dim\">(before: {{score_before}})</span>"
    "{{/change}}<br><span class=\"dim\">{{coverage}} % of what makes the score is known</span>"
    "</div></div>\n<p>{{summary}}</p>\n"
    "<svg viewBox=\"0 -3 600 106\" preserveAspectRatio=\"none\" role=\"img\" "
    "aria-label=\"Health from 0 to 100 over this time\">"
    "<line class=\"grid\" x1=\"0\" y1=\"10\" x2=\"600\" y2=\"10\"/>"
    "<line class=\"grid\" x1=\"0\" y1=\"30\" x2=\"600\" y2=\"30\"/>"
    "<line class=\"grid\" x1=\"0\" y1=\"60\" x2=\"600\" y2=\"60\"/>"
    "{{#curve}}<polyline points=\"{{points}}\"/>{{/curve}}</svg>\n"
    "<div class=\"scale dim\"><span>{{from|time}}</span><span>0 to 100; lines at 90, 70, 40</span>"
    "<span>{{to|time}}</span></div>\n"
    "<h2>What to do</h2>\n"
    "{{#has_recommendations}}<ul class=\"advice\">{{#recommendations}}<li class=\"{{severity}}\">"
    "<b>{{text}}</b> <span class=\"dim\">({{severity}})</span><p>{{subject.name}}: {{why}}"
    "{{#url}} · <a href=\"{{url}}\">look</a>{{/url}}</p>"
    "{{#words}}<p><code>{{words}}</code></p>{{/words}}</li>{{/recommendations}}</ul>\n"
    "{{/has_recommendations}}{{^has_recommendations}}<p class=\"dim\">Nothing.</p>\n"
    "{{/has_recommendations}}";

static const char tables[] =
    "{{#has_worst}}<h2>Worst now</h2>\n<table><thead><tr><th class=\"num\">Score</th>"
    "<th>What</th><th>Server</th><th>Why</th></tr></thead><tbody>{{#worst}}<tr>"
    "<td class=\"num {{level}}\"><b>{{score}}</b></td><td>{{#url}}<a href=\"{{url}}\">{{name}}</a>"
    "{{/url}}{{^url}}{{name}}{{/url}}</td><td>{{server}}</td><td>{{text}}</td></tr>{{/worst}}"
    "</tbody></table>\n{{/has_worst}}"
    "{{#has_changed}}<h2>What changed</h2>\n<table><thead><tr><th>What</th><th>Server</th>"
    "<th class=\"num\">Before</th><th class=\"num\">Lowest</th><th class=\"num\">Now</th></tr>"
    "</thead><tbody>{{#changed}}<tr><td>{{name}}</td><td>{{server}}</td>"
    "<td class=\"num\">{{before|default:?}}</td><td class=\"num\">{{least|default:?}}</td>"
    "<td class=\"num\">{{now|default:?}}</td></tr>{{/changed}}</tbody></table>\n{{/has_changed}}"
    "{{#has_alerts}}<h2>Alerts</h2>\n<table><thead><tr><th>Rule</th><th>Severity</th>"
    "<th class=\"num\">Times</th><th class=\"num\">Open</th><th class=\"num\">Longest</th></tr>"
    "</thead><tbody>{{#alerts}}<tr><td>{{rule}}</td><td>{{severity}}</td>"
    "<td class=\"num\">{{count}}</td><td class=\"num\">{{open}}</td>"
    "<td class=\"num\">{{longest_ms|duration}}</td></tr>{{/alerts}}</tbody></table>\n"
    "{{/has_alerts}}"
    "{{#has_computes}}<h2>Computes</h2>\n<table><thead><tr><th>Compute</th><th>Server</th>"
    "<th>CPU</th><th>Memory</th><th>Disk</th><th class=\"num\">Disk full in</th></tr></thead>"
    "<tbody>{{#computes}}<tr><td>{{name}}{{^connected}} <b class=\"bad\">lost</b>{{/connected}}"
    "</td><td>{{server}}</td>{{#bars}}<td>{{percent|default:?}} %<span class=\"bar\">"
    "<i style=\"width:{{percent|default:0}}%\"></i></span></td>{{/bars}}"
    "<td class=\"num\">{{#full_in_ms}}{{full_in_ms|duration}}{{/full_in_ms}}"
    "{{^full_in_ms}}–{{/full_in_ms}}</td></tr>{{/computes}}</tbody></table>\n{{/has_computes}}"
    "{{#has_snapshots}}<h2>Snapshots</h2>\n<table><thead><tr><th>Project</th><th>Server</th>"
    "<th class=\"num\">Last good one</th><th>Last run</th></tr></thead><tbody>{{#snapshots}}<tr>"
    "<td>{{name}}</td><td>{{server}}</td><td class=\"num\">{{#age_ms}}{{age_ms|duration}} old"
    "{{/age_ms}}{{^age_ms}}none{{/age_ms}}</td><td>{{#failed}}<b class=\"bad\">failed</b>"
    "{{/failed}}{{^failed}}ok{{/failed}}</td></tr>{{/snapshots}}</tbody></table>\n"
    "{{/has_snapshots}}"
    "{{#has_events}}<h2>Events</h2>\n<table><thead><tr><th>Topic</th><th class=\"num\">Count</th>"
    "<th></th></tr></thead><tbody>{{#events}}<tr><td>{{topic}}</td><td class=\"num\">{{count}}</td>"
    "<td><span class=\"bar\"><i style=\"width:{{bar}}%\"></i></span></td></tr>{{/events}}</tbody>"
    "</table>\n{{/has_events}}"
    "<p class=\"dim\"><a href=\"{{dashboard}}/#/scores\">Health in the dashboard</a></p>\n"
    "</body></html>\n";

const char *const template_page[] = {head, score, tables, NULL};

#define CELL  "<td style=\"padding:2px 12px 2px 0;vertical-align:top\">"
#define RIGHT "<td align=\"right\" style=\"padding:2px 12px 2px 0;vertical-align:top\">"

static const char mail[] =
    "<p style=\"margin:0 0 8px 0\"><span style=\"font-size:28px;font-weight:bold\">"
    "{{#known}}{{score}}{{/known}}{{^known}}?{{/known}}</span> {{level}}"
    "{{#change}} {{change}} (before: {{score_before}}){{/change}}</p>"
    "<p style=\"margin:0 0 8px 0\">{{from|time}} to {{to|time}}</p>"
    "<p style=\"margin:0 0 8px 0\">{{summary}}</p>"
    "{{#has_recommendations}}<p style=\"margin:12px 0 4px 0\"><b>What to do</b></p>"
    "<ul style=\"margin:0;padding-left:20px\">{{#recommendations}}<li>"
    "{{#url}}<a href=\"{{url}}\">{{text}}</a>{{/url}}{{^url}}{{text}}{{/url}}<br>"
    "{{subject.name}}: {{why}}</li>{{/recommendations}}</ul>{{/has_recommendations}}"
    "{{#has_worst}}<p style=\"margin:12px 0 4px 0\"><b>Worst now</b></p>"
    "<table cellpadding=\"0\" cellspacing=\"0\">{{#worst}}<tr>" RIGHT "<b>{{score}}</b></td>" CELL
    "{{name}}</td>" CELL "{{text}}</td></tr>{{/worst}}</table>{{/has_worst}}"
    "{{#has_alerts}}<p style=\"margin:12px 0 4px 0\"><b>Alerts</b></p>"
    "<table cellpadding=\"0\" cellspacing=\"0\">{{#alerts}}<tr>" CELL "{{rule}}</td>" CELL
    "{{severity}}</td>" RIGHT "{{count}} times, longest {{longest_ms|duration}}</td></tr>"
    "{{/alerts}}</table>{{/has_alerts}}"
    "{{#has_computes}}<p style=\"margin:12px 0 4px 0\"><b>Computes</b></p>"
    "<table cellpadding=\"0\" cellspacing=\"0\"><tr>" CELL "</td>" RIGHT "CPU</td>" RIGHT
    "Memory</td>" RIGHT "Disk</td></tr>{{#computes}}<tr>" CELL "{{name}}</td>{{#bars}}" RIGHT
    "{{percent|default:?}} %</td>{{/bars}}</tr>{{/computes}}</table>{{/has_computes}}"
    "{{#page}}<p style=\"margin:12px 0 0 0\"><a href=\"{{page}}\">The whole "
    "report</a></p>{{/page}}";

const char *const template_mail[] = {mail, NULL};

static const char text[] =
    "{{summary}}\n\n{{from|time}} to {{to|time}}\n"
    "{{#has_recommendations}}\nWhat to do:\n{{#recommendations}}"
    "- {{text|line}} ({{subject.name|line}}: {{why|line}}){{#words}}\n  {{words|line}}{{/words}}\n"
    "{{/recommendations}}{{/has_recommendations}}"
    "{{#has_worst}}\nWorst now:\n{{#worst}}- {{score}} {{name|line}}: {{text|line}}\n"
    "{{/worst}}{{/has_worst}}"
    "{{#page}}\nThe whole report: {{page}}\n{{/page}}";

const char *const template_text[] = {text, NULL};
