/* curl's multi handle on the instance's loop: its sockets are watches, its clock is a timer.
 *
 * Knows nothing of libuv: only timers and watches of gnswatch/plugin.h, so it runs wherever an
 * instance runs. */
#include "plugin/http_internal.h"

#include <errno.h>

static void http_turn(struct gw_http *http, curl_socket_t fd, int what)
{
    http_enter(http);
    int running;
    curl_multi_socket_action(http->multi, fd, what, &running);
    CURLMsg *message;
    int left;
    while (!http->freed && (message = curl_multi_info_read(http->multi, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        struct gw_http_request *request = NULL;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&request);
        if (request && request->state == HTTP_RUNNING)
            http_finish(request, code);
    }
    if (!http->freed)
        http_start_waiting(http);
    http_leave(http);
}

static void http_on_ready(struct gw_plugin *self, int fd, unsigned flags, void *data)
{
    (void)self;
    int what = 0;
    if (flags & (GW_READ | GW_HANGUP))
        what |= CURL_CSELECT_IN;
    if (flags & GW_WRITE)
        what |= CURL_CSELECT_OUT;
    http_turn(data, fd, what ? what : CURL_CSELECT_ERR);
}

static void http_on_time(struct gw_plugin *self, void *data)
{
    (void)self;
    struct gw_http *http = data;
    http->timer = NULL;
    http_turn(http, CURL_SOCKET_TIMEOUT, 0);
}

static int http_on_timeout(CURLM *multi, long timeout_ms, void *data)
{
    (void)multi;
    struct gw_http *http = data;
    gw_timer_stop(http->timer);
    http->timer = NULL;
    if (timeout_ms < 0)
        return 0;
    http->timer = gw_timer_start(http->self, timeout_ms, 0, http_on_time, http);
    return http->timer ? 0 : -1;
}

static int http_on_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *socket_data)
{
    (void)easy;
    struct gw_http *http = data;
    struct gw_watch *watch = socket_data;
    if (what == CURL_POLL_REMOVE) {
        curl_multi_assign(http->multi, fd, NULL);
        gw_watch_stop(watch);
        return 0;
    }
    unsigned flags = 0;
    if (what & CURL_POLL_IN)
        flags |= GW_READ;
    if (what & CURL_POLL_OUT)
        flags |= GW_WRITE;
    if (watch)
        return gw_watch_change(watch, flags) < 0 ? -1 : 0;
    watch = gw_watch_start(http->self, fd, flags, http_on_ready, http);
    if (!watch)
        return -1;
    curl_multi_assign(http->multi, fd, watch);
    return 0;
}

int http_loop_init(struct gw_http *http)
{
    http->multi = curl_multi_init();
    if (!http->multi)
        return -ENOMEM;
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, http_on_socket);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, http_on_timeout);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)http->connections_max);
    return 0;
}

void http_loop_fini(struct gw_http *http)
{
    if (http->multi)
        curl_multi_cleanup(http->multi); /* closes kept connections: stops their watches */
    http->multi = NULL;
    gw_timer_stop(http->timer);
    http->timer = NULL;
}
