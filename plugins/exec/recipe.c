/* recipe.c - see recipe.h. Here is what a row of conf.d may say together, and what it means when it
 * says nothing; program.c finds and names the program. */
#include "recipe.h"
#include "environ.h"
#include "naming.h"
#include "plugin_conf.h"

#include <errno.h>
#include <grp.h>
#include <jansson.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SCRAPE_MS = 10000, EACH_MS = 30000 };

/* What a protocol's programs are like. */
struct habit {
    const char *name;
    enum recipe_mode mode;
    int64_t every_ms, timeout_ms; /* a stream's timeout is its longest silence; 0: none */
    bool keep_stdin, never_root;
};

static const struct habit habits[] = {
    {"netdata", MODE_STREAM, 5000, 120000, true, false},
    {"collectd", MODE_STREAM, 10000, 0, false, true},
    {"munin", MODE_EACH, 60000, 30000, false, false},
    {"nagios", MODE_EACH, 60000, 60000, false, false},
    {"influx", MODE_EACH, 10000, 10000, true, false},
    {"prometheus", MODE_EACH, 15000, 30000, false, false},
    {"jsonl", MODE_STREAM, 10000, 0, true, false},
};

static const struct habit *habit_of(const char *name)
{
    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
        if (strcmp(habits[i].name, name) == 0)
            return &habits[i];
    return &habits[0];
}

static int wrong(char *why, const char *format, ...) GW_PRINTF(2, 3);

static int wrong(char *why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, RECIPE_WHY_BYTES, format, args);
    va_end(args);
    return -EINVAL;
}

/* ---- What may be said together --------------------------------------------------------------- */

struct only_with {
    const char *option, *protocols;
};

