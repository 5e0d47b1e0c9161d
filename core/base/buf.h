/* A growing piece of text that carries its own limit.
 *
 * The first failure (no memory, over the limit) sticks: later calls do nothing, so a caller checks
 * buf_error once at the end. Text is always NUL-terminated. Not for several threads. */
#ifndef GW_BASE_BUF_H
#define GW_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    char *data; /* owned; "" is a literal until the first byte */
    size_t len, cap, max;
    int error; /* 0, -ENOMEM or -EMSGSIZE */
};

void buf_init(struct buf *buf, size_t max_bytes);
void buf_fini(struct buf *buf);  /* NULL is fine */
void buf_clear(struct buf *buf); /* empty, no error, memory kept */
char *buf_take(struct buf *buf); /* the text, the caller frees; NULL after an error */
int buf_error(const struct buf *buf);
int buf_reserve(struct buf *buf, size_t more_bytes);
void buf_add(struct buf *buf, const void *bytes, size_t count);
void buf_adds(struct buf *buf, const char *text); /* NULL adds nothing */
void buf_addc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *format, va_list args);

/* JSON (RFC 8259). Strings are quoted and escaped; bad UTF-8 becomes U+FFFD. Numbers that are not
 * finite become null; others use the fewest digits that read back the same. */
void buf_json_string(struct buf *buf, const char *text); /* NULL: null */
void buf_json_string_n(struct buf *buf, const char *text, size_t bytes);
void buf_json_number(struct buf *buf, double value);
void buf_json_int(struct buf *buf, int64_t value);

#endif
