/* gnswatch call: asks, follows the job, prints the answer. */
#include "cmd.h"

#include "call_params.h"
#include "client.h"
#include "conf/near.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const struct cli_option call_options[] = {
    {.name = "conf", .letter = 'c', .arg = "DIR", .help = "Configuration, for its state_dir"},
    {.name = "state", .arg = "DIR", .help = "State directory of the running daemon"},
    {.name = "wait",
     .arg = "SECONDS",
     .help = "Leave a long command running after this; default: "
             "wait until it ends"},
    {.name = "json", .help = "Print the answer on one line"},
    {.name = "list", .help = "Show the commands that there are instead"},
    {0},
};

const char call_more[] = "Values are text, true, 12, or JSON such as '[1,2]'; name=a name=b is a "
                         "list.\nExit codes: 0 done, 1 refused, 2 wrong usage, 3 no daemon.\n";

struct asking {
    char socket_path[4096];
    const char *state_dir;
    bool one_line;
    double wait_s; /* negative: until it ends */
    char error_text[256];
    size_t log_seen; /* lines of the job's log already shown */
};

static int say_error(const struct asking *asking, int error)
{
    if (error == -ECONNREFUSED) {
        fprintf(stderr,
                "gnswatch: no daemon answers at %s; start one with 'gnswatch run', or name its "
                "state directory with --state\n",
                asking->socket_path);
        return EXIT_UNREACHABLE;
    }
    if (error == -EACCES) {
        fprintf(stderr,
                "gnswatch: this user may not use %s; ask as the user that gnswatch runs as (or as "
                "root), or with a token over HTTP\n",
                asking->socket_path);
        return EXIT_FAILED;
    }
    fprintf(stderr, "gnswatch: %s\n", *asking->error_text ? asking->error_text : strerror(-error));
    return EXIT_FAILED;
}

/* 0 with the schema of a command's parameters, a reference; -ENOENT with the nearest name said. */
static int find_schema(struct asking *asking, const char *name, json_t **schema)
{
    struct client_answer answer;
    struct near near;
    size_t i;
    json_t *item;
    int error =
        client_ask(asking->socket_path, "/api/v1/commands", NULL, 10, &answer, asking->error_text);
    near_init(&near, name);
    json_array_foreach(json_object_get(answer.json, "items"), i, item)
    {
        const char *found = json_string_value(json_object_get(item, "name"));
        if (found)
            near_offer(&near, found);
        if (found && strcmp(found, name) == 0)
            *schema = json_incref(json_object_get(item, "params"));
    }
    const char *best = near_best(&near);
    if (!error && answer.status == 200 && !*schema) {
        fprintf(stderr, "gnswatch: no command '%s'%s%s%s; 'gnswatch call --list' shows all\n", name,
                best ? "; did you mean '" : "", best ? best : "", best ? "'?" : "");
        error = -ENOENT;
    }
    json_decref(answer.json);
    return error;
}

static int list_commands(struct asking *asking)
{
    struct client_answer answer;
    size_t i;
    json_t *item;
    int error =
        client_ask(asking->socket_path, "/api/v1/commands", NULL, 10, &answer, asking->error_text);
    if (error)
        return say_error(asking, error);
    json_array_foreach(json_object_get(answer.json, "items"), i, item)
        printf("%-26s %-9s %s\n", json_string_value(json_object_get(item, "name")),
               json_string_value(json_object_get(item, "role")),
               json_string_value(json_object_get(item, "help")));
    json_decref(answer.json);
    return EXIT_CLEAN;
}

