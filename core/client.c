/* One request with libcurl's easy interface; the command line may wait. */
#include "client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static size_t take(char *bytes, size_t size, size_t count, void *data)
{
    buf_add(data, bytes, size * count);
    return buf_error(data) ? 0 : size * count;
}

static int send_and_read(CURL *easy, struct buf *body, struct client_answer *answer,
                         char *error_text)
{
    CURLcode code = curl_easy_perform(easy);
    if (code == CURLE_COULDNT_CONNECT)
        return -ECONNREFUSED;
    if (code != CURLE_OK) {
        snprintf(error_text, CURL_ERROR_SIZE, "%s", curl_easy_strerror(code));
        return code == CURLE_OPERATION_TIMEDOUT ? -ETIMEDOUT : -EIO;
    }
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer->status);
    answer->json = body->data ? json_loads(body->data, JSON_DECODE_ANY, NULL) : NULL;
    return 0;
}

int client_ask(const char *socket_path, const char *path, const char *body, long timeout_s,
               struct client_answer *answer, char *error_text)
{
    *answer = (struct client_answer){0};
    char url[2048];
    struct buf text;
    CURL *easy = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    int barred = access(socket_path, W_OK) ? errno : 0;
    if (!easy || !headers || barred) {
        curl_slist_free_all(headers);
        curl_easy_cleanup(easy);
        return !easy || !headers ? -ENOMEM : barred == EACCES ? -EACCES : -ECONNREFUSED;
    }
    buf_init(&text, 64 << 20);
    snprintf(url, sizeof(url), "http://localhost%s", path);
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, socket_path);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &text);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, timeout_s);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    if (body) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    }
    int error = send_and_read(easy, &text, answer, error_text);
    buf_fini(&text);
    curl_slist_free_all(headers);
    curl_easy_cleanup(easy);
    return error;
}
