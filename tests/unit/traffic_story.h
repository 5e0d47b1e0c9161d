/* traffic_story.h - the traffic plugin in its host, for its tests: GNS3's objects are the test's,
 * captures come through the pipes the plugin makes, time is the test's own. */
#ifndef TRAFFIC_STORY_H
#define TRAFFIC_STORY_H

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <gnswatch/testing.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct gw_descriptor gnswatch_plugin;

enum { SECOND = 1000, MINUTE = 60000, LABS = 2, FRAME = 98 };

struct lab {
    struct gwt *test;
    int pipes[LABS]; /* where a lab's link's capture is written to; -1 */
    size_t started, read, stopped;
    bool refuse; /* captures cannot be started */
};

__attribute__((unused)) static const char yaml[] = "captures: yes\nidle:\n  after: 10m\n";

__attribute__((unused)) static int on_capture(void *data, const char *params, char **reply)
{
    struct lab *lab = data;
    (void)params;
    if (lab->refuse)
        return -EBUSY;
    lab->started++;
    *reply = strdup("{\"capturing\":true,\"started\":true}");
    return 0;
}

__attribute__((unused)) static void write_all(int fd, const void *bytes, size_t count)
{
    assert_int_equal(write(fd, bytes, count), count);
}

__attribute__((unused)) static int on_read(void *data, const char *params, char **reply)
{
    static const uint8_t header[] = {0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0,
                                     0,    0,    0,    0,    0, 0, 4, 0, 1, 0, 0, 0};
    struct lab *lab = data;
    json_t *json = json_loads(params, 0, NULL);
    int place = json_string_value(json_object_get(json, "id"))[1] - '0';
    lab->pipes[place] = open(json_string_value(json_object_get(json, "path")), O_WRONLY);
    assert_true(lab->pipes[place] >= 0);
    write_all(lab->pipes[place], header, sizeof header);
    lab->read++;
    json_decref(json);
    *reply = strdup("{\"reading\":true}");
    return 0;
}

__attribute__((unused)) static int on_stop(void *data, const char *params, char **reply)
{
    struct lab *lab = data;
    (void)params;
    (void)reply;
    lab->stopped++;
    return 0;
}

__attribute__((unused)) static void put_link(struct gwt *test, int i, bool opened, bool capturing)
{
    char id[8], json[400];
    snprintf(id, sizeof id, "l%d", i);
    snprintf(json, sizeof json,
             "{\"server\":\"far\",\"project\":\"p%d\",\"link_id\":\"L%d\",\"name\":\"PC1 - PC2\","
             "\"status\":\"%s\",\"capturing\":%s,\"nodes\":[{\"node\":\"n%d0\","
             "\"adapter_number\":0,\"port_number\":0},{\"node\":\"n%d1\",\"adapter_number\":0,"
             "\"port_number\":0}]}",
             i, i, opened ? "up" : "closed", capturing ? "true" : "false", i, i);
    gwt_put(test, "gns3.link", id, json);
}

/* Two nodes and a link between them in each lab, on a server elsewhere. */
__attribute__((unused)) static void put_lab(struct gwt *test, int i, const char *status)
{
    char id[8], json[600];
    bool opened = strcmp(status, "opened") == 0;
    snprintf(id, sizeof id, "p%d", i);
    snprintf(json, sizeof json,
             "{\"server\":\"far\",\"project_id\":\"%s\",\"name\":\"lab%d\",\"status\":\"%s\","
             "\"path\":\"/x/%s\",\"node_count\":2,\"started_count\":2}",
             id, i, status, id);
    gwt_put(test, "gns3.project", id, json);
    for (int k = 0; k < 2; k++) {
        snprintf(
            json, sizeof json,
            "{\"server\":\"far\",\"project\":\"%s\",\"node_id\":\"%d-%d\",\"name\":\"PC%d\","
            "\"node_type\":\"vpcs\",\"compute_id\":\"local\",\"status\":\"%s\",\"console\":%d}",
            id, i, k, k + 1, opened ? "started" : "closed", 5000 + k);
        char node[8];
        snprintf(node, sizeof node, "n%d%d", i, k);
        gwt_put(test, "gns3.node", node, json);
    }
    put_link(test, i, opened, false);
}

