/* Certificates are verified by OpenSSL itself against the name in the file: libesmtp would compare
 * with the canonical name DNS answered, and knows no addresses. */
#include <openssl/ssl.h> /* before libesmtp.h, which then has smtp_starttls_set_ctx */
#include <openssl/x509v3.h>

#include <auth-client.h>
#include <libesmtp.h>

#include "submit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct talk {
    const struct submit_server *server;
    SSL_CTX *tls; /* owned; NULL: none */
    smtp_session_t session;
    smtp_message_t message;
    auth_context_t auth;
    bool connected, encrypted, no_starttls, data_begun, line_open;
    int last_code;                  /* of the last bad reply */
    char last[SUBMIT_WORDS_BYTES];  /* its words */
    char login[SUBMIT_WORDS_BYTES]; /* those to a wrong password: AUTH goes on without, to a 530 */
    char fault[SUBMIT_WORDS_BYTES]; /* of the certificate, or of our own */
};

/* ---- What libesmtp tells ---- */

static void keep_line(struct talk *talk, const char *line, size_t bytes)
{
    if (bytes >= 3 && !strncmp(line, "235", 3))
        *talk->login = '\0'; /* another mechanism did it */
    if (bytes < 3 || (line[0] != '4' && line[0] != '5'))
        return;
    int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    size_t used = talk->line_open && code == talk->last_code ? strlen(talk->last) : 0;
    if (used) /* a reply of several lines: the code once */
        snprintf(talk->last + used, sizeof talk->last - used, " %.*s",
                 (int)(bytes > 4 ? bytes - 4 : 0), line + (bytes > 4 ? 4 : bytes));
    else
        snprintf(talk->last, sizeof talk->last, "%.*s", (int)bytes, line);
    talk->last_code = code;
    talk->line_open = bytes > 3 && line[3] == '-';
    if (code == 535)
        snprintf(talk->login, sizeof talk->login, "%s", talk->last);
}

/* Only what comes in: what goes out holds the password. */
static void on_line(const char *text, int bytes, int writing, void *arg)
{
    struct talk *talk = arg;
    size_t left = writing == SMTP_CB_READING && bytes > 0 ? (size_t)bytes : 0;
    while (left) {
        const char *end = memchr(text, '\n', left);
        size_t line = end ? (size_t)(end - text) : left;
        size_t bare = line && text[line - 1] == '\r' ? line - 1 : line;
        keep_line(talk, text, bare);
        line += end ? 1 : 0;
        text += line;
        left -= line;
    }
}

static void on_event(smtp_session_t session, int event, void *arg, ...)
{
    (void)session;
    struct talk *talk = arg;
    va_list list;
    va_start(list, arg);
    if (event == SMTP_EV_CONNECT)
        talk->connected = true;
    else if (event == SMTP_EV_STARTTLS_OK)
        talk->encrypted = true;
    else if (event == SMTP_EV_EXTNA_STARTTLS)
        talk->no_starttls = true;
    else if (event == SMTP_EV_MESSAGEDATA)
        talk->data_begun = true;
    else if (event == SMTP_EV_WRONG_PEER_CERTIFICATE)
        *va_arg(list, int *) = 1; /* OpenSSL has compared it with the right name, see above */
    va_end(list);
}

static int on_verify(int good, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct talk *talk = ssl ? SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)) : NULL;
    if (!good && talk)
        snprintf(talk->fault, sizeof talk->fault, "the server's certificate is not trusted: %s",
                 X509_verify_cert_error_string(X509_STORE_CTX_get_error(store)));
    return good;
}

static int on_auth(auth_client_request_t request, char **result, int fields, void *arg)
{
    struct talk *talk = arg;
    if (!talk->encrypted && talk->server->security != SUBMIT_NONE) {
        snprintf(talk->fault, sizeof talk->fault,
                 "the password is not sent over a line that is not encrypted");
        return 0;
    }
    for (int i = 0; i < fields; i++) {
        const char *value = request[i].flags & AUTH_USER   ? talk->server->user
                            : request[i].flags & AUTH_PASS ? talk->server->password
                                                           : NULL;
        result[i] = (char *)(uintptr_t)value; /* libesmtp only reads it */
    }
    return 1;
}

/* ---- Setting up ---- */

static int expect_name(SSL_CTX *tls, const char *host)
{
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(tls);
    unsigned char address[sizeof(struct in6_addr)];
    if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(param, host);
    return X509_VERIFY_PARAM_set1_host(param, host, 0);
}

