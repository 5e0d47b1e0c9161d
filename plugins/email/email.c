/* email.c - notifications as mail (see README.md). This file is the plugin's table of contents: its
 * options, its start, tick and stop. */
#include "email.h"

#include "picture.h"

#include <auth-client.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    EVERY_MS = 5000,
    STOP_WAIT_MS = 800, /* of the second a callback has */
    CHART_DEADLINE_MS = 10000,
    LETTER_MAX_BYTES = 1 << 20,
};

static const struct gw_row option_rows[] = {
    {.name = "server",
     .type = GW_STRING,
     .def = "localhost",
     .min = 1,
     .max = 253,
     .help = "The mail server's name; a certificate is checked against it"},
    {.name = "port",
     .type = GW_INT,
     .def = "587",
     .min = 1,
     .max = 65535,
     .help = "Its port: 587 for submission, 25 for a server of your own"},
    {.name = "security",
     .type = GW_ENUM,
     .choices = "required|offered|none",
     .def = "required",
     .help = "Whether STARTTLS is required, used when it is offered, or not used; TLS from the "
             "first byte (port 465) is not possible"},
    {.name = "ca_file",
     .type = GW_STRING,
     .help = "PEM file with the authority of the server's certificate, when it is one of your own"},
    {.name = "user", .type = GW_STRING, .help = "Name for AUTH; without it none is made"},
    {.name = "password",
     .type = GW_SECRET,
     .help = "Password for AUTH; never sent over an open line unless security is none"},
    {.name = "from",
     .type = GW_STRING,
     .help =
         "Sender, as name@host or Name <name@host>; without it gnswatch at this machine's name"},
    {.name = "to",
     .type = GW_STRINGS,
     .max = EMAIL_TO_MAX,
     .help = "Recipients of what names none"},
    {.name = "timeout",
     .type = GW_DURATION,
     .def = "60s",
     .min = 1000,
     .max = 600000,
     .help = "How long the server may take for each answer"},
    {.name = "rate",
     .type = GW_NUMBER,
     .def = "30",
     .min = 0.1,
     .max = 6000,
     .help = "Mails a minute at most"},
    {.name = "burst",
     .type = GW_INT,
     .def = "10",
     .min = 1,
     .max = 1000,
     .help = "Mails at once after a quiet time"},
    {.name = "tries",
     .type = GW_INT,
     .def = "12",
     .min = 1,
     .max = 1000,
     .help = "How often the server may refuse a letter for the moment before it dies; an outage "
             "does not count"},
    {.name = "retry",
     .type = GW_DURATION,
     .def = "30s",
     .min = 100,
     .max = 3600000,
     .help = "The longest first pause before another try; it doubles with each"},
    {.name = "retry_longest",
     .type = GW_DURATION,
     .def = "15m",
     .min = 100,
     .max = 86400000,
     .help = "The longest pause there is"},
    {.name = "keep",
     .type = GW_DURATION,
     .def = "3d",
     .min = 60000,
     .max = 2592000000.0,
     .help = "How long a letter may wait, also during an outage, before it dies"},
    {.name = "waiting_max",
     .type = GW_INT,
     .def = "5000",
     .min = 10,
     .max = 100000,
     .help = "How many letters may wait; more are refused, and alert keeps them"},
    {.name = "digest",
     .type = GW_INT,
     .def = "5",
     .min = 0,
     .max = EMAIL_DIGEST_MAX,
     .help = "So many waiting letters for the same people become one mail; 0: never"},
    {.name = "charts",
     .type = GW_BOOL,
     .def = "yes",
     .help = "Whether mails show the course of the values they are about"},
    {.name = "language",
     .type = GW_ENUM,
     .choices = "en|fr",
     .def = "en",
     .help = "Language of what stands around the notifications' own words"},
    {.name = "zone",
     .type = GW_ZONE,
     .def = "",
     .help = "Time zone of the times in a mail; empty is the machine's"},
    {0},
};

static int read_from(struct gw_plugin *self, struct address *from)
{
    const char *text = gw_string(gw_options(self), "from"), *why;
    char own[300], host[256] = "localhost";
    gethostname(host, sizeof host - 1);
    snprintf(own, sizeof own, "gnswatch <gnswatch@%s>", host);
    if (!address_read(text ? text : own, from, &why))
        return 0;
    return gw_fail(self, -EINVAL, "from: '%.100s' is no mail address: %s", text ? text : own, why);
}

