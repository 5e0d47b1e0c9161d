/* family.c - see family.h. */
#include "family.h"

#include "accept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const type_names[] = {
    [FAMILY_GAUGE] = "gauge", [FAMILY_COUNTER] = "counter", [FAMILY_HISTOGRAM] = "histogram"};

static void family_free(struct family *family)
{
    if (!family)
        return;
    bytes_fini(&family->head[0]);
    bytes_fini(&family->head[1]);
    free(family->name);
    free(family->owner);
    free(family->help);
    free(family->blocks);
    free(family);
}

void families_free(struct shapes *shapes)
{
    for (size_t i = 0; i < shapes->family_count; i++)
        family_free(shapes->families[i]);
    free(shapes->families);
}

/* "# HELP name " and what follows. */
static void head_line(struct bytes *out, const char *what, const struct family *family,
                      const char *suffix)
{
    bytes_text(out, "# ");
    bytes_text(out, what);
    bytes_text(out, " ");
    bytes_text(out, family->name);
    bytes_text(out, suffix);
    bytes_text(out, " ");
}

static void make_head(struct family *family, enum format format)
{
    struct bytes *out = &family->head[format - 1];
    bool open = format == FORMAT_OPENMETRICS;
    /* OpenMetrics has the family's name here, the older format that of the samples. */
    const char *suffix = family->type == FAMILY_COUNTER && !open ? "_total" : "";
    head_line(out, "HELP", family, suffix);
    help_text(out, family->help, open);
    bytes_text(out, "\n");
    head_line(out, "TYPE", family, suffix);
    bytes_text(out, type_names[family->type]);
    bytes_text(out, "\n");
    if (open && *family->unit) {
        head_line(out, "UNIT", family, "");
        bytes_text(out, family->unit);
        bytes_text(out, "\n");
    }
}

static struct family *family_new(const char *owner, const struct naming *naming,
                                 enum family_type type, const char *help)
{
    struct family *family = calloc(1, sizeof *family);
    if (!family)
        return NULL;
    family->type = type;
    family->name = strdup(naming->name);
    family->owner = strdup(owner);
    family->help = strdup(help && *help ? help : owner);
    snprintf(family->unit, sizeof family->unit, "%s", naming->unit ? naming->unit : "");
    if (family->name && family->owner && family->help) {
        make_head(family, FORMAT_TEXT);
        make_head(family, FORMAT_OPENMETRICS);
        if (!family->head[0].failed && !family->head[1].failed)
            return family;
    }
    family_free(family);
    return NULL;
}

/* Where a name is, or would be. */
static size_t place_of(const struct shapes *shapes, const char *name)
{
    size_t low = 0, high = shapes->family_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(shapes->families[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int family_insert(struct shapes *shapes, size_t at, struct family *family)
{
    if (shapes->family_count == shapes->family_space) {
        size_t space = shapes->family_space * 2 + 64;
        struct family **grown = realloc(shapes->families, space * sizeof *grown);
        if (!grown)
            return -1;
        shapes->families = grown;
        shapes->family_space = space;
    }
    memmove(shapes->families + at + 1, shapes->families + at,
            (shapes->family_count - at) * sizeof *shapes->families);
    shapes->families[at] = family;
    shapes->family_count++;
    return 0;
}

/* a_b_c is a_b_c_2 for the second who wants it; the unit stays at the end. */
static void name_again(struct naming *out, const struct naming *naming, unsigned number)
{
    size_t length = strlen(naming->name), unit = naming->unit ? strlen(naming->unit) + 1 : 0;
    *out = *naming;
    snprintf(out->name, sizeof out->name, "%.*s_%u%s", (int)(length - unit), naming->name, number,
             naming->name + length - unit);
    out->unit = naming->unit ? out->name + strlen(out->name) - (unit - 1) : NULL;
}

struct family *family_get(struct shapes *shapes, const char *owner, const struct naming *naming,
                          enum family_type type, const char *help)
{
    struct naming tried;
    for (unsigned number = 1;; number++) {
        const struct naming *now = naming;
        if (number > 1) {
            name_again(&tried, naming, number);
            now = &tried;
        }
        size_t at = place_of(shapes, now->name);
        struct family *there = at < shapes->family_count ? shapes->families[at] : NULL;
        if (!there || strcmp(there->name, now->name) != 0) {
            struct family *family = family_new(owner, now, type, help);
            if (family && family_insert(shapes, at, family)) {
                family_free(family);
                family = NULL;
            }
            return family;
        }
        if (strcmp(there->owner, owner) == 0 && there->type == type)
            return there;
    }
}
