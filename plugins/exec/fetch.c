/* fetch.c - items without a process (item.h): Prometheus' exporters are asked by HTTP, and its text
 * files read from a directory. */
#include "exec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BODY_MAX_BYTES = 16 * 1024 * 1024,
    FILE_MAX_BYTES = 1024 * 1024,
    FILES_MAX = 200,
    URL_BYTES = 2048,
};

static const char accepts[] =
    "Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";

static const struct gw_field file_fields[] = {
    {"age", GW_GAUGE, "s", "Since it was written"},
    {"error", GW_GAUGE, "1", "1: it could not be read as a whole"},
    {"values", GW_GAUGE, "1", "What it said"},
    {0},
};

static void on_line(void *data, const char *line, int flaw)
{
    hear_line(data, line, flaw);
}

static void read_text(struct item *item, const char *text, size_t bytes)
{
    struct lines lines = {.on_line = on_line, .data = item};
    lines_feed(&lines, text, bytes);
    lines_end(&lines);
}

static void done(struct item *item, const char *why)
{
    struct process_end end = {.seconds = (double)(gw_monotonic_ms(item->self) - item->started_ms) /
                                         1000.0};
    text_copy(item->stop_why, sizeof item->stop_why, why);
    turn_done(item, &end);
}

/* ---- By HTTP --------------------------------------------------------------------------------- */

/* The reader of one format does not read the other. */
static int open_format(struct item *item, const char *content_type)
{
    bool openmetrics = content_type && strstr(content_type, "application/openmetrics-text");
    if (openmetrics != item->options.openmetrics)
        hear_close(item);
    item->options.openmetrics = openmetrics;
    if (item->dialect)
        return 0;
    item->dialect = item->recipe.dialect->open(&item->options, &item->heard.heard);
    return item->dialect ? 0 : -ENOMEM;
}

static void on_scraped(struct gw_plugin *self, const struct gw_http_answer *answer, void *data)
{
    struct item *item = data;
    char why[ITEM_WHY_BYTES] = "";
    if (answer->error == -ECANCELED) /* only by item_free: nobody is there to hear it */
        return;
    item->counts.bytes += answer->received_bytes;
    if (answer->error)
        snprintf(why, sizeof why, "the exporter did not answer: %s",
                 answer->text ? answer->text : strerror(-answer->error));
    else if (answer->status != 200)
        snprintf(why, sizeof why, "the exporter answered %d instead of 200", answer->status);
    else if (answer->content_type && strncmp(answer->content_type, "text/html", 9) == 0)
        snprintf(why, sizeof why,
                 "the exporter answered a page of HTML, no metrics: most have theirs at /metrics");
    else if (open_format(item, answer->content_type))
        snprintf(why, sizeof why, "out of memory");
    else
        read_text(item, answer->body, answer->body_bytes);
    if (!*why)
        item->recipe.dialect->end(item->dialect, 0, 0, gw_now_ms(self));
    recipe_hide(&item->recipe, why);
    done(item, why);
}

static int connect_to(struct item *item, const char *url)
{
    const struct gw_values *values = item->recipe.values;
    char base[URL_BYTES];
    const char *host = strstr(url, "://");
    size_t origin = host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?") : 0;
    if (!origin || origin >= sizeof base || strncmp(url, "http", 4) != 0)
        return -EINVAL;
    memcpy(base, url, origin);
    base[origin] = '\0';
    struct gw_http_options options = {.size = sizeof options,
                                      .base = base,
                                      .user = gw_string(values, "http_user"),
                                      .password = gw_string(values, "http_password"),
                                      .ca_file = gw_string(values, "ca_file"),
                                      .insecure = gw_bool(values, "insecure"),
                                      .connections_max = 1,
                                      .answer_max_bytes = BODY_MAX_BYTES};
    item->http = gw_http_new(item->self, &options);
    return item->http ? 0 : -ENOMEM;
}

