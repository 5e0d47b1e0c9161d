/* Mails made of good and of hostile texts are what python3's email package reads out of them. */
#include "unit.h"

#include "email/address.h"
#include "email/encode.h"
#include "email/header.h"
#include "email/message.h"
#include "email/utf8.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RANDOM_MAILS = 400, TEXT_BYTES = 600 };

static void put_hex(FILE *out, const char *name, const void *bytes, size_t count)
{
    fprintf(out, "\"%s\":\"", name);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%02x", ((const unsigned char *)bytes)[i]);
    fputs("\",", out);
}

struct oracle {
    FILE *pipe;
};

static void oracle_open(struct oracle *oracle, int count)
{
    char command[600];
    snprintf(command, sizeof command, "%s -B %s %d", getenv("PYTHON3"), getenv("EMAIL_ORACLE"),
             count);
    oracle->pipe = popen(command, "w");
    assert_non_null(oracle->pipe);
}

static void oracle_agrees(struct oracle *oracle)
{
    assert_int_equal(pclose(oracle->pipe), 0);
}

static void tell_recipients(FILE *out, const struct message *m)
{
    fputs("\"to\":[", out);
    for (size_t i = 0; i < m->to_count; i++)
        fprintf(out, "%s\"%s\"", i ? "," : "", m->to[i].mailbox);
    fputs("],", out);
}

/* What went in and what came out. */
static void tell(struct oracle *oracle, const struct message *m, bool phrase)
{
    size_t bytes;
    char *mail = message_build(m, &bytes);
    assert_non_null(mail);
    FILE *out = oracle->pipe;
    fputc('{', out);
    put_hex(out, "mail", mail, bytes);
    put_hex(out, "subject", m->subject, strlen(m->subject));
    put_hex(out, "text", m->text, strlen(m->text));
    const char *name = m->picture_count ? m->pictures[0].name : m->from.name;
    put_hex(out, "name", name, strlen(name));
    if (m->html)
        put_hex(out, "html", m->html, strlen(m->html));
    else
        fputs("\"html\":null,", out);
    if (m->picture_count)
        put_hex(out, "png", m->pictures[0].png, m->pictures[0].bytes);
    else
        fputs("\"png\":null,", out);
    tell_recipients(out, m);
    fprintf(out, "\"phrase\":%s,\"short\":%s,\"time\":%lld}\n", phrase ? "true" : "false",
            strlen(name) < 20 ? "true" : "false", (long long)m->time_ms);
    free(mail);
}

/* ---- Dice ---- */

