/* socket.c - sockets, TCP and its connections by state, UDP, the firewall's table of connections,
 * NFS. States are counted one by one, and the kernel takes milliseconds to go through its table
 * even when that is nearly empty: so seldom, and only where there are not too many. */
#include "system.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COUNTED_MAX = 2000 }; /* connections; with more the states are left out */

enum socket_place {
    USED,
    TCP,
    TCP_ORPHANS,
    TCP_WAITING,
    TCP_MEMORY,
    UDP,
    UDP_MEMORY,
    RAW,
    FRAGMENTS,
    CONNTRACK,
    CONNTRACK_MAX,
    CONNTRACK_PERCENT,
    SOCKET_FIELDS
};

static const struct gw_field socket_fields[] = {
    {"used", GW_GAUGE, "1", "Sockets of all kinds"},
    {"tcp", GW_GAUGE, "1", "TCP sockets, of both versions of IP"},
    {"tcp_orphans", GW_GAUGE, "1", "TCP connections no program holds any more"},
    {"tcp_waiting", GW_GAUGE, "1", "TCP connections that have ended and are remembered"},
    {"tcp_memory", GW_GAUGE, "By", "Buffers of TCP"},
    {"udp", GW_GAUGE, "1", "UDP sockets"},
    {"udp_memory", GW_GAUGE, "By", "Buffers of UDP"},
    {"raw", GW_GAUGE, "1", "Raw sockets"},
    {"fragments", GW_GAUGE, "1", "Packets that wait for their other fragments"},
    {"conntrack", GW_GAUGE, "1", "Connections the firewall remembers"},
    {"conntrack_max", GW_GAUGE, "1", "How many it can; then packets are dropped"},
    {"conntrack_percent", GW_GAUGE, "%", "Used, of these"},
    {0},
};

enum { STATES = 11 }; /* by their number in /proc/net/tcp, from 1 */
enum tcp_place {
    ESTABLISHED,
    ACTIVE,
    PASSIVE,
    FAILED,
    RESET,
    IN_SEGMENTS,
    OUT_SEGMENTS,
    RETRANSMITTED,
    IN_ERRORS,
    OUT_RESETS,
    LISTEN_OVERFLOWS,
    LISTEN_DROPS,
    TIMEOUTS,
    TCP_FIELDS
};

static const struct gw_field connection_fields[] = {
    {"established", GW_GAUGE, "1", "Connections that are established"},
    {"syn_sent", GW_GAUGE, "1", "Asked for, not answered yet"},
    {"syn_received", GW_GAUGE, "1", "Being taken"},
    {"fin_wait1", GW_GAUGE, "1", "Closed here, not confirmed yet"},
    {"fin_wait2", GW_GAUGE, "1", "Closed here only"},
    {"time_wait", GW_GAUGE, "1", "Ended, remembered for a while"},
    {"close", GW_GAUGE, "1", "Not connected"},
    {"close_wait", GW_GAUGE, "1", "Closed there only: a program here does not close its end"},
    {"last_ack", GW_GAUGE, "1", "Closed, the last word is missing"},
    {"listen", GW_GAUGE, "1", "Waiting for connections"},
    {"closing", GW_GAUGE, "1", "Closed on both sides at once"},
    {0},
};

static const struct gw_field tcp_fields[] = {
    {"established", GW_GAUGE, "1", "Connections that are established, or closed there only"},
    {"opened", GW_COUNTER, "1", "Connections begun here"},
    {"accepted", GW_COUNTER, "1", "Connections begun there"},
    {"failed", GW_COUNTER, "1", "Connections that could not be made"},
    {"reset", GW_COUNTER, "1", "Connections broken off"},
    {"in_segments", GW_COUNTER, "1", "Segments received"},
    {"out_segments", GW_COUNTER, "1", "Segments sent"},
    {"retransmitted", GW_COUNTER, "1", "Segments sent again"},
    {"in_errors", GW_COUNTER, "1", "Segments received bad"},
    {"out_resets", GW_COUNTER, "1", "Resets sent"},
    {"listen_overflows", GW_COUNTER, "1", "Connections a program did not take soon enough"},
    {"listen_drops", GW_COUNTER, "1", "Connections refused for want of room"},
    {"timeouts", GW_COUNTER, "1", "Segments that were not confirmed in time"},
    {0},
};

