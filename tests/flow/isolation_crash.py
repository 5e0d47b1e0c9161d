#!/usr/bin/env python3
"""A plugin in a process of its own that crashes, hangs or ends: what the user sees, and that it goes
on. Beside it runs load, as a thread, which must not notice."""
import os
import signal
import subprocess

from daemon import LOAD, Daemon, run, wait
from isolation import (UNRULY, crashed, do, ends_and_is_started_again, gone, goes_on,
                       load_did_not_notice, pid_of, row, shell)


def a_crash_is_an_event_with_a_backtrace_and_it_is_started_again():
    with Daemon(unruly=UNRULY, load=LOAD) as daemon:
        before = pid_of(daemon)
        answer = shell(daemon, "unruly.do", "what=crash")
        assert answer.returncode == 1 and "signal 11 (Segmentation fault)" in answer.stderr, answer
        event = crashed(daemon)[0]
        assert event["severity"] == "error" and event["source"] == "unruly", event
        assert event["data"]["signal"] == signal.SIGSEGV, event
        assert "at address 0x40" in event["data"]["backtrace"], event
        assert "unruly.so" in event["data"]["backtrace"], event
        goes_on(daemon, before)
        now = row(daemon)["process"]
        assert now["crashes"] == 1 and "signal 11" in now["last_crash"]["text"], now
        assert "unruly.so" in daemon.log()
        load_did_not_notice(daemon)


def a_hang_is_ended_at_its_deadline_and_says_where_it_was():
    with Daemon(unruly=UNRULY + "limits: {hang: 1s}\n", load=LOAD) as daemon:
        before = pid_of(daemon)
        answer = shell(daemon, "unruly.do", "what=hang")
        assert answer.returncode == 1 and "limits: hang" in answer.stderr, answer
        event = crashed(daemon)[0]
        assert "had been running for 1." in event["text"], event
        assert "pause" in event["data"]["backtrace"], event
        goes_on(daemon, before)
        load_did_not_notice(daemon)


def an_endless_loop_in_a_tick_is_ended_again_and_again_and_never_for_good():
    with Daemon(unruly=UNRULY + "every: 200ms\non_tick: spin\nlimits: {hang: 1s}\n",
                load=LOAD) as daemon:
        events = crashed(daemon, 2)
        assert all("its tick had been running" in event["text"] for event in events), events
        assert row(daemon)["state"] != "failed"
        load_did_not_notice(daemon)


def an_end_of_its_own_accord_is_told_with_its_code():
    with Daemon(unruly=UNRULY, load=LOAD) as daemon:
        before = pid_of(daemon)
        do(daemon, "exit")
        assert "exit code 7" in crashed(daemon)[0]["text"], crashed(daemon)
        goes_on(daemon, before)
        load_did_not_notice(daemon)


def a_crash_in_start_is_tried_again_and_the_button_tries_at_once():
    with Daemon(start=False, unruly=UNRULY + "on_start: crash\n", load=LOAD) as daemon:
        daemon.start()
        crashed(daemon)
        wait("it waits for its next try", lambda: row(daemon)["state"] == "waiting")
        load_did_not_notice(daemon)
        daemon.write("unruly", UNRULY)
        wait("the mended file", lambda: row(daemon)["state"] == "running")
        restarts, before = row(daemon)["restarts"], pid_of(daemon)
        answer = shell(daemon, "gnswatch.plugin.restart", "instance=unruly")
        assert answer.returncode == 0, answer
        wait("another process", lambda: row(daemon)["process"]["pid"] not in (None, before) and
             row(daemon)["restarts"] == restarts + 1)


def garbage_on_its_socket_ends_it_and_nobody_else():
    with Daemon(unruly=UNRULY, load=LOAD) as daemon:
        before = pid_of(daemon)
        do(daemon, "garbage")
        assert "killed" in crashed(daemon)[0]["text"], crashed(daemon)
        goes_on(daemon, before)
        load_did_not_notice(daemon)


def it_ends_with_the_daemon_however_that_ends():
    with Daemon(unruly=UNRULY) as daemon:
        before = pid_of(daemon)
        daemon.kill()
        wait("its process ends", lambda: gone(before))
        daemon.start()
        before = pid_of(daemon)
        daemon.stop()
        assert gone(before)


