/* A mail's shape:
 *   multipart/alternative
 *     text/plain
 *     multipart/related        (only the HTML when there are no pictures)
 *       text/html
 *       image/png …
 * The line end before a boundary is the boundary's, so the text has one of its own. A boundary
 * begins with "=_", which neither quoted-printable nor base64 can produce. */
#include "message.h"

#include "encode.h"
#include "header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

void message_id(char out[MESSAGE_ID_BYTES], const struct message *message, const char *of)
{
    XXH128_hash_t hash = XXH3_128bits(of, strlen(of));
    snprintf(out, MESSAGE_ID_BYTES, "<%016llx%016llx@%s>", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64, address_domain(&message->from));
}

void message_date(char out[MESSAGE_DATE_BYTES], int64_t time_ms, int offset_s)
{
    /* strftime would speak the machine's language. */
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int minutes = offset_s / 60, away = minutes < 0 ? -minutes : minutes;
    time_t local = (time_t)(time_ms / 1000 + (int64_t)minutes * 60);
    struct tm t;
    if (!gmtime_r(&local, &t))
        t = (struct tm){.tm_mday = 1, .tm_year = 70, .tm_wday = 4};
    snprintf(out, MESSAGE_DATE_BYTES, "%s, %02d %s %d %02d:%02d:%02d %c%02d%02d", days[t.tm_wday],
             t.tm_mday, months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec,
             minutes < 0 ? '-' : '+', away / 60 % 100, away % 60);
}

static size_t put_address(FILE *out, const struct address *address, size_t column)
{
    column = header_phrase(out, address->name, column);
    return column + (size_t)fprintf(out, *address->name ? " <%s>" : "%s", address->mailbox);
}

static void put_addresses(FILE *out, const char *name, const struct address *list, size_t count)
{
    fprintf(out, "%s: ", name);
    size_t column = strlen(name) + 2;
    for (size_t i = 0; i < count; i++) {
        if (i) {
            fputs(",\r\n ", out);
            column = 1;
        }
        column = put_address(out, &list[i], column);
    }
    fputs("\r\n", out);
}

static void put_headers(FILE *out, const struct message *m)
{
    char text[MESSAGE_ID_BYTES], date[MESSAGE_DATE_BYTES];
    put_addresses(out, "From", &m->from, 1);
    put_addresses(out, "To", m->to, m->to_count);
    header_text(out, "Subject", m->subject);
    message_date(date, m->time_ms, m->offset_s);
    header_token(out, "Date", date);
    message_id(text, m, m->id);
    header_token(out, "Message-ID", text);
    if (m->thread) { /* a root that no mail has: every mail of the thread answers it */
        message_id(text, m, m->thread);
        header_token(out, "In-Reply-To", text);
        header_token(out, "References", text);
    }
    header_token(out, "MIME-Version", "1.0");
    header_token(out, "Auto-Submitted", "auto-generated");
    for (const struct message_field *field = m->fields; field && field->name; field++)
        header_text(out, field->name, field->value);
}

static void put_text(FILE *out, const char *type, const char *text)
{
    fprintf(out,
            "Content-Type: text/%s; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
            type);
    encode_quoted(out, text);
}

static void put_picture(FILE *out, const struct message *m, const struct message_picture *picture)
{
    fprintf(out,
            "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
            "Content-ID: <%s@%s>\r\nContent-Disposition: inline",
            picture->cid, address_domain(&m->from));
    header_parameter(out, "filename", picture->name);
    fputs("\r\n\r\n", out);
    encode_base64(out, picture->png, picture->bytes);
}

static void put_related(FILE *out, const struct message *m)
{
    fputs("Content-Type: multipart/related; type=\"text/html\"; boundary=\"=_gnswatch_r\"\r\n\r\n"
          "--=_gnswatch_r\r\n",
          out);
    put_text(out, "html", m->html);
    for (size_t i = 0; i < m->picture_count; i++) {
        fputs("\r\n--=_gnswatch_r\r\n", out);
        put_picture(out, m, &m->pictures[i]);
    }
    fputs("\r\n--=_gnswatch_r--\r\n", out);
}

static void put_body(FILE *out, const struct message *m)
{
    if (!m->html) {
        put_text(out, "plain", m->text);
        return;
    }
    fputs("Content-Type: multipart/alternative; boundary=\"=_gnswatch_a\"\r\n\r\n"
          "--=_gnswatch_a\r\n",
          out);
    put_text(out, "plain", m->text);
    fputs("\r\n--=_gnswatch_a\r\n", out);
    if (m->picture_count)
        put_related(out, m);
    else
        put_text(out, "html", m->html);
    fputs("\r\n--=_gnswatch_a--\r\n", out);
}

char *message_build(const struct message *message, size_t *bytes)
{
    char *text = NULL;
    size_t count = 0;
    FILE *out = open_memstream(&text, &count);
    if (!out)
        return NULL;
    put_headers(out, message);
    put_body(out, message);
    int failed = ferror(out);
    if (fclose(out) || failed) {
        free(text);
        return NULL;
    }
    if (bytes)
        *bytes = count;
    return text;
}