enum udp_place { UDP_IN, UDP_OUT, UDP_NO_PORT, UDP_ERRORS, UDP_IN_FULL, UDP_OUT_FULL, UDP_FIELDS };

static const struct gw_field udp_fields[] = {
    {"in", GW_COUNTER, "{packet}", "Datagrams received"},
    {"out", GW_COUNTER, "{packet}", "Datagrams sent"},
    {"no_port", GW_COUNTER, "{packet}", "Received for a port nobody has"},
    {"errors", GW_COUNTER, "{packet}", "Received but not handed on"},
    {"in_full", GW_COUNTER, "{packet}", "Of these: the program was too slow"},
    {"out_full", GW_COUNTER, "{packet}", "Not sent: there was no room"},
    {0},
};

static const struct gw_field nfs_fields[] = {
    {"calls", GW_COUNTER, "1", "Calls to NFS servers"},
    {"retransmitted", GW_COUNTER, "1", "Calls that had to be made again"},
    {"served", GW_COUNTER, "1", "Calls of NFS clients served here"},
    {0},
};

struct sockets {
    struct file sockstat, sockstat6, snmp, netstat, tcp, tcp6, conntrack, conntrack_max;
    struct file nfs, nfsd;
    struct gw_series *sockets, *tcp_series, *connections, *udp, *nfs_series;
    int64_t counted_ms; /* monotonic: connections were counted; 0: never */
};

static void clear(double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = (double)NAN;
}

/* ---- /proc/net/sockstat: "TCP: inuse 13 orphan 0 tw 4825 alloc 13 mem 149" ------------------- */

struct stat_key {
    const char *line, *word;
    int place;
};

static const struct stat_key stat_keys[] = {
    {"sockets:", "used", USED},     {"TCP:", "inuse", TCP},      {"TCP:", "orphan", TCP_ORPHANS},
    {"TCP:", "tw", TCP_WAITING},    {"TCP:", "mem", TCP_MEMORY}, {"UDP:", "inuse", UDP},
    {"UDP:", "mem", UDP_MEMORY},    {"RAW:", "inuse", RAW},      {"FRAG:", "inuse", FRAGMENTS},
    {"TCP6:", "inuse", TCP},        {"UDP6:", "inuse", UDP},     {"RAW6:", "inuse", RAW},
    {"FRAG6:", "inuse", FRAGMENTS},
};

static void add_stat(double *row, const char *line, const char *word, uint64_t number)
{
    for (size_t i = 0; i < sizeof stat_keys / sizeof stat_keys[0]; i++)
        if (strcmp(stat_keys[i].line, line) == 0 && strcmp(stat_keys[i].word, word) == 0) {
            double *at = &row[stat_keys[i].place];
            *at = (isnan(*at) ? 0 : *at) + (double)number;
        }
}

static bool read_sockstat(const char *text, double *row)
{
    bool any = false;
    for (const char *line = text; line; line = text_next_line(line)) {
        char name[16], word[16];
        uint64_t number;
        const char *at = line;
        if (!text_word(&at, name, sizeof name))
            continue;
        while (text_word(&at, word, sizeof word) && text_number(&at, &number)) {
            add_stat(row, name, word, number);
            any = true;
        }
    }
    return any;
}

static double one_number(struct system *system, struct file *file)
{
    const char *text = system_read(system, file);
    uint64_t number;
    return text && text_number(&text, &number) ? (double)number : (double)NAN;
}

