/* Less than RFC 5322 allows (no comments, no quoted local parts, no SMTPUTF8), and nothing that it
 * does not. */
#include "address.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

static bool is_local(unsigned char c)
{
    return isalnum(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~.", c));
}

static bool is_domain(unsigned char c)
{
    return isalnum(c) || (c && strchr("-.:[]", c));
}

static const char *mailbox_fault(const char *mailbox)
{
    const char *at = strrchr(mailbox, '@');
    size_t local = at ? (size_t)(at - mailbox) : strlen(mailbox);
    if (!local || local > 64)
        return "what stands before the @ has 1 to 64 characters";
    for (size_t i = 0; i < local; i++)
        if (!is_local((unsigned char)mailbox[i]))
            return "what stands before the @ holds a character that cannot be used";
    if (mailbox[0] == '.' || mailbox[0] == '-')
        return "it begins with a dot or a dash";
    if (!at)
        return NULL;
    if (!at[1] || at[1] == '.' || at[1] == '-')
        return "there is no host after the @";
    for (const char *c = at + 1; *c; c++)
        if (!is_domain((unsigned char)*c))
            return "the host after the @ holds a character that cannot be used (write it as xn--…)";
    return NULL;
}

/* text[0..bytes) without blanks and quotes around it. */
static int copy_trimmed(char *out, size_t size, const char *text, size_t bytes, const char *around)
{
    while (bytes && strchr(around, text[0])) {
        text++;
        bytes--;
    }
    while (bytes && strchr(around, text[bytes - 1]))
        bytes--;
    if (bytes >= size)
        return -EINVAL;
    memcpy(out, text, bytes);
    out[bytes] = '\0';
    return 0;
}

int address_read(const char *text, struct address *out, const char **why)
{
    const char *open = strrchr(text, '<'), *close = open ? strchr(open, '>') : NULL;
    *out = (struct address){.name = ""};
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127) {
            *why = "it holds a line end or another control character";
            return -EINVAL;
        }
    *why = "it is too long";
    if (open && (!close || close[1 + strspn(close + 1, " \t")])) {
        *why = "write it as name@host or Name <name@host>";
        return -EINVAL;
    }
    const char *mailbox = open ? open + 1 : text;
    size_t bytes = open ? (size_t)(close - mailbox) : strlen(text);
    if (copy_trimmed(out->mailbox, sizeof out->mailbox, mailbox, bytes, " \t"))
        return -EINVAL;
    if (open && copy_trimmed(out->name, sizeof out->name, text, (size_t)(open - text), " \t\""))
        return -EINVAL;
    *why = mailbox_fault(out->mailbox);
    return *why ? -EINVAL : 0;
}

const char *address_domain(const struct address *address)
{
    const char *at = strrchr(address->mailbox, '@');
    return at ? at + 1 : "localhost";
}