static int prepare_tls(struct talk *talk)
{
    const struct submit_server *server = talk->server;
    if (server->security == SUBMIT_NONE)
        return 0;
    talk->tls = SSL_CTX_new(TLS_client_method());
    /* TLS 1.3 sends session tickets after the handshake; libesmtp 1.1 takes them for the answer to
     * a command that it has not sent yet, and both sides wait. */
    if (!talk->tls || !SSL_CTX_set_min_proto_version(talk->tls, TLS1_2_VERSION) ||
        !SSL_CTX_set_max_proto_version(talk->tls, TLS1_2_VERSION) ||
        !expect_name(talk->tls, server->host)) {
        snprintf(talk->fault, sizeof talk->fault, "TLS cannot be set up");
        return -1;
    }
    int trusted = server->ca_file ? SSL_CTX_load_verify_locations(talk->tls, server->ca_file, NULL)
                                  : SSL_CTX_set_default_verify_paths(talk->tls);
    if (!trusted) {
        snprintf(talk->fault, sizeof talk->fault, "ca_file: %.300s holds no certificates",
                 server->ca_file ? server->ca_file : "the system's");
        return -1;
    }
    SSL_CTX_set_app_data(talk->tls, talk);
    SSL_CTX_set_verify(talk->tls, SSL_VERIFY_PEER, on_verify);
    return 0;
}

static void set_timeouts(const struct talk *talk)
{
    static const int which[] = {Timeout_GREETING, Timeout_ENVELOPE, Timeout_DATA, Timeout_TRANSFER,
                                Timeout_DATA2};
    for (size_t i = 0; i < sizeof which / sizeof *which; i++)
        smtp_set_timeout(talk->session, which[i] | Timeout_OVERRIDE_RFC2822_MINIMUM,
                         (long)talk->server->timeout_ms);
}

static int prepare_auth(struct talk *talk)
{
    if (!talk->server->user)
        return 0;
    talk->auth = auth_create_context();
    if (!talk->auth)
        return -1;
    auth_set_mechanism_flags(talk->auth, AUTH_PLUGIN_PLAIN, 0);
    auth_set_interact_cb(talk->auth, on_auth, talk);
    return smtp_auth_set_context(talk->session, talk->auth) ? 0 : -1;
}

static int prepare(struct talk *talk, const char *from, const struct address *to, size_t to_count,
                   const char *mail, smtp_recipient_t *recipients)
{
    static const enum starttls_option how[] = {[SUBMIT_REQUIRED] = Starttls_REQUIRED,
                                               [SUBMIT_OFFERED] = Starttls_ENABLED,
                                               [SUBMIT_NONE] = Starttls_DISABLED};
    const struct submit_server *server = talk->server;
    char where[300];
    snprintf(where, sizeof where, "%s:%d", server->host, server->port);
    talk->session = smtp_create_session();
    talk->message = talk->session ? smtp_add_message(talk->session) : NULL;
    if (!talk->message || !smtp_set_server(talk->session, where) || prepare_tls(talk) ||
        prepare_auth(talk))
        return -1;
    enum submit_security security = server->user && server->security == SUBMIT_OFFERED
                                        ? SUBMIT_REQUIRED /* or who sits between takes it away */
                                        : server->security;
    smtp_starttls_enable(talk->session, how[security]);
    if (talk->tls)
        smtp_starttls_set_ctx(talk->session, talk->tls);
    smtp_set_eventcb(talk->session, on_event, talk);
    smtp_set_monitorcb(talk->session, on_line, talk, 0);
    set_timeouts(talk);
    if (!smtp_set_reverse_path(talk->message, from) ||
        !smtp_set_message_str(talk->message, (void *)(uintptr_t)mail))
        return -1;
    for (size_t i = 0; i < to_count; i++)
        if (!(recipients[i] = smtp_add_recipient(talk->message, to[i].mailbox)))
            return -1;
    return 0;
}

/* ---- Judging ---- */

static void conclude(struct submit_result *result, enum submit_verdict verdict, const char *words)
{
    result->verdict = verdict;
    snprintf(result->words, sizeof result->words, "%s", words);
}

static void conclude_reply(struct submit_result *result, enum submit_verdict verdict, int code,
                           const char *text)
{
    result->verdict = verdict;
    snprintf(result->words, sizeof result->words, "%d %s", code, text ? text : "");
    size_t length = strlen(result->words);
    while (length && strchr("\r\n ", result->words[length - 1]))
        result->words[--length] = '\0';
    for (char *c = result->words; *c; c++)
        if (*c == '\r' || *c == '\n')
            *c = ' ';
}

