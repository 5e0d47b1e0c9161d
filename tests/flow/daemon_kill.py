#!/usr/bin/env python3
"""kill -9, under load: at most the last second of rows is lost, names and numbers stay."""
import os
import signal
import time

from daemon import LOAD, Daemon, Sim, gns3_yaml, lost, run, wait

FLOOD = "series: 200\nobjects: 20\n"
LOST_MS = 2500  # a group commit each second, its turn, and the age of a row when it is read


def now_ms():
    return int(time.time() * 1000)


def watching(daemon, nodes):
    """Waits until there are rows, objects and events to lose."""
    wait("all nodes", lambda: len(daemon.list("nodes")) == nodes)
    wait("rows", lambda: len(daemon.rows("flood.row", n=7)) >= 6)
    wait("events", lambda: len(daemon.events("flood.tick")) >= 3)


def kept(before, after, killed_ms):
    """Every row that was older than the last moment is there, as it was."""
    assert len([time for time in before if time < killed_ms - LOST_MS]) >= 3, before
    assert not lost(before, after, killed_ms - LOST_MS), (before, after)


def killed_with_its_store_process_it_loses_the_last_second_at_most():
    with Daemon(start=False, load=LOAD, flood=FLOOD) as daemon:
        sim = Sim(daemon.folder, "--projects", "2", "--nodes", "10", "--opened", "2")
        try:
            daemon.write("gns3", gns3_yaml(sim))
            daemon.start()
            watching(daemon, 20)
            for _ in range(2):
                before = {n: daemon.rows("flood.row", n=n) for n in (0, 7, 199)}
                ids = {n["id"] for n in daemon.list("nodes")}
                newest = daemon.events()[0]["sequence"]
                killed_ms = now_ms()
                daemon.kill(store_too=True)
                daemon.start()
                for n, rows in before.items():
                    wait("the store is ready", lambda: daemon.health()["store"]["process"]["ready"])
                    kept(rows, daemon.rows("flood.row", n=n), killed_ms)
                wait("all nodes", lambda: len(daemon.list("nodes")) == 20)
                assert {n["id"] for n in daemon.list("nodes")} == ids
                wait("a new event", lambda: daemon.events()[0]["sequence"] > newest)
                numbers = [e["sequence"] for e in daemon.events()]
                assert len(numbers) == len(set(numbers)), numbers
                assert not daemon.events("gns3.node.created")
                wait("rows", lambda: len(daemon.rows("flood.row", seconds=10, n=7)) >= 4)
        finally:
            sim.stop()


def killed_alone_it_loses_nothing_its_store_process_has_seen():
    with Daemon(load=LOAD, flood=FLOOD) as daemon:
        wait("rows", lambda: len(daemon.rows("flood.row", n=7)) >= 6)
        before, killed_ms = daemon.rows("flood.row", n=7), now_ms()
        daemon.kill()
        daemon.start()
        wait("the store is ready", lambda: daemon.health()["store"]["process"]["ready"])
        kept(before, daemon.rows("flood.row", n=7), killed_ms)


def a_killed_store_process_is_started_again_and_nothing_is_lost():
    with Daemon(load=LOAD, flood=FLOOD) as daemon:
        wait("rows", lambda: len(daemon.rows("flood.row", n=7)) >= 6)
        for _ in range(3):
            before, store = daemon.rows("flood.row", n=7), daemon.store_pid()
            os.kill(store, signal.SIGKILL)
            wait("another store process", lambda: daemon.store_pid() not in (0, store))
            wait("it is ready", lambda: daemon.health()["store"]["process"]["ready"])
            after = daemon.rows("flood.row", n=7)
            newest = max(before)
            assert not lost(before, after), (before, after)
            wait("rows go on", lambda: max(daemon.rows("flood.row", n=7)) > newest + 2000)
        times = sorted(daemon.rows("flood.row", n=7))
        gaps = [b - a for a, b in zip(times, times[1:]) if b - a > 2000]
        assert not gaps, times
        rows = daemon.health()["store"]["process"]["rows"]
        assert rows["lost"] == rows["dropped"] == 0, rows
        assert daemon.health()["metric"]["overrun_rows"] == 0
        assert daemon.events("store.restarted")


if __name__ == "__main__":
    run([  # one by one: a second is a promise only while somebody gets the processor
        killed_with_its_store_process_it_loses_the_last_second_at_most,
        killed_alone_it_loses_nothing_its_store_process_has_seen,
        a_killed_store_process_is_started_again_and_nothing_is_lost,
    ], at_once=1)