static int check_options(const struct gw_values *values, const char *protocol, char *why)
{
    static const struct only_with rules[] = {
        {"url", "prometheus"},
        {"path", "prometheus"},
        {"types", "collectd"},
        {"precision", "influx"},
        {"plugin_conf", "munin"},
        {"as", "munin"},
        {"attempts", "nagios"},
        {"retry_every", "nagios"},
        {"signal", "influx jsonl"},
        {"config_dir", "netdata"},
        {"mode", "influx jsonl"},
        {"stock_config_dir", "netdata"},
        {"restart", "netdata collectd influx jsonl"},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (gw_has(values, rules[i].option) && !strstr(rules[i].protocols, protocol))
            return wrong(why, "`%s` is for protocol %s, not for %s: take it away", rules[i].option,
                         rules[i].protocols, protocol);
    int sources = gw_has(values, "command") + gw_has(values, "url") + gw_has(values, "path") +
                  gw_has(values, "directory");
    if (sources != 1)
        return wrong(why, sources ? "`command`, `url`, `path` and `directory`: only one may be said"
                                  : "what is run is missing: say `command`, `directory`, or for "
                                    "prometheus `url` or `path`");
    if (gw_has(values, "as") && gw_has(values, "directory"))
        return wrong(why, "`as` names one program, and `directory` is many");
    if (gw_has(values, "path") && *gw_string(values, "path") != '/')
        return wrong(why, "`path` must begin with /");
    return 0;
}

/* ---- Parts ----------------------------------------------------------------------------------- */

static int read_words(struct recipe *recipe, const char *file, char *why)
{
    const struct gw_values *values = recipe->values;
    size_t count = gw_count(values, "command");
    if (file)
        return texts_add(&recipe->words, "%s", file) ? 0 : -ENOMEM;
    if (count == 1 &&
        !texts_split(&recipe->words, gw_string_at(values, "command", 0), why, RECIPE_WHY_BYTES))
        return -EINVAL;
    for (size_t i = 0; count > 1 && i < count; i++)
        if (!texts_add(&recipe->words, "%s", gw_string_at(values, "command", i)))
            return -ENOMEM;
    if (gw_has(values, "command") && (!recipe->words.count || !*recipe->words.list[0]))
        return wrong(why, "`command` is empty");
    const char *program = recipe->words.count ? recipe->words.list[0] : "/";
    if (*program != '/' && strchr(program, '/'))
        return wrong(why, "`command`: %.200s must begin with /, or be a name in PATH", program);
    return 0;
}

static int find_group(struct child_user *user, const char *group, const char *where, char *why)
{
    char space[16384];
    struct group entry, *found = NULL;
    getgrnam_r(group, &entry, space, sizeof space, &found);
    if (!found)
        return wrong(why, "%s: there is no group '%.80s' on this machine", where, group);
    user->gid = found->gr_gid;
    user->groups[0] = found->gr_gid;
    user->group_count = 1;
    return 0;
}

/* `where`: who says so, for the error. */
static int find_user(struct child_user *user, const char *name, const char *group,
                     const char *where, char *why)
{
    char space[16384];
    struct passwd entry, *found = NULL;
    getpwnam_r(name, &entry, space, sizeof space, &found);
    if (!found)
        return wrong(why, "%s: there is no user '%.80s' on this machine", where, name);
    int count = CHILD_GROUPS_MAX;
    *user = (struct child_user){.uid = found->pw_uid, .gid = found->pw_gid};
    if (getgrouplist(name, found->pw_gid, user->groups, &count) < 0)
        count = CHILD_GROUPS_MAX;
    user->group_count = (size_t)count;
    int error = group ? find_group(user, group, where, why) : 0;
    user->change = user->uid != geteuid() || (group && user->gid != getegid());
    if (!error && user->change && geteuid() != 0)
        error =
            wrong(why, "`user`: only root can run programs as %.80s; gnswatch is not root", name);
    return error;
}

/* "user" or "user:group"; without, what the protocol's own host would take. */
static int read_user(struct recipe *recipe, const struct plugin_conf *conf,
                     const struct habit *habit, char *why)
{
    const char *said = gw_string(recipe->values, "user");
    if (!said && strcmp(habit->name, "munin") == 0 && geteuid() == 0)
        return find_user(&recipe->user, conf->user ? conf->user : "nobody", conf->group,
                         "`user` in Munin's plugin-conf.d", why);
    int error = 0;
    if (said) {
        char *name = strdup(said), *group = name ? strchr(name, ':') : NULL;
        if (group)
            *group++ = '\0';
        error = name ? find_user(&recipe->user, name, group, "`user`", why) : -ENOMEM;
        free(name);
    }
    uid_t uid = recipe->user.change ? recipe->user.uid : geteuid();
    if (!error && habit->never_root && uid == 0 && !gw_bool(recipe->values, "allow_root"))
        error = wrong(why, "%s does not run programs as root: say `user`, or `allow_root: yes`",
                      habit->name);
    return error;
}

static int add_label(struct recipe *recipe, const char *name, const json_t *value, char *why)
{
    char label[NAMING_LABEL_BYTES], number[40];
    const char *text = json_string_value(value);
    if (json_is_integer(value)) {
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
        text = number;
    }
    naming_label(label, name);
    if (!text || strcmp(label, name) != 0)
        return wrong(why, "`labels`: '%.60s' must be of a-z, 0-9 and _, not item, and a text",
                     name);
    if (recipe->label_count == RECIPE_LABELS_MAX)
        return wrong(why, "`labels`: there may be %d", RECIPE_LABELS_MAX);
    struct gw_label *to = &recipe->labels[recipe->label_count++];
    *to = (struct gw_label){strdup(label), strdup(text)};
    return to->name && to->value ? 0 : -ENOMEM;
}

static int read_labels(struct recipe *recipe, char *why)
{
    const char *text = gw_string(recipe->values, "labels"), *name;
    json_t *labels = text ? json_loads(text, 0, NULL) : NULL, *value;
    int error = 0;
    if (labels && !json_is_object(labels))
        error = wrong(why, "`labels` must be a map: {name: text}");
    json_object_foreach(labels, name, value) if (!error) error =
        add_label(recipe, name, value, why);
    json_decref(labels);
    return error;
}

static void read_signal(struct recipe *recipe)
{
    static const struct {
        const char *name;
        int number;
    } signals[] = {{"hup", SIGHUP}, {"usr1", SIGUSR1}, {"usr2", SIGUSR2}};
    const char *said = gw_string(recipe->values, "signal");
    recipe->ask_stdin = said && strcmp(said, "stdin") == 0;
    for (size_t i = 0; said && i < sizeof signals / sizeof *signals; i++)
        if (strcmp(said, signals[i].name) == 0)
            recipe->ask_signal = signals[i].number;
}

static void read_limits(struct recipe *recipe)
{
    const struct gw_values *limits = gw_table_at(recipe->values, "limits", 0);
    recipe->limits = (struct child_limits){
        .memory_bytes = (uint64_t)gw_int(limits, "memory"),
        .cpu_s = (uint64_t)(gw_int(limits, "cpu") + 999) / 1000,
        .files = (uint64_t)gw_int(limits, "files"),
    };
    recipe->bytes_per_s = gw_int(limits, "output");
    recipe->processes_max = (unsigned)gw_int(limits, "processes");
    recipe->series_max = (size_t)gw_int(limits, "series");
}

static enum recipe_mode mode_of(const struct recipe *recipe, const struct habit *habit)
{
    const char *said = gw_string(recipe->values, "mode");
    if (gw_has(recipe->values, "url"))
        return MODE_SCRAPE;
    if (gw_has(recipe->values, "path"))
        return MODE_FILES;
    if (said)
        return strcmp(said, "stream") == 0 ? MODE_STREAM : MODE_EACH;
    return gw_has(recipe->values, "signal") ? MODE_STREAM : habit->mode;
}

static enum recipe_restart restart_of(const struct recipe *recipe)
{
    const char *said = gw_string(recipe->values, "restart");
    if (!said || strcmp(said, "always") == 0)
        return RESTART_ALWAYS;
    return strcmp(said, "failure") == 0 ? RESTART_FAILURE : RESTART_NEVER;
}

static void read_times(struct recipe *recipe, const struct plugin_conf *conf,
                       const struct habit *habit)
{
    const struct gw_values *values = recipe->values;
    int64_t every = gw_int(values, "every"), timeout = gw_int(values, "timeout");
    recipe->every_ms = every ? every : habit->every_ms;
    if (!timeout)
        timeout = conf->timeout_ms > 0 ? conf->timeout_ms : habit->timeout_ms;
    if (recipe->mode == MODE_STREAM)
        recipe->silence_ms = gw_has(values, "timeout") || habit->mode == MODE_STREAM ? timeout : 0;
    else
        recipe->timeout_ms = timeout ? timeout : EACH_MS;
    if (recipe->mode == MODE_SCRAPE && !gw_has(values, "timeout"))
        recipe->timeout_ms = SCRAPE_MS;
    recipe->attempts = gw_has(values, "attempts") ? (unsigned)gw_int(values, "attempts") : 1;
    int64_t retry = gw_int(values, "retry_every");
    recipe->retry_ms = retry ? retry : recipe->every_ms;
}

/* ---- The whole ------------------------------------------------------------------------------- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int read_all(struct recipe *recipe, struct gw_plugin *self, const char *file,
                    struct plugin_conf *conf, char *why)
{
    const struct gw_values *values = recipe->values;
    const char *protocol = gw_string(values, "protocol"), *alias = gw_string(values, "as");
    const struct habit *habit = habit_of(protocol);
    recipe->dialect = dialect_named(protocol);
    if (!recipe->dialect)
        return wrong(why, "protocol %s is not built in", protocol);
    int error = check_options(values, protocol, why);
    if (!error)
        error = read_words(recipe, file, why);
    if (error)
        return error;
    if (alias && strchr(alias, '/'))
        return wrong(why, "`as` is a name, not a path");
    recipe->alias = alias ? strdup(alias) : NULL;
    if (strcmp(protocol, "munin") == 0 && recipe->words.count)
        plugin_conf_read(conf,
                         gw_string(values, "plugin_conf") ? gw_string(values, "plugin_conf")
                                                          : "/etc/munin/plugin-conf.d",
                         alias ? alias : base_name(recipe->words.list[0]));
    recipe->conf_env = conf->env;
    conf->env = (struct texts){0};
    recipe->mode = mode_of(recipe, habit);
    recipe->restart = restart_of(recipe);
    recipe->keep_stdin = habit->keep_stdin && recipe->mode == MODE_STREAM;
    read_times(recipe, conf, habit);
    read_limits(recipe);
    read_signal(recipe);
    for (size_t i = 0; i < gw_count(values, "types"); i++)
        texts_add(&recipe->types, "%s", gw_string_at(values, "types", i));
    if (strcmp(protocol, "collectd") == 0 && !recipe->types.count)
        texts_add(&recipe->types, "/usr/share/collectd/types.db");
    error = read_labels(recipe, why);
    if (!error && recipe->words.count)
        error = read_user(recipe, conf, habit, why);
    return error || !recipe->words.count ? error : environ_make(recipe, self, why);
}

int recipe_read(struct recipe *recipe, struct gw_plugin *self, const struct gw_values *values,
                const char *name, const char *file, char why[RECIPE_WHY_BYTES])
{
    struct plugin_conf conf = {0};
    *recipe = (struct recipe){.values = values, .mode = MODE_EACH, .every_ms = 60000};
    recipe->name = strdup(name);
    snprintf(why, RECIPE_WHY_BYTES, "out of memory");
    int error = recipe->name ? read_all(recipe, self, file, &conf, why) : -ENOMEM;
    plugin_conf_fini(&conf);
    return error;
}

void recipe_fini(struct recipe *recipe)
{
    free(recipe->name);
    free(recipe->alias);
    texts_fini(&recipe->words);
    texts_fini(&recipe->env);
    texts_fini(&recipe->conf_env);
    texts_fini(&recipe->hidden);
    texts_fini(&recipe->types);
    for (size_t i = 0; i < recipe->label_count; i++) {
        free((char *)(uintptr_t)recipe->labels[i].name);
        free((char *)(uintptr_t)recipe->labels[i].value);
    }
    *recipe = (struct recipe){0};
}
