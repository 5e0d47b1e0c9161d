/* ledger.c - see ledger.h. */
#include "ledger.h"

#include "topic.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ledger {
    FILE *file;
};

static json_t *read_topics(const char *path)
{
    json_t *topics = json_object();
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t space = 0;
    ssize_t length;
    while (file && (length = getline(&line, &space, file)) > 1) {
        if (line[length - 1] != '\n')
            break; /* cut by a crash */
        line[length - 1] = '\0';
        if (*line == '+' && topic_is_sound(line + 1))
            json_object_set_new(topics, line + 1, json_true());
        else if (*line == '-')
            json_object_del(topics, line + 1);
    }
    free(line);
    if (file)
        fclose(file);
    return topics;
}

/* Beside the old one first, so that a crash leaves one of them. */
static FILE *write_topics(const char *folder, const char *path, json_t *topics)
{
    char fresh[4096];
    snprintf(fresh, sizeof fresh, "%s/retained.new", folder);
    FILE *file = fopen(fresh, "we");
    if (!file)
        return NULL;
    const char *topic;
    json_t *there;
    json_object_foreach(topics, topic, there)
    {
        fprintf(file, "+%s\n", topic);
    }
    if (fflush(file) == 0 && !ferror(file) && rename(fresh, path) == 0)
        return file;
    fclose(file);
    return NULL;
}

struct ledger *ledger_open(const char *folder, void (*visit)(void *data, const char *topic),
                           void *data)
{
    char path[4096];
    struct ledger *ledger = calloc(1, sizeof *ledger);
    if (!ledger)
        return NULL;
    snprintf(path, sizeof path, "%s/retained", folder);
    json_t *topics = read_topics(path);
    ledger->file = write_topics(folder, path, topics);
    const char *topic;
    json_t *there;
    if (ledger->file)
        json_object_foreach(topics, topic, there)
        {
            visit(data, topic);
        }
    json_decref(topics);
    if (ledger->file)
        return ledger;
    int error = errno;
    ledger_close(ledger);
    errno = error;
    return NULL;
}

int ledger_note(struct ledger *ledger, const char *topic, bool there)
{
    if (fprintf(ledger->file, "%c%s\n", there ? '+' : '-', topic) < 0 || fflush(ledger->file))
        return -errno;
    return 0;
}

void ledger_close(struct ledger *ledger)
{
    if (!ledger)
        return;
    if (ledger->file)
        fclose(ledger->file);
    free(ledger);
}
