/* commands_capture.c - captures on links: started, and read. There is no command that stops one:
 * stopping a capture can kill the link (uBridge 0.9.19), and it may be somebody else's. */
#include "act.h"
#include "commands.h"
#include "inventory.h"
#include "poll.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool version_3(const struct server *server)
{
    return client_api(server->client) == 3;
}

static void capture_reply(struct act *act, bool started)
{
    char reply[96];
    snprintf(reply, sizeof reply, "{\"capturing\":true,\"started\":%s}",
             started ? "true" : "false");
    act_reply(act, reply);
}

static void capture_read_ours(struct act *act)
{
    capture_reply(act, true);
}

/* 409 is also the answer when it captures already: then that is what was wanted. */
static bool captures_already(const struct client_answer *answer)
{
    return !answer->error && answer->status == 409 && answer->text &&
           (strstr(answer->text, "already active") ||
            strstr(answer->text, "already a filter applied"));
}

static void capture_done(struct act *act, const struct client_answer *answer)
{
    struct project *project = act_project(act);
    if (!project)
        return;
    if (captures_already(answer))
        capture_reply(act, false);
    else if (answer->error || answer->status >= 400)
        act_refuse_answer(act, answer);
    else
        act_read(act, project_job(project, JOB_LINKS), capture_read_ours);
}

int command_link_capture(struct gw_plugin *self, struct gw_call *call)
{
    struct link *link = find_link(gw_data(self), call, "id");
    if (!link)
        return 0;
    struct server *server = link->project->server;
    struct act *act = act_new(call, server, link->project->id, link->id);
    if (!act)
        return 0;
    char path[512];
    snprintf(path, sizeof path, "/projects/%s/links/%s/%s", link->project->project_id,
             link->link_id, version_3(server) ? "capture/start" : "start_capture");
    act_send(
        act,
        &(struct act_request){.method = "POST", .path = path, .body = "{}", .keep_refusals = true},
        capture_done);
    return 0;
}

/* A pipe of our own user, that somebody reads already: nothing else may be written to. The
 * descriptor, or a negative errno and the call has been refused. */
static int open_pipe(struct gw_call *call, const char *path)
{
    struct stat about;
    int fd = open(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    int error = fd < 0 ? -errno : 0;
    if (error < 0) {
        gw_refuse(call, -EINVAL, "%s: %s", path,
                  error == -ENXIO ? "nobody reads this pipe" : strerror(-error));
        return error;
    }
    if (fstat(fd, &about) == 0 && S_ISFIFO(about.st_mode) && about.st_uid == geteuid())
        return fd;
    close(fd);
    gw_refuse(call, -EINVAL, "%s is not a pipe (mkfifo) of gnswatch's user", path);
    return -EINVAL;
}

int command_link_capture_read(struct gw_plugin *self, struct gw_call *call)
{
    struct link *link = find_link(gw_data(self), call, "id");
    if (!link)
        return 0;
    int fd = open_pipe(call, gw_string(gw_call_params(call), "path"));
    if (fd < 0)
        return 0;
    struct server *server = link->project->server;
    char path[512];
    snprintf(path, sizeof path, "/projects/%s/links/%s/%s", link->project->project_id,
             link->link_id, version_3(server) ? "capture/stream" : "pcap");
    int error = client_tap(server->client, path, fd);
    if (error < 0)
        return gw_refuse(call, -EBUSY, "%s",
                         error == -EAGAIN ? "too many captures of this server are read already"
                                          : "the server is not up");
    return gw_reply(call, "{\"reading\":true}");
}