static int print_answer(const struct asking *asking, const json_t *json)
{
    size_t flags = JSON_ENCODE_ANY |
                   (asking->one_line ? JSON_COMPACT : JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    if (json)
        json_dumpf(json, stdout, flags);
    printf("%s\n", json ? "" : "{}");
    return EXIT_CLEAN;
}

static int print_refusal(const json_t *json)
{
    const char *detail = json_string_value(json_object_get(json, "detail"));
    size_t i;
    json_t *item;
    fprintf(stderr, "gnswatch: %s\n", detail ? detail : "refused without a reason");
    json_array_foreach(json_object_get(json, "errors"), i, item)
    {
        const char *where = json_string_value(json_object_get(item, "where"));
        const char *what = json_string_value(json_object_get(item, "what"));
        size_t bytes = where ? strlen(where) : 0;
        bool said = where && what && detail && strncmp(detail, where, bytes) == 0 &&
                    strstr(detail + bytes, what); /* the sentence above is one of them */
        if (!said)
            fprintf(stderr, "  %s: %s\n", where ? where : "", what ? what : "");
    }
    return EXIT_FAILED;
}

static void show_progress(struct asking *asking, const json_t *job)
{
    const json_t *log = json_object_get(job, "log");
    double progress = json_number_value(json_object_get(job, "progress"));
    for (; asking->log_seen < json_array_size(log); asking->log_seen++) {
        const json_t *line = json_array_get(log, asking->log_seen);
        fprintf(stderr, "%3.0f %%  %s\n", progress * 100,
                json_string_value(json_object_get(line, "text")));
    }
}

/* -1: it goes on. */
static int job_end(const struct asking *asking, const json_t *job)
{
    const char *state = json_string_value(json_object_get(job, "state"));
    if (!state || strcmp(state, "waiting") == 0 || strcmp(state, "running") == 0)
        return -1;
    if (strcmp(state, "done") == 0)
        return print_answer(asking, json_object_get(job, "result"));
    const char *sentence = json_string_value(json_object_get(job, "error"));
    fprintf(stderr, "gnswatch: %s\n", sentence ? sentence : state);
    return EXIT_FAILED;
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int follow(struct asking *asking, const char *id, double until_s)
{
    char path[128];
    int code = -1;
    snprintf(path, sizeof(path), "/api/v1/jobs/%s", id);
    while (code < 0) {
        struct client_answer answer;
        if (asking->wait_s >= 0 && now_s() >= until_s) {
            fprintf(stderr, "gnswatch: still running as job %s; see /api/v1/jobs/%s\n", id, id);
            return EXIT_CLEAN;
        }
        int error = client_ask(asking->socket_path, path, NULL, 10, &answer, asking->error_text);
        if (error)
            return say_error(asking, error);
        show_progress(asking, answer.json);
        code = answer.status == 200 ? job_end(asking, answer.json) : print_refusal(answer.json);
        json_decref(answer.json);
        if (code < 0)
            nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    }
    return code;
}

static int ask(struct asking *asking, const char *name, const char *body)
{
    char path[512];
    double until_s = now_s() + asking->wait_s;
    struct client_answer answer;
    /* A second here, then as a job: its progress shows sooner. */
    snprintf(path, sizeof(path), "/api/v1/commands/%s?wait=1", name);
    int error = client_ask(asking->socket_path, path, body, 70, &answer, asking->error_text);
    if (error)
        return say_error(asking, error);
    int code;
    const char *id = json_string_value(json_object_get(answer.json, "id"));
    if (answer.status == 202 && id)
        code = follow(asking, id, until_s);
    else if (answer.status == 200)
        code = print_answer(asking, answer.json);
    else
        code = print_refusal(answer.json);
    json_decref(answer.json);
    return code;
}

static bool plain_name(const char *name)
{
    return strlen(name) < 200 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == strlen(name);
}

static int call(struct asking *asking, const struct cli_parsed *parsed)
{
    const char *name = parsed->rest[0], *bad = NULL;
    if (!plain_name(name)) {
        fprintf(stderr,
                "gnswatch: '%s' is no name of a command; 'gnswatch call --list' shows all\n", name);
        return EXIT_USAGE;
    }
    json_t *schema = NULL;
    int error = find_schema(asking, name, &schema);
    if (error)
        return error == -ENOENT ? EXIT_USAGE : say_error(asking, error);
    json_t *params = call_params(parsed->rest + 1, parsed->rest_count - 1, schema, &bad);
    json_decref(schema);
    if (!params) {
        fprintf(stderr, "gnswatch: expected NAME=VALUE, not '%s'\n", bad);
        return EXIT_USAGE;
    }
    char *body = json_dumps(params, JSON_COMPACT);
    json_decref(params);
    int code = body ? ask(asking, name, body) : EXIT_FAILED;
    free(body);
    return code;
}

static bool parse_wait(const char *text, double *wait_s)
{
    char *end = NULL;
    *wait_s = text ? strtod(text, &end) : -1;
    if (!text || (end != text && !*end && *wait_s >= 0))
        return true;
    fprintf(stderr, "gnswatch: --wait %s: expected a number of seconds\n", text);
    return false;
}

int cmd_call(const struct cli_command *command, int argc, char **argv)
{
    struct cli_parsed parsed;
    struct setup setup;
    struct asking asking = {0};
    int code;
    if (!cmd_setup(command, argc, argv, &parsed, &setup, &code))
        return code;
    if (!parsed.rest_count && !cli_value(&parsed, "list")) {
        fprintf(stderr, "gnswatch call: expected %s, or --list; see 'gnswatch call --help'\n",
                command->args);
        setup_fini(&setup);
        return EXIT_USAGE;
    }
    asking.one_line = cli_value(&parsed, "json") != NULL;
    snprintf(asking.socket_path, sizeof(asking.socket_path), "%s/gnswatch.sock", setup.state_dir);
    if (!parse_wait(cli_value(&parsed, "wait"), &asking.wait_s))
        code = EXIT_USAGE;
    else
        code = cli_value(&parsed, "list") ? list_commands(&asking) : call(&asking, &parsed);
    setup_fini(&setup);
    return code;
}