static uint32_t roll(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void random_text(uint32_t *seed, char *out, size_t bytes)
{
    static const char *const pieces[] = {
        "\r\nBcc: thief@example.com\r\n",
        "\n",
        "\r",
        "\r\n\r\n",
        "\r\n.\r\n",
        "=?",
        "?=",
        "=?UTF-8?Q?=41?=",
        "\xc3\xa9",
        "\xe6\xbc\xa2",
        "\xf0\x9f\x98\x80",
        "\x80",
        "\xff",
        "\xe6\xbc",
        "\xc0\xaf",
        "\xed\xa0\x80",
        "\xc2\x85",
        "\xe2\x80\xa8",
        "\xe2\x80\xae",
        " ",
        "  ",
        "\t",
        "\"",
        "\\",
        ",",
        "<",
        ">",
        ";",
        ":",
        "@",
        "=",
        ".",
        "From ",
        "--=_gnswatch_a",
        "--=_gnswatch_a--",
        "word ",
        "another word ",
        "a",
        "0123456789012345678901234567890123456789012345678901234567890123456789",
        "\x01",
        "\x7f",
        "(",
        ")",
        "%00",
        "&amp;",
        "_",
        "?"};
    size_t used = 0, want = roll(seed) % bytes;
    out[0] = '\0';
    while (used < want) {
        const char *piece = pieces[roll(seed) % (sizeof pieces / sizeof *pieces)];
        size_t length = strlen(piece);
        if (used + length >= bytes)
            break;
        memcpy(out + used, piece, length + 1);
        used += length;
    }
}

static const struct message_field *test_field(struct message_field fields[2], const char *value)
{
    fields[0] = (struct message_field){"X-Test", value};
    fields[1] = (struct message_field){0};
    return fields;
}

static const struct address people[] = {{.name = "", .mailbox = "a@example.org"},
                                        {.name = "B, \"the\" boss", .mailbox = "b@example.org"},
                                        {.name = "Zo\xc3\xab", .mailbox = "c.d+e@example.org"}};

/* ---- Tests ---- */

static void a_plain_mail_is_what_a_person_would_write(void **state)
{
    (void)state;
    struct message_field fields[2];
    struct message m = {.from = {.name = "gnswatch", .mailbox = "watch@example.org"},
                        .to = people,
                        .to_count = 1,
                        .subject = "[Critical] PC1 is down",
                        .id = "n1",
                        .thread = "t1",
                        .time_ms = 1795000000000,
                        .offset_s = 3600,
                        .text = "It is.\n",
                        .fields = test_field(fields, "x")};
    char *mail = message_build(&m, NULL);
    assert_non_null(mail);
    assert_non_null(strstr(mail, "From: \"gnswatch\" <watch@example.org>\r\nTo: a@example.org\r\n"
                                 "Subject: [Critical] PC1 is down\r\n"
                                 "Date: Wed, 18 Nov 2026 12:06:40 +0100\r\n"));
    assert_non_null(strstr(mail, "\r\nAuto-Submitted: auto-generated\r\n"));
    assert_non_null(strstr(mail, "\r\n\r\nIt is.\r\n"));
    free(mail);
}

static void the_same_notification_has_the_same_ids_and_another_one_others(void **state)
{
    (void)state;
    struct message m = {.from = {.mailbox = "watch@example.org"}};
    char a[MESSAGE_ID_BYTES], b[MESSAGE_ID_BYTES], c[MESSAGE_ID_BYTES];
    message_id(a, &m, "n1");
    message_id(b, &m, "n1");
    message_id(c, &m, "n2");
    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
    assert_int_equal(a[0], '<');
    assert_non_null(strstr(a, "@example.org>"));
}

static void texts_of_every_kind_come_out_as_they_went_in(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "x",
        "ends without a line end",
        "\n",
        "\n\n",
        "  blanks  \n\ttab\t\n",
        "a=b=c\n",
        "Gr\xc3\xbc\xc3\x9f Gott\r\nzweite Zeile\rdritte\n",
        ".\n..\nFrom me\n",
        "0123456789012345678901234567890123456789012345678901234567890123456789012345\n",
        "01234567890123456789012345678901234567890123456789012345678901234567890123456\n",
        ("\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
         "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80")};
    const size_t count = sizeof texts / sizeof *texts;
    struct oracle oracle;
    oracle_open(&oracle, (int)count);
    for (size_t i = 0; i < count; i++) {
        struct message_field fields[2];
        struct message m = {.from = {.name = "R\xc3\xa9seau", .mailbox = "watch@example.org"},
                            .to = people,
                            .to_count = 3,
                            .subject = texts[i],
                            .id = "n",
                            .thread = "t",
                            .time_ms = 1795000000000 + (int64_t)i * 86400000 * 31,
                            .offset_s = (int)i * 1800 - 7200,
                            .text = texts[i],
                            .html = i % 2 ? texts[i] : NULL,
                            .fields = test_field(fields, texts[i])};
        tell(&oracle, &m, true);
    }
    oracle_agrees(&oracle);
}

