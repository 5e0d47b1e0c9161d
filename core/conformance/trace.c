/* A backtrace for people: the lines of it that lie in the plugin, with the place in its source when
 * addr2line is there and the plugin has debugging information; a sanitizer's summary as it is. */
#include "conformance/conformance.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FRAMES_MAX = 8, SUMMARY_LINES_MAX = 12 };

/* One line of what addr2line says, without its newline; the caller frees. NULL: it knows nothing.
 */
static char *place_of(const char *path, const char *address)
{
    int out[2];
    char line[512] = "";
    if (pipe(out))
        return NULL;
    pid_t pid = fork();
    if (pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        unsetenv("LD_PRELOAD");
        execlp("addr2line", "addr2line", "-f", "-p", "-s", "-e", path, address, (char *)NULL);
        _exit(1);
    }
    close(out[1]);
    FILE *said = pid > 0 ? fdopen(out[0], "r") : NULL;
    if (!said || !fgets(line, sizeof(line), said))
        line[0] = '\0';
    if (said)
        fclose(said);
    else
        close(out[0]);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    line[strcspn(line, "\n")] = '\0';
    return line[0] && !strstr(line, "??") ? strdup(line) : NULL;
}

/* ".../NAME.so(function+0x12)[0x7f…]" or "(+0x1234)": glibc's backtrace_symbols. */
static bool add_frame(const struct run *run, const char *line, size_t bytes, struct buf *out)
{
    const char *inside = memchr(line, '(', bytes), *end = memchr(line, ')', bytes);
    char file[128], address[40];
    snprintf(file, sizeof(file), "/%s.so(", run->name);
    if (!inside || !end || !memmem(line, bytes, file, strlen(file)))
        return false;
    const char *plus = memchr(inside, '+', (size_t)(end - inside));
    char *place = NULL;
    if (plus == inside + 1) {
        snprintf(address, sizeof(address), "%.*s", (int)(end - plus - 1), plus + 1);
        place = place_of(run->path, address);
    }
    if (place)
        buf_printf(out, "\n  in %s", place);
    else
        buf_printf(out, "\n  in %.*s of %s.so", (int)(end - inside - 1), inside + 1, run->name);
    free(place);
    return true;
}

static bool of_sanitizer(const char *line, size_t bytes)
{
    return memmem(line, bytes, "Sanitizer", 9) || memmem(line, bytes, "runtime error:", 14) ||
           (bytes > 5 && memcmp(line, "    #", 5) == 0);
}

void trace_add(const struct run *run, const char *said, struct buf *out)
{
    int frames = 0, lines = 0;
    for (const char *line = said; *line;) {
        size_t bytes = strcspn(line, "\n");
        if (frames < FRAMES_MAX && add_frame(run, line, bytes, out)) {
            frames++;
        } else if (strncmp(line, "the allocation", 14) == 0 || strncmp(line, "crash: ", 7) == 0) {
            buf_printf(out, "\n  %.*s", (int)bytes, line);
            frames = 0;
        } else if (lines < SUMMARY_LINES_MAX && of_sanitizer(line, bytes)) {
            buf_printf(out, "\n  %.*s", (int)bytes, line);
            lines++;
        }
        line += bytes + (line[bytes] == '\n');
    }
}
