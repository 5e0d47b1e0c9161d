#!/usr/bin/env python3
"""Ten thousand series of five fields, each second: nothing dropped, all there after kill -9."""
import time

from daemon import LOAD, Daemon, lost, run, wait

COUNT, FIELDS, SECONDS = 10000, 5, 8
LOST_MS = 2500  # a group commit each second, its turn, and the age of a row when it is read
SOME = (0, 1, 4321, COUNT - 1)


# By default ten thousand new files are 8 GB: too much to ask of a machine that runs tests.
SMALL = ("api:\n  listen: 127.0.0.1:0\n  anonymous_role: admin\n"
         "store:\n  archives: step:10m 1m:2h\n")


def ten_thousand_series_are_kept_and_replayed():
    with Daemon(gnswatch=SMALL, load=LOAD,
                flood=f"series: {COUNT}\nfields: {FIELDS}\n") as daemon:
        wait("all series", lambda: daemon.health()["store"]["process"]["series"] >= COUNT)
        ticks = daemon.instances()["flood"]["ticks"]
        wait(f"{SECONDS} turns", lambda: daemon.instances()["flood"]["ticks"] >= ticks + SECONDS)
        health, about = daemon.health(), daemon.instances()
        assert health["status"] == "ok", health
        assert about["flood"]["errors"] == 0 and about["flood"]["late"] == 0, about["flood"]
        process, metric = health["store"]["process"], health["metric"]
        assert metric["overrun_rows"] == 0 and metric["refused"] == 0, metric
        assert process["rows"]["lost"] == 0 and process["rows"]["dropped"] == 0, process
        assert process["rows"]["taken"] >= COUNT * (SECONDS - 2), process
        assert about["load"]["ticks"] >= ticks + SECONDS - 2, about["load"]
        before = {n: daemon.rows("flood.row", n=n) for n in SOME}
        killed = int(time.time() * 1000)
        daemon.kill(store_too=True)
        daemon.start()
        wait("it is replayed", lambda: daemon.health()["store"]["process"]["ready"])
        assert daemon.health()["store"]["process"]["rows"]["replayed"] >= COUNT * (SECONDS - 2)
        for n, rows in before.items():
            after = daemon.rows("flood.row", n=n)
            assert len([t for t in rows if t < killed - LOST_MS]) >= SECONDS - 4, (n, rows)
            assert not lost(rows, after, killed - LOST_MS), (n, rows, after)
        wait("it goes on", lambda: daemon.instances()["flood"]["ticks"] >= 3)
        assert daemon.health()["status"] == "ok"


if __name__ == "__main__":
    run([ten_thousand_series_are_kept_and_replayed])
