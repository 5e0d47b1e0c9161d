/* collectd_words.h - what lines of collectd's text protocol are made of: words, options
 * (key=value), identifiers (host/plugin-instance/type-instance). */
#ifndef EXEC_COLLECTD_WORDS_H
#define EXEC_COLLECTD_WORDS_H

#include "reader.h"

/* The next word, its quotes taken away in place; *at goes behind it. 1; 0: the line has ended;
 * -1: told. */
int collectd_word(struct reader *reader, char **at, char **word);

/* Is the word key=value? Then it is cut at '='. */
bool collectd_option(char *word, char **value);

struct collectd_identifier { /* cut out of the word; NULL: not said */
    const char *host, *plugin, *plugin_instance, *type, *type_instance;
};

/* NULL, or why not. */
const char *collectd_identifier_read(char *text, struct collectd_identifier *identifier);

#endif
