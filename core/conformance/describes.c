/* Does it load, and are its tables good to read? What makes the host refuse a plugin is found by
 * the host's own check when it is loaded; here is what a person would miss. */
#include "conformance/conformance.h"

#include "conf/values.h"
#include "testing/inside.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void phase_loads(struct run *run, void *data)
{
    (void)data;
    const struct gw_descriptor *descriptor = run->descriptor;
    found_note(run, "%s %s, for plugin interface %u.%u", descriptor->name, descriptor->version,
               descriptor->abi_major, descriptor->abi_minor);
}

/* ---- Units (UCUM, case sensitive; ucum.org) ---- */

static bool is_atom(const char *text, size_t bytes)
{
    static const char *const atoms[] = {
        "1",  "%",      "s",      "min",   "h",     "d",     "wk",    "mo",     "a",
        "By", "bit",    "Cel",    "K",     "Hz",    "V",     "A",     "W",      "J",
        "Wh", "VA",     "Ohm",    "F",     "N",     "Pa",    "bar",   "m",      "g",
        "t",  "l",      "L",      "mol",   "cd",    "lm",    "lx",    "rad",    "deg",
        "B",  "dB",     "B[W]",   "B[mW]", "Bd",    "[ppm]", "[ppb]", "[degF]", "[pH]",
        "eV", "Bq",     "Gy",     "Sv",    "C",     "S",     "Wb",    "T",      "H",
        "u",  "[in_i]", "[ft_i]", "[psi]", "m[Hg]", "10*",   "10^",   "[rpm]",  "var"};
    for (size_t i = 0; i < sizeof(atoms) / sizeof(*atoms); i++) {
        if (strlen(atoms[i]) == bytes && memcmp(atoms[i], text, bytes) == 0)
            return true;
    }
    return false;
}

/* A prefix and an atom, with an exponent behind it. */
static bool is_unit(const char *text, size_t bytes)
{
    static const char *const prefixes[] = {"",  "k", "M", "G", "T",  "P",  "E",  "m",  "u", "n",
                                           "p", "c", "d", "h", "da", "Ki", "Mi", "Gi", "Ti"};
    while (bytes > 1 && isdigit((unsigned char)text[bytes - 1]) && !isdigit((unsigned char)text[0]))
        bytes--;
    while (bytes > 1 && strchr("+-", text[bytes - 1]))
        bytes--;
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
        size_t skip = strlen(prefixes[i]);
        if (skip < bytes && memcmp(text, prefixes[i], skip) == 0 &&
            is_atom(text + skip, bytes - skip))
            return true;
    }
    return false;
}

/* Terms between . and /, each a unit, a remark in braces, or both. */
static bool known_unit(const char *unit)
{
    while (*unit) {
        size_t bytes = strcspn(unit, "./{");
        if (bytes > 0 && !is_unit(unit, bytes))
            return false;
        unit += bytes;
        if (*unit == '{') {
            const char *end = strchr(unit, '}');
            if (!end)
                return false;
            unit = end + 1;
        }
        if (*unit && !strchr("./", *unit))
            return false;
        unit += *unit != '\0';
    }
    return true;
}

/* ---- Tables ---- */

static void check_help(struct run *run, const char *what, const char *name, const char *help)
{
    if (help && !isupper((unsigned char)help[0]) && !isdigit((unsigned char)help[0]))
        found_note(run, "%s '%s': its help does not begin like a sentence: \"%s\"", what, name,
                   help);
}

static bool sounds_secret(const char *name)
{
    return strstr(name, "password") || strstr(name, "secret") || strcmp(name, "token") == 0 ||
           strstr(name, "api_key");
}

static void check_table(struct run *run, const char *what, const struct gw_row *table, bool input)
{
    for (const struct gw_row *row = table; row && row->name; row++) {
        if (row->unit && !known_unit(row->unit))
            found_fault(run,
                        "%s '%s': '%s' is no unit of UCUM (\"s\", \"By\", \"%%\", \"1\", "
                        "\"{packet}/s\")",
                        what, row->name, row->unit);
        check_help(run, what, row->name, row->help);
        if (input && row->type == GW_STRING && sounds_secret(row->name))
            found_note(run, "%s '%s' sounds secret and is a GW_STRING: it is shown and logged",
                       what, row->name);
        check_table(run, what, row->rows, input);
    }
}

/* What `gnswatch describe --yaml` prints is a file that is right but for what is required. */
static void check_sample(struct run *run)
{
    struct buf sample;
    buf_init(&sample, 1 << 20);
    table_yaml(run->descriptor->options, 0, &sample);
    char *wrong = gwt_check(run->descriptor, sample.data ? sample.data : "");
    if (wrong && *wrong && !run->conf && !strstr(wrong, "required") && !strstr(wrong, "missing"))
        found_fault(run, "the sample file that `gnswatch describe --yaml` prints is refused:\n%s",
                    wrong);
    gw_free(wrong);
    buf_fini(&sample);
}

static bool check_series(void *data, const struct series_info *info)
{
    struct run *run = data;
    for (size_t i = 0; i < info->field_count; i++) {
        const struct gw_field *field = &info->fields[i];
        if (field->unit && !known_unit(field->unit))
            found_fault(run, "series %s, field '%s': '%s' is no unit of UCUM", info->measurement,
                        field->name, field->unit);
        if (!field->help || !*field->help)
            found_fault(run, "series %s, field '%s' has no help", info->measurement, field->name);
    }
    return true;
}

void phase_describes(struct run *run, void *data)
{
    (void)data;
    const struct gw_descriptor *d = run->descriptor;
    check_table(run, "option", d->options, true);
    for (const struct gw_kind *kind = d->kinds; kind && kind->name; kind++)
        check_table(run, kind->name, kind->fields, false);
    for (const struct gw_command *command = d->commands; command && command->name; command++) {
        check_help(run, "command", command->name, command->help);
        check_table(run, command->name, command->params, true);
        check_table(run, command->name, command->result, false);
    }
    for (const struct gw_page *page = d->pages; page && page->path; page++)
        check_table(run, page->path, page->params, true);
    check_sample(run);
    struct gwt *test = instance_started(run, run->yaml);
    if (!test)
        return;
    instance_use(run, test);
    metric_each(test->metric, check_series, run);
    gwt_free(test);
}
