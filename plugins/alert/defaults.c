/* defaults.c - the built-in rules: quiet on a healthy lab, loud on a sick one. As a rule in the
 * file is written, but in JSON and with times in milliseconds. A rule in the file with one of these
 * names changes only what it says. */
#include "rule.h"

#include <stddef.h>

/* A server: `up` comes each tick, also while it is down. */
static const char *const server_rules[] = {
    "{\"name\":\"server down\",\"kind\":\"threshold\",\"series\":\"gns3.server\",\"field\":\"up\","
    "\"op\":\"<\",\"critical\":1,\"for\":15000,\"inhibits\":true,"
    "\"summary\":\"GNS3 server {{labels.server}} does not answer\","
    "\"description\":\"Its labs cannot be watched or changed until it answers again. See its "
    "last error on the dashboard, and whether gns3server still runs there.\"}",

    "{\"name\":\"server flapping\",\"kind\":\"event\",\"topic\":\"gns3.server.*\",\"count\":6,"
    "\"over\":1800000,\"summary\":\"GNS3 server {{labels.server}} goes down again and again\"}",

    "{\"name\":\"breaker open\",\"kind\":\"threshold\",\"series\":\"gns3.server\","
    "\"field\":\"breaker\",\"op\":\">=\",\"warning\":2,\"for\":60000,\"keep_firing_for\":60000,"
    "\"summary\":\"Requests to {{labels.server}} fail so often that they are held back\"}",

    "{\"name\":\"requests failing\",\"kind\":\"threshold\",\"series\":\"gns3.api\","
    "\"field\":\"failures\",\"over\":300000,\"unit\":\"/s\",\"warning\":0.2,\"clear\":0.05,"
    "\"for\":60000,"
    "\"summary\":\"{{value|number}} requests a second to {{labels.server}} fail\"}",

    "{\"name\":\"server slow\",\"kind\":\"change\",\"series\":\"gns3.server\","
    "\"field\":\"latency_ms\",\"over\":300000,\"baseline\":21600000,\"at_least\":100,"
    "\"warning\":200,\"clear\":100,\"critical\":900,\"clear_critical\":600,\"for\":120000,"
    "\"summary\":\"{{labels.server}} answers {{value|number}} % slower than it did before\"}",
};

static const char *const compute_rules[] = {
    "{\"name\":\"compute lost\",\"kind\":\"object\",\"object\":\"gns3.compute\","
    "\"when\":\"connected = false\",\"severity\":\"critical\","
    "\"for\":20000,\"inhibits\":true,"
    "\"summary\":\"Compute {{subject.name}} of {{labels.server}} is lost\","
    "\"description\":\"The controller does not reach it: nodes there can be neither watched nor "
    "changed.\"}",

    "{\"name\":\"compute cpu high\",\"kind\":\"threshold\",\"series\":\"gns3.compute\","
    "\"field\":\"cpu\",\"over\":300000,\"warning\":90,\"clear\":80,\"critical\":98,"
    "\"clear_critical\":95,\"for\":60000,\"delay\":{\"down\":60000,\"multiplier\":2,"
    "\"max\":3600000},"
    "\"summary\":\"CPU of compute {{labels.compute}} on {{labels.server}} is at "
    "{{value|number}} %\"}",

    "{\"name\":\"compute memory high\",\"kind\":\"threshold\",\"series\":\"gns3.compute\","
    "\"field\":\"memory\",\"over\":60000,\"warning\":90,\"clear\":85,\"critical\":97,"
    "\"clear_critical\":94,\"for\":60000,\"delay\":{\"down\":60000,\"multiplier\":2,"
    "\"max\":3600000},"
    "\"summary\":\"Memory of compute {{labels.compute}} on {{labels.server}} is at "
    "{{value|number}} %\"}",

    "{\"name\":\"compute disk full\",\"kind\":\"threshold\",\"series\":\"gns3.compute\","
    "\"field\":\"disk\",\"warning\":85,\"clear\":82,\"critical\":95,\"clear_critical\":93,"
    "\"for\":60000,"
    "\"summary\":\"Disk of compute {{labels.compute}} on {{labels.server}} is {{value|number}} % "
    "full\"}",

    "{\"name\":\"compute disk fills\",\"kind\":\"forecast\",\"series\":\"gns3.compute\","
    "\"field\":\"disk\",\"over\":21600000,\"reaches\":100,\"at_least\":60,"
    "\"warning_within\":86400000,\"critical_within\":14400000,\"clear_within\":129600000,"
    "\"for\":600000,"
    "\"summary\":\"Disk of compute {{labels.compute}} on {{labels.server}} will be full soon\"}",
};

/* GNS3 says only "stopped": who stops one node of a running lab by hand hears of it too, who stops
 * the whole lab or closes it does not. */
