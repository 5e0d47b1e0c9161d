#!/usr/bin/env python3
"""A plugin that means harm to the daemon or to others, or whose file is broken: it gets no further
than its own process, and what it did is said. Beside it runs load, which must not notice."""
import os
import shutil
import signal
import tempfile

from daemon import LOAD, Daemon, run, wait
from isolation import (UNRULY, crashed, do, ends_and_is_started_again, gone, goes_on,
                       load_did_not_notice, pid_of, row, shell)


def what_the_kernel_lets_one_process_of_a_user_do_to_another_is_refused():
    for more in ("", "limits: {processes: 5}\n"):
        with Daemon(unruly=UNRULY + more, load=LOAD) as daemon:
            pid_of(daemon)
            nice = os.getpriority(os.PRIO_PROCESS, daemon.process.pid)
            status, answer = do(daemon, "reach")
            # Those with children may choose who ends them; ending all they could is refused too.
            assert status == 200 and answer["reached"].strip() in ("", "end" if more else ""), answer
            assert os.getpriority(os.PRIO_PROCESS, daemon.process.pid) == nice
            status, answer = do(daemon, "kill")
            assert status == 403 and "Operation not permitted" in answer["detail"], answer
            load_did_not_notice(daemon)


def events_that_nobody_could_bear_are_refused_and_the_timeline_can_be_read():
    with Daemon(unruly=UNRULY, load=LOAD) as daemon:
        before = pid_of(daemon)
        status, answer = do(daemon, "monsters")
        assert status == 200 and answer["taken"] == 0, answer
        daemon.says("an event was refused: its text is longer than 16 KiB")
        assert not daemon.events("unruly.*") and pid_of(daemon) == before
        load_did_not_notice(daemon)


def one_that_a_signal_has_stopped_is_no_longer_stopped_than_one_may_hang():
    with Daemon(unruly=UNRULY + "limits: {hang: 1s}\n", load=LOAD) as daemon:
        before = pid_of(daemon)
        os.kill(before, signal.SIGSTOP)
        assert "stopped by a signal" in crashed(daemon)[0]["text"], crashed(daemon)
        goes_on(daemon, before)
        load_did_not_notice(daemon)


def memory_that_is_mapped_nowhere_counts_too():
    with Daemon(unruly=UNRULY + "limits: {memory: 64MiB}\n", load=LOAD) as daemon:
        before = pid_of(daemon)
        shell(daemon, "unruly.do", "what=leak_written")
        assert "files that are memory" in crashed(daemon)[0]["text"], crashed(daemon)
        goes_on(daemon, before)
        load_did_not_notice(daemon)


def many_crashes_cost_the_daemon_nothing_that_stays():
    with Daemon(unruly=UNRULY, load=LOAD) as daemon:
        own = f"/proc/{daemon.process.pid}/fd"
        counts = []
        for _ in range(12):
            ends_and_is_started_again(daemon)
            counts.append(len(os.listdir(own)))
        assert max(counts[6:]) <= max(counts[:6]) + 2, counts  # a connection of ours comes and goes
        load_did_not_notice(daemon)


def what_has_left_its_parent_ends_with_it_and_counts():
    with Daemon(unruly=UNRULY + "limits: {processes: 2}\n", load=LOAD) as daemon:
        before = pid_of(daemon)
        stray = do(daemon, "stray")[1]["pid"]
        do(daemon, "crash")
        crashed(daemon)
        wait("the stray has ended", lambda: gone(stray))
        goes_on(daemon, before)
        strays = [do(daemon, "stray")[1]["pid"] for _ in range(3)]
        assert "limits: processes" in crashed(daemon, 2)[0]["text"], crashed(daemon)
        wait("they have ended", lambda: all(map(gone, strays)))
        load_did_not_notice(daemon)


class WithPluginsOf(Daemon):
    """A daemon with another folder of plugins; the others run at the same time."""
    plugins = None

    def command(self, *words):
        return [*super().command(*words)[:-1], self.plugins]


def a_plugin_whose_file_breaks_as_it_is_loaded_keeps_nobody_from_starting():
    folder = tempfile.mkdtemp(prefix="gnswatch-plugins-")
    real = os.environ["GNSWATCH_TEST_PLUGINS"]
    path = os.path.join(folder, "unruly.so")
    try:
        with open(path, "wb") as file:
            file.write(b"this is no plugin")
        daemon = WithPluginsOf(start=False, unruly=UNRULY, load=LOAD)
        daemon.plugins = folder
        with daemon:
            daemon.start()
            refused = wait("it is told", lambda: daemon.events("gnswatch.conf.refused"))[0]
            assert "plugin 'unruly' cannot be used" in refused["text"], refused
            assert "unruly" not in daemon.instances() and row(daemon, "load")
            shutil.copy(os.path.join(real, "unruly.so"), path + ".new")
            os.rename(path + ".new", path)
            wait("it is taken in", lambda: daemon.instances().get("unruly", {}).get("ticks"))
            load_did_not_notice(daemon)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    run([
        a_plugin_whose_file_breaks_as_it_is_loaded_keeps_nobody_from_starting,
        what_the_kernel_lets_one_process_of_a_user_do_to_another_is_refused,
        events_that_nobody_could_bear_are_refused_and_the_timeline_can_be_read,
        one_that_a_signal_has_stopped_is_no_longer_stopped_than_one_may_hang,
        memory_that_is_mapped_nowhere_counts_too,
        what_has_left_its_parent_ends_with_it_and_counts,
        many_crashes_cost_the_daemon_nothing_that_stays,
    ])
