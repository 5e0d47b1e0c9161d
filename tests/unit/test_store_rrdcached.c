/* Rows by way of an rrdcached, also when it goes away and comes back. Skipped where there is none.
 */
#include "store_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { T0 = 1700000000 };

struct daemon {
    struct store_fixture f;
    char socket[96], pid_file[96];
    pid_t pid;
};

static bool socket_is_there(void *data)
{
    struct stat status;
    return stat(((struct daemon *)data)->socket, &status) == 0;
}

static void start(struct daemon *d)
{
    char address[112];
    unlink(d->socket);
    snprintf(address, sizeof(address), "unix:%s", d->socket);
    d->pid = fork();
    if (d->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (!freopen("/dev/null", "w", stdout))
            _exit(127);
        execlp("rrdcached", "rrdcached", "-g", "-l", address, "-p", d->pid_file, "-b", d->f.dir,
               (char *)NULL);
        _exit(127);
    }
    assert_true(wait_for(socket_is_there, d));
}

static void stop(struct daemon *d)
{
    kill(d->pid, SIGTERM);
    waitpid(d->pid, NULL, 0);
    unlink(d->socket);
}

static void rows_go_through_rrdcached_and_wait_while_it_is_away(void **state)
{
    (void)state;
    if (system("command -v rrdcached >/dev/null") != 0)
        skip();
    struct daemon d = {0};
    char options[256];
    fixture_begin(&d.f);
    snprintf(d.socket, sizeof(d.socket), "%s/cached.sock", d.f.dir);
    snprintf(d.pid_file, sizeof(d.pid_file), "%s/cached.pid", d.f.dir);
    snprintf(options, sizeof(options), "{\"rrdcached\":\"unix:%s\"}", d.socket);
    start(&d);
    fixture_open(&d.f, options);
    struct gw_series *series = fixture_series(&d.f, "PC1");
    for (int i = 0; i < 30; i++) {
        if (i == 10)
            stop(&d);
        if (i == 20)
            start(&d);
        fixture_rows(series, T0 + 20 * i, 20);
        fixture_advance_ms(&d.f, 20000);
        fixture_tick(&d.f);
    }
    fixture_tick(&d.f);
    struct answer a = fixture_query(&d.f, 1, T0, T0 + 599, 1000, STORE_AVERAGE);
    assert_int_equal(a.error, 0);
    size_t known = 0;
    for (size_t i = 0; i < a.count; i++)
        known += isnan(a.values[i]) ? 0u : 1u;
    assert_int_equal(known, 599);
    answer_fini(&a);
    fixture_close(&d.f);
    stop(&d);
    fixture_end(&d.f);
}

int main(int argc, char **argv)
{
    store_fixture_main(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_go_through_rrdcached_and_wait_while_it_is_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
