/* environ.c - see environ.h. Nothing of our own environment is handed on but TZ. */
#include "environ.h"
#include "naming.h"
#include "strays.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char environ_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

enum { PATH_BYTES = 4096 };

/* ---- Folders --------------------------------------------------------------------------------- */

static int make_dir(const char *path, mode_t mode, const struct child_user *owner)
{
    struct stat there;
    if (mkdir(path, mode) && errno != EEXIST)
        return -errno;
    if (lstat(path, &there))
        return -errno;
    uid_t uid = owner && owner->change ? owner->uid : geteuid();
    gid_t gid = owner && owner->change ? owner->gid : getegid();
    if (!S_ISDIR(there.st_mode))
        return -ENOTDIR;
    return there.st_uid != uid && lchown(path, uid, gid) ? -errno : 0;
}

/* Ours is in the instance's state. Others cannot look in there: theirs is below /run, which only
 * root makes and only root needs. */
int environ_folder(struct gw_plugin *self, const struct child_user *user, const char *name,
                   char *path, size_t path_bytes)
{
    const char *state = gw_state_dir(self);
    if (!user->change || user->uid == geteuid()) {
        snprintf(path, path_bytes, "%s/%s", state ? state : "", name);
        return state ? make_dir(path, 0700, NULL) : -ENOENT;
    }
    int error = make_dir("/run/gnswatch-exec", 0755, NULL);
    snprintf(path, path_bytes, "/run/gnswatch-exec/%u", (unsigned)user->uid);
    if (!error)
        error = make_dir(path, 0755, NULL);
    snprintf(path, path_bytes, "/run/gnswatch-exec/%u/%s", (unsigned)user->uid, name);
    return error ? error : make_dir(path, 0700, user);
}

/* ---- Each protocol's ------------------------------------------------------------------------- */

static void set(struct recipe *recipe, const char *name, const char *value)
{
    texts_set(&recipe->env, name, value);
}

static void set_host(struct recipe *recipe, const char *name)
{
    char host[256] = "localhost";
    if (gethostname(host, sizeof host - 1))
        snprintf(host, sizeof host, "localhost");
    set(recipe, name, host);
}

static int for_netdata(struct recipe *recipe, struct gw_plugin *self)
{
    static const char *const own[] = {"NETDATA_CACHE_DIR", "NETDATA_LIB_DIR", "NETDATA_LOG_DIR",
                                      "NETDATA_LOCK_DIR"};
    char folder[PATH_BYTES], text[32];
    int error = environ_folder(self, &recipe->user, "netdata", folder, sizeof folder);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        set(recipe, own[i], folder);
    snprintf(text, sizeof text, "%lld", (long long)((recipe->every_ms + 999) / 1000));
    set(recipe, "NETDATA_UPDATE_EVERY", text);
    const char *config = gw_string(recipe->values, "config_dir");
    const char *stock = gw_string(recipe->values, "stock_config_dir");
    set(recipe, "NETDATA_USER_CONFIG_DIR", config ? config : "/etc/netdata");
    set(recipe, "NETDATA_CONFIG_DIR", config ? config : "/etc/netdata");
    set(recipe, "NETDATA_STOCK_CONFIG_DIR", stock ? stock : "/usr/lib/netdata/conf.d");
    set(recipe, "NETDATA_STOCK_DATA_DIR", "/usr/share/netdata");
    set(recipe, "NETDATA_PLUGINS_DIR", "/usr/libexec/netdata/plugins.d");
    if (access("/usr/libexec/netdata/plugins.d", X_OK))
        set(recipe, "NETDATA_PLUGINS_DIR", "/usr/lib/netdata/plugins.d");
    set(recipe, "NETDATA_USER_PLUGINS_DIRS", "/etc/netdata/custom-plugins.d");
    set(recipe, "NETDATA_WEB_DIR", "/usr/share/netdata/web");
    set(recipe, "NETDATA_HOST_PREFIX", "");
    set_host(recipe, "NETDATA_HOSTNAME");
    set(recipe, "NETDATA_VERSION", "v1.37.1");
    set(recipe, "NETDATA_DEBUG_FLAGS", "0");
    set(recipe, "NETDATA_ERRORS_THROTTLE_PERIOD", "3600");
    set(recipe, "NETDATA_ERRORS_PER_PERIOD", "200");
    set(recipe, "PYTHONUNBUFFERED", "1");
    return error;
}

static int for_collectd(struct recipe *recipe, struct gw_plugin *self)
{
    (void)self;
    char text[32];
    snprintf(text, sizeof text, "%.3f", (double)recipe->every_ms / 1000.0);
    set(recipe, "COLLECTD_INTERVAL", text);
    set_host(recipe, "COLLECTD_HOSTNAME");
    return 0;
}