/* A reply to MAIL, RCPT or DATA. 421: it goes away; 530 to 538: it wants another login, which is
 * no fault of the letter's. */
static enum submit_verdict judge(int code)
{
    if (code >= 200 && code < 300)
        return SUBMIT_ACCEPTED;
    if (code == 421 || (code >= 530 && code <= 538))
        return SUBMIT_AWAY;
    return code >= 500 ? SUBMIT_NEVER : SUBMIT_LATER;
}

static const char *own_reason(struct talk *talk, bool spoke, char *text, size_t size)
{
    char error[128] = "";
    if (*talk->fault)
        return talk->fault;
    if (talk->no_starttls)
        return "the server offers no STARTTLS, which `security` requires";
    if (talk->last_code)
        return talk->last;
    int code = smtp_errno();
    if (code)
        smtp_strerror(code, error, sizeof error);
    snprintf(text, size, "%s%s%s",
             spoke ? "the server hung up or did not answer in time" : "it cannot be reached",
             *error ? ": " : "", error);
    return text;
}

/* Each recipient's reply; true: one at least was accepted. The best of the others is the mail's. */
static bool judge_recipients(size_t count, smtp_recipient_t *recipients,
                             struct submit_result *result, struct submit_result *each)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        const smtp_status_t *status = smtp_recipient_status(recipients[i]);
        int code = status ? status->code : 0;
        each[i] = (struct submit_result){.verdict = 0};
        if (code)
            conclude_reply(&each[i], judge(code), code, status->text);
        any = any || each[i].verdict == SUBMIT_ACCEPTED;
        if (code && each[i].verdict != SUBMIT_ACCEPTED)
            *result = each[i];
    }
    return any;
}

/* In order of what is most certain: its acceptance, why there was no talk, what was refused first.
 */
static void judge_all(struct talk *talk, bool spoke, size_t count, smtp_recipient_t *recipients,
                      struct submit_result *result, struct submit_result *each)
{
    char text[SUBMIT_WORDS_BYTES];
    const smtp_status_t *mail = smtp_message_transfer_status(talk->message);
    const smtp_status_t *from = smtp_reverse_path_status(talk->message);
    int mail_code = mail ? mail->code : 0, from_code = from ? from->code : 0;
    *result = (struct submit_result){.verdict = SUBMIT_AWAY};
    bool any = judge_recipients(count, recipients, result, each);
    if (judge(mail_code) == SUBMIT_ACCEPTED) {
        conclude_reply(result, SUBMIT_ACCEPTED, mail_code, mail->text);
        return;
    }
    bool named = !any && *result->words;
    if (*talk->fault || talk->no_starttls || !spoke)
        conclude(result, SUBMIT_AWAY, own_reason(talk, spoke, text, sizeof text));
    else if (from_code >= 400)
        conclude_reply(result, judge(from_code), from_code, from->text);
    else if (named)
        return; /* nobody was accepted: that is why, whatever was said of DATA */
    else if (mail_code)
        conclude_reply(result, judge(mail_code), mail_code, mail->text);
    else
        conclude(result, any || talk->data_begun ? SUBMIT_LATER : SUBMIT_AWAY,
                 own_reason(talk, spoke, text, sizeof text));
    if (*talk->login) /* what was refused after it was refused to a stranger */
        conclude(result, SUBMIT_AWAY, talk->login);
    if (result->verdict == SUBMIT_AWAY || from_code >= 400) /* said of all of it */
        memset(each, 0, count * sizeof *each);
}

void submit(const struct submit_server *server, const char *from, const struct address *to,
            size_t to_count, const char *mail, struct submit_result *result,
            struct submit_result *each)
{
    struct talk talk = {.server = server};
    smtp_recipient_t *recipients = calloc(to_count ? to_count : 1, sizeof *recipients);
    if (!recipients || prepare(&talk, from, to, to_count, mail, recipients)) {
        conclude(result, SUBMIT_AWAY, *talk.fault ? talk.fault : "no memory for a mail session");
    } else {
        errno = 0;
        bool went = smtp_start_session(talk.session);
        judge_all(&talk, went && talk.connected, to_count, recipients, result, each);
    }
    if (talk.session)
        smtp_destroy_session(talk.session);
    if (talk.auth)
        auth_destroy_context(talk.auth);
    SSL_CTX_free(talk.tls);
    free(recipients);
}
