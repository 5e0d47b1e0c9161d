/* verify.c - see verify.h: reads the archive. What it is compared with is in verify_compare.c. */
#include "verify.h"

#include "verify_compare.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { BLOCK_BYTES = 128 * 1024, RATIO_MAX = 200 };
#define ALWAYS_FINE_BYTES ((int64_t)256 << 20) /* unpacked; beyond it the ratio counts */

struct reading {
    const struct verify_ask *ask;
    struct verify_result *result;
    struct archive *archive;
    json_t *files; /* {path: bytes} */
    char *gns3;
    size_t gns3_bytes;
};

void verify_note(json_t *texts, const char *format, ...)
{
    char text[300];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    size_t count = json_array_size(texts);
    if (count < VERIFY_TEXTS_MAX)
        json_array_append_new(texts, json_string(text));
    else if (count == VERIFY_TEXTS_MAX)
        json_array_append_new(texts, json_string("and more"));
}

/* ---- Entries --------------------------------------------------------------------------------- */

/* A name that would be written outside of the project's folder. */
static bool leads_out(const char *name)
{
    if (*name == '/' || strchr(name, '\\'))
        return true;
    for (const char *at = name; at; at = strchr(at, '/')) {
        at += *at == '/';
        size_t length = strcspn(at, "/");
        if (length == 2 && at[0] == '.' && at[1] == '.')
            return true;
    }
    return false;
}

static bool too_large(const struct reading *reading)
{
    const struct verify_result *result = reading->result;
    return result->bytes > ALWAYS_FINE_BYTES && result->bytes / RATIO_MAX > result->archive_bytes;
}

static bool keep_gns3(struct reading *reading, const void *block, size_t bytes)
{
    if (reading->gns3_bytes + bytes > VERIFY_GNS3_MAX)
        return false;
    char *grown = realloc(reading->gns3, reading->gns3_bytes + bytes + 1);
    if (!grown)
        return false;
    if (bytes > 0)
        memcpy(grown + reading->gns3_bytes, block, bytes);
    reading->gns3 = grown;
    reading->gns3_bytes += bytes;
    return true;
}

/* Reads all of an entry, so that its checksum is looked at. False: enough is known. */
static bool read_entry(struct reading *reading, const char *name, int64_t *size)
{
    struct verify_result *result = reading->result;
    bool is_gns3 = strcmp(name, "project.gns3") == 0;
    for (;;) {
        const void *block;
        size_t bytes;
        la_int64_t offset;
        int got = archive_read_data_block(reading->archive, &block, &bytes, &offset);
        if (got == ARCHIVE_EOF)
            return true;
        if (got < ARCHIVE_OK) {
            verify_note(result->missing, "%s cannot be read: %s", name,
                        archive_error_string(reading->archive));
            return got != ARCHIVE_FATAL;
        }
        *size += (int64_t)bytes;
        result->bytes += (int64_t)bytes;
        if (too_large(reading)) {
            verify_note(result->missing, "it unpacks to more than %d times its size", RATIO_MAX);
            return false;
        }
        if (is_gns3 && !keep_gns3(reading, block, bytes)) {
            verify_note(result->missing, "project.gns3 is larger than %d MiB",
                        VERIFY_GNS3_MAX / 1024 / 1024);
            return false;
        }
        if (reading->ask->cancel && atomic_load(reading->ask->cancel))
            return false;
    }
}

static bool take_entry(struct reading *reading, struct archive_entry *entry)
{
    struct verify_result *result = reading->result;
    const char *name = archive_entry_pathname_utf8(entry);
    if (!name || !*name || json_object_size(reading->files) >= VERIFY_ENTRIES_MAX) {
        verify_note(result->missing, "%s",
                    name && *name ? "it has too many entries" : "an entry has no readable name");
        return false;
    }
    const char *link = archive_entry_symlink(entry);
    if (leads_out(name) || (link && leads_out(link))) {
        verify_note(result->missing, "the entry '%.100s' leads out of the project's folder", name);
        return false;
    }
    if (archive_entry_filetype(entry) == AE_IFDIR)
        return true;
    int64_t size = 0;
    if (!read_entry(reading, name, &size))
        return false;
    result->file_count++;
    if (json_object_set_new(reading->files, name, json_integer(size)) < 0)
        verify_note(result->missing, "the name of an entry is no UTF-8");
    return true;
}