static const char *const node_rules[] = {
    "{\"name\":\"node crashed\",\"kind\":\"event\",\"topic\":\"gns3.node.crashed\","
    "\"clear_topic\":[\"gns3.node.started\",\"gns3.node.deleted\"],"
    "\"clear_when\":[\"status = started\"],\"severity\":\"critical\","
    "\"inhibits\":true,\"summary\":\"Node {{labels.node}} of {{labels.project}} crashed\","
    "\"description\":\"{{event}}\"}",

    "{\"name\":\"node down\",\"kind\":\"object\",\"object\":\"gns3.node\",\"from\":\"started\","
    "\"when\":[\"status = stopped\",\"project.status = opened\",\"project.started_count > 0\"],"
    "\"for\":60000,\"inhibits\":true,"
    "\"summary\":\"Node {{labels.node}} of {{labels.project}} has stopped while its lab runs\"}",

    "{\"name\":\"node flapping\",\"kind\":\"event\",\"topic\":\"gns3.node.*\",\"count\":8,"
    "\"over\":900000,"
    "\"summary\":\"Node {{labels.node}} of {{labels.project}} stops again and again\"}",

    "{\"name\":\"link dead\",\"kind\":\"event\",\"topic\":\"traffic.link.dead\","
    "\"clear_topic\":\"traffic.link.alive\","
    "\"summary\":\"Link {{labels.link}} of {{labels.project}} is dead\","
    "\"description\":\"{{event}}\"}",

    "{\"name\":\"idle action failed\",\"kind\":\"event\",\"topic\":\"traffic.lab.failed\","
    "\"clear_topic\":\"traffic.lab.acted\",\"clear_after\":86400000,"
    "\"summary\":\"An idle lab could not be put to rest\",\"description\":\"{{event}}\"}",
};

static const char *const snapshot_rules[] = {
    "{\"name\":\"snapshot failed\",\"kind\":\"event\",\"topic\":\"snapshot.failed\","
    "\"clear_topic\":\"snapshot.taken\",\"clear_after\":86400000,"
    "\"summary\":\"A snapshot of {{labels.project}} failed\",\"description\":\"{{event}}\"}",

    "{\"name\":\"snapshot damaged\",\"kind\":\"event\",\"topic\":\"snapshot.damaged\","
    "\"clear_after\":86400000,\"severity\":\"critical\","
    "\"summary\":\"A snapshot of {{labels.project}} is damaged\",\"description\":\"{{event}}\"}",

    "{\"name\":\"snapshot drill failed\",\"kind\":\"event\",\"topic\":\"snapshot.drill.failed\","
    "\"clear_topic\":\"snapshot.drill.ok\",\"clear_after\":604800000,"
    "\"summary\":\"A snapshot of {{labels.project}} could not be restored in a "
    "drill\",\"description\":\"{{event}}\"}",

    "{\"name\":\"snapshot copy failed\",\"kind\":\"event\",\"topic\":\"snapshot.copy.failed\","
    "\"clear_topic\":\"snapshot.copied\",\"clear_after\":86400000,"
    "\"summary\":\"A snapshot of {{labels.project}} could not be "
    "copied\",\"description\":\"{{event}}\"}",

    "{\"name\":\"snapshot old\",\"kind\":\"threshold\",\"series\":\"snapshot.project\","
    "\"field\":\"age_s\",\"warning\":691200,\"for\":60000,"
    "\"summary\":\"{{labels.project}} on {{labels.server}} has had no good snapshot for over a "
    "week\"}",
};

static const char *const own_rules[] = {
    "{\"name\":\"instance failed\",\"kind\":\"event\",\"topic\":\"gnswatch.instance.failed\","
    "\"clear_topic\":[\"gnswatch.instance.recovered\",\"gnswatch.instance.started\","
    "\"gnswatch.instance.removed\"],"
    "\"summary\":\"gnswatch's {{labels.instance}} does not start\",\"description\":\"{{event}}\"}",

    "{\"name\":\"instance failing\",\"kind\":\"threshold\",\"series\":\"gnswatch.instance\","
    "\"field\":\"errors\",\"over\":300000,\"unit\":\"/s\",\"warning\":0.05,\"clear\":0.01,"
    "\"for\":60000,"
    "\"summary\":\"Callbacks of gnswatch's {{labels.instance}} keep failing\"}",

    "{\"name\":\"instance crashing\",\"kind\":\"event\",\"topic\":\"gnswatch.instance.crashed\","
    "\"count\":3,\"over\":600000,\"clear_after\":900000,"
    "\"clear_topic\":\"gnswatch.instance.removed\","
    "\"summary\":\"gnswatch's {{labels.instance}} crashes again and again\","
    "\"description\":\"{{event}}\"}",

    "{\"name\":\"instance late\",\"kind\":\"threshold\",\"series\":\"gnswatch.instance\","
    "\"field\":\"late\",\"over\":300000,\"unit\":\"/s\",\"warning\":0.1,\"clear\":0.02,"
    "\"for\":60000,\"summary\":\"gnswatch's {{labels.instance}} keeps being late\"}",

    "{\"name\":\"store disk full\",\"kind\":\"event\",\"topic\":\"store.disk.full\","
    "\"clear_topic\":\"store.disk.room\",\"severity\":\"critical\","
    "\"summary\":\"gnswatch has no room for its files\",\"description\":\"{{event}}\"}",

    "{\"name\":\"store failing\",\"kind\":\"event\",\"topic\":\"store.*.failing\","
    "\"clear_topic\":\"store.*.recovered\",\"severity\":\"critical\","
    "\"summary\":\"gnswatch cannot write its files\",\"description\":\"{{event}}\"}",

    "{\"name\":\"dead letters\",\"kind\":\"threshold\",\"series\":\"*.queue\",\"field\":\"dead\","
    "\"warning\":0,\"for\":60000,\"summary\":\"{{series.measurement}} holds {{value|number}} "
    "messages that could not be delivered\"}",

    "{\"name\":\"queue "
    "stuck\",\"kind\":\"threshold\",\"series\":\"*.queue\",\"field\":\"oldest_s\","
    "\"unit\":\"s\",\"warning\":1800,\"clear\":60,\"for\":60000,"
    "\"summary\":\"Messages in {{series.measurement}} have waited for over half an hour\"}",

    "{\"name\":\"notices waiting\",\"kind\":\"threshold\",\"series\":\"alert.notify\","
    "\"field\":\"waiting\",\"over\":600000,\"as\":\"min\",\"warning\":0,\"for\":60000,"
    "\"summary\":\"Notices to {{labels.receiver}} cannot be handed over\"}",
};

