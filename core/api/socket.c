/* The two ways to listen: a WebSocket, and an event stream (HTML standard, section 9.2). */
#include "api/connection.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TURN_MESSAGES = 64, STREAM_SILENCE_S = 15 };

static void wake(void *data)
{
    connection_wake(data);
}

int socket_open(struct connection *connection, struct lws *wsi)
{
    struct api *api = api_of(wsi);
    *connection = (struct connection){.wsi = wsi};
    buf_init(&connection->incoming, LIVE_ASK_BYTES);
    if (api->stopping)
        return -1;
    connection->client = live_client_new(api->live, wake, connection);
    return connection->client ? 0 : -1;
}

static int say_goodbye(struct connection *connection, enum lws_close_status status, const char *why)
{
    lws_close_reason(connection->wsi, status, (unsigned char *)(uintptr_t)why, strlen(why));
    return -1;
}

int socket_receive(struct connection *connection, const char *bytes, size_t count)
{
    struct lws *wsi = connection->wsi;
    if (lws_frame_is_binary(wsi))
        return say_goodbye(connection, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, "send text");
    buf_add(&connection->incoming, bytes, count);
    if (buf_error(&connection->incoming))
        return say_goodbye(connection, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "too large");
    if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi) > 0)
        return 0;
    bool fine =
        live_client_ask(connection->client, connection->incoming.data, connection->incoming.len);
    buf_clear(&connection->incoming);
    return fine ? 0
                : say_goodbye(connection, LWS_CLOSE_STATUS_INVALID_PAYLOAD, "send a JSON object");
}

/* A frame written by hand: 4.1.6 says no reason when it closes from here. 1001 is "going away"
 * (RFC 6455, sections 5.5.1 and 7.4.1). */
static int go_away(struct connection *connection)
{
    static const char frame[] = "\x88\x10\x03\xe9gnswatch stops";
    unsigned char text[LWS_PRE + sizeof(frame)];
    if (connection->goodbye)
        return 0;
    connection->goodbye = true;
    memcpy(text + LWS_PRE, frame, sizeof(frame) - 1);
    int sent = lws_write(connection->wsi, text + LWS_PRE, sizeof(frame) - 1, LWS_WRITE_RAW);
    return sent < 0 ? -1 : 0;
}

int socket_write(struct connection *connection)
{
    struct lws *wsi = connection->wsi;
    if (api_of(wsi)->stopping)
        return go_away(connection);
    for (int turn = 0; turn < TURN_MESSAGES; turn++) {
        struct message *message = live_client_take(connection->client);
        if (!message)
            return 0;
        int sent = lws_write(wsi, (unsigned char *)message->text, message->bytes, LWS_WRITE_TEXT);
        bool whole = sent >= (int)message->bytes;
        message_unref(message);
        if (!whole)
            return -1;
        if (lws_send_pipe_choked(wsi))
            break;
    }
    lws_callback_on_writable(wsi);
    return 0;
}

/* "object:gns3.node,events,series:12,57": a number goes on with the list before it. */
static size_t split_topics(char *text, const char **topics, size_t most)
{
    size_t count = 0;
    for (char *at = text; at && count < most;) {
        topics[count++] = at;
        char *comma = strchr(at, ',');
        while (comma && comma[1] >= '0' && comma[1] <= '9')
            comma = strchr(comma + 1, ',');
        if (comma)
            *comma = '\0';
        at = comma ? comma + 1 : NULL;
    }
    return count;
}

static void subscribe(struct connection *connection, const struct request *request)
{
    const char *topics[256];
    size_t count = 0;
    int64_t since = -1;
    for (size_t i = 0; i < request->parameter_count; i++) {
        const struct parameter *parameter = &request->parameters[i];
        if (strcmp(parameter->name, "topics") == 0)
            count += split_topics((char *)(uintptr_t)parameter->value, topics + count,
                                  sizeof(topics) / sizeof(topics[0]) - count);
        else if (strcmp(parameter->name, "since") == 0)
            since = strtoll(parameter->value, NULL, 10);
    }
    live_client_subscribe(connection->client, topics, count, since);
}

int stream_open(struct connection *connection)
{
    struct request *request = connection->request;
    struct api *api = request->api;
    connection->client = live_client_new(api->live, wake, connection);
    struct buf head;
    buf_init(&head, HEAD_ROOM_BYTES);
    buf_add(&head, "                ", LWS_PRE);
    request->status = 200;
    request->type = "text/event-stream";
    send_head(request, true, -1, &head);
    int sent = buf_error(&head) ? -1
                                : lws_write(connection->wsi, (unsigned char *)head.data + LWS_PRE,
                                            head.len - LWS_PRE, LWS_WRITE_HTTP_HEADERS);
    buf_fini(&head);
    if (sent < 0 || !connection->client)
        return -1;
    connection->is_stream = true;
    subscribe(connection, request);
    request_free(request);
    connection->request = NULL;
    lws_set_timeout(connection->wsi, NO_PENDING_TIMEOUT, 0);
    lws_set_timer_usecs(connection->wsi, STREAM_SILENCE_S * LWS_USEC_PER_SEC);
    return 0;
}

static bool stream_piece(struct connection *connection, const struct message *message)
{
    struct buf text;
    buf_init(&text, message->bytes + 128);
    buf_add(&text, "                ", LWS_PRE);
    if (message->sequence)
        buf_printf(&text, "id: %" PRId64 "\n", message->sequence);
    buf_adds(&text, "data: ");
    buf_add(&text, message->text, message->bytes);
    buf_adds(&text, "\n\n");
    bool whole =
        !buf_error(&text) && lws_write(connection->wsi, (unsigned char *)text.data + LWS_PRE,
                                       text.len - LWS_PRE, LWS_WRITE_HTTP) >= 0;
    buf_fini(&text);
    return whole;
}

int stream_write(struct connection *connection)
{
    struct lws *wsi = connection->wsi;
    if (api_of(wsi)->stopping)
        return -1;
    for (int turn = 0; turn < TURN_MESSAGES; turn++) {
        struct message *message = live_client_take(connection->client);
        if (!message) {
            connection_pause(connection);
            return 0;
        }
        bool whole = stream_piece(connection, message);
        message_unref(message);
        if (!whole)
            return -1;
        if (lws_send_pipe_choked(wsi))
            break;
    }
    lws_callback_on_writable(wsi);
    return 0;
}

int stream_silence(struct connection *connection)
{
    unsigned char text[LWS_PRE + 8] = {0};
    memcpy(text + LWS_PRE, ":\n\n", 3);
    lws_set_timer_usecs(connection->wsi, STREAM_SILENCE_S * LWS_USEC_PER_SEC);
    return lws_write(connection->wsi, text + LWS_PRE, 3, LWS_WRITE_HTTP) < 0 ? -1 : 0;
}
