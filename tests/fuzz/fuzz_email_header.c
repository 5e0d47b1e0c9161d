/* Headers and bodies of mails: whatever goes in, one field comes out, in lines that a mail may
 * have; an address that is accepted holds nothing that ends a line or a command. */
#include "fuzz.h"

#include "email/address.h"
#include "email/encode.h"
#include "email/header.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 998 };

/* Every line ends with CRLF, is ASCII and short; in a field all but the first begin with a blank.
 */
static void check_lines(const char *text, size_t bytes, bool field)
{
    size_t begin = 0;
    fuzz_check(bytes == 0 || text[bytes - 1] == '\n');
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)text[i];
        fuzz_check(c < 127 && (c >= ' ' || c == '\r' || c == '\n' || (c == '\t' && !field)));
        fuzz_check(c != '\r' || (i + 1 < bytes && text[i + 1] == '\n'));
        if (c != '\n')
            continue;
        fuzz_check(i > begin && text[i - 1] == '\r' && i - begin <= LINE_MAX_BYTES);
        begin = i + 1;
        if (field && begin < bytes)
            fuzz_check(text[begin] == ' ' && text[begin + 1] != '\r');
    }
}

enum what { TEXT = 1, TOKEN, PHRASE, PARAMETER, BODY, PICTURE };

static void write_one(FILE *out, enum what what, const char *text, const uint8_t *data, size_t size)
{
    if (what == TEXT)
        header_text(out, "Subject", text);
    else if (what == TOKEN)
        header_token(out, "Message-ID", text);
    else if (what == BODY)
        encode_quoted(out, text);
    else if (what == PICTURE)
        encode_base64(out, data, size);
    else {
        fputs("From: ", out);
        if (what == PHRASE)
            header_phrase(out, text, 6);
        else
            header_parameter(out, "filename", text);
        fputs("x\r\n", out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    for (enum what what = TEXT; what <= PICTURE; what++) {
        char *made = NULL;
        size_t bytes = 0;
        FILE *out = open_memstream(&made, &bytes);
        fuzz_check(out != NULL);
        write_one(out, what, text, data, size);
        fuzz_check(fclose(out) == 0);
        check_lines(made, bytes, what < BODY);
        free(made);
    }
    struct address address;
    const char *why;
    if (!address_read(text, &address, &why)) {
        fuzz_check(strpbrk(address.mailbox, "\r\n <>\"\\") == NULL && *address.mailbox);
        fuzz_check(strpbrk(address.name, "\r\n") == NULL);
    }
    free(text);
    return 0;
}
