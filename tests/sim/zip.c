/* zip - PKWARE APPNOTE 6.3, as little of it as an export needs. zlib does CRC-32 and reads the
 * deflated entries of archives made elsewhere. Must not know of HTTP. */
#include "zip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { ENTRIES_MAX = 4096, GNS3_FILE_MAX = 32 * 1024 * 1024, LOCAL_HEAD = 30 };

struct directory {
    struct buf bytes;
    unsigned entries;
};

static void put(struct buf *b, uint32_t v, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        uint8_t byte = (uint8_t)(v >> (8 * i));
        buf_add(b, &byte, 1);
    }
}

/* The fields a local header and a directory entry share. */
static void common(struct buf *b, uint32_t crc, size_t size, size_t name_len)
{
    put(b, 20, 2); /* version needed */
    put(b, 0, 2);  /* flags */
    put(b, 0, 2);  /* stored */
    put(b, 0x5d6b0000, 4);
    put(b, crc, 4);
    put(b, (uint32_t)size, 4);
    put(b, (uint32_t)size, 4);
    put(b, (uint32_t)name_len, 2);
    put(b, 0, 2);
}

static void add_entry(struct buf *out, struct directory *dir, const char *name, const void *data,
                      size_t size)
{
    if (dir->entries >= ENTRIES_MAX)
        return;
    uint32_t crc = (uint32_t)crc32(0, data, (uInt)size);
    size_t at = out->len, len = strlen(name);
    put(out, 0x04034b50, 4);
    common(out, crc, size, len);
    buf_add(out, name, len);
    buf_add(out, data, size);
    put(&dir->bytes, 0x02014b50, 4);
    put(&dir->bytes, 20, 2); /* made by */
    common(&dir->bytes, crc, size, len);
    put(&dir->bytes, 0, 2); /* comment */
    put(&dir->bytes, 0, 2); /* disk */
    put(&dir->bytes, 0, 2);
    put(&dir->bytes, 0, 4);
    put(&dir->bytes, (uint32_t)at, 4);
    buf_add(&dir->bytes, name, len);
    dir->entries++;
}

static void finish(struct buf *out, struct directory *dir)
{
    size_t at = out->len;
    buf_add(out, dir->bytes.data, dir->bytes.len);
    put(out, 0x06054b50, 4);
    put(out, 0, 4);
    put(out, dir->entries, 2);
    put(out, dir->entries, 2);
    put(out, (uint32_t)dir->bytes.len, 4);
    put(out, (uint32_t)at, 4);
    put(out, 0, 2);
    buf_free(&dir->bytes);
}

static json_t *gns3_file(struct project *p, const json_t *saved)
{
    json_t *topology = json_deep_copy(saved);
    json_object_set_new(topology, "computes", json_array());
    json_t *doc = json_deep_copy(p->doc);
    json_object_del(doc, "status");
    json_object_del(doc, "path");
    json_object_set_new(doc, "revision", json_integer(server_is(p->server, 3) ? 10 : 9));
    json_object_set_new(doc, "type", json_string("topology"));
    json_object_set_new(doc, "version", json_string(p->server->version));
    json_object_set_new(doc, "topology", topology);
    return doc;
}

static const char *text_of(const json_t *doc, const char *key)
{
    const char *text = json_string_value(json_object_get(doc, key));
    return text ? text : "";
}

static void add_node(struct buf *out, struct directory *dir, const json_t *node)
{
    char name[200], script[300];
    if (!json_is_string(json_object_get(node, "node_directory")))
        return; /* a switch: it has no files */
    snprintf(name, sizeof(name), "project-files/%.40s/%.40s/startup.vpc",
             text_of(node, "node_type"), text_of(node, "node_id"));
    int len = snprintf(script, sizeof(script), "set pcname %.200s\n", text_of(node, "name"));
    add_entry(out, dir, name, script, (size_t)len);
}

void zip_saved(struct buf *out, struct project *p, const json_t *saved, const char *without)
{
    struct directory dir = {0};
    json_t *doc = gns3_file(p, saved);
    char *text = json_dumps(doc, JSON_INDENT(4) | JSON_SORT_KEYS);
    json_decref(doc);
    if (text)
        add_entry(out, &dir, "project.gns3", text, strlen(text));
    free(text);
    size_t i;
    json_t *node;
    json_array_foreach(json_object_get(saved, "nodes"), i, node)
    {
        if (strcmp(text_of(node, "name"), without) != 0)
            add_node(out, &dir, node);
    }
    finish(out, &dir);
}

void zip_project(struct buf *out, struct project *p)
{
    json_t *saved = project_saved(p);
    zip_saved(out, p, saved, p->unreadable);
    json_decref(saved);
}

static uint32_t get(const uint8_t *p, int bytes)
{
    uint32_t v = 0;
    for (int i = bytes - 1; i >= 0; i--)
        v = v << 8 | p[i];
    return v;
}

static char *inflate_entry(const uint8_t *data, size_t len, size_t size)
{
    char *out = sim_alloc(size + 1);
    z_stream z = {.next_in = (Bytef *)(uintptr_t)data,
                  .avail_in = (uInt)len,
                  .next_out = (Bytef *)out,
                  .avail_out = (uInt)size};
    if (inflateInit2(&z, -MAX_WBITS) != Z_OK) {
        free(out);
        return NULL;
    }
    int rc = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    if (rc != Z_STREAM_END || z.total_out != size) {
        free(out);
        return NULL;
    }
    return out;
}

static json_t *entry_json(const uint8_t *data, size_t len, size_t size, unsigned method)
{
    if (method == 0)
        return json_loadb((const char *)data, len, 0, NULL);
    if (method != 8 || size > GNS3_FILE_MAX)
        return NULL;
    char *text = inflate_entry(data, len, size);
    json_t *doc = text ? json_loadb(text, size, 0, NULL) : NULL;
    free(text);
    return doc;
}

/* Position of the directory's first entry, or 0. */
static size_t find_directory(const uint8_t *p, size_t len, unsigned *entries)
{
    for (size_t back = 22; back <= len && back < 22 + 65536; back++) {
        const uint8_t *e = p + len - back;
        if (get(e, 4) == 0x06054b50) {
            *entries = get(e + 10, 2);
            size_t at = get(e + 16, 4);
            return at < len ? at : 0;
        }
    }
    return 0;
}

json_t *zip_read_project(const struct buf *zip)
{
    static const char want[] = "project.gns3";
    const uint8_t *p = (const uint8_t *)zip->data;
    unsigned entries = 0;
    if (zip->len < 22)
        return NULL;
    size_t at = find_directory(p, zip->len, &entries);
    for (unsigned i = 0; at && i < entries && at + 46 <= zip->len; i++) {
        const uint8_t *e = p + at;
        size_t name_len = get(e + 28, 2), packed = get(e + 20, 4), local = get(e + 42, 4);
        if (get(e, 4) != 0x02014b50 || at + 46 + name_len > zip->len)
            return NULL;
        if (name_len == sizeof(want) - 1 && memcmp(e + 46, want, name_len) == 0) {
            if (local + LOCAL_HEAD > zip->len)
                return NULL;
            size_t data = local + LOCAL_HEAD + get(p + local + 26, 2) + get(p + local + 28, 2);
            if (data + packed > zip->len)
                return NULL;
            return entry_json(p + data, packed, get(e + 24, 4), get(e + 10, 2));
        }
        at += 46 + name_len + get(e + 30, 2) + get(e + 32, 2);
    }
    return NULL;
}
