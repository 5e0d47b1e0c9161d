#!/usr/bin/env python3
"""SIGHUP: only what differs is restarted, and a mistake changes nothing."""
import os
import signal

from daemon import LOAD, Daemon, run, wait


def hup(daemon):
    daemon.process.send_signal(signal.SIGHUP)


def ticks(daemon, name):
    return daemon.instances()[name]["ticks"]


def a_good_change_restarts_only_that_instance():
    with Daemon(load=LOAD, flood="series: 3\n") as daemon:
        wait("turns", lambda: ticks(daemon, "load") >= 3 and ticks(daemon, "flood") >= 3)
        before = daemon.instances()
        daemon.write("flood", "series: 4\n")
        hup(daemon)
        wait("the fourth series", lambda: len(daemon.series("flood.row", n="3")) == 1)
        after = daemon.instances()
        assert after["load"]["ticks"] >= before["load"]["ticks"], (before, after)
        assert after["flood"]["ticks"] < before["flood"]["ticks"], (before, after)
        assert after["load"]["restarts"] == before["load"]["restarts"] == 0, after
        wait("it is said", lambda: daemon.events("gnswatch.reload.done"))


def a_reload_without_a_change_restarts_nothing():
    with Daemon(load=LOAD, flood="series: 3\n") as daemon:
        wait("turns", lambda: ticks(daemon, "load") >= 3 and ticks(daemon, "flood") >= 3)
        before = daemon.instances()
        hup(daemon)
        wait("it is said", lambda: daemon.events("gnswatch.reload.done"))
        after = daemon.instances()
        assert all(after[i]["ticks"] >= before[i]["ticks"] for i in before), (before, after)


def files_that_come_and_go_start_and_stop_instances():
    with Daemon(load=LOAD) as daemon:
        daemon.write("flood", "series: 3\n")
        hup(daemon)
        wait("a new instance", lambda: ticks(daemon, "flood") >= 1)
        os.unlink(os.path.join(daemon.conf, "load.yaml"))
        hup(daemon)
        wait("one instance fewer", lambda: set(daemon.instances()) == {"flood"})


def a_bad_file_changes_nothing_and_says_where_it_is_wrong():
    with Daemon(load=LOAD, flood="series: 3\n") as daemon:
        wait("turns", lambda: ticks(daemon, "load") >= 3 and ticks(daemon, "flood") >= 3)
        before, since = daemon.instances(), len(daemon.log())
        daemon.write("flood", "series: 3\nfeilds: 2\n")
        daemon.write("load", LOAD + "every: 1x\n")
        hup(daemon)
        daemon.says("flood.yaml:2:1", since)
        daemon.says("load.yaml:", since)  # all mistakes at once
        assert "fields" in daemon.log()[since:]
        wait("it is said", lambda: daemon.events("gnswatch.reload.refused"))
        after = daemon.instances()
        assert all(after[i]["ticks"] >= before[i]["ticks"] for i in before), (before, after)
        daemon.write("flood", "series: 3\n")
        daemon.write("load", LOAD)
        hup(daemon)
        wait("it is well again", lambda: daemon.events("gnswatch.reload.done"))


if __name__ == "__main__":
    run([
        a_good_change_restarts_only_that_instance,
        a_reload_without_a_change_restarts_nothing,
        files_that_come_and_go_start_and_stop_instances,
        a_bad_file_changes_nothing_and_says_where_it_is_wrong,
    ])