static int for_munin(struct recipe *recipe, struct gw_plugin *self)
{
    char folder[PATH_BYTES], state[PATH_BYTES * 2];
    int error = environ_folder(self, &recipe->user, "munin", folder, sizeof folder);
    snprintf(state, sizeof state, "%s/%s--", folder, recipe->name);
    set(recipe, "MUNIN_LIBDIR", "/usr/share/munin");
    set(recipe, "MUNIN_PLUGSTATE", folder);
    set(recipe, "MUNIN_STATEFILE", state);
    set(recipe, "MUNIN_MASTER_IP", "-");
    set(recipe, "MUNIN_CAP_MULTIGRAPH", "1");
    set(recipe, "MUNIN_CAP_DIRTYCONFIG", "1");
    set(recipe, "MUNIN_DEBUG", "0");
    set(recipe, "PYTHONIOENCODING", "utf8:replace");
    set_host(recipe, "FQDN");
    return error;
}

/* ---- The person's ---------------------------------------------------------------------------- */

static bool name_is_sound(const char *name)
{
    return *name && !strchr("0123456789", *name) &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
               strlen(name);
}

static int set_own(struct recipe *recipe, const char *name, const json_t *value, char *why)
{
    char number[40] = "";
    const char *text = json_string_value(value);
    if (json_is_integer(value))
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        snprintf(number, sizeof number, "%.15g", json_real_value(value));
    else if (json_is_boolean(value))
        snprintf(number, sizeof number, "%s", json_is_true(value) ? "yes" : "no");
    else if (!text) {
        snprintf(why, RECIPE_WHY_BYTES, "`env`: %s must be a text or a number", name);
        return -EINVAL;
    }
    if (!name_is_sound(name)) {
        snprintf(why, RECIPE_WHY_BYTES, "`env`: '%.80s' is no name of a variable", name);
        return -EINVAL;
    }
    set(recipe, name, text ? text : number);
    return 0;
}

static int add_own(struct recipe *recipe, char *why)
{
    const char *text = gw_string(recipe->values, "env"), *name;
    json_t *env = text ? json_loads(text, 0, NULL) : NULL, *value;
    int error = 0;
    if (env && !json_is_object(env)) {
        snprintf(why, RECIPE_WHY_BYTES, "`env` must be a map: {NAME: value}");
        error = -EINVAL;
    }
    json_object_foreach(env, name, value) if (!error) error = set_own(recipe, name, value, why);
    json_decref(env);
    return error;
}

static int add_secrets(struct recipe *recipe, char *why)
{
    for (size_t i = 0; i < gw_count(recipe->values, "secrets"); i++) {
        const struct gw_values *row = gw_table_at(recipe->values, "secrets", i);
        const char *name = gw_string(row, "name"), *value = gw_string(row, "value");
        if (!name_is_sound(name) || !value) {
            snprintf(why, RECIPE_WHY_BYTES,
                     "`secrets`: each needs a `name` that is one of a variable, and a `value`");
            return -EINVAL;
        }
        set(recipe, name, value);
        texts_add(&recipe->hidden, "%s", value);
    }
    return 0;
}

/* Its state directory is no other's. */
uint32_t environ_mark(struct gw_plugin *self)
{
    const char *state = gw_state_dir(self);
    return naming_hash(state ? state : gw_name(self));
}

int environ_make(struct recipe *recipe, struct gw_plugin *self, char why[RECIPE_WHY_BYTES])
{
    const char *kind = recipe->dialect->name, *zone = getenv("TZ");
    char mark[STRAYS_MARK_BYTES];
    strays_mark(mark, environ_mark(self), naming_hash(recipe->name));
    set(recipe, STRAYS_VARIABLE, mark);
    set(recipe, "PATH", environ_path);
    set(recipe, "LC_ALL", "C");
    set(recipe, "LANG", "C");
    set(recipe, "HOME", "/");
    if (zone)
        set(recipe, "TZ", zone);
    int error = strcmp(kind, "netdata") == 0    ? for_netdata(recipe, self)
                : strcmp(kind, "collectd") == 0 ? for_collectd(recipe, self)
                : strcmp(kind, "munin") == 0    ? for_munin(recipe, self)
                                                : 0;
    if (error) {
        snprintf(why, RECIPE_WHY_BYTES, "cannot make the folder its programs write in: %s",
                 strerror(-error));
        return error;
    }
    for (size_t i = 0; i < recipe->conf_env.count; i++) {
        char *name = strdup(recipe->conf_env.list[i]), *value = name ? strchr(name, '=') : NULL;
        if (value) {
            *value++ = '\0';
            set(recipe, name, value);
        }
        free(name);
    }
    error = add_own(recipe, why);
    return error ? error : add_secrets(recipe, why);
}
