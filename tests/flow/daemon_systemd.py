#!/usr/bin/env python3
"""What a service manager hears on NOTIFY_SOCKET."""
import os
import signal
import socket
import tempfile
import time

from daemon import LOAD, Daemon, run


class Manager:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(name)
        self.heard = []

    def hears(self, word, deadline=20):
        """Waits for a message with this line; messages before it are kept in `heard`."""
        end = time.monotonic() + deadline
        while time.monotonic() < end:
            self.socket.settimeout(max(0.01, end - time.monotonic()))
            try:
                lines = self.socket.recv(4096).decode().splitlines()
            except socket.timeout:
                break
            self.heard.append(lines)
            if any(line.startswith(word) for line in lines):
                return lines
        raise AssertionError(f"no {word} within {deadline} s: {self.heard}")


def its_life_is_told(name, path):
    environment = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "2000000"}
    manager = Manager(path)
    with Daemon(start=False, environment=environment, load=LOAD) as daemon:
        daemon.spawn()
        manager.hears("READY=1")
        for _ in range(3):  # at least twice in each span of the watchdog's
            asked = time.monotonic()
            manager.hears("WATCHDOG=1")
            assert time.monotonic() - asked < 2, manager.heard
        daemon.process.send_signal(signal.SIGHUP)
        lines = manager.hears("RELOADING=1")
        now = time.clock_gettime(time.CLOCK_MONOTONIC) * 1e6
        told = [int(line.split("=")[1]) for line in lines if line.startswith("MONOTONIC_USEC=")]
        assert len(told) == 1 and now - 5e6 < told[0] <= now, (lines, now)
        manager.hears("READY=1")
        daemon.process.terminate()
        manager.hears("STOPPING=1")
        assert daemon.process.wait(10) == 0
    manager.socket.close()


def ready_watchdog_reloading_and_stopping_are_told():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "notify")
        its_life_is_told(path, path)


def the_abstract_namespace_works_too():
    name = f"gnswatch-test-{os.getpid()}"
    its_life_is_told("@" + name, "\0" + name)


def the_watchdog_of_another_process_is_not_ours():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "notify")
        manager = Manager(path)
        environment = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "200000", "WATCHDOG_PID": "1"}
        with Daemon(environment=environment, load=LOAD) as daemon:
            manager.hears("READY=1")
            daemon.process.terminate()
            manager.hears("STOPPING=1")
            assert not any("WATCHDOG=1" in lines for lines in manager.heard), manager.heard
        manager.socket.close()


def a_manager_that_does_not_listen_does_no_harm():
    with Daemon(environment={"NOTIFY_SOCKET": "/nonexistent/notify", "WATCHDOG_USEC": "100000"},
                load=LOAD) as daemon:
        daemon.health()
        assert daemon.stop() == 0


if __name__ == "__main__":
    run([
        ready_watchdog_reloading_and_stopping_are_told,
        the_abstract_namespace_works_too,
        the_watchdog_of_another_process_is_not_ours,
        a_manager_that_does_not_listen_does_no_harm,
    ])
