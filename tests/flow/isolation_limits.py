#!/usr/bin/env python3
"""A plugin in a process of its own that wants too much: it gets what its file allows, is told so, and
load beside it does not notice."""
import os
import pwd

from daemon import LOAD, Daemon, run, wait
from isolation import (UNRULY, crashed, do, gone, goes_on, load_did_not_notice, pid_of, row, shell)


def memory_ends_at_the_limit_and_the_plugin_can_say_so():
    with Daemon(unruly=UNRULY + "limits: {memory: 64MiB}\n", load=LOAD) as daemon:
        pid_of(daemon)
        answer = shell(daemon, "unruly.do", "what=leak")
        assert answer.returncode == 1, answer
        pieces = int(answer.stderr.split("no more after ")[1].split()[0])
        assert 20 <= pieces < 64, answer.stderr
        load_did_not_notice(daemon)


def memory_that_no_limit_refuses_ends_the_process():
    with Daemon(unruly=UNRULY + "limits: {memory: 64MiB}\n", load=LOAD) as daemon:
        before = pid_of(daemon)
        answer = shell(daemon, "unruly.do", "what=leak_shared")
        assert answer.returncode == 1 and "limits: memory" in answer.stderr, answer
        assert "its limit is 64.0 MiB" in crashed(daemon)[0]["text"], crashed(daemon)
        goes_on(daemon, before)
        load_did_not_notice(daemon)


def processes_files_and_signals_are_refused_with_a_reason():
    with Daemon(unruly=UNRULY + "limits: {files: 40}\n", load=LOAD) as daemon:
        pid_of(daemon)
        for what, words in (("fork", "fork: Operation not permitted"),
                            ("kill", "kill: Operation not permitted"),
                            ("files", "Too many open files")):
            status, answer = do(daemon, what)
            assert status >= 400 and words in answer["detail"], (what, status, answer)
        assert not daemon.events("gnswatch.instance.crashed")
        load_did_not_notice(daemon)


def processes_that_are_allowed_end_with_it_and_one_too_many_ends_it():
    with Daemon(unruly=UNRULY + "limits: {processes: 2}\n", load=LOAD) as daemon:
        before = pid_of(daemon)
        children = []
        for _ in range(2):
            status, answer = do(daemon, "fork")
            assert status == 200, answer
            children.append(answer["pid"])
        assert not any(map(gone, children))
        do(daemon, "fork")
        assert "limits: processes" in crashed(daemon)[0]["text"], crashed(daemon)
        wait("its children have ended", lambda: all(map(gone, children)))
        goes_on(daemon, before)


def cpu_above_its_share_is_paused_and_is_no_hang():
    with Daemon(unruly=UNRULY + "limits: {cpu: 5%, hang: 1s}\n", load=LOAD) as daemon:
        before = pid_of(daemon)
        assert do(daemon, "burn")[0] == 200
        wait("it is paused", lambda: row(daemon)["process"]["paused"])
        ticks = row(daemon)["ticks"]
        wait("it goes on in between", lambda: row(daemon)["ticks"] > ticks)
        wait("it is paused again", lambda: row(daemon)["process"]["paused"])
        assert pid_of(daemon) == before and not daemon.events("gnswatch.instance.crashed")
        load_did_not_notice(daemon)
        daemon.stop()  # which says that it ended well


def events_and_series_beyond_the_limits_are_dropped_and_said():
    with Daemon(unruly=UNRULY + "limits: {events: 10/s, series: 50}\n", load=LOAD) as daemon:
        wait("it ticks", lambda: row(daemon)["ticks"] >= 1)
        do(daemon, "events")
        do(daemon, "series")
        wait("its series", lambda: daemon.series("unruly.many"))
        assert len(daemon.series("unruly.many")) <= 50
        assert 1 <= len(daemon.events("unruly.many")) <= 200  # ten seconds of them at once
        daemon.says("limits: events")
        daemon.says("limits: series")
        ticks = row(daemon)["ticks"]
        wait("it ticks", lambda: row(daemon)["ticks"] > ticks)
        load_did_not_notice(daemon)


def what_it_prints_is_logged_and_not_all_of_a_flood():
    with Daemon(unruly=UNRULY, load=LOAD) as daemon:
        pid_of(daemon)
        assert do(daemon, "print")[0] == 200
        daemon.says("unruly: one of very many lines, number 0")
        ticks = row(daemon)["ticks"]
        wait("it ticks", lambda: row(daemon)["ticks"] > ticks + 1)
        assert daemon.log().count("one of very many lines") < 2000, "the log is flooded"
        load_did_not_notice(daemon)


def run_as_makes_it_another_user():
    if os.geteuid() != 0:
        print("     (not tried: only root may be another user)")
        return
    nobody = pwd.getpwnam("nobody")
    with Daemon(unruly=UNRULY + "run_as: nobody\n", load=LOAD) as daemon:
        pid = pid_of(daemon)
        wait("it runs", lambda: row(daemon)["state"] == "running")
        with open(f"/proc/{pid}/status") as file:
            ids = next(line for line in file if line.startswith("Uid:")).split()[1:]
        assert set(ids) == {str(nobody.pw_uid)}, ids
        status, answer = do(daemon, "user")
        assert status == 200 and answer["uid"] == nobody.pw_uid, (status, answer)


def a_user_that_is_not_there_is_said():
    with Daemon(unruly=UNRULY + "run_as: nobody-is-called-so\n", load=LOAD) as daemon:
        wait("it waits", lambda: row(daemon)["state"] == "waiting")
        assert "there is no user 'nobody-is-called-so'" in row(daemon)["last_error"]["text"]
        load_did_not_notice(daemon)


if __name__ == "__main__":
    run([
        cpu_above_its_share_is_paused_and_is_no_hang,
        memory_ends_at_the_limit_and_the_plugin_can_say_so,
        memory_that_no_limit_refuses_ends_the_process,
        processes_files_and_signals_are_refused_with_a_reason,
        processes_that_are_allowed_end_with_it_and_one_too_many_ends_it,
        events_and_series_beyond_the_limits_are_dropped_and_said,
        what_it_prints_is_logged_and_not_all_of_a_flood,
        run_as_makes_it_another_user,
        a_user_that_is_not_there_is_said,
    ])