/* How many TCP connections there are; NaN: not known. */
static double read_sockets(struct system *system, struct sockets *sockets)
{
    double row[SOCKET_FIELDS], page = (double)sysconf(_SC_PAGESIZE);
    clear(row, SOCKET_FIELDS);
    bool any = read_sockstat(system_read(system, &sockets->sockstat), row);
    any |= read_sockstat(system_read(system, &sockets->sockstat6), row);
    row[TCP_MEMORY] *= page;
    row[UDP_MEMORY] *= page;
    row[CONNTRACK] = one_number(system, &sockets->conntrack);
    row[CONNTRACK_MAX] = one_number(system, &sockets->conntrack_max);
    row[CONNTRACK_PERCENT] = percent(row[CONNTRACK], row[CONNTRACK_MAX]);
    if (any)
        system_row(system, &sockets->sockets, "system.sockets", NULL, socket_fields, row);
    return row[TCP] + row[TCP_WAITING];
}

/* ---- /proc/net/snmp and netstat: a line of names, then one of values ------------------------- */

struct pair_key {
    const char *group, *name;
    int place;
};

static const struct pair_key tcp_keys[] = {
    {"Tcp:", "CurrEstab", ESTABLISHED},
    {"Tcp:", "ActiveOpens", ACTIVE},
    {"Tcp:", "PassiveOpens", PASSIVE},
    {"Tcp:", "AttemptFails", FAILED},
    {"Tcp:", "EstabResets", RESET},
    {"Tcp:", "InSegs", IN_SEGMENTS},
    {"Tcp:", "OutSegs", OUT_SEGMENTS},
    {"Tcp:", "RetransSegs", RETRANSMITTED},
    {"Tcp:", "InErrs", IN_ERRORS},
    {"Tcp:", "OutRsts", OUT_RESETS},
    {"TcpExt:", "ListenOverflows", LISTEN_OVERFLOWS},
    {"TcpExt:", "ListenDrops", LISTEN_DROPS},
    {"TcpExt:", "TCPTimeouts", TIMEOUTS},
    {0},
};

static const struct pair_key udp_keys[] = {
    {"Udp:", "InDatagrams", UDP_IN},
    {"Udp:", "OutDatagrams", UDP_OUT},
    {"Udp:", "NoPorts", UDP_NO_PORT},
    {"Udp:", "InErrors", UDP_ERRORS},
    {"Udp:", "RcvbufErrors", UDP_IN_FULL},
    {"Udp:", "SndbufErrors", UDP_OUT_FULL},
    {0},
};

static bool take_pair(const struct pair_key *keys, const char *group, const char *name,
                      const char *value, double *row)
{
    for (; keys->group; keys++)
        if (strcmp(keys->group, group) == 0 && strcmp(keys->name, name) == 0) {
            row[keys->place] = strtod(value, NULL);
            return true;
        }
    return false;
}

static bool read_pairs(const char *text, const struct pair_key *keys, double *row)
{
    bool any = false;
    for (const char *names = text, *values; names; names = text_next_line(values)) {
        char group[16], again[16], name[48], value[32];
        values = text_next_line(names);
        const char *at = names, *number = values;
        if (!values)
            break;
        if (!text_word(&at, group, sizeof group) || !text_word(&number, again, sizeof again) ||
            strcmp(group, again) != 0)
            continue;
        while (text_word(&at, name, sizeof name) && text_word(&number, value, sizeof value))
            any |= take_pair(keys, group, name, value, row);
    }
    return any;
}

/* ---- /proc/net/tcp: "  1: 0100007F:1388 0100007F:D431 01 ..." -------------------------------- */

static void count_states(const char *text, double *row)
{
    for (const char *line = text; line; line = text_next_line(line)) {
        char word[80];
        const char *at = line;
        if (!text_word(&at, word, sizeof word) || !strchr(word, ':') ||
            !text_word(&at, word, sizeof word) || !text_word(&at, word, sizeof word) ||
            !text_word(&at, word, sizeof word))
            continue;
        unsigned long state = strtoul(word, NULL, 16);
        if (state >= 1 && state <= STATES)
            row[state - 1]++;
    }
}