__attribute__((unused)) static struct lab *begin(const char *file)
{
    struct lab *lab = calloc(1, sizeof *lab);
    assert_non_null(lab);
    struct gwt *test = lab->test = gwt_new(&gnswatch_plugin, file, 0);
    assert_non_null(test);
    lab->pipes[0] = lab->pipes[1] = -1;
    gwt_put(test, "gns3.server", "far",
            "{\"name\":\"far\",\"url\":\"http://gns3.invalid:3080\",\"status\":\"up\"}");
    for (int i = 0; i < LABS; i++)
        put_lab(test, i, "opened");
    gwt_offer(test, "gns3.link.capture", on_capture, lab);
    gwt_offer(test, "gns3.link.capture_read", on_read, lab);
    gwt_offer(test, "gns3.project.stop_all", on_stop, lab);
    assert_int_equal(gwt_start(test), 0);
    return lab;
}

__attribute__((unused)) static void end(struct lab *lab)
{
    gwt_stop(lab->test);
    for (int i = 0; i < LABS; i++)
        if (lab->pipes[i] >= 0)
            close(lab->pipes[i]);
    gwt_free(lab->test);
    free(lab);
}

__attribute__((unused)) static void put32(uint8_t *at, int64_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

/* A ping from one end of a lab's link to the other, stamped `ago_ms` before now. */
__attribute__((unused)) static void ping(struct lab *lab, int i, int from, int64_t ago_ms)
{
    uint8_t record[16 + FRAME] = {0};
    int64_t ms = gwt_now_ms(lab->test) - ago_ms;
    uint8_t *frame = record + 16;
    static const uint8_t head[] = {8, 0, 0x45, 0, 0, 84, 0, 0, 0, 0, 64, 1, 0, 0};
    put32(record, ms / 1000);
    put32(record + 4, ms % 1000 * 1000);
    put32(record + 8, FRAME);
    put32(record + 12, FRAME);
    frame[0] = frame[6] = 2;
    frame[5] = (uint8_t)(1 + (1 - from));
    frame[11] = (uint8_t)(1 + from);
    memcpy(frame + 12, head, sizeof head);
    frame[26] = frame[30] = 10;
    frame[29] = (uint8_t)(1 + from);
    frame[33] = (uint8_t)(1 + (1 - from));
    frame[34] = from ? 0 : 8;
    write_all(lab->pipes[i], record, sizeof record);
}

struct want {
    struct lab *lab;
    const char *kind, *id, *member, *value;
};

__attribute__((unused)) static bool is_so(void *data)
{
    const struct want *want = data;
    return strcmp(gwt_member(want->lab->test, want->kind, want->id, want->member), want->value) ==
           0;
}

__attribute__((unused)) static bool becomes(struct lab *lab, const char *kind, const char *id,
                                            const char *member, const char *value,
                                            int64_t within_ms)
{
    struct want want = {lab, kind, id, member, value};
    return gwt_run_until(lab->test, is_so, &want, within_ms);
}

__attribute__((unused)) static bool is_read(void *data)
{
    const struct lab *lab = data;
    return lab->read == LABS;
}

__attribute__((unused)) static struct lab *begin_reading(const char *file)
{
    struct lab *lab = begin(file);
    assert_true(gwt_run_until(lab->test, is_read, lab, MINUTE));
    gwt_run(lab->test, 4 * SECOND);
    return lab;
}

/* Both ends say something five times a second. */
__attribute__((unused)) static void pings(struct lab *lab, int i, int64_t for_ms)
{
    for (int64_t ms = 0; ms < for_ms; ms += 200) {
        ping(lab, i, 0, 0);
        ping(lab, i, 1, 0);
        gwt_run(lab->test, 200);
    }
}

#endif
