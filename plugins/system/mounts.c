/* mounts.c - see mounts.h. */
#include "mounts.h"

#include "file.h"

#include <string.h>

static bool is_octal(const char *at)
{
    return at[0] >= '0' && at[0] <= '3' && at[1] >= '0' && at[1] <= '7' && at[2] >= '0' &&
           at[2] <= '7';
}

/* "\040" is a space. */
static void undo_escapes(char *text)
{
    char *to = text;
    for (const char *from = text; *from; to++) {
        if (*from == '\\' && is_octal(from + 1)) {
            *to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
            from += 4;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
}

static bool says_read_only(const char *options)
{
    return strcmp(options, "ro") == 0 || strncmp(options, "ro,", 3) == 0;
}

static bool fits(const char **at, char *out, size_t size)
{
    return text_word(at, out, size) && strlen(out) < size - 1;
}

bool mount_read(const char *line, struct mount *mount)
{
    char word[1024], options[8];
    *mount = (struct mount){0};
    for (int i = 0; i < 2; i++)
        if (!text_word(&line, word, sizeof word))
            return false;
    if (!fits(&line, mount->device, sizeof mount->device) || !text_word(&line, word, sizeof word) ||
        !fits(&line, mount->path, sizeof mount->path) || !text_word(&line, options, sizeof options))
        return false;
    mount->read_only = says_read_only(options);
    while (text_word(&line, word, sizeof word) && strcmp(word, "-") != 0)
        continue;
    if (!text_word(&line, mount->type, sizeof mount->type) ||
        !text_word(&line, mount->source, sizeof mount->source))
        return false;
    if (text_word(&line, options, sizeof options) && says_read_only(options))
        mount->read_only = true;
    undo_escapes(mount->path);
    undo_escapes(mount->source);
    return true;
}
