/* commands_file.c - projects out of and into files, which stream past memory.
 *
 * A path without a leading slash is in `exports` of the instance's state directory. */
#include "act.h"
#include "commands.h"
#include "inventory.h"
#include "poll.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

enum { FILE_TIMEOUT_MS = 3600000, PATH_BYTES = 4096 };

int command_file_path(struct gw_plugin *self, struct gw_call *call, char *path, size_t size)
{
    const char *asked = gw_string(gw_call_params(call), "path");
    if (!asked || !*asked || strstr(asked, "..")) {
        gw_refuse(call, -EINVAL, "path '%s' must name a file and must not have '..' in it",
                  asked ? asked : "");
        return -EINVAL;
    }
    if (*asked == '/') {
        snprintf(path, size, "%s", asked);
        return 0;
    }
    char folder[PATH_BYTES];
    snprintf(folder, sizeof folder, "%s/exports", gw_state_dir(self));
    if (mkdir(folder, 0700) < 0 && errno != EEXIST) {
        gw_refuse(call, -EIO, "making %s: %s", folder, strerror(errno));
        return -EIO;
    }
    int length = snprintf(path, size, "%s/%s", folder, asked);
    if (length < 0 || (size_t)length >= size) {
        gw_refuse(call, -EINVAL, "the path is too long");
        return -EINVAL;
    }
    return 0;
}

/* ---- export ---------------------------------------------------------------------------------- */

static void export_done(struct act *act, const struct client_answer *answer)
{
    (void)answer;
    struct stat file;
    if (stat(act->data, &file) < 0) {
        act_refuse(act, -EIO, "%s: %s", (char *)act->data, strerror(errno));
        return;
    }
    struct text reply = {0};
    text_open(&reply, NULL, '{');
    text_string_member(&reply, "path", act->data);
    text_int_member(&reply, "bytes", file.st_size);
    text_close(&reply, '}');
    act_reply(act, text_string(&reply));
    text_fini(&reply);
}

int command_project_export(struct gw_plugin *self, struct gw_call *call)
{
    struct project *project = find_project(gw_data(self), call, "id");
    char file[PATH_BYTES * 2];
    if (!project || command_file_path(self, call, file, sizeof file) < 0)
        return 0;
    struct act *act = act_new(call, project->server, project->id, NULL);
    if (!act)
        return 0;
    act->data = strdup(file);
    act->free_data = free;
    char path[512];
    snprintf(path, sizeof path, "/projects/%s/export", project->project_id);
    act_send(
        act,
        &(struct act_request){.path = path, .save_file = act->data, .timeout_ms = FILE_TIMEOUT_MS},
        export_done);
    return 0;
}

/* ---- import ---------------------------------------------------------------------------------- */

static void import_reply(struct act *act)
{
    struct project *project = act_project(act);
    if (project)
        act_reply_object(act, "gns3.project", project->id);
}

static void import_done(struct act *act, const struct client_answer *answer)
{
    json_t *json = json_loadb(answer->body, answer->body_bytes, 0, NULL);
    bool taken = project_apply(act->server, json, 0, true) == 0;
    struct project *project = taken ? project_of(act->server, member_id(json, "project_id")) : NULL;
    json_decref(json);
    if (!project) {
        act_refuse(act, -EIO, "GNS3 took the file, but its answer is no project");
        return;
    }
    keep(&act->project, project->id);
    job_forget(server_job(act->server, JOB_PROJECTS));
    act_read(act, server_job(act->server, JOB_PROJECTS), import_reply);
}

/* RFC 4122 section 4.4. */
static int new_uuid(char uuid[37])
{
    unsigned char b[16];
    if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
        return -EIO;
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    snprintf(uuid, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
             b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
             b[14], b[15]);
    return 0;
}

int command_project_import(struct gw_plugin *self, struct gw_call *call)
{
    struct server *server = find_server(gw_data(self), call, "server");
    char file[PATH_BYTES * 2], uuid[37];
    if (!server || command_file_path(self, call, file, sizeof file) < 0)
        return 0;
    struct stat about;
    if (stat(file, &about) < 0 || !S_ISREG(about.st_mode)) {
        gw_refuse(call, -ENOENT, "%s: no such file", file);
        return 0;
    }
    if (new_uuid(uuid) < 0)
        return -EIO;
    struct act *act = act_new(call, server, NULL, NULL);
    if (!act)
        return 0;
    struct text path = {0};
    text_format(&path, "/projects/%s/import?name=", uuid);
    text_encoded(&path, gw_string(gw_call_params(call), "name"));
    act_send(act,
             &(struct act_request){.method = "POST",
                                   .path = text_string(&path),
                                   .body_file = file,
                                   .timeout_ms = FILE_TIMEOUT_MS},
             import_done);
    text_fini(&path);
    return 0;
}
