/* What a GNS3 server may answer: the first byte says which list the rest stands for, or that it is
 * a message of a feed. Whatever it is, the plugin goes on, its documents are JSON and its handles
 * alive (the lab aborts otherwise), and once the lists are sound again so are the objects. */
#include "fuzz.h"
#include "gns3_story.h"

#include "gns3/scan.h"

static const char *const paths[] = {
    "/projects",
    "/computes",
    "/statistics",
    "/templates",
    "/projects/" P "/nodes",
    "/projects/" P "/links",
    "/projects/" P "/snapshots",
    "/projects/" P "/stats",
};
static const char *const actions[] = {
    "node.updated", "node.created",    "node.deleted",    "link.updated",      "link.deleted",
    "log.error",    "compute.updated", "project.updated", "snapshot.restored",
};
enum { PATHS = sizeof paths / sizeof *paths, ACTIONS = sizeof actions / sizeof *actions };

/* What the splitter gives is inside the text and in order. */
static void check_scan(const char *text)
{
    struct scan scan;
    const char *element, *end = text;
    size_t bytes, length = strlen(text);
    if (scan_begin(&scan, text, length) < 0)
        return;
    while (scan_next(&scan, &element, &bytes) == 1) {
        fuzz_check(element >= end && bytes > 0 && element + bytes <= text + length);
        end = element + bytes;
    }
}

static void check_sound(struct lab *lab)
{
    json_t *node = lab_object(lab, "gns3.node", N1);
    const char *name = json_string_value(json_object_get(node, "name"));
    fuzz_check(name && strcmp(name, "PC1") == 0);
    json_decref(node);
    json_t *link = lab_object(lab, "gns3.link", L1);
    fuzz_check(link);
    json_decref(link);
    fuzz_check(lab_objects(lab, "gns3.node") == 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 20000)
        return 0;
    char *text = fuzz_text(data + 1, size - 1);
    check_scan(text);
    struct lab *lab = lab_new("lab", true);
    story_begin(lab, "lab");
    size_t which = data[0] % (PATHS + ACTIONS);
    if (which < PATHS)
        lab_answer(lab, "lab", "GET", paths[which], 200, text);
    else
        lab_feed(lab, "lab", which == 14 || which == 15 ? NULL : P, actions[which - PATHS], text);
    if (which < PATHS)
        lab_call(lab, "gns3.server.sync", "{\"id\":\"lab\"}", NULL);
    if (which != 0 && (which < 4 || which > 5)) { /* an unsound list of things may hold new ones */
        lab_free(lab);
        free(text);
        return 0;
    }
    story_begin(lab, "lab");
    for (int i = 0; i < 3; i++)
        lab_call(lab, "gns3.server.sync", "{\"id\":\"lab\"}", NULL);
    check_sound(lab);
    lab_free(lab);
    free(text);
    return 0;
}
