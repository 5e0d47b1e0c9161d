/* The lab's GNS3 client: answers what the test said, in the next turn. */
#include "gns3_lab_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct gw_row gns3_server_rows[] = {{0}};

static struct client *lab_client(struct lab *lab, const char *server)
{
    for (size_t i = 0; i < lab->client_count; i++)
        if (strcmp(lab->clients[i]->name, server) == 0)
            return lab->clients[i];
    abort();
}

void lab_answer(struct lab *lab, const char *server, const char *method, const char *path,
                int status, const char *body)
{
    char request[600];
    snprintf(request, sizeof request, "%s %s", method ? method : "GET", path);
    for (size_t i = 0; i < lab->route_count; i++) {
        struct lab_route *route = &lab->routes[i];
        if (strcmp(route->server, server) == 0 && strcmp(route->request, request) == 0) {
            free(route->body);
            route->body = strdup(body);
            route->status = status;
            return;
        }
    }
    lab->routes = lab_grow(lab->routes, lab->route_count, sizeof *lab->routes);
    lab->routes[lab->route_count++] =
        (struct lab_route){strdup(server), strdup(request), strdup(body), status};
}

void lab_version(struct lab *lab, const char *server, const char *version)
{
    struct client *client = lab_client(lab, server);
    snprintf(client->version, sizeof client->version, "%s", version);
}

void lab_state(struct lab *lab, const char *server, enum client_state state)
{
    struct client *client = lab_client(lab, server);
    client->state = state;
    client->told = true;
    client->events.on_state(client, state, state == CLIENT_UP ? "" : "no answer",
                            client->events.data);
}

void lab_feed(struct lab *lab, const char *server, const char *project_id, const char *action,
              const char *event_json)
{
    struct client *client = lab_client(lab, server);
    client->events.on_feed(client, project_id, action, event_json, client->events.data);
}

size_t lab_requests(struct lab *lab, const char *part)
{
    size_t count = 0;
    for (size_t i = 0; i < lab->request_count; i++)
        count += strstr(lab->requests[i], part) != NULL;
    return count;
}

size_t lab_followed(struct lab *lab, const char *server)
{
    return lab_client(lab, server)->followed;
}

static const struct lab_route *route_of(const struct lab *lab, const struct lab_asked *asked)
{
    for (size_t i = 0; i < lab->route_count; i++)
        if (strcmp(lab->routes[i].server, asked->client->name) == 0 &&
            strcmp(lab->routes[i].request, asked->request) == 0)
            return &lab->routes[i];
    return NULL;
}

static void lab_done(struct lab *lab, const struct lab_asked *asked, int error)
{
    const struct lab_route *route = route_of(lab, asked);
    struct client_answer answer = {.error = error,
                                   .status = route ? route->status : 404,
                                   .body = route ? route->body : "{\"message\":\"unknown\"}",
                                   .total_ms = 1};
    if (error)
        answer.status = 0;
    answer.body_bytes = strlen(answer.body);
    json_t *json = json_loads(answer.body, 0, NULL);
    const char *message = json_string_value(json_object_get(json, "message"));
    if (error || answer.status >= 400)
        answer.text = message ? message : "refused";
    asked->on_done(asked->client, &answer, asked->data);
    json_decref(json);
}

bool lab_client_turn(struct lab *lab)
{
    for (size_t i = 0; i < lab->client_count; i++) {
        struct client *client = lab->clients[i];
        if (!client->told && client->state == CLIENT_UP) {
            lab_state(lab, client->name, CLIENT_UP);
            return true;
        }
    }
    if (lab->asked_count == 0)
        return false;
    struct lab_asked asked = lab->asked[0];
    memmove(lab->asked, lab->asked + 1, --lab->asked_count * sizeof asked);
    lab_done(lab, &asked, asked.client->state == CLIENT_UP ? 0 : -EHOSTDOWN);
    free(asked.request);
    return true;
}

void lab_client_fini(struct lab *lab)
{
    for (size_t i = 0; i < lab->route_count; i++) {
        free(lab->routes[i].server);
        free(lab->routes[i].request);
        free(lab->routes[i].body);
    }
    for (size_t i = 0; i < lab->request_count; i++)
        free(lab->requests[i]);
    free(lab->routes);
    free(lab->requests);
    free(lab->asked);
}

/* ---- client.h ---- */

struct client *client_new(struct gw_plugin *self, const struct gw_values *server,
                          const struct client_events *events)
{
    struct lab *lab = self->lab;
    struct client *client = calloc(1, sizeof *client);
    if (!client)
        abort();
    *client = (struct client){lab, *events, gw_string(server, "name"), "2.2.59", CLIENT_UP, 0, 0};
    lab->clients[lab->client_count++] = client;
    return client;
}

void client_free(struct client *client)
{
    if (!client)
        return;
    struct lab *lab = client->lab;
    for (size_t i = 0; i < lab->asked_count;) {
        struct lab_asked asked = lab->asked[i];
        if (asked.client != client) {
            i++;
            continue;
        }
        memmove(lab->asked + i, lab->asked + i + 1, (--lab->asked_count - i) * sizeof asked);
        lab_done(lab, &asked, -ECANCELED);
        free(asked.request);
    }
    for (size_t i = 0; i < lab->client_count; i++)
        if (lab->clients[i] == client)
            lab->clients[i] = lab->clients[--lab->client_count];
    free(client);
}

int client_send(struct client *client, const struct client_ask *ask)
{
    struct lab *lab = client->lab;
    char request[600];
    snprintf(request, sizeof request, "%s %s", ask->method ? ask->method : "GET", ask->path);
    lab->requests = lab_grow(lab->requests, lab->request_count, sizeof *lab->requests);
    lab->requests[lab->request_count++] = strdup(request);
    lab->asked = lab_grow(lab->asked, lab->asked_count, sizeof *lab->asked);
    lab->asked[lab->asked_count++] =
        (struct lab_asked){client, strdup(request), ask->on_done, ask->data, ask->poll};
    return 0;
}

int client_follow_project(struct client *client, const char *project_id)
{
    (void)project_id;
    client->followed++;
    return 0;
}

void client_unfollow_project(struct client *client, const char *project_id)
{
    (void)project_id;
    client->followed--;
}

void client_report(struct client *client)
{
    (void)client;
}

const char *client_name(const struct client *client)
{
    return client->name;
}

const char *client_url(const struct client *client)
{
    (void)client;
    return "http://lab.invalid:3080";
}

const char *client_version(const struct client *client)
{
    return client->version;
}

int client_api(const struct client *client)
{
    return client->version[0] == '2' ? 2 : 3;
}

enum client_state client_state(const struct client *client)
{
    return client->told ? client->state : CLIENT_CONNECTING;
}

const char *client_why(const struct client *client)
{
    return client->state == CLIENT_UP ? "" : "no answer";
}

enum breaker_state client_breaker(const struct client *client)
{
    (void)client;
    return BREAKER_CLOSED;
}

double client_latency_ms(const struct client *client)
{
    (void)client;
    return 1;
}

bool client_feed_open(const struct client *client)
{
    (void)client;
    return false;
}

void client_unreadable(struct client *client, const char *what)
{
    (void)client;
    (void)what;
}

/* What goes into the pipe is not the inventory's business: the lab's GNS3 ends the stream at once.
 */
int client_tap(struct client *client, const char *path, int fd)
{
    struct lab *lab = client->lab;
    lab->requests = lab_grow(lab->requests, lab->request_count, sizeof *lab->requests);
    lab->requests[lab->request_count++] = strdup(path);
    close(fd);
    return client->state == CLIENT_UP ? 0 : -EHOSTDOWN;
}