/* The machine gnswatch runs on, and nodes on it, as the system plugin tells. */
static const char *const machine_rules[] = {
    "{\"name\":\"node dead\",\"kind\":\"event\",\"topic\":\"system.node.dead\","
    "\"clear_topic\":[\"system.node.recovered\",\"gns3.node.deleted\"],"
    "\"severity\":\"critical\",\"inhibits\":true,"
    "\"summary\":\"Node {{labels.node}} of {{labels.project}} is dead, but shown as started\","
    "\"description\":\"{{event}}\"}",

    "{\"name\":\"node cut off\",\"kind\":\"event\",\"topic\":\"system.node.ubridge\","
    "\"clear_topic\":[\"system.node.recovered\",\"gns3.node.deleted\"],"
    "\"summary\":\"Links of {{labels.node}} of {{labels.project}} carry nothing\","
    "\"description\":\"{{event}}\"}",

    "{\"name\":\"orphaned processes\",\"kind\":\"event\",\"topic\":\"system.orphan\","
    "\"clear_topic\":\"system.orphan.gone\","
    "\"summary\":\"Processes of labs belong to no running node\","
    "\"description\":\"{{event}}\"}",

    "{\"name\":\"file system fills\",\"kind\":\"event\",\"topic\":\"system.filesystem.filling\","
    "\"clear_topic\":\"system.filesystem.ok\","
    "\"summary\":\"{{labels.filesystem}} will be full soon\",\"description\":\"{{event}}\"}",

    "{\"name\":\"file system full\",\"kind\":\"event\",\"topic\":\"system.filesystem.full\","
    "\"clear_topic\":\"system.filesystem.ok\",\"severity\":\"critical\","
    "\"summary\":\"{{labels.filesystem}} is full\",\"description\":\"{{event}}\"}",

    "{\"name\":\"file system read-only\",\"kind\":\"event\","
    "\"topic\":\"system.filesystem.readonly\",\"clear_topic\":\"system.filesystem.writable\","
    "\"severity\":\"critical\",\"summary\":\"{{labels.filesystem}} can no longer be written "
    "to\",\"description\":\"{{event}}\"}",

    "{\"name\":\"host memory high\",\"kind\":\"threshold\",\"series\":\"system.memory\","
    "\"field\":\"used_percent\",\"over\":60000,\"warning\":90,\"clear\":85,\"critical\":97,"
    "\"clear_critical\":94,\"for\":60000,"
    "\"summary\":\"Memory of gnswatch's machine is at {{value|number}} %\"}",

    "{\"name\":\"out of memory\",\"kind\":\"event\",\"topic\":\"system.oom\","
    "\"clear_after\":3600000,\"severity\":\"critical\","
    "\"summary\":\"The kernel has killed programs for want of memory\","
    "\"description\":\"{{event}}\"}",

    "{\"name\":\"temperature critical\",\"kind\":\"event\","
    "\"topic\":\"system.temperature.critical\",\"clear_topic\":\"system.temperature.ok\","
    "\"severity\":\"critical\",\"summary\":\"gnswatch's machine is too hot\","
    "\"description\":\"{{event}}\"}",
};

static void add(json_t *list, const char *const *rules, size_t count)
{
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_loads(rules[i], 0, NULL));
}

#define ADD(list, rules) add(list, rules, sizeof(rules) / sizeof(rules)[0])

json_t *defaults_json(void)
{
    json_t *list = json_array();
    ADD(list, server_rules);
    ADD(list, compute_rules);
    ADD(list, node_rules);
    ADD(list, snapshot_rules);
    ADD(list, machine_rules);
    ADD(list, own_rules);
    return list;
}
