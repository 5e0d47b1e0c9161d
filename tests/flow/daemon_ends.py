#!/usr/bin/env python3
"""SIGTERM ends the daemon soon, and what it knew is there when it starts again."""
import os
import time

from daemon import LOAD, Daemon, lost, run, start_ticks, wait

FLOOD = "series: 50\nobjects: 5\n"


def busy(daemon):
    """Waits until there are rows, objects and events to lose."""
    wait("rows", lambda: len(daemon.rows("flood.row", n=7)) >= 4)
    wait("events", lambda: len(daemon.events("flood.tick")) >= 2)
    wait("objects", lambda: daemon.get("/api/flood/things")["total"] >= 3)


def sigterm_ends_it_within_5_s_and_the_last_rows_are_there_after_a_restart():
    with Daemon(flood=FLOOD, load=LOAD) as daemon:
        busy(daemon)
        store, begun = daemon.store_pid(), start_ticks(daemon.store_pid())
        rows, things = daemon.rows("flood.row", n=7), daemon.get("/api/flood/things")["items"]
        events = daemon.events()
        asked = time.monotonic()
        assert daemon.stop() == 0
        took = time.monotonic() - asked
        assert took < 5, took
        assert start_ticks(store) != begun, "the store process outlives the daemon"
        for name in ("gnswatch.sock", "gnswatch.ports"):
            assert not os.path.exists(os.path.join(daemon.state, name)), name
        daemon.start()
        after = daemon.rows("flood.row", n=7)
        assert not lost(rows, after), (lost(rows, after), after)
        known = {e["sequence"]: e["text"] for e in daemon.events()}
        assert all(known.get(e["sequence"]) == e["text"] for e in events)
        ids = {t["id"] for t in daemon.get("/api/v1/objects/flood.thing")["items"]}
        assert {t["id"] for t in things} <= ids, (things, ids)


def event_numbers_go_on_after_a_restart():
    with Daemon(flood=FLOOD) as daemon:
        busy(daemon)
        newest = daemon.events()[0]["sequence"]
        assert daemon.stop() == 0
        daemon.start()
        fresh = wait("an event", lambda: [e for e in daemon.events("flood.tick")
                                          if e["sequence"] > newest])
        numbers = [e["sequence"] for e in daemon.events()]
        assert numbers == sorted(set(numbers), reverse=True), numbers
        assert fresh


def sigterm_while_it_starts_ends_it_too():
    with Daemon(start=False, flood="series: 2000\n", load=LOAD) as daemon:
        for _ in range(3):
            daemon.spawn()
            lock = os.path.join(daemon.state, "gnswatch.lock")
            wait("it holds its directory", lambda: os.path.exists(lock))
            asked = time.monotonic()
            daemon.stop(check=False)
            assert time.monotonic() - asked < 5
            assert daemon.process.returncode in (0, -15), daemon.process.returncode
            os.unlink(lock)


if __name__ == "__main__":
    run([
        sigterm_ends_it_within_5_s_and_the_last_rows_are_there_after_a_restart,
        event_numbers_go_on_after_a_restart,
        sigterm_while_it_starts_ends_it_too,
    ])
