/* Pages: what a plugin serves by HTTP GET. Calls like those of commands, but no jobs, in no
 * history, and answered with bytes of any type. */
#include "command/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct gw_command as_command(const struct gw_page *page)
{
    return (struct gw_command){
        .name = page->path,
        .help = page->help,
        .role = page->role,
        .params = page->params,
        .run = page->run,
        .deadline_ms = page->deadline_ms > 0 ? page->deadline_ms : PAGE_DEADLINE_MS,
    };
}

int commands_add_pages(struct commands *commands, const char *plugin, const char *instance_name,
                       void *instance, command_dispatch_fn *dispatch, const struct gw_page *table)
{
    int error = 0;
    struct provider provider = {(char *)instance_name, instance, dispatch};
    pthread_mutex_lock(&commands->lock);
    for (const struct gw_page *page = table; page && page->path && !error; page++) {
        struct offer like = {.page = page, .as_command = as_command(page)};
        like.command = &like.as_command;
        error = offers_add(&commands->pages, plugin, &provider, &like);
    }
    if (error)
        offers_drop(commands, instance);
    pthread_mutex_unlock(&commands->lock);
    return error;
}

void commands_each_page(struct commands *commands, page_visit_fn *visit, void *data)
{
    pthread_mutex_lock(&commands->lock);
    for (size_t i = 0; i < commands->pages.count; i++) {
        if (!visit(data, ((const struct offer *)commands->pages.entries[i].value)->page))
            break;
    }
    pthread_mutex_unlock(&commands->lock);
}

static const struct gw_row *find_row(const struct gw_page *page, const char *name)
{
    const struct gw_row *row = page->params;
    while (row && row->name && strcmp(row->name, name) != 0)
        row++;
    return row && row->name ? row : NULL;
}

static json_t *typed(const struct gw_row *row, const char *text)
{
    bool scalar = row && (row->type == GW_BOOL || row->type == GW_INT || row->type == GW_NUMBER ||
                          row->type == GW_JSON);
    json_t *value = scalar ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
    return value ? value : json_string(text);
}

void page_param(json_t *params, const struct gw_page *page, const char *name, const char *text)
{
    json_t *before = json_object_get(params, name);
    json_t *value = typed(find_row(page, name), text);
    if (json_is_array(before)) {
        json_array_append_new(before, value);
    } else if (before) {
        json_t *list = json_array();
        json_array_append(list, before);
        json_array_append_new(list, value);
        json_object_set_new(params, name, list);
    } else {
        json_object_set_new(params, name, value);
    }
}

int commands_call_page(struct commands *commands, const char *path, const json_t *params,
                       const char *accept, const struct caller *caller, command_done_fn *on_done,
                       void *data, struct problems *problems, struct gw_call **out)
{
    pthread_mutex_lock(&commands->lock);
    const struct offer *offer = map_get(&commands->pages, path);
    const struct gw_page *page = offer ? offer->page : NULL; /* the plugin's: stays loaded */
    pthread_mutex_unlock(&commands->lock);
    if (!page)
        return -ENOENT;
    struct gw_command command = as_command(page);
    struct gw_call *call = NULL;
    int error = call_prepare(commands, &command, params, caller, problems, &call);
    if (error)
        return error;
    call->page = page;
    call->as_command = command;
    call->command = &call->as_command;
    call->accept = accept ? strdup(accept) : NULL;
    call->on_done = on_done;
    call->data = data;
    return call_start(commands, call, params, problems, out);
}

struct page_answer call_page_answer(const struct gw_call *call)
{
    return (struct page_answer){call->type, call->body ? call->body : "", call->body_bytes};
}

/* ---- behind gnswatch/plugin.h ---- */

const char *gw_call_accept(const struct gw_call *call)
{
    return call && call->accept ? call->accept : "";
}

/* It becomes a header: printable, and not endless. */
static bool type_ok(const char *type)
{
    size_t bytes = type ? strnlen(type, PAGE_TYPE_MAX) : 0;
    for (size_t i = 0; i < bytes; i++) {
        if (type[i] < 0x20 || type[i] > 0x7e)
            return false;
    }
    return bytes > 0 && bytes < PAGE_TYPE_MAX;
}

int gw_reply_as(struct gw_call *call, const char *content_type, const char *body, size_t bytes)
{
    if (!call || !call->page || !type_ok(content_type) || (bytes && !body))
        return -EINVAL;
    if (bytes > PAGE_ANSWER_MAX)
        return gw_refuse(call, -EMSGSIZE, "'%s' is larger than %d MiB", call->command->name,
                         PAGE_ANSWER_MAX >> 20);
    char *type = strdup(content_type), *copy = malloc(bytes + 1);
    if (!type || !copy) {
        free(type);
        free(copy);
        return gw_refuse(call, -ENOMEM, "out of memory");
    }
    if (bytes)
        memcpy(copy, body, bytes);
    copy[bytes] = '\0';
    bool first = call_finish_page(call, type, copy, bytes);
    call_let_go(call);
    return first ? 0 : -ECANCELED;
}
