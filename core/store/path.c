/* A component is at most 200 bytes; with its hash it stays well below a file name's 255. */
#include "store/path.h"

#include "base/map.h"

#include <inttypes.h>
#include <string.h>

enum { COMPONENT_MAX = 200 };

/* Control characters, and what shells, rrdtool (:) and other systems treat specially. */
static bool plain(unsigned char c)
{
    return c >= 32 && c != 127 && !strchr("/\\:*?\"'<>|`$&;~", c);
}

static bool ends_like_a_file(const char *text, size_t len)
{
    return len >= 4 && strcmp(text + len - 4, ".rrd") == 0;
}

static void add_component(struct buf *out, const char *value)
{
    size_t len = strlen(value);
    size_t keep = len > COMPONENT_MAX ? COMPONENT_MAX : len;
    bool changed =
        len == 0 || keep < len || ends_like_a_file(value, len) || strcmp(value, "-") == 0;
    while (keep < len && keep > 0 && ((unsigned char)value[keep] & 0xc0) == 0x80)
        keep--; /* not in the middle of a UTF-8 character */
    for (size_t i = 0; i < keep; i++) {
        bool edge = i == 0 || i + 1 == keep;
        bool fine = plain((unsigned char)value[i]) && !(edge && strchr(". ", value[i]));
        changed |= !fine;
        buf_addc(out, fine ? value[i] : '_');
    }
    if (changed)
        buf_printf(out, "~%08" PRIx32, (uint32_t)hash_bytes(value, len));
}

void path_of_series(const struct series_info *info, struct buf *out)
{
    buf_adds(out, "rrd/");
    buf_adds(out, info->measurement);
    buf_addc(out, '/');
    if (info->label_count == 0)
        buf_adds(out, "-");
    for (size_t i = 0; i < info->label_count; i++) {
        if (i)
            buf_addc(out, '/');
        add_component(out, info->labels[i].value);
    }
    buf_adds(out, ".rrd");
}
