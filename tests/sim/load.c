/* load - cpu and memory that move like a lab host's: a slow swell, short waves, and a share for
 * each running node. Must not know of HTTP. */
#include "load.h"

#include "model.h"

#include <math.h>
#include <string.h>

static const double memory_total = 25276514304.0;

double load_wave(uint64_t now_ms, uint64_t seed)
{
    double t = (double)now_ms / 1000.0 + (double)(seed % 997) * 3.7;
    double v = 0.5 + 0.22 * sin(t / 97.0) + 0.15 * sin(t / 23.0 + 1.3) + 0.08 * sin(t / 5.0 + 0.4);
    return v < 0.02 ? 0.02 : v > 1.0 ? 1.0 : v;
}

static void count_project(struct server *s, const struct project *p)
{
    for (size_t k = 0; p->opened && k < p->n_nodes; k++) {
        const char *id = json_string_value(json_object_get(p->nodes[k]->doc, "compute_id"));
        for (int i = 0; i < s->n_computes; i++)
            if (id && node_is(p->nodes[k], "started") && strcmp(id, s->computes[i].id) == 0)
                s->computes[i].running++;
    }
}

static double running_on(struct server *s, int compute)
{
    if (!s->running_known) {
        for (int i = 0; i < s->n_computes; i++)
            s->computes[i].running = 0;
        for (size_t i = 0; i < s->n_projects; i++)
            count_project(s, s->projects[i]);
        s->running_known = true;
    }
    return (double)s->computes[compute].running;
}

static double clamp(double v, double low, double high)
{
    return v < low ? low : v > high ? high : v;
}

static double one_digit(double v)
{
    return round(v * 10.0) / 10.0;
}

double load_cpu_percent(struct server *s, int compute)
{
    double wave = load_wave(sim_now_ms(s->sim), (uint64_t)(s->index * 31 + compute * 7 + 1));
    double nodes = running_on(s, compute);
    double v = 4.0 + 18.0 * wave + 55.0 * wave * nodes / (nodes + 40.0) + 3.0 * rng_unit(&s->rng);
    return one_digit(clamp(v, 0.3, 99.5));
}

double load_memory_percent(struct server *s, int compute)
{
    double wave = load_wave(sim_now_ms(s->sim) / 6, (uint64_t)(s->index * 17 + compute * 5 + 3));
    double nodes = running_on(s, compute);
    return one_digit(clamp(8.0 + 6.0 * wave + 60.0 * nodes / (nodes + 60.0), 2.0, 97.0));
}

double load_disk_percent(const struct server *s)
{
    double days = (double)sim_now_ms(s->sim) / 86400000.0;
    return one_digit(clamp(34.0 + 3.0 * s->index + days, 1.0, 96.0));
}

json_t *load_statistics(struct server *s, int compute)
{
    double cpu = load_cpu_percent(s, compute);
    double memory = load_memory_percent(s, compute);
    double used = memory_total * memory / 100.0;
    return json_pack("{s:I,s:I,s:I,s:i,s:i,s:i,s:i,s:i,s:i,s:i,s:[i,i,i]}", "memory_total",
                     (json_int_t)memory_total, "memory_free", (json_int_t)(memory_total - used),
                     "memory_used", (json_int_t)used, "swap_total", 0, "swap_free", 0, "swap_used",
                     0, "cpu_usage_percent", (int)cpu, "memory_usage_percent", (int)memory,
                     "swap_usage_percent", 0, "disk_usage_percent", (int)load_disk_percent(s),
                     "load_average_percent", (int)(cpu * 1.1), (int)(cpu * 0.95), (int)(cpu * 0.8));
}