static void read_states(struct system *system, struct sockets *sockets, double connections)
{
    int64_t every_ms = gw_int(gw_options(system->self), "connections_every");
    bool due = sockets->counted_ms == 0 || system->now_ms - sockets->counted_ms >= every_ms;
    double row[STATES] = {0};
    if (every_ms <= 0 || !due || connections > COUNTED_MAX)
        return;
    sockets->counted_ms = system->now_ms;
    const char *text = system_read(system, &sockets->tcp);
    if (!text)
        return;
    count_states(text, row);
    count_states(system_read(system, &sockets->tcp6), row);
    if (!sockets->connections)
        sockets->connections =
            gw_series_get(system->self, "system.connections", NULL, connection_fields, every_ms);
    gw_set(sockets->connections, row);
}

static void read_protocols(struct system *system, struct sockets *sockets)
{
    double tcp[TCP_FIELDS], udp[UDP_FIELDS];
    clear(tcp, TCP_FIELDS);
    clear(udp, UDP_FIELDS);
    const char *text = system_read(system, &sockets->snmp);
    bool any_tcp = read_pairs(text, tcp_keys, tcp), any_udp = read_pairs(text, udp_keys, udp);
    any_tcp |= read_pairs(system_read(system, &sockets->netstat), tcp_keys, tcp);
    if (any_tcp)
        system_row(system, &sockets->tcp_series, "system.tcp", NULL, tcp_fields, tcp);
    if (any_udp)
        system_row(system, &sockets->udp, "system.udp", NULL, udp_fields, udp);
}

/* ---- /proc/net/rpc/nfs: "rpc 12 0 3" --------------------------------------------------------- */

static void read_nfs(struct system *system, struct sockets *sockets)
{
    double row[3];
    clear(row, 3);
    for (const char *line = system_read(system, &sockets->nfs); line; line = text_next_line(line)) {
        uint64_t numbers[2];
        if (strncmp(line, "rpc ", 4) == 0 && text_numbers(line + 4, numbers, 2) == 2) {
            row[0] = (double)numbers[0];
            row[1] = (double)numbers[1];
        }
    }
    for (const char *line = system_read(system, &sockets->nfsd); line;
         line = text_next_line(line)) {
        uint64_t number;
        if (strncmp(line, "rpc ", 4) == 0 && text_numbers(line + 4, &number, 1) == 1)
            row[2] = (double)number;
    }
    if (!isnan(row[0]) || !isnan(row[2]))
        system_row(system, &sockets->nfs_series, "system.nfs", NULL, nfs_fields, row);
}

static void socket_turn(struct system *system, void *data)
{
    struct sockets *sockets = data;
    double connections = read_sockets(system, sockets);
    read_protocols(system, sockets);
    read_states(system, sockets, connections);
    read_nfs(system, sockets);
}

static void *socket_start(struct system *system)
{
    struct sockets *sockets = calloc(1, sizeof *sockets);
    if (!sockets)
        return NULL;
    const struct roots *roots = &system->roots;
    file_init_net(&sockets->sockstat, roots, "sockstat");
    file_init_net(&sockets->sockstat6, roots, "sockstat6");
    file_init_net(&sockets->snmp, roots, "snmp");
    file_init_net(&sockets->netstat, roots, "netstat");
    file_init_net(&sockets->tcp, roots, "tcp");
    file_init_net(&sockets->tcp6, roots, "tcp6");
    file_init_net(&sockets->nfs, roots, "rpc/nfs");
    file_init_net(&sockets->nfsd, roots, "rpc/nfsd");
    file_init(&sockets->conntrack, roots->proc, "sys/net/netfilter/nf_conntrack_count");
    file_init(&sockets->conntrack_max, roots->proc, "sys/net/netfilter/nf_conntrack_max");
    return sockets;
}

static void socket_stop(void *data)
{
    struct sockets *sockets = data;
    if (!sockets)
        return;
    struct file *files[] = {&sockets->sockstat,     &sockets->sockstat6, &sockets->snmp,
                            &sockets->netstat,      &sockets->tcp,       &sockets->tcp6,
                            &sockets->conntrack,    &sockets->nfs,       &sockets->nfsd,
                            &sockets->conntrack_max};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        file_fini(files[i]);
    free(sockets);
}

const struct part socket_part = {"socket", socket_start, socket_turn, socket_stop};