static enum submit_security read_security(const struct gw_values *options)
{
    const char *word = gw_string(options, "security");
    return !strcmp(word, "none")      ? SUBMIT_NONE
           : !strcmp(word, "offered") ? SUBMIT_OFFERED
                                      : SUBMIT_REQUIRED;
}

static int start_worker(struct email *email)
{
    const struct gw_values *options = gw_options(email->self);
    char program[4096] = "";
    email->charts = gw_bool(options, "charts");
    if (email->charts && picture_program(program, sizeof program)) {
        email->charts = false;
        gw_log(email->self, GW_WARNING, "gnswatch-chart is not installed: mails have no pictures");
    }
    struct worker_options w = {.server = {.host = gw_string(options, "server"),
                                          .port = (int)gw_int(options, "port"),
                                          .security = read_security(options),
                                          .ca_file = gw_string(options, "ca_file"),
                                          .user = gw_string(options, "user"),
                                          .password = gw_string(options, "password"),
                                          .timeout_ms = gw_int(options, "timeout")},
                               .style = email->style,
                               .chart_program = email->charts ? program : NULL,
                               .chart_deadline_ms = CHART_DEADLINE_MS};
    if (w.server.user && !w.server.password)
        return gw_fail(email->self, -EINVAL, "user: there is no password for it");
    if (w.server.ca_file && access(w.server.ca_file, R_OK))
        return gw_fail(email->self, -errno, "ca_file: %s cannot be read", w.server.ca_file);
    int error = read_from(email->self, &w.from);
    if (error)
        return error;
    snprintf(email->where, sizeof email->where, "%s:%d", w.server.host, w.server.port);
    email->worker = worker_new(email->self, &w, letter_done, email);
    return email->worker ? 0 : gw_fail(email->self, -ENOMEM, "the thread that sends mail");
}

static int start_sink(struct email *email)
{
    const struct gw_values *options = gw_options(email->self);
    email->sink = sink_new(
        email->self, &(struct sink_options){.plugin = "email",
                                            .queue = "letters",
                                            .kind = "email.letter",
                                            .noun = "letter",
                                            .receiver = email->where,
                                            .items_max = gw_int(options, "waiting_max"),
                                            .item_bytes_max = LETTER_MAX_BYTES,
                                            .tries_max = (unsigned)gw_int(options, "tries"),
                                            .retry_ms = gw_int(options, "retry"),
                                            .retry_longest_ms = gw_int(options, "retry_longest"),
                                            .age_max_ms = gw_int(options, "keep"),
                                            .per_minute = gw_number(options, "rate"),
                                            .burst = (unsigned)gw_int(options, "burst"),
                                            .send = letter_send,
                                            .describe = letter_describe,
                                            .data = email});
    return email->sink ? 0 : -EIO;
}

static int email_start(struct gw_plugin *self, void **data)
{
    const struct gw_values *options = gw_options(self);
    struct email *email = calloc(1, sizeof *email);
    if (!email)
        return -ENOMEM;
    *data = email;
    email->self = self;
    email->digest = (unsigned)gw_int(options, "digest");
    email->style = (struct content_style){
        .language = strcmp(gw_string(options, "language"), "fr") ? CONTENT_ENGLISH : CONTENT_FRENCH,
        .zone = gw_string(options, "zone"),
        .dashboard = gw_dashboard(self)};
    auth_client_init();
    int error = start_worker(email);
    return error ? error : start_sink(email);
}

static int email_tick(struct gw_plugin *self, void *data)
{
    (void)self;
    struct email *email = data;
    sink_tick(email->sink);
    return 0;
}

static void email_stop(struct gw_plugin *self, void *data)
{
    (void)self;
    struct email *email = data;
    if (!email)
        return;
    history_stop_all(email);
    worker_stop(email->worker, STOP_WAIT_MS);
    sink_free(email->sink);
    free(email);
}

GW_PLUGIN(.name = "email", .version = "0.1.0", .summary = "Notifications as mail, with pictures",
          .options = option_rows, .kinds = email_kinds, .commands = email_commands,
          .every_ms = EVERY_MS, .start = email_start, .tick = email_tick, .stop = email_stop);
