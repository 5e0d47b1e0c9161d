/* How the store is, for people and for /health. */
#include "store/keeper.h"
#include "store/link.h"

static void add_process(const struct link_state *state, struct buf *out)
{
    const struct process_stats *p = &state->process;
    buf_printf(out,
               "{\"running\":%s,\"ready\":%s,\"pid\":%d,\"restarts\":%llu,\"series\":%llu,"
               "\"cpu_us\":%llu,",
               state->running ? "true" : "false", state->ready ? "true" : "false", state->pid,
               (unsigned long long)state->restarts, (unsigned long long)p->series,
               (unsigned long long)p->cpu_us);
    buf_printf(out,
               "\"rows\":{\"taken\":%llu,\"filed\":%llu,\"waiting\":%llu,\"lost\":%llu,"
               "\"dropped\":%llu,\"replayed\":%llu},",
               (unsigned long long)p->rows_taken, (unsigned long long)p->rows_filed,
               (unsigned long long)p->rows_waiting, (unsigned long long)p->rows_lost,
               (unsigned long long)p->rows_dropped, (unsigned long long)p->rows_replayed);
    buf_printf(out,
               "\"journal\":{\"bytes\":%llu,\"segments\":%llu,\"commits\":%llu,\"failing\":%s,"
               "\"last_ms\":%lld},",
               (unsigned long long)p->journal_bytes, (unsigned long long)p->journal_segments,
               (unsigned long long)p->commits, p->journal_failing ? "true" : "false",
               (long long)p->last_commit_ms);
    buf_printf(
        out,
        "\"rrd\":{\"files\":%llu,\"bytes\":%llu,\"calls\":%llu,\"appended\":%llu,\"errors\":%llu,"
        "\"failing\":%s,\"full\":%s,\"last_ms\":%lld}}",
        (unsigned long long)p->files, (unsigned long long)p->disk_bytes,
        (unsigned long long)p->rrd_calls, (unsigned long long)p->rows_appended,
        (unsigned long long)p->rrd_errors, p->files_failing ? "true" : "false",
        p->over_budget ? "true" : "false", (long long)p->last_filed_ms);
}

static void add_database(const struct keeper_counts *c, struct buf *out)
{
    buf_printf(out,
               "{\"waiting\":%zu,\"waiting_bytes\":%zu,\"written\":%llu,\"dropped\":%llu,"
               "\"failures\":%llu,\"last_ms\":%lld,\"failing\":%s,\"problem\":",
               c->waiting, c->waiting_bytes, (unsigned long long)c->written,
               (unsigned long long)c->dropped + c->events_dropped, (unsigned long long)c->failures,
               (long long)c->last_write_ms, c->failing ? "true" : "false");
    buf_json_string(out, c->problem[0] ? c->problem : NULL);
    buf_addc(out, '}');
}

void store_health(struct store *store, struct buf *out, bool *well)
{
    struct keeper_counts database;
    struct link_state state;
    keeper_count(store->keeper, &database);
    link_state(store->link, &state);
    *well = !database.failing && state.running && !state.process.journal_failing &&
            !state.process.files_failing && !state.process.over_budget;
    buf_adds(out, "{\"well\":");
    buf_adds(out, *well ? "true" : "false");
    buf_adds(out, ",\"dir\":");
    buf_json_string(out, store->dir);
    buf_adds(out, ",\"process\":");
    add_process(&state, out);
    buf_adds(out, ",\"database\":");
    add_database(&database, out);
    buf_printf(out, ",\"reads\":{\"total\":%llu,\"from_ring\":%llu,\"from_file\":%llu,",
               (unsigned long long)state.reads, (unsigned long long)state.reads_from_ring,
               (unsigned long long)state.reads_from_file);
    buf_printf(out, "\"waiting\":%zu,\"late\":%llu}}", state.reads_waiting,
               (unsigned long long)state.reads_late);
}
