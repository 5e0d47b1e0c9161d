#!/usr/bin/env python3
"""A plugin that follows the series of another, asks for their past, and keeps up with events."""
from daemon import Daemon, run, wait

SMALL = ("api:\n  listen: 127.0.0.1:0\n  anonymous_role: admin\n"
         "store:\n  archives: step:10m 1m:2h\n")
FLOOD = "every: 200ms\nseries: 20\nfields: 2\n"


def follow(daemon):
    return daemon.get("/api/reader/follow")


def events(daemon):
    return daemon.get("/api/reader/events")


def every_row_of_another_plugin_comes_once():
    with Daemon(gnswatch=SMALL, reader="plugin: reader\n", flood=FLOOD) as daemon:
        wait("rows", lambda: follow(daemon)["rows"] >= 200)
        now = follow(daemon)
        assert now["found"] == 20 and now["falls"] == 0 and now["lost"] == 0, now
        daemon.write("flood", "enabled: no\n" + FLOOD)
        assert daemon.post("/api/v1/commands/gnswatch.reload")[0] == 200
        wait("the ends", lambda: follow(daemon)["ended"] == 20)
        ticks = follow(daemon)["rows"]
        assert ticks % 20 == 0, ticks  # the last tick's rows came before the ends
        daemon.write("flood", FLOOD)
        assert daemon.post("/api/v1/commands/gnswatch.reload")[0] == 200
        wait("they are back", lambda: follow(daemon)["rows"] > ticks)
        assert follow(daemon)["found"] == 40, follow(daemon)
        daemon.stop()
        assert "reader: 40 found, 40 ended, 40 freed" in daemon.log()


def the_past_is_asked_for_by_key():
    with Daemon(gnswatch=SMALL, reader="plugin: reader\n", flood=FLOOD) as daemon:
        key = wait("a series", lambda: daemon.series("flood.row", n=3))[0]["key"]
        wait("rows", lambda: daemon.get("/api/reader/query", key=key)["last"] > 3)
        answer = daemon.get("/api/reader/query", key=key, points=10)
        assert 0 < answer["count"] <= 10 and answer["fields"] == 2, answer
        assert answer["step"] >= 6000, answer


def events_go_on_where_they_were_left_over_a_restart():
    with Daemon(gnswatch=SMALL, reader="plugin: reader\n") as daemon:
        assert daemon.post("/api/v1/commands/reader.say", count=10)[0] == 200
        first = wait("ten", lambda: (e := events(daemon))["events"] == 10 and e)
        assert daemon.post("/api/v1/commands/reader.say", count=700)[0] == 200
        wait("all", lambda: events(daemon)["events"] == 710)
        daemon.write("reader", f"since: {first['sequence']}\n")  # restarts it at once
        assert daemon.post("/api/v1/commands/gnswatch.reload")[0] == 200
        wait("it runs", lambda: daemon.post("/api/v1/commands/reader.say", count=5)[0] == 200)
        now = wait("the rest", lambda: (e := events(daemon))["events"] >= 705 and e)
        assert now["events"] == 705 and now["doubled"] == 0, now
        wait("they are stored", lambda: len(daemon.events("reader.said", 1000)) == 715)
        daemon.kill()
        daemon.start()
        now = wait("after a kill", lambda: (e := events(daemon))["events"] >= 705 and e)
        assert now["events"] == 705 and now["doubled"] == 0, now


def a_queue_that_overflows_is_filled_again_from_the_store():
    with Daemon(gnswatch=SMALL, reader="plugin: reader\nisolation: thread\n") as daemon:
        assert daemon.post("/api/v1/commands/reader.say", count=5000)[0] == 200
        now = wait("all", lambda: (e := events(daemon))["events"] >= 5000 and e)
        assert now["events"] == 5000 and now["doubled"] == 0, now


if __name__ == "__main__":
    run([every_row_of_another_plugin_comes_once, the_past_is_asked_for_by_key,
         events_go_on_where_they_were_left_over_a_restart,
         a_queue_that_overflows_is_filled_again_from_the_store])
