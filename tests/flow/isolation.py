"""What the isolation_* flow tests share: a daemon with unruly.so in a process of its own, and load as a
thread beside it."""
import os
import subprocess

from daemon import wait

UNRULY = "plugin: unruly\nisolation: process\n"


def row(daemon, name="unruly"):
    return daemon.instances()[name]


def pid_of(daemon, name="unruly"):
    return wait(f"{name} has a process", lambda: row(daemon, name)["process"]["pid"])


def do(daemon, what, instance="unruly"):
    return daemon.post("/api/v1/commands/unruly.do", what=what, instance=instance)


def shell(daemon, *words):
    return subprocess.run([os.environ["GNSWATCH"], "call", "--state", daemon.state, *words],
                          capture_output=True, text=True, timeout=60, check=False)


def crashed(daemon, count=1):
    """The events of ends, newest first, once there are so many."""
    return wait(f"{count} events", lambda: (
        lambda events: events if len(events) >= count else None)(
            daemon.events("gnswatch.instance.crashed")))


def goes_on(daemon, before, name="unruly"):
    """In another process, with ticks, and said to be well."""
    wait("it runs again", lambda: row(daemon, name)["process"]["pid"] not in (None, before) and
         row(daemon, name)["state"] == "running" and daemon.events("gnswatch.instance.recovered"))
    ticks = row(daemon, name)["ticks"]
    wait("it ticks", lambda: row(daemon, name)["ticks"] > ticks)


def gone(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] in "ZX"
    except OSError:
        return True


def ends_and_is_started_again(daemon):
    before = pid_of(daemon)
    do(daemon, "exit")
    wait("it has ended", lambda: gone(before))
    daemon.post("/api/v1/commands/gnswatch.plugin.restart", instance="unruly")
    goes_on(daemon, before)


def load_did_not_notice(daemon):
    load = row(daemon, "load")
    assert load["restarts"] == 0 and load["errors"] == 0 and load["late"] == 0, load
