/* Options at their limits and beyond: the host refuses what the tables do not allow; with what they
 * allow the plugin must live, or refuse to start with a sentence. */
#include "conformance/conformance.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEP_MS = 10000 };

/* The file without the lines of one option; the caller frees. */
static char *without(const char *yaml, const char *option)
{
    struct buf out;
    bool dropping = false;
    size_t length = strlen(option);
    buf_init(&out, 1 << 20);
    buf_adds(&out, "# changed\n");
    for (const char *line = yaml; *line;) {
        size_t bytes = strcspn(line, "\n");
        if (bytes > 0 && !strchr(" \t#-]}", line[0]))
            dropping = strncmp(line, option, length) == 0 && line[length] == ':';
        if (!dropping) {
            buf_add(&out, line, bytes);
            buf_addc(&out, '\n');
        }
        line += bytes + (line[bytes] == '\n');
    }
    char *text = buf_take(&out);
    buf_fini(&out);
    return text;
}

/* A life with this file. Whether it starts is its own affair. */
static void live_once(struct run *run, void *data)
{
    struct gwt *test = gwt_new(run->descriptor, data, 0);
    if (test && gwt_start(test) >= 0)
        gwt_run(test, 2 * instance_every_ms(run) + 1);
    gwt_free(test);
}

struct tries {
    long lives, refused;
    int64_t until_ms;
};

static void try_value(struct run *run, const struct gw_row *option, const char *value,
                      struct tries *tries)
{
    char *rest = without(run->yaml, option->name), *yaml = NULL, *wrong = NULL;
    if (rest && asprintf(&yaml, "%s%s: %s\n", rest, option->name, value) >= 0 &&
        (wrong = gwt_check(run->descriptor, yaml)) != NULL) {
        char what[160];
        snprintf(what, sizeof(what), "%s: %.80s%s", option->name, value,
                 strlen(value) > 80 ? "…" : "");
        tries->refused += *wrong != '\0';
        if (!*wrong && clock_monotonic_ms(clock_system()) < tries->until_ms) {
            tries->lives++;
            step_run(run, what, live_once, yaml, STEP_MS);
        }
    }
    free(wrong);
    free(yaml);
    free(rest);
}

/* Within a table: a good one in which one member is strange. */
static void try_member(struct run *run, const struct gw_row *option, const struct gw_row *member,
                       const char *value, struct tries *tries)
{
    struct buf out;
    bool list = option->type == GW_TABLES;
    buf_init(&out, 1 << 20);
    buf_adds(&out, list ? "[{" : "{");
    for (const struct gw_row *row = option->rows; row->name; row++) {
        if (row == member || !(row->flags & GW_REQUIRED))
            continue;
        buf_json_string(&out, row->name);
        buf_addc(&out, ':');
        made_up_value(run, row, &out);
        buf_addc(&out, ',');
    }
    buf_json_string(&out, member->name);
    buf_printf(&out, ": %s%s", value, list ? "}]" : "}");
    try_value(run, option, out.data, tries);
    buf_fini(&out);
}

static void try_option(struct run *run, const struct gw_row *option, struct tries *tries)
{
    struct buf good;
    buf_init(&good, 1 << 20);
    for (int i = 0; i < 4; i++) {
        buf_clear(&good);
        made_up_value(run, option, &good);
        try_value(run, option, good.data, tries);
    }
    buf_fini(&good);
    const char *value;
    for (size_t i = 0; (value = made_up_strange(i)); i++) {
        try_value(run, option, value, tries);
        if (option->type != GW_TABLE && option->type != GW_TABLES)
            continue;
        for (const struct gw_row *member = option->rows; member->name; member++)
            try_member(run, option, member, value, tries);
    }
}

void phase_options(struct run *run, void *data)
{
    (void)data;
    struct tries tries = {.until_ms = clock_monotonic_ms(clock_system()) + run_budget_ms(run)};
    for (const struct gw_row *row = run->descriptor->options; row && row->name; row++) {
        if (run->findings->faults_found < 5)
            try_option(run, row, &tries);
    }
    found_note(run, "%ld files refused by the tables, %ld lived through", tries.refused,
               tries.lives);
}
