/* What is told and kept of a child that ended unasked. */
#include "worker/proxy.h"

#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEPT = 5, LOGGED_BYTES = 2600 };

/* crash-1.txt is the newest of five. */
static void keep(struct proxy *proxy, const char *sentence, const char *backtrace)
{
    const char *dir = gw_state_dir(proxy->self);
    char *from = NULL, *to = NULL;
    for (int i = KEPT - 1; dir && i >= 0; i--) {
        if (asprintf(&to, "%s/crash-%d.txt", dir, i + 1) < 0)
            return;
        if (i > 0 && asprintf(&from, "%s/crash-%d.txt", dir, i) >= 0) {
            rename(from, to); /* there need not be one */
            unlink(from);     /* a link to the same stays */
            free(from);
        }
        if (i > 0)
            free(to);
    }
    FILE *file = dir ? fopen(to, "wxe") : NULL; /* x: never what the plugin has put there */
    if (file) {
        fprintf(file, "time_ms: %lld\n%s\n%s", (long long)gw_now_ms(proxy->self), sentence,
                backtrace);
        fclose(file);
    } else if (dir) {
        log_line(GW_WARNING, proxy->self->conf.name, "cannot keep %s: %s", to, strerror(errno));
    }
    if (dir)
        free(to);
}

static void emit(struct proxy *proxy, int status, const char *sentence, const char *backtrace)
{
    struct gw_plugin *self = proxy->self;
    struct buf data;
    wire_begin(&data);
    if (WIFSIGNALED(status))
        wire_add_int(&data, "signal", WTERMSIG(status));
    else
        wire_add_int(&data, "status", WEXITSTATUS(status));
    wire_add_text(&data, "why", sentence);
    wire_add_text(&data, "backtrace", backtrace);
    struct gw_event event = {.topic = "gnswatch.instance.crashed",
                             .severity = GW_ERROR,
                             .source = self->conf.name,
                             .text = sentence,
                             .data = wire_end(&data)};
    bus_emit(self->parts->bus, &event);
    buf_fini(&data);
}

void proxy_crashed(struct proxy *proxy, int status)
{
    struct gw_plugin *self = proxy->self;
    char ended[128], sentence[480];
    crash_sentence(status, ended, sizeof(ended));
    if (*proxy->why)
        snprintf(sentence, sizeof(sentence), "its process was killed: %s", proxy->why);
    else
        snprintf(sentence, sizeof(sentence), "its process has ended: %s", ended);
    if (proxy->line.len)
        proxy_read_said(proxy);
    const char *backtrace = proxy->last_said.len ? proxy->last_said.data : "";
    if (*backtrace) /* the sentence itself becomes a log line as an event */
        log_line(GW_ERROR, self->conf.name, "its process' last words: %.*s", LOGGED_BYTES,
                 backtrace);
    keep(proxy, sentence, backtrace);
    emit(proxy, status, sentence, backtrace);
    proxy_refuse_calls(proxy, sentence);
    instance_crashed(self, sentence);
}