static void no_hostile_text_adds_a_header_a_part_or_a_bad_line(void **state)
{
    (void)state;
    struct oracle oracle;
    oracle_open(&oracle, RANDOM_MAILS);
    uint32_t seed = 20261123;
    for (int i = 0; i < RANDOM_MAILS; i++) {
        char subject[TEXT_BYTES], text[TEXT_BYTES], html[TEXT_BYTES], name[ADDRESS_NAME_BYTES],
            id[64], png[100];
        random_text(&seed, subject, sizeof subject);
        random_text(&seed, text, sizeof text);
        random_text(&seed, html, sizeof html);
        random_text(&seed, name, sizeof name);
        random_text(&seed, id, sizeof id);
        for (size_t k = 0; k < sizeof png; k++)
            png[k] = (char)roll(&seed);
        struct message_picture picture = {
            .cid = "c1", .name = name, .png = png, .bytes = roll(&seed) % sizeof png};
        struct message_field fields[2];
        struct message m = {.from = {.mailbox = "watch@example.org"},
                            .to = people,
                            .to_count = 1 + roll(&seed) % 3,
                            .subject = subject,
                            .id = id,
                            .thread = id,
                            .time_ms = 1795000000000,
                            .text = text,
                            .html = i % 3 ? html : NULL,
                            .pictures = &picture,
                            .picture_count = i % 3 == 2,
                            .fields = test_field(fields, subject)};
        snprintf(m.from.name, sizeof m.from.name, "%s", name);
        tell(&oracle, &m, false);
    }
    oracle_agrees(&oracle);
}

static void addresses_are_read_and_bad_ones_told(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name, *mailbox; /* mailbox NULL: bad */
    } cases[] = {
        {"a@example.org", "", "a@example.org"},
        {" a@example.org ", "", "a@example.org"},
        {"Team <a@example.org>", "Team", "a@example.org"},
        {"\"The, team\" <a@example.org> ", "The, team", "a@example.org"},
        {"root", "", "root"},
        {"a@[192.0.2.1]", "", "a@[192.0.2.1]"},
        {"", "", NULL},
        {"@example.org", "", NULL},
        {"a@", "", NULL},
        {"a b@example.org", "", NULL},
        {"a@example.org>\r\nRCPT TO:<b@example.org", "", NULL},
        {"a@example.org\r\nBcc: b@example.org", "", NULL},
        {"x@example.org\r\nRCPT TO:<b@example.org>", "", NULL},
        {"<a@example.org> x", "", NULL},
        {"<a@example.org", "", NULL},
        {"J\xc3\xbcrgen@example.org", "", NULL},
        {"-f@example.org", "", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct address address;
        const char *why;
        int error = address_read(cases[i].text, &address, &why);
        if (!cases[i].mailbox) {
            assert_int_not_equal(error, 0);
            assert_non_null(why);
            continue;
        }
        assert_int_equal(error, 0);
        assert_string_equal(address.mailbox, cases[i].mailbox);
        assert_string_equal(address.name, cases[i].name);
    }
}

static void a_cut_character_is_no_character(void **state)
{
    (void)state;
    size_t length;
    assert_int_equal(utf8_read("\xe2\x82", 2, &length), 0xFFFD);
    assert_int_equal(length, 1);
    assert_int_equal(utf8_read("\xe2\x82\xac", 3, &length), 0x20AC);
    assert_int_equal(length, 3);
    assert_int_equal(utf8_read("\xf4\x90\x80\x80", 4, &length), 0xFFFD);
    char out[4];
    assert_int_equal(utf8_write(out, 0x1F600), 4);
    assert_memory_equal(out, "\xf0\x9f\x98\x80", 4);
    char copy[4];
    utf8_copy(copy, sizeof copy, "ab\xc3\xa9");
    assert_string_equal(copy, "ab");
    utf8_copy(copy, sizeof copy, "a\xc3\xa9");
    assert_string_equal(copy, "a\xc3\xa9");
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN); /* an oracle that disagrees hangs up */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_mail_is_what_a_person_would_write),
        cmocka_unit_test(the_same_notification_has_the_same_ids_and_another_one_others),
        cmocka_unit_test(texts_of_every_kind_come_out_as_they_went_in),
        cmocka_unit_test(no_hostile_text_adds_a_header_a_part_or_a_bad_line),
        cmocka_unit_test(addresses_are_read_and_bad_ones_told),
        cmocka_unit_test(a_cut_character_is_no_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