static void read_entries(struct reading *reading)
{
    for (;;) {
        struct archive_entry *entry;
        int got = archive_read_next_header(reading->archive, &entry);
        if (got == ARCHIVE_EOF)
            return;
        if (got < ARCHIVE_WARN) {
            verify_note(reading->result->missing, "it is damaged: %s",
                        archive_error_string(reading->archive));
            return;
        }
        if (!take_entry(reading, entry))
            return;
    }
}

/* Only the reader that starts from the directory at the end: a cut archive has none. */
static void read_archive(struct reading *reading)
{
    reading->archive = archive_read_new();
    if (!reading->archive) {
        verify_note(reading->result->missing, "out of memory");
        return;
    }
    archive_read_support_format_zip_seekable(reading->archive);
    if (archive_read_open_filename(reading->archive, reading->ask->path, BLOCK_BYTES) == ARCHIVE_OK)
        read_entries(reading);
    else
        verify_note(reading->result->missing, "it does not open: %s",
                    archive_error_string(reading->archive));
    archive_read_free(reading->archive);
}

/* ---- The whole ------------------------------------------------------------------------------- */

static void read_topology(struct reading *reading)
{
    struct verify_result *result = reading->result;
    json_error_t error;
    json_t *gns3 = reading->gns3 ? json_loadb(reading->gns3, reading->gns3_bytes, 0, &error) : NULL;
    const json_t *topology = json_object_get(gns3, "topology");
    if (!reading->gns3)
        verify_note(result->missing, "there is no project.gns3 in it");
    else if (!gns3)
        verify_note(result->missing, "project.gns3 is no JSON: %.100s", error.text);
    else if (!json_is_array(json_object_get(topology, "nodes")))
        verify_note(result->missing, "project.gns3 has no list of nodes");
    else
        verify_compare(result, topology, reading->files, reading->ask->expect);
    json_decref(gns3);
}

static void sum_up(struct verify_result *result)
{
    result->ok = json_array_size(result->missing) == 0;
    const json_t *first = json_array_get(result->ok ? result->warnings : result->missing, 0);
    if (result->ok)
        snprintf(result->text, sizeof result->text,
                 "%lld nodes and %lld files are all there%s%.250s", (long long)result->node_count,
                 (long long)result->file_count, first ? "; " : "",
                 first ? json_string_value(first) : "");
    else
        snprintf(result->text, sizeof result->text, "%.350s", json_string_value(first));
}

int verify_archive(const struct verify_ask *ask, struct verify_result *result)
{
    struct stat about;
    *result = (struct verify_result){0};
    if (stat(ask->path, &about) < 0)
        return -errno;
    *result = (struct verify_result){.missing = json_array(),
                                     .warnings = json_array(),
                                     .nodes = json_array(),
                                     .list = json_object(),
                                     .archive_bytes = about.st_size};
    struct reading reading = {.ask = ask, .result = result, .files = json_object()};
    if (!result->missing || !result->warnings || !result->nodes || !result->list ||
        !reading.files) {
        json_decref(reading.files);
        return -ENOMEM;
    }
    read_archive(&reading);
    bool cancelled = ask->cancel && atomic_load(ask->cancel);
    if (!cancelled && json_array_size(result->missing) == 0)
        read_topology(&reading);
    sum_up(result);
    json_decref(reading.files);
    free(reading.gns3);
    return cancelled ? -ECANCELED : 0;
}

void verify_fini(struct verify_result *result)
{
    json_decref(result->missing);
    json_decref(result->warnings);
    json_decref(result->nodes);
    json_decref(result->list);
    *result = (struct verify_result){0};
}
