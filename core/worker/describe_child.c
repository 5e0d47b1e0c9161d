/* `gnswatch worker describe FILE.so`: loads a plugin's file and tells its tables, in a process that
 * may crash or hang over it. */
#include "worker/inside.h"

#include "base/buf.h"
#include "plugin/load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MEMORY_BYTES = 1 << 30, FILES = 256 };

static bool write_all(int fd, const char *text, size_t bytes)
{
    while (bytes > 0) {
        ssize_t done = write(fd, text, bytes);
        if (done < 0 && errno != EINTR)
            return false;
        if (done > 0) {
            text += done;
            bytes -= (size_t)done;
        }
    }
    return true;
}

/* {"why":"…"} in place of the tables. */
static int refuse(int fd, const char *why)
{
    struct buf text;
    buf_init(&text, 65536);
    buf_adds(&text, "{\"why\":");
    buf_json_string(&text, why ? why : "out of memory");
    buf_addc(&text, '}');
    if (!buf_error(&text))
        write_all(fd, text.data, text.len);
    buf_fini(&text);
    return 1;
}

struct plugin *plugin_of_path(const char *path, char **why)
{
    char *text = strdup(path), *slash = text ? strrchr(text, '/') : NULL;
    size_t length = text ? strlen(text) : 0;
    struct plugin *plugin = NULL;
    *why = NULL;
    if (length > 3 && strcmp(text + length - 3, ".so") == 0) {
        text[length - 3] = '\0';
        if (slash)
            *slash = '\0';
        const char *const dirs[] = {!slash ? "." : slash == text ? "/" : text, NULL};
        plugin = plugin_load(dirs, slash ? slash + 1 : text, why);
    } else if (text) {
        *why = strdup("a plugin's file is NAME.so");
    }
    free(text);
    return plugin;
}

static int tell(int fd, const char *path)
{
    char *why = NULL;
    struct plugin *plugin = plugin_of_path(path, &why);
    if (!plugin)
        return refuse(fd, why);
    char *json = descriptor_to_json(&plugin->descriptor);
    if (!json)
        return refuse(fd, "its tables are larger than 4 MiB, or there is no memory for them");
    return write_all(fd, json, strlen(json)) ? 0 : 1;
}

int describe_child(const char *path, bool socket)
{
    char why[256];
    const struct worker_limits limits = {.memory_bytes = MEMORY_BYTES, .files = FILES};
    /* What the plugin itself prints is not its tables. */
    int fd = fcntl(socket ? WORKER_SOCKET_FD : STDOUT_FILENO, F_DUPFD_CLOEXEC, WORKER_MEMORY_FD);
    if (fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return 1;
    if (socket)
        close(WORKER_SOCKET_FD);
    crash_handlers();
    int code = sandbox_enter(&limits, why) ? refuse(fd, why) : tell(fd, path);
    fflush(stdout);
    _exit(code); /* the plugin's destructors are not asked */
}
