/* Lines of a hypervisor, of /proc/PID/stat and /proc/net/tcp, a command line: each reader takes
 * each input; names that come out can be asked for, numbers are in range. */
#include "fuzz.h"
#include "traffic/answers.h"
#include "traffic/consoles.h"

#include <ctype.h>
#include <proc/procs.h>

static void check_name(const char *name)
{
    fuzz_check(*name && strlen(name) < ANSWER_NAME_MAX);
    for (; *name; name++)
        fuzz_check(isalnum((unsigned char)*name) || strchr("-._", *name));
}

static void check_answer(const char *text)
{
    char name[ANSWER_NAME_MAX];
    struct bridge_name bridge;
    struct nio nio;
    enum nio_side side = NIO_SOURCE;
    int adapter = 0, port = 0;
    if (answer_bridge(text, name))
        check_name(name);
    if (answer_binding(text, &port, name)) {
        check_name(name);
        fuzz_check(port >= 0 && port < 65536);
    }
    if (answer_nio(text, &side, &nio))
        fuzz_check(side == NIO_SOURCE || side == NIO_DESTINATION);
    if (answer_iol_port(text, &adapter, &port, &nio))
        fuzz_check(adapter >= 0 && adapter < 256 && port >= 0 && port < 256);
    if (answer_dynamips_nio(text, &nio))
        fuzz_check(nio.in.packets <= (uint64_t)1 << 62);
    if (bridge_name(text, &bridge)) {
        fuzz_check(!*bridge.node_id || is_node_id(bridge.node_id, strlen(bridge.node_id)));
        fuzz_check(bridge.adapter >= 0 && bridge.adapter < 65536);
        fuzz_check(bridge.port >= 0 && bridge.port < 65536);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct answer_line line;
    struct proc proc = {0};
    if (answer_line(text, &line) == 0) {
        fuzz_check(line.code >= 0 && line.code <= 999);
        check_answer(line.text);
    }
    check_answer(text);
    int port = consoles_line(text);
    fuzz_check(port >= -1 && port < 65536);
    procs_stat(text, &proc);
    if (size > 0 && procs_hypervisor((const char *)data, size, &proc)) {
        fuzz_check(proc.port > 0 && proc.port < 65536);
        fuzz_check(strlen(proc.host) > 0 && strlen(proc.host) < sizeof proc.host);
    }
    free(text);
    return 0;
}
