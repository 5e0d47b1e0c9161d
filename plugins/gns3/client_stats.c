/* What talking to this server costs and how it goes: the series gns3.api. */
#include "client_internal.h"

#include <math.h>

static const struct gw_field api_fields[] = {
    {"requests", GW_COUNTER, "1", "Requests sent, retries included"},
    {"successes", GW_COUNTER, "1", "Requests GNS3 answered, with whatever status below 500"},
    {"failures", GW_COUNTER, "1", "Requests without an answer, or with a status of 500 and above"},
    {"retries", GW_COUNTER, "1", "Requests sent again after a failure"},
    {"rejected", GW_COUNTER, "1", "Requests not sent: the server is down or the breaker open"},
    {"sent_bytes", GW_COUNTER, "By", "Bytes sent"},
    {"received_bytes", GW_COUNTER, "By", "Bytes received, feeds included"},
    {"server_ms", GW_COUNTER, "ms", "Time GNS3 took until the first byte of its answers"},
    {"connections_opened", GW_COUNTER, "1", "Requests that needed a new connection"},
    {"connections_reused", GW_COUNTER, "1", "Requests that ran on a kept connection"},
    {"seconds", GW_COUNTER, "s", "Time until the end of all answers, taken together"},
    {"le_5ms", GW_COUNTER, "1", "Requests answered within 5 ms"},
    {"le_10ms", GW_COUNTER, "1", "Requests answered within 10 ms"},
    {"le_25ms", GW_COUNTER, "1", "Requests answered within 25 ms"},
    {"le_50ms", GW_COUNTER, "1", "Requests answered within 50 ms"},
    {"le_100ms", GW_COUNTER, "1", "Requests answered within 100 ms"},
    {"le_250ms", GW_COUNTER, "1", "Requests answered within 250 ms"},
    {"le_500ms", GW_COUNTER, "1", "Requests answered within 500 ms"},
    {"le_1s", GW_COUNTER, "1", "Requests answered within 1 s"},
    {"le_2500ms", GW_COUNTER, "1", "Requests answered within 2.5 s"},
    {"le_5s", GW_COUNTER, "1", "Requests answered within 5 s"},
    {"le_10s", GW_COUNTER, "1", "Requests answered within 10 s"},
    {"le_inf", GW_COUNTER, "1", "Requests answered"},
    {0},
};
enum { API_FIELDS = sizeof(api_fields) / sizeof(api_fields[0]) - 1, API_SINGLE = 11 };

static const double bounds_ms[STATS_BUCKETS] = {5,   10,   25,   50,   100,   250,
                                                500, 1000, 2500, 5000, 10000, INFINITY};
static const double latency_weight = 0.2;

void stats_init(struct client *client)
{
    client->stats = (struct client_stats){.latency_ms = NAN};
}

static void count_latency(struct client_stats *stats, double ms)
{
    for (int i = 0; i < STATS_BUCKETS; i++)
        stats->buckets[i] += ms <= bounds_ms[i];
    stats->seconds += ms / 1000;
    if (isnan(stats->latency_ms))
        stats->latency_ms = ms;
    else
        stats->latency_ms += latency_weight * (ms - stats->latency_ms);
}

void stats_count(struct client *client, const struct gw_http_answer *answer)
{
    struct client_stats *stats = &client->stats;
    bool answered = answer->error == 0 && answer->status > 0;
    stats->requests++;
    stats->successes += answered && answer->status < 500;
    stats->failures += client_is_no_answer(answer->error) || answer->status >= 500;
    stats->sent_bytes += (double)answer->sent_bytes;
    stats->received_bytes += (double)answer->received_bytes;
    stats->server_ms += answer->first_byte_ms;
    stats->reused += answer->reused;
    stats->opened += !answer->reused && answer->connect_ms > 0;
    if (answered)
        count_latency(stats, answer->total_ms);
}

void stats_count_stream(struct client *client, size_t bytes)
{
    client->stats.received_bytes += (double)bytes;
}

void client_report(struct client *client)
{
    struct client_stats *stats = &client->stats;
    if (!stats->series) {
        const struct gw_label labels[] = {{"server", client->name}, {0}};
        stats->series = gw_series_get(client->self, "gns3.api", labels, api_fields, 0);
    }
    double row[API_FIELDS] = {stats->requests,       stats->successes, stats->failures,
                              stats->retries,        stats->rejected,  stats->sent_bytes,
                              stats->received_bytes, stats->server_ms, stats->opened,
                              stats->reused,         stats->seconds};
    for (int i = 0; i < STATS_BUCKETS; i++)
        row[API_SINGLE + i] = stats->buckets[i];
    gw_set(stats->series, row);
}
