/* file.h - files of /proc and /sys that are read again and again: kept open, read from their
 * beginning, into one buffer that grows as far as it must. Bounded; knows nothing of plugins. */
#ifndef SYSTEM_FILE_H
#define SYSTEM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PATH_MAX_BYTES = 512, TEXT_MIN = 16 * 1024, TEXT_MAX = 4 * 1024 * 1024 };

/* Where the machine's own /proc, /sys and / are; in a container they may be mounted elsewhere. */
struct roots {
    char proc[256], sys[256], root[256]; /* root: "" is / */
};

struct file {
    char path[PATH_MAX_BYTES];
    int fd;           /* -1: not open */
    int64_t retry_ms; /* monotonic: one that is not there is looked for again then */
};

struct buffer {
    char *text; /* owned */
    size_t room;
};

void file_init(struct file *file, const char *root, const char *name);
/* What is below net/ is the network of who asks; of a /proc elsewhere it is that of its process 1,
 * where that may be seen. */
void file_init_net(struct file *file, const struct roots *roots, const char *name);
void file_fini(struct file *file);
/* The whole text, ended by NUL, in buffer->text; how many bytes, or a negative errno (-EFBIG: more
 * than TEXT_MAX; -ENOENT also while a missing one is not looked for). */
long file_read(struct file *file, struct buffer *buffer, int64_t now_ms);
void buffer_fini(struct buffer *buffer);

/* A small file that is read once. False: not there, or empty. The line's end is cut off. */
bool file_line(const char *root, const char *name, char *out, size_t size);
bool file_number(const char *root, const char *name, double *out);

/* ---- Reading text ---------------------------------------------------------------------------- */

/* The next word that is a number without sign; *at moves behind it. False: there is none. One that
 * is too large is the largest. */
bool text_number(const char **at, uint64_t *out);
/* `count` of them; how many there were, the others are 0. */
size_t text_numbers(const char *at, uint64_t *out, size_t count);
const char *text_next_line(const char *at); /* NULL: that was the last */
/* The next word into out (cut), *at behind it. False: none on this line. */
bool text_word(const char **at, char *out, size_t size);

struct key {
    const char *name;
    int place;    /* in values */
    double scale; /* of the number */
};

/* Lines "Name: 12 kB" or "name 12" into values; those not named are left as they are. `keys` ends
 * with {0}. How many were found. */
size_t text_keys(const char *text, const struct key *keys, double *values);

#endif
