/* What a list of 100 nodes costs us once it is here, in ns of CPU a node: unchanged, one node
 * changed, all changed; beside the bounds: hashing the bytes, and a parser that parses all.
 *
 *   bench_gns3_lists [ROUNDS]
 *
 * The host here is the tests' (gns3_lab.h), which only counts the documents. */
#include "gns3_lab.h"

#include "gns3/inventory.h"
#include "gns3/poll.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NODES = 100 };

static double cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* As 2.2 writes a VPCS, indented. `changed`: nodes up to this have another console. */
static void make_list(struct text *list, int changed, int round)
{
    text_clear(list);
    text_puts(list, "[\n");
    for (int i = 0; i < NODES; i++) {
        int console = 5000 + i + (i < changed ? 1000 * (1 + round % 2) : 0);
        text_format(list,
                    "    {\n        \"command_line\": \"/usr/bin/vpcs -p %d -m %d -i 1 -F -R\",\n"
                    "        \"compute_id\": \"local\",\n        \"console\": %d,\n"
                    "        \"console_auto_start\": false,\n"
                    "        \"console_host\": \"127.0.0.1\",\n"
                    "        \"console_type\": \"telnet\",\n        \"custom_adapters\": [],\n"
                    "        \"first_port_name\": null,\n        \"height\": 59,\n",
                    console, i, console);
        text_format(
            list,
            "        \"label\": {\n            \"rotation\": 0,\n"
            "            \"style\": null,\n            \"text\": \"PC%d\",\n"
            "            \"x\": null,\n            \"y\": -40\n        },\n"
            "        \"locked\": false,\n        \"name\": \"PC%d\",\n"
            "        \"node_directory\": \"/opt/gns3/projects/p/project-files/vpcs/n-%d\",\n"
            "        \"node_id\": \"n-%d\",\n        \"node_type\": \"vpcs\",\n",
            i, i, i, i);
        text_format(
            list, "        \"port_name_format\": \"Ethernet{0}\",\n"
                  "        \"port_segment_size\": 0,\n        \"ports\": [\n            {\n"
                  "                \"adapter_number\": 0,\n"
                  "                \"data_link_types\": {\n"
                  "                    \"Ethernet\": \"DLT_EN10MB\"\n                },\n"
                  "                \"link_type\": \"ethernet\",\n"
                  "                \"name\": \"Ethernet0\",\n                \"port_number\": 0,\n"
                  "                \"short_name\": \"e0\"\n            }\n        ],\n");
        text_format(list,
                    "        \"project_id\": \"p\",\n        \"properties\": {},\n"
                    "        \"status\": \"started\",\n"
                    "        \"symbol\": \":/symbols/computer.svg\",\n"
                    "        \"template_id\": null,\n        \"width\": 65,\n"
                    "        \"x\": %d,\n        \"y\": 0,\n        \"z\": 1\n    }%s\n",
                    i, i + 1 < NODES ? "," : "");
    }
    text_puts(list, "]\n");
}

struct world {
    struct lab *lab;
    struct project *project;
    struct text list;
};

static void world_read(struct world *world)
{
    char why[600] = "";
    struct job *job = project_job(world->project, JOB_NODES);
    XXH128_hash_t body = XXH3_128bits(world->list.data, world->list.length);
    if (job->body_known && XXH128_isEqual(body, job->body)) {
        inventory_same(job);
        return;
    }
    job->body = body;
    job->body_known = true;
    if (inventory_read(job, world->list.data, world->list.length, why, sizeof why) < 0) {
        fprintf(stderr, "%s\n", why);
        exit(1);
    }
}

static double read_changed(struct world *world, int changed, int rounds)
{
    double spent = 0;
    for (int i = -2; i < rounds; i++) {
        make_list(&world->list, changed, i + 2);
        double before = cpu_ns();
        world_read(world);
        if (i >= 0)
            spent += cpu_ns() - before;
    }
    return spent / rounds / NODES;
}

static double bound_hash(const struct world *world, int rounds)
{
    volatile uint64_t sink = 0;
    double before = cpu_ns();
    for (int i = 0; i < rounds; i++)
        sink += XXH3_128bits(world->list.data, world->list.length).low64;
    (void)sink;
    return (cpu_ns() - before) / rounds / NODES;
}

static double bound_parser(const struct world *world, int rounds)
{
    double before = cpu_ns();
    for (int i = 0; i < rounds; i++)
        json_decref(json_loadb(world->list.data, world->list.length, 0, NULL));
    return (cpu_ns() - before) / rounds / NODES;
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 500;
    struct world world = {.lab = lab_new("lab", false)};
    if (rounds < 1)
        return 2;
    lab_answer(world.lab, "lab", "GET", "/projects", 200,
               "[{\"name\":\"p\",\"project_id\":\"p\",\"status\":\"opened\"}]");
    lab_run(world.lab, 100);
    lab_trust(world.lab);
    world.project = project_of(lab_gns3(world.lab)->servers[0], "p");
    double all = read_changed(&world, NODES, rounds);
    double one = read_changed(&world, 1, rounds);
    double same = read_changed(&world, 0, rounds);
    double hash = bound_hash(&world, rounds), parser = bound_parser(&world, rounds);
    printf("list of %d nodes, %zu bytes; ns of CPU a node\n", NODES, world.list.length);
    printf("  unchanged        %8.0f   bound, hashing the bytes    %8.0f   ratio %.2f\n", same,
           hash, same / hash);
    printf("  one changed      %8.0f   a parser that parses all    %8.0f   ratio %.2f\n", one,
           parser, one / parser);
    printf("  all changed      %8.0f   a parser that parses all    %8.0f   ratio %.2f\n", all,
           parser, all / parser);
    text_fini(&world.list);
    lab_free(world.lab);
    return 0;
}
