/* What was found, for people and for machines. */
#include "conformance/conformance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool passed(const struct verdict *verdict)
{
    return !verdict->skipped && verdict->findings.faults_found == 0;
}

/* Each line of it, indented. */
static void print_lines(const char *mark, const char *text)
{
    for (const char *line = text; *line;) {
        size_t bytes = strcspn(line, "\n");
        printf("        %s%.*s\n", line == text ? mark : "  ", (int)bytes, line);
        line += bytes + (line[bytes] == '\n');
    }
}

static void print_text(const struct verdict *verdict)
{
    const struct findings *f = &verdict->findings;
    printf("  %s  %s",
           verdict->skipped  ? "-   "
           : passed(verdict) ? "ok  "
                             : "FAIL",
           verdict->phase->title);
    if (!verdict->skipped)
        printf(" (%.1f s)", (double)verdict->took_ms / 1000);
    putchar('\n');
    for (size_t at = 0; at < f->fault_bytes; at += strlen(f->faults + at) + 1)
        print_lines("", f->faults + at);
    if (f->faults_found > FAULTS_MAX)
        printf("        and %d more\n", f->faults_found - FAULTS_MAX);
    for (size_t at = 0; at < f->note_bytes; at += strlen(f->notes + at) + 1)
        print_lines("note: ", f->notes + at);
}

static void add_list(const char *name, const char *list, size_t bytes, struct buf *out)
{
    buf_printf(out, ",\"%s\":[", name);
    for (size_t at = 0; at < bytes; at += strlen(list + at) + 1) {
        if (at)
            buf_addc(out, ',');
        buf_json_string(out, list + at);
    }
    buf_addc(out, ']');
}

static void add_json(const struct verdict *verdict, struct buf *out)
{
    const struct findings *f = &verdict->findings;
    buf_adds(out, "{\"name\":");
    buf_json_string(out, verdict->phase->name);
    buf_adds(out, ",\"title\":");
    buf_json_string(out, verdict->phase->title);
    buf_printf(out, ",\"result\":\"%s\",\"took_ms\":%lld",
               verdict->skipped  ? "skipped"
               : passed(verdict) ? "passed"
                                 : "failed",
               (long long)verdict->took_ms);
    add_list("faults", f->faults, f->fault_bytes, out);
    add_list("notes", f->notes, f->note_bytes, out);
    buf_addc(out, '}');
}

static void print_json(const struct run *run, const struct verdict *verdicts, size_t count,
                       bool good)
{
    struct buf out;
    buf_init(&out, 8 << 20);
    buf_adds(&out, "{\"plugin\":");
    buf_json_string(&out, run->name);
    buf_adds(&out, ",\"file\":");
    buf_json_string(&out, run->path);
    buf_printf(&out, ",\"passed\":%s,\"cycles\":%d,\"phases\":[", good ? "true" : "false",
               run->cycles);
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_addc(&out, ',');
        add_json(&verdicts[i], &out);
    }
    buf_adds(&out, "]}");
    puts(out.data ? out.data : "{}");
    buf_fini(&out);
}

bool report(const struct run *run, const struct verdict *verdicts, size_t count, bool json)
{
    size_t good = 0;
    for (size_t i = 0; i < count; i++)
        good += passed(&verdicts[i]);
    if (json) {
        print_json(run, verdicts, count, good == count);
        return good == count;
    }
    printf("%s%s\n", run->path, run->sanitized ? " (with AddressSanitizer)" : "");
    for (size_t i = 0; i < count; i++)
        print_text(&verdicts[i]);
    printf(good == count ? "All %zu passed.\n" : "%zu of %zu passed.\n", good, count);
    return good == count;
}
