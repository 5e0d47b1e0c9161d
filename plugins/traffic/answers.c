/* answers.c - see answers.h. The formats are those of uBridge 0.9.19 and dynamips 0.2.24. */
#include "answers.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int answer_line(const char *line, struct answer_line *out)
{
    for (int i = 0; i < 3; i++)
        if (!isdigit((unsigned char)line[i]))
            return -1;
    if (line[3] != ' ' && line[3] != '-')
        return -1;
    out->code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    out->last = line[3] == '-';
    out->text = line + 4;
    return 0;
}

/* A name goes into a command again: nothing but what GNS3 itself puts there. */
static bool is_plain(const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr("-._", text[i]))
            return false;
    return bytes > 0;
}

static bool take_name(const char *text, size_t bytes, char name[ANSWER_NAME_MAX])
{
    if (bytes >= ANSWER_NAME_MAX || !is_plain(text, bytes))
        return false;
    memcpy(name, text, bytes);
    name[bytes] = '\0';
    return true;
}

bool answer_bridge(const char *text, char name[ANSWER_NAME_MAX])
{
    size_t bytes = strcspn(text, " ");
    return strncmp(text + bytes, " (NIOs", 6) == 0 && take_name(text, bytes, name);
}

/* Reads digits at *at; false: there are none, or too many. */
static bool take_number(const char **at, uint64_t *number)
{
    if (!isdigit((unsigned char)**at))
        return false;
    char *end;
    errno = 0;
    unsigned long long value = strtoull(*at, &end, 10);
    if (errno != 0 || value > (uint64_t)1 << 62)
        return false;
    *number = value;
    *at = end;
    return true;
}

static bool take_text(const char **at, const char *text)
{
    while (**at == ' ')
        ++*at;
    size_t bytes = strlen(text);
    if (strncmp(*at, text, bytes) != 0)
        return false;
    *at += bytes;
    return true;
}

static bool take_counts(const char **at, const char *label, struct counts *counts)
{
    return take_text(at, label) && take_text(at, "") && take_number(at, &counts->packets) &&
           take_text(at, "packets") && take_text(at, "(") && take_number(at, &counts->bytes) &&
           take_text(at, "bytes") && take_text(at, ")");
}

static bool take_nio(const char *at, struct nio *nio)
{
    return take_counts(&at, "IN:", &nio->in) && take_counts(&at, "OUT:", &nio->out);
}

bool answer_nio(const char *text, enum nio_side *side, struct nio *nio)
{
    const char *at = text;
    if (take_text(&at, "Source NIO:"))
        *side = NIO_SOURCE;
    else if (take_text(&at, "Destination NIO:"))
        *side = NIO_DESTINATION;
    else
        return false;
    return take_nio(at, nio);
}

bool answer_iol_port(const char *text, int *adapter, int *port, struct nio *nio)
{
    const char *at = text;
    uint64_t bay = 0, unit = 0;
    if (!take_text(&at, "port ") || !take_number(&at, &bay) || !take_text(&at, "/") ||
        !take_number(&at, &unit) || !take_text(&at, ":") || bay > 255 || unit > 255)
        return false;
    *adapter = (int)bay;
    *port = (int)unit;
    return take_nio(at, nio);
}

bool answer_dynamips_nio(const char *text, struct nio *nio)
{
    const char *at = text;
    return take_number(&at, &nio->in.packets) && take_text(&at, "") &&
           take_number(&at, &nio->out.packets) && take_text(&at, "") &&
           take_number(&at, &nio->in.bytes) && take_text(&at, "") &&
           take_number(&at, &nio->out.bytes) && *at == '\0';
}

bool answer_binding(const char *text, int *port, char nio[ANSWER_NAME_MAX])
{
    const char *at = text;
    uint64_t number = 0;
    if (!take_number(&at, &number) || number > 65535 || !take_text(&at, ": "))
        return false;
    *port = (int)number;
    return take_name(at, strlen(at), nio);
}

bool is_node_id(const char *text, size_t bytes)
{
    if (bytes != NODE_ID_BYTES - 1)
        return false;
    for (size_t i = 0; i < bytes; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
    }
    return true;
}

/* All of `text` is a number below 65,536. */
static bool is_number(const char *text, int *number)
{
    uint64_t value = 0;
    if (!take_number(&text, &value) || *text || value > 65535)
        return false;
    *number = (int)value;
    return true;
}

/* "<uuid>" or "<uuid>-<number>". */
static bool take_id(const char *text, char node_id[NODE_ID_BYTES], int *number)
{
    size_t length = strlen(text);
    if (length < NODE_ID_BYTES - 1 || !is_node_id(text, NODE_ID_BYTES - 1))
        return false;
    memcpy(node_id, text, NODE_ID_BYTES - 1);
    node_id[NODE_ID_BYTES - 1] = '\0';
    text += NODE_ID_BYTES - 1;
    return number ? *text == '-' && is_number(text + 1, number) : *text == '\0';
}

/* VMware's "ethernet2.vnet". */
static bool take_vnet(const char *text, int *adapter)
{
    uint64_t value = 0;
    if (!take_number(&text, &value) || value > 65535)
        return false;
    *adapter = (int)value;
    return strcmp(text, ".vnet") == 0;
}

bool bridge_name(const char *name, struct bridge_name *out)
{
    *out = (struct bridge_name){0};
    if (strncmp(name, "VPCS-", 5) == 0)
        return take_id(name + 5, out->node_id, NULL);
    if (strncmp(name, "QEMU-", 5) == 0 || strncmp(name, "VBOX-", 5) == 0)
        return take_id(name + 5, out->node_id, &out->adapter);
    if (strncmp(name, "bridge", 6) == 0)
        return is_number(name + 6, &out->adapter);
    if (strncmp(name, "IOL-BRIDGE-", 11) == 0) {
        int number;
        out->iol = true;
        return is_number(name + 11, &number);
    }
    if (strncmp(name, "ethernet", 8) == 0)
        return take_vnet(name + 8, &out->adapter);
    out->wire_is_source = true;
    return take_id(name, out->node_id, &out->port);
}
