/* prometheus_family.c - see prometheus_family.h. */
#include "prometheus_family.h"

#include <string.h>

enum { FAMILIES_MAX = 20000, KEEP_BYTES_MAX = 16 << 20 };

void prometheus_families_init(struct prometheus_families *families, struct reader *reader)
{
    *families = (struct prometheus_families){
        .reader = reader,
        .keep = {.max_bytes = KEEP_BYTES_MAX},
        .limit = {.what = "metric families", .max = FAMILIES_MAX},
    };
}

static void family_free(struct keep *keep, struct prometheus_family *family)
{
    keep_free_text(keep, family->name);
    keep_free_text(keep, family->help);
    keep_free_text(keep, family->unit);
    keep_free(keep, family, sizeof *family);
}

void prometheus_families_clear(struct prometheus_families *families)
{
    table_clear(&families->table);
    while (families->first) {
        struct prometheus_family *family = families->first;
        families->first = family->next;
        family_free(&families->keep, family);
    }
    families->limit.count = 0;
}

struct prometheus_family *prometheus_family(struct prometheus_families *families, const char *name)
{
    struct prometheus_family *family = table_find(&families->table, name);
    if (family || !limit_take(&families->limit, families->reader, name))
        return family;
    family = keep_new(&families->keep, sizeof *family);
    if (family)
        family->name = keep_text(&families->keep, name);
    if (family && family->name && table_add(&families->table, family)) {
        family->type = PROMETHEUS_UNTYPED;
        family->next = families->first;
        return families->first = family;
    }
    reader_error(families->reader, name, "no room to remember this family");
    if (family)
        family_free(&families->keep, family);
    families->limit.count--;
    return NULL;
}

static const struct {
    const char *suffix;
    unsigned types; /* bits of enum prometheus_type */
} suffixes[] = {
    {"bucket", 1U << PROMETHEUS_HISTOGRAM | 1U << PROMETHEUS_GAUGEHISTOGRAM},
    {"sum", 1U << PROMETHEUS_HISTOGRAM | 1U << PROMETHEUS_SUMMARY},
    {"count", 1U << PROMETHEUS_HISTOGRAM | 1U << PROMETHEUS_SUMMARY},
    {"total", 1U << PROMETHEUS_COUNTER},
    {"created", 1U << PROMETHEUS_COUNTER | 1U << PROMETHEUS_HISTOGRAM | 1U << PROMETHEUS_SUMMARY},
    {"info", 1U << PROMETHEUS_INFO},
    {"gsum", 1U << PROMETHEUS_GAUGEHISTOGRAM},
    {"gcount", 1U << PROMETHEUS_GAUGEHISTOGRAM},
};

struct prometheus_family *prometheus_family_of(struct prometheus_families *families, char *sample,
                                               const char **suffix)
{
    *suffix = "";
    struct prometheus_family *family = table_find(&families->table, sample);
    char *cut = strrchr(sample, '_');
    for (size_t i = 0; !family && cut && i < sizeof suffixes / sizeof *suffixes; i++) {
        if (strcmp(cut + 1, suffixes[i].suffix) != 0)
            continue;
        *cut = '\0';
        struct prometheus_family *base = table_find(&families->table, sample);
        *cut = '_';
        if (!base || !(suffixes[i].types & 1U << base->type))
            continue;
        *suffix = suffixes[i].suffix;
        return base;
    }
    return family ? family : prometheus_family(families, sample);
}

bool prometheus_type_read(const char *text, bool openmetrics, enum prometheus_type *type)
{
    static const struct {
        const char *name;
        enum prometheus_type type;
        bool text, openmetrics;
    } types[] = {
        {"counter", PROMETHEUS_COUNTER, true, true},
        {"gauge", PROMETHEUS_GAUGE, true, true},
        {"histogram", PROMETHEUS_HISTOGRAM, true, true},
        {"summary", PROMETHEUS_SUMMARY, true, true},
        {"untyped", PROMETHEUS_UNTYPED, true, false},
        {"unknown", PROMETHEUS_UNTYPED, true, true}, /* newer libraries write it in both */
        {"info", PROMETHEUS_INFO, false, true},
        {"stateset", PROMETHEUS_STATESET, false, true},
        {"gaugehistogram", PROMETHEUS_GAUGEHISTOGRAM, false, true},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].name, text) == 0 &&
            (openmetrics ? types[i].openmetrics : types[i].text)) {
            *type = types[i].type;
            return true;
        }
    }
    return false;
}
