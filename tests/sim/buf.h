/* buf - growing byte buffers and shared immutable texts of the simulator.
 * Knows nothing of HTTP or GNS3. Out of memory ends the process: this is a test tool. */
#ifndef SIM_BUF_H
#define SIM_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes owned by the struct; release with buf_free. */
struct buf {
    char *data;
    size_t len;
    size_t cap;
};

/* An immutable text several writes may share. Counted: blob_unref frees the last one. */
struct blob {
    size_t refs;
    size_t len;
    char data[];
};

void *sim_alloc(size_t size);
char *sim_strdup(const char *text);
/* Copies text into dst of size bytes, always ended by a zero. */
void sim_copy(char *dst, size_t size, const char *text);

void buf_add(struct buf *b, const void *data, size_t len);
void buf_adds(struct buf *b, const char *text);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Drops len bytes at the front. */
void buf_drop(struct buf *b, size_t len);
void buf_free(struct buf *b);

struct blob *blob_new(const void *data, size_t len);
struct blob *blob_ref(struct blob *b);
void blob_unref(struct blob *b);

/* splitmix64: a small seeded generator, so that a run can be repeated. */
uint64_t rng_next(uint64_t *state);
/* 0 <= value < 1 */
double rng_unit(uint64_t *state);
void rng_uuid(uint64_t *state, char out[37]);

/* Base64 of len bytes; out holds 4 * ((len + 2) / 3) + 1 bytes. */
void base64(const uint8_t *in, size_t len, char *out);
void sha1(const uint8_t *in, size_t len, uint8_t out[20]);

#endif