void fetch_scrape(struct item *item)
{
    const char *url = gw_string(item->recipe.values, "url");
    const char *host = strstr(url, "://");
    const char *path = host ? host + 3 + strcspn(host + 3, "/?") : "";
    char timeout[80];
    snprintf(timeout, sizeof timeout, "X-Prometheus-Scrape-Timeout-Seconds: %.3f",
             (double)item->recipe.timeout_ms / 1000.0);
    const char *headers[] = {accepts, timeout, NULL};
    if (!item->http && connect_to(item, url)) {
        done(item, "`url` must be http://host:port/path or https://…, without user or password");
        return;
    }
    struct gw_http_ask ask = {.path = *path ? path : "/metrics",
                              .headers = headers,
                              .timeout_ms = item->recipe.timeout_ms,
                              .on_done = on_scraped,
                              .data = item};
    if (!gw_http_send(item->http, &ask))
        done(item, "the request could not be sent");
}

/* ---- Files ----------------------------------------------------------------------------------- */

/* malloc'd; NULL with a reason. */
static char *read_file(int folder, const char *name, size_t *bytes, struct stat *there,
                       const char **why)
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *text = NULL;
    *bytes = 0;
    *why = "cannot be read";
    if (fd < 0 || fstat(fd, there) || !S_ISREG(there->st_mode)) {
        *why = fd < 0 ? strerror(errno) : "is no file";
    } else if (there->st_size > FILE_MAX_BYTES) {
        *why = "is larger than 1 MiB";
    } else if ((text = malloc((size_t)there->st_size + 1)) != NULL) {
        ssize_t count = 1;
        while (count > 0 && *bytes < (size_t)there->st_size) {
            count = read(fd, text + *bytes, (size_t)there->st_size - *bytes);
            *bytes += count > 0 ? (size_t)count : 0;
        }
    }
    if (fd >= 0)
        close(fd);
    return text;
}

static void file_row(struct item *item, const char *name, int64_t age_s, bool failed,
                     uint64_t values)
{
    const struct gw_label labels[] = {{"item", item->recipe.name}, {"file", name}, {0}};
    const double row[] = {(double)age_s, failed, (double)values};
    gw_set(gw_series_get(item->self, "exec.file", labels, file_fields, item->recipe.every_ms), row);
}

static void file_error(struct item *item, const char *name, const char *why)
{
    char text[ITEM_WHY_BYTES];
    snprintf(text, sizeof text, "%.150s: %.200s", name, why);
    hear_error(item, item->error.line, item->error.column, text, item->error.text);
}

static void fetch_file(struct item *item, int folder, const char *name)
{
    struct stat there = {0};
    size_t bytes;
    const char *why;
    char *text = read_file(folder, name, &bytes, &there, &why);
    uint64_t errors = item->run_errors, values = item->run_heard, lines = item->run_lines;
    if (text) {
        item->run_lines = 0; /* lines are counted in each file */
        read_text(item, text, bytes);
        item->recipe.dialect->end(item->dialect, 0, 0, gw_now_ms(item->self));
        item->run_lines += lines;
        if (item->run_errors != errors)
            file_error(item, name, item->error.why);
    } else {
        item->run_errors++;
        file_error(item, name, why);
    }
    free(text);
    rows_turn(item->rows);
    char cut[NAME_MAX + 1];
    text_copy(cut, sizeof cut, name);
    text_clean(cut, strlen(cut));
    file_row(item, cut, gw_now_ms(item->self) / 1000 - there.st_mtime, item->run_errors != errors,
             item->run_heard - values);
    hear_close(item); /* types are said once in each file */
    hear_open(item);
}

static int is_prom(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 5 && strcmp(entry->d_name + length - 5, ".prom") == 0 &&
           entry->d_name[0] != '.';
}

void fetch_files(struct item *item)
{
    const char *path = gw_string(item->recipe.values, "path");
    char why[ITEM_WHY_BYTES] = "";
    struct dirent **entries = NULL;
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int count = folder >= 0 ? scandir(path, &entries, is_prom, alphasort) : -1;
    if (count < 0)
        snprintf(why, sizeof why, "cannot read the directory %.200s: %s", path, strerror(errno));
    else if (count == 0)
        snprintf(why, sizeof why, "there is no file *.prom in %.200s", path);
    for (int i = 0; i < count; i++) {
        if (i < FILES_MAX)
            fetch_file(item, folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    if (folder >= 0)
        close(folder);
    done(item, why);
}
