/* Listening: the libwebsockets context with its two hosts, TCP and the unix socket. */
#ifndef GW_API_LISTEN_H
#define GW_API_LISTEN_H

struct api;

struct listen_address {
    char host[64]; /* an address, without brackets */
    int port;      /* 0: any */
};

/* "127.0.0.1:8088", "[::1]:8088", "localhost:8088". 0, or -EINVAL with a sentence in *why. */
int listen_parse(const char *text, struct listen_address *out, char **why);
int listen_start(struct api *api, const struct listen_address *address, char **why);
/* Asks every client to go and stops the loop a moment later. */
void listen_say_goodbye(struct api *api);
/* Closes everything; the loop must turn until it holds nothing before listen_free. */
void listen_end(struct api *api);
void listen_free(struct api *api);

#endif
