/* nagios.c - what a Nagios or Icinga check plugin says: one state, a sentence, numbers.
 *
 * The state is the exit code alone. The first line is the sentence; what follows is long output up
 * to a line with a bar; from the bar on all is perfdata (nagios_perfdata.h). A check that died says
 * no numbers: its last line may be half a line. Values outside of the limits they came with are
 * said all the same, as Nagios does. Why a program could not be run is on stderr, which is not ours
 * to read. */
#include "nagios_perfdata.h"
#include "transcript.h"
#include "words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUTPUT_BYTES_MAX = 65536, STATE_UNKNOWN = 3, CODE_NOT_EXECUTABLE = 126, CODE_NOT_FOUND };

struct dialect {
    struct reader reader;
    struct transcript lines;
};

static struct dialect *nagios_open(const struct dialect_options *options, const struct heard *heard)
{
    struct dialect *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    reader_init(&self->reader, options, heard);
    self->lines.max_bytes = OUTPUT_BYTES_MAX;
    return self;
}

static void nagios_close(struct dialect *self)
{
    if (!self)
        return;
    transcript_clear(&self->lines);
    reader_fini(&self->reader);
    free(self);
}

static void nagios_line(struct dialect *self, unsigned run, const char *line, int64_t now_ms)
{
    (void)run, (void)now_ms;
    transcript_add(&self->lines, line);
}

/* Without the blanks at its end. */
static char *trimmed(char *text)
{
    size_t bytes = strlen(text);
    while (bytes > 0 && (text[bytes - 1] == ' ' || text[bytes - 1] == '\t'))
        text[--bytes] = '\0';
    return text;
}

struct output {
    char first[READER_SHOWN_BYTES * 4 + 1]; /* the sentence */
    struct transcript more;                 /* its lines end with a newline */
    bool perfdata;                          /* the bar has come */
};

/* The bar; NULL: there is none, or what is behind it cannot be perfdata, as in a usage text. */
static char *perfdata_bar(char *line)
{
    char *bar = strchr(line, '|');
    return bar && strchr(bar, '=') ? bar : NULL;
}

/* Says the perfdata, and keeps the text apart from it. */
static void read_line(struct dialect *self, struct output *output, const char *line, bool numbers)
{
    char *copy = reader_begin(&self->reader, line);
    if (!copy)
        return;
    char *bar = output->perfdata ? copy : perfdata_bar(copy);
    if (bar && !output->perfdata)
        *bar++ = '\0';
    if (self->reader.line == 1) {
        snprintf(output->first, sizeof output->first, "%s", trimmed(copy));
        text_cut(output->first, sizeof output->first - 1);
    } else if (!output->perfdata && (!bar || *copy)) {
        transcript_add(&output->more, trimmed(copy));
    }
    /* The first line has perfdata of its own; long output may follow it. */
    output->perfdata |= bar && self->reader.line > 1;
    if (bar && numbers)
        perfdata_read(&self->reader, self->reader.options.item, bar);
}

static void join(struct transcript *lines)
{
    for (size_t i = 0; i + 1 < lines->bytes; i++)
        lines->text[i] = lines->text[i] ? lines->text[i] : '\n';
}

static const char *signal_text(int signal)
{
    const char *name = sigabbrev_np(signal);
    return name ? name : "?";
}

/* What the exit code means when it is no state. */
static void code_text(int status, char *text, size_t room)
{
    if (status < 0)
        snprintf(text, room, "killed by signal %d (SIG%s)", -status, signal_text(-status));
    else if (status == CODE_NOT_EXECUTABLE)
        snprintf(text, room, "return code 126 is out of bounds: the file is not executable");
    else if (status == CODE_NOT_FOUND)
        snprintf(text, room,
                 "return code 127 is out of bounds: the file was not found, or a "
                 "library that it needs");
    else
        snprintf(text, room, "return code %d is out of bounds (0 to 3)", status);
}

static void say_verdict(struct dialect *self, const struct output *output, int status)
{
    static const enum gw_severity severities[] = {GW_INFO, GW_WARNING, GW_CRITICAL, GW_ERROR};
    char text[sizeof output->first + 128];
    bool sound = status >= 0 && status <= STATE_UNKNOWN;
    int state = sound ? status : STATE_UNKNOWN;
    if (sound)
        snprintf(text, sizeof text, "%s", output->first[0] ? output->first : "(no output)");
    else
        code_text(status, text, sizeof text);
    if (!sound && output->first[0]) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "; it said: %s", output->first);
    }
    struct verdict verdict = {
        .severity = severities[state],
        .state = state,
        .text = text,
        .more = output->more.bytes > 0 ? output->more.text : NULL,
    };
    self->reader.heard.verdict(self->reader.heard.data, &verdict);
}

static void nagios_end(struct dialect *self, unsigned run, int status, int64_t now_ms)
{
    (void)run, (void)now_ms;
    struct output output = {.more = {.max_bytes = OUTPUT_BYTES_MAX}};
    const struct heard *heard = &self->reader.heard;
    const char *line = transcript_first(&self->lines);
    for (; line; line = transcript_next(&self->lines, line))
        read_line(self, &output, line, status >= 0 && status <= STATE_UNKNOWN);
    if (self->lines.full)
        reader_error(&self->reader, NULL, "more than %d bytes of output: the rest is left out",
                     OUTPUT_BYTES_MAX);
    heard->turn(heard->data);
    join(&output.more);
    say_verdict(self, &output, status);
    transcript_clear(&output.more);
    transcript_clear(&self->lines);
    reader_rewind(&self->reader);
}

const struct dialect_kind dialect_nagios = {
    .name = "nagios",
    .open = nagios_open,
    .line = nagios_line,
    .end = nagios_end,
    .close = nagios_close,
};
