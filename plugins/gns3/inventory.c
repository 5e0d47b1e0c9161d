/* inventory.c - hands each answer to the file that knows the list, and walks lists. Knows nothing
 * of single things. */
#include "inventory.h"

#include "poll.h"
#include "scan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int list_read(struct list_reader *reader, const char *body, size_t bytes, char *why,
              size_t why_bytes)
{
    struct scan scan;
    if (scan_begin(&scan, body, bytes) < 0) {
        snprintf(why, why_bytes, "the answer is not a JSON list");
        return -EPROTO;
    }
    const char *element;
    size_t length, place = 0;
    int more;
    while ((more = scan_next(&scan, &element, &length)) == 1) {
        if (place == GNS3_ELEMENTS_MAX) {
            snprintf(why, why_bytes, "only the first %d elements of the list are taken",
                     GNS3_ELEMENTS_MAX);
            return 1;
        }
        uint64_t hash = XXH3_64bits(element, length) | 1; /* 0 is "unknown" */
        if (!reader->same(reader->data, hash, place)) {
            json_error_t error;
            json_t *json = json_loadb(element, length, 0, &error);
            if (!json || reader->apply(reader->data, json, hash, place) < 0) {
                if (reader->left_out++ == 0)
                    snprintf(why, why_bytes, "element %zu of the list is left out: %s", place + 1,
                             json ? "members are missing or of the wrong type" : error.text);
            }
            json_decref(json);
        }
        place++;
    }
    if (more < 0) {
        snprintf(why, why_bytes, "the answer is no JSON list at byte %zu of %zu",
                 scan_offset(&scan), bytes);
        return -EPROTO;
    }
    return 0;
}

static int inventory_dispatch(struct job *job, const char *body, size_t bytes, char *why,
                              size_t why_bytes)
{
    switch (job->kind) {
    case JOB_PROJECTS:
        return projects_read(job->server, body, bytes, why, why_bytes);
    case JOB_COMPUTES:
        return computes_read(job->server, body, bytes, why, why_bytes);
    case JOB_STATISTICS:
        return statistics_read(job->server, body, bytes, why, why_bytes);
    case JOB_TEMPLATES:
        return templates_read(job->server, body, bytes, why, why_bytes);
    case JOB_NODES:
        return nodes_read(job->project, body, bytes, why, why_bytes);
    case JOB_LINKS:
        return links_read(job->project, body, bytes, why, why_bytes);
    case JOB_SNAPSHOTS:
        return snapshots_read(job->project, body, bytes, why, why_bytes);
    case JOB_STATS:
        return project_stats(job->project, body, bytes, why, why_bytes);
    }
    return -EINVAL;
}

int inventory_read(struct job *job, const char *body, size_t bytes, char *why, size_t why_bytes)
{
    int error = inventory_dispatch(job, body, bytes, why, why_bytes);
    if (error >= 0 && *why) /* taken, but not all of it */
        gw_fail(job->server->gns3->self, -EPROTO, "server '%s'%s%s: %s", job->server->name,
                job->project ? ", project " : "", job->project ? job->project->name : "", why);
    if (error == -EPROTO) /* 200 and garbage: is it still GNS3 that answers? */
        client_unreadable(job->server->client, why);
    return error < 0 ? error : 0;
}

void inventory_same(struct job *job)
{
    if (job->kind == JOB_NODES)
        stops_read(job->project);
    if (job->kind == JOB_STATISTICS)
        for (size_t i = 0; i < job->server->compute_count; i++)
            if (job->server->computes[i]->statistics_ms)
                job->server->computes[i]->statistics_ms = gw_monotonic_ms(job->server->gns3->self);
}

void inventory_refused(struct job *job, const struct client_answer *answer)
{
    /* One dead compute makes 2.2 refuse the statistics of all: see which one it is. */
    if (job->kind == JOB_STATISTICS && answer->status == 409)
        job_soon(server_job(job->server, JOB_COMPUTES), 0);
    if (job->project && answer->status == 404)
        job_soon(server_job(job->server, JOB_PROJECTS), 0);
}
