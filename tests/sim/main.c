/* main - wiring of gnswatch-sim: options, servers, control port, signals. */
#include "control.h"
#include "demo.h"
#include "http.h"
#include "hypervisor.h"
#include "inbox.h"
#include "options.h"
#include "sim.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void free_handle(uv_handle_t *h)
{
    free(h);
}

static void stop(struct sim *sim)
{
    if (sim->stopping)
        return;
    sim->stopping = true;
    for (int i = 0; i < sim->n_servers; i++)
        if (sim->servers[i].sim)
            server_fini(&sim->servers[i]);
    while (sim->controls)
        conn_close(sim->controls);
    if (sim->control)
        uv_close((uv_handle_t *)sim->control, free_handle);
    inbox_stop(sim);
    uv_close((uv_handle_t *)&sim->demo, NULL);
    uv_close((uv_handle_t *)&sim->term, NULL);
    uv_close((uv_handle_t *)&sim->interrupt, NULL);
}

static void on_signal(uv_signal_t *signal, int number)
{
    (void)number;
    stop(signal->data);
}

static int fail(struct sim *sim, const char *what, int rc)
{
    fprintf(stderr, "gnswatch-sim: %s: %s\n", what, uv_strerror(rc));
    sim->failed = 1;
    stop(sim);
    return rc;
}

static int start_servers(struct sim *sim)
{
    sim->servers = sim_alloc((size_t)sim->opt.servers * sizeof(*sim->servers));
    sim->n_servers = sim->opt.servers;
    for (int i = 0; i < sim->n_servers; i++) {
        int rc = server_init(&sim->servers[i], sim, i);
        if (rc < 0) {
            char what[160];
            snprintf(what, sizeof(what), "listen on %s:%d", sim->opt.listen_host,
                     sim->servers[i].port);
            return fail(sim, what, rc);
        }
    }
    return 0;
}

static void say_ports(const struct sim *sim)
{
    for (int i = 0; i < sim->n_servers; i++)
        printf("gnswatch-sim: GNS3 %s on http://%s:%d\n", sim->servers[i].version,
               sim->opt.listen_host, sim->servers[i].port);
    if (sim->control_port)
        printf("gnswatch-sim: control on http://%s:%d\n", sim->opt.control_host, sim->control_port);
    fflush(stdout);
}

static int start(struct sim *sim)
{
    int rc = start_servers(sim);
    if (rc < 0)
        return rc;
    if (sim->opt.control_port >= 0) {
        rc = control_listen(sim);
        if (rc < 0)
            return fail(sim, "listen for control", rc);
        rc = sim->opt.inbox ? inbox_listen(sim) : 0;
        if (rc < 0)
            return fail(sim, "listen for mail", rc);
    }
    if (sim->opt.demo)
        demo_start(sim);
    say_ports(sim);
    if (sim->opt.ports_file) {
        rc = ports_write(sim, sim->opt.ports_file);
        if (rc < 0)
            return fail(sim, sim->opt.ports_file, rc);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (hypervisor_is_asked(argv[0]))
        hypervisor_be_seen();
    struct sim *sim = sim_alloc(sizeof(*sim));
    uv_loop_t loop;
    int rc = options_parse(&sim->opt, argc, argv);
    if (rc) {
        free(sim);
        return rc < 0 ? 2 : 0;
    }
    uv_loop_init(&loop);
    sim->loop = &loop;
    sim->rng = sim->opt.seed;
    sim->started_ms = uv_now(&loop);
    uv_timer_init(&loop, &sim->demo);
    uv_signal_init(&loop, &sim->term);
    uv_signal_init(&loop, &sim->interrupt);
    sim->term.data = sim->interrupt.data = sim;
    signal(SIGPIPE, SIG_IGN);
    uv_signal_start(&sim->term, on_signal, SIGTERM);
    uv_signal_start(&sim->interrupt, on_signal, SIGINT);
    start(sim);
    uv_run(&loop, UV_RUN_DEFAULT);
    int leaked = uv_loop_close(&loop);
    if (leaked)
        fprintf(stderr, "gnswatch-sim: handles still open at exit\n");
    rc = sim->failed || leaked ? 1 : 0;
    inbox_free(sim->inbox);
    free(sim->servers);
    free(sim);
    return rc;
}
