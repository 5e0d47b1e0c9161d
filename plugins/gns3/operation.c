/* operation.c - see operation.h. Counters live here, since a counter's row needs all of them. */
#include "operation.h"

#include <stdlib.h>
#include <string.h>

enum { OP_COUNT, OP_FAILED, OP_SECONDS, OP_BUCKETS };

static const struct gw_field operation_fields[] = {
    {"count", GW_COUNTER, "1", "Commands that ended"},
    {"failed", GW_COUNTER, "1", "Of these, those that were refused or failed"},
    {"seconds", GW_COUNTER, "s", "Time they took together"},
    {"le_250ms", GW_COUNTER, "1", "Took at most 250 ms"},
    {"le_1s", GW_COUNTER, "1", "Took at most 1 s"},
    {"le_5s", GW_COUNTER, "1", "Took at most 5 s"},
    {"le_10s", GW_COUNTER, "1", "Took at most 10 s"},
    {"le_30s", GW_COUNTER, "1", "Took at most 30 s"},
    {"le_60s", GW_COUNTER, "1", "Took at most 60 s"},
    {"le_300s", GW_COUNTER, "1", "Took at most 300 s"},
    {"le_inf", GW_COUNTER, "1", "All of them"},
    {0},
};

static const int64_t limits_ms[] = {250, 1000, 5000, 10000, 30000, 60000, 300000, INT64_MAX};

enum { BUCKETS = sizeof limits_ms / sizeof limits_ms[0] };

struct operation {
    struct operation *next;
    struct gw_series *series;
    double row[OP_BUCKETS + BUCKETS];
    char name[]; /* of the command */
};

static struct operation *operation_get(struct server *server, const char *command)
{
    for (struct operation *at = server->operations; at; at = at->next)
        if (strcmp(at->name, command) == 0)
            return at;
    size_t bytes = strlen(command) + 1;
    struct operation *operation = calloc(1, sizeof *operation + bytes);
    if (!operation)
        return NULL;
    memcpy(operation->name, command, bytes);
    const struct gw_label labels[] = {
        {"server", server->name}, {"operation", operation->name}, {0}};
    operation->series =
        gw_series_get(server->gns3->self, "gns3.operation", labels, operation_fields, 0);
    /* A rate needs a row before the first end. */
    gw_set(operation->series, operation->row);
    operation->next = server->operations;
    server->operations = operation;
    return operation;
}

void operation_note(struct server *server, const char *command, int64_t took_ms, bool done)
{
    struct operation *operation = operation_get(server, command);
    if (!operation)
        return;
    operation->row[OP_COUNT]++;
    operation->row[OP_FAILED] += !done;
    operation->row[OP_SECONDS] += (double)took_ms / 1000;
    for (int i = 0; i < BUCKETS; i++)
        operation->row[OP_BUCKETS + i] += took_ms <= limits_ms[i];
}

void operation_tick(struct server *server)
{
    for (struct operation *at = server->operations; at; at = at->next)
        gw_set(at->series, at->row);
}

void operation_free_all(struct server *server)
{
    while (server->operations) {
        struct operation *next = server->operations->next;
        free(server->operations);
        server->operations = next;
    }
}
