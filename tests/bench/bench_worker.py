#!/usr/bin/env python3
"""What does a process of its own cost an instance? CPU a row of the daemon, and of the child with it,
at 10,000 rows a second; beside it in the same run the same plugin as a thread, and a daemon that does
nothing. And what a child weighs.

  bench_worker.py [SECONDS [SERIES [FIELDS]]]

GNSWATCH, GNSWATCH_SIM and GNSWATCH_TEST_PLUGINS name the programs and the folder of flood.so."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "flow"))
from daemon import Daemon, wait  # noqa: E402

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 20
SERIES = int(sys.argv[2]) if len(sys.argv) > 2 else 10000
FIELDS = int(sys.argv[3]) if len(sys.argv) > 3 else 5
BOUND = 2.0   # times the CPU a row of a thread
BROKEN = 2.0  # … the bound: only then it is a failure
FLOOD = f"every: 1s\nseries: {SERIES}\nfields: {FIELDS}\n"


def cpu_s(pid):
    """Of all threads of a process: its clock, as clock_getcpuclockid(3) makes it."""
    return time.clock_gettime((~pid << 3) | 2) if pid else 0.0


def child_of(daemon):
    process = daemon.instances().get("flood", {}).get("process")
    return process["pid"] if process else None


def memory_kib(pid):
    fields = {}
    with open(f"/proc/{pid}/smaps_rollup") as file:
        for line in list(file)[1:]:
            name, value = line.split(":")
            fields[name] = int(value.split()[0])
    return fields


class Watched:
    """A daemon and what it and its child have used since."""

    def __init__(self, daemon):
        self.daemon, self.pid, self.child = daemon, daemon.process.pid, child_of(daemon)
        self.begin()

    def begin(self):
        self.ticks = self.daemon.instances().get("flood", {}).get("ticks", 0)
        self.before = cpu_s(self.pid), cpu_s(self.child)

    def used(self):
        own, child = cpu_s(self.pid), cpu_s(self.child)
        ticks = self.daemon.instances().get("flood", {}).get("ticks", 0) - self.ticks
        return own - self.before[0], child - self.before[1], ticks * SERIES


def main():
    process = "isolation: process\nlimits:\n  series: 100000\n"
    with Daemon() as idle, Daemon(flood=FLOOD + "isolation: thread\n") as thread, \
            Daemon(flood=FLOOD + process) as isolated:
        daemons = [idle, thread, isolated]
        for daemon in daemons[1:]:
            wait("ticks", lambda: daemon.instances()["flood"]["ticks"] >= 9)  # the ring has been gone around
        watched = [Watched(daemon) for daemon in daemons]
        time.sleep(SECONDS)  # what is measured, not waited for
        (floor, _, _), (own, _, rows), (parent, child, isolated_rows) = [w.used() for w in watched]
        dropped = isolated.instances()["flood"]["process"]["dropped_rows"]
        memory = memory_kib(watched[2].child)
    as_thread = (own - floor) / rows * 1e9
    as_process = (parent + child - floor) / isolated_rows * 1e9
    ratio = as_process / as_thread
    print(f"{rows / SECONDS:.0f} rows of {FIELDS} values a second for {SECONDS:.0f} s")
    print(f"  a daemon that does nothing {floor / SECONDS * 1e3:7.2f} ms CPU a second")
    print(f"  as a thread                {own / SECONDS * 1e3:7.2f} ms, {as_thread:6.0f} ns a row")
    print(f"  as a process               {(parent + child) / SECONDS * 1e3:7.2f} ms "
          f"(daemon {parent / SECONDS * 1e3:.2f}, child {child / SECONDS * 1e3:.2f}), "
          f"{as_process:6.0f} ns a row; {dropped} rows dropped")
    print(f"  process / thread           {ratio:7.2f} (bound {BOUND})")
    print(f"  the child: RSS {memory['Rss'] / 1024:.1f} MB, PSS {memory['Pss'] / 1024:.1f}, "
          f"its own {(memory['Private_Dirty'] + memory['Private_Clean']) / 1024:.1f}")
    assert dropped == 0, dropped
    return 1 if ratio > BOUND * BROKEN else 0


if __name__ == "__main__":
    sys.exit(main())