def one_that_hangs_does_not_hold_up_the_end():
    with Daemon(unruly=UNRULY + "on_tick: hang\n") as daemon:
        before = pid_of(daemon)
        wait("it is late", lambda: daemon.events("gnswatch.instance.late"))
        daemon.stop()
        assert gone(before)


def the_same_plugin_runs_as_a_thread_and_as_a_process():
    with Daemon(unruly=UNRULY, tame="plugin: unruly\nisolation: thread\n", load=LOAD) as daemon:
        before = pid_of(daemon)
        wait("both tick", lambda: row(daemon)["ticks"] >= 2 and row(daemon, "tame")["ticks"] >= 2)
        assert row(daemon, "tame")["isolation"] == "thread", row(daemon, "tame")
        for name in ("unruly", "tame"):
            status, answer = do(daemon, "print", name)
            assert status == 200, (name, status, answer)
        do(daemon, "crash", "unruly")
        goes_on(daemon, before)
        assert row(daemon, "tame")["restarts"] == 0 and daemon.alive()


def alerts(daemon, rule):
    return {a["labels"]["instance"]: a["state"]
            for a in daemon.get("/api/alert/alerts", rule=rule)["items"]}


def who_crashes_again_and_again_is_an_alert():
    with Daemon(unruly=UNRULY, load=LOAD, alert="settle: 1s\n") as daemon:
        for _ in range(3):
            ends_and_is_started_again(daemon)
        wait("it fires", lambda: alerts(daemon, "instance crashing") == {"unruly": "firing"})


def what_is_said_of_an_instance_that_does_not_start_ends_when_it_does_or_is_gone():
    wrong = "targets:\n  - {name: copies, directory: not/whole}\n"
    with Daemon(snapshot=wrong, other="plugin: snapshot\n" + wrong, alert="settle: 1s\n") as daemon:
        both = {"snapshot": "firing", "other": "firing"}
        wait("both fire", lambda: alerts(daemon, "instance failed") == both)
        daemon.write("snapshot", "")
        os.unlink(os.path.join(daemon.conf, "other.yaml"))
        wait("neither", lambda: "firing" not in alerts(daemon, "instance failed").values())


def a_plugin_from_elsewhere_is_a_process_and_our_own_a_thread():
    with Daemon(unruly="", load="every: 1s\n", apart="plugin: load\nlimits: {cpu: 50%}\n") as daemon:
        kinds = {name: row(daemon, name)["isolation"] for name in ("unruly", "load", "apart")}
        assert kinds == {"unruly": "process", "load": "thread", "apart": "process"}, kinds
        with open(f"/proc/{daemon.process.pid}/maps") as maps:
            assert "unruly.so" not in maps.read(), "it was loaded into the daemon"
        for words in (["check"], ["describe", "unruly"]):
            answer = subprocess.run(
                [os.environ["GNSWATCH"], *words, "-c", daemon.conf, "--plugins",
                 os.environ["GNSWATCH_TEST_PLUGINS"]], capture_output=True, text=True, check=False)
            assert answer.returncode == 0 and "unruly" in answer.stdout, answer


if __name__ == "__main__":
    run([
        a_plugin_from_elsewhere_is_a_process_and_our_own_a_thread,
        who_crashes_again_and_again_is_an_alert,
        what_is_said_of_an_instance_that_does_not_start_ends_when_it_does_or_is_gone,
        an_endless_loop_in_a_tick_is_ended_again_and_again_and_never_for_good,
        a_crash_is_an_event_with_a_backtrace_and_it_is_started_again,
        a_hang_is_ended_at_its_deadline_and_says_where_it_was,
        an_end_of_its_own_accord_is_told_with_its_code,
        a_crash_in_start_is_tried_again_and_the_button_tries_at_once,
        garbage_on_its_socket_ends_it_and_nobody_else,
        it_ends_with_the_daemon_however_that_ends,
        one_that_hangs_does_not_hold_up_the_end,
        the_same_plugin_runs_as_a_thread_and_as_a_process,
    ])
