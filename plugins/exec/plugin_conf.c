/* plugin_conf.c - see plugin_conf.h (Munin's guide, "plugin-conf.d"). */
#include "plugin_conf.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length && strchr(" \t\r\n", text[length - 1]))
        text[--length] = '\0';
    return text;
}

static void replace(char **text, const char *value)
{
    char *copy = strdup(value);
    if (copy) {
        free(*text);
        *text = copy;
    }
}

/* "group adm, (video)": the first that is not in parentheses is enough for us. */
static void take_group(struct plugin_conf *conf, char *value)
{
    for (char *rest = value, *word; (word = strsep(&rest, ",")) != NULL;) {
        word = trim(word);
        if (*word && *word != '(') {
            replace(&conf->group, word);
            return;
        }
    }
}

static void take_line(struct plugin_conf *conf, char *line)
{
    char *key = trim(line);
    if (!*key || *key == '#')
        return;
    char *value = key + strcspn(key, " \t");
    if (*value)
        *value++ = '\0';
    value = trim(value);
    if (strcmp(key, "user") == 0)
        replace(&conf->user, value);
    else if (strcmp(key, "group") == 0)
        take_group(conf, value);
    else if (strcmp(key, "timeout") == 0)
        conf->timeout_ms = (int64_t)strtol(value, NULL, 10) * 1000;
    else if (strncmp(key, "env.", 4) == 0 && key[4])
        texts_set(&conf->env, key + 4, value);
}

static bool section_fits(const char *pattern, const char *name, bool wild)
{
    return (strchr(pattern, '*') != NULL) == wild && fnmatch(pattern, name, 0) == 0;
}

void plugin_conf_take(struct plugin_conf *conf, FILE *file, const char *name, bool wild)
{
    char *line = NULL;
    size_t size = 0;
    bool ours = false;
    while (getline(&line, &size, file) > 0) {
        char *text = trim(line), *end = strchr(text, ']');
        if (*text == '[' && end) {
            *end = '\0';
            ours = section_fits(trim(text + 1), name, wild);
        } else if (ours) {
            take_line(conf, text);
        }
    }
    free(line);
}

static int is_conf(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && entry->d_name[length - 1] != '~' &&
           !strstr(entry->d_name, ".dpkg-");
}

void plugin_conf_read(struct plugin_conf *conf, const char *directory, const char *name)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, is_conf, alphasort);
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < count; i++) {
            char path[4096];
            snprintf(path, sizeof path, "%s/%s", directory, entries[i]->d_name);
            FILE *file = fopen(path, "re");
            if (file)
                plugin_conf_take(conf, file, name, pass == 0);
            if (file)
                fclose(file);
        }
    }
    for (int i = 0; i < count; i++)
        free(entries[i]);
    if (count >= 0)
        free(entries);
}

void plugin_conf_fini(struct plugin_conf *conf)
{
    free(conf->user);
    free(conf->group);
    texts_fini(&conf->env);
    *conf = (struct plugin_conf){0};
}
