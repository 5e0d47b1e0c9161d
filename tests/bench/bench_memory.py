#!/usr/bin/env python3
"""How much memory do the daemon and its store process take: with the default plugins and a lab, and
at ten thousand values a second? Beside, in the same run: the least any process takes here.

  bench_memory.py [SECONDS]        (of the flood; rings are full after 130)

RSS is what top shows; it counts a library's pages in each process that has them. "Once" counts what
both processes map, libraries and rings, one time. Private is what ends with them. PSS divides shared
pages by all processes of the machine that have them, so it depends on what else runs.
GNSWATCH, GNSWATCH_SIM and GNSWATCH_TEST_PLUGINS name the programs and a folder of plugins."""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "flow"))
from daemon import LOAD, Daemon, Sim, wait  # noqa: E402

SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 130
IDLE_MB, FLOOD_MB = 12, 25  # to reach, counted once
NETDATA_IDLE_MB, NETDATA_FLOOD_MB = 35, 95  # RSS of its daemon (README)
SERIES, FIELDS = 2000, 5
BROKEN = 3  # times what is to be reached: fails


def mappings(pid):
    """{what is mapped: {Rss, Pss, Private}} in KiB; what has no file is the process's own."""
    found, name = {}, None
    with open(f"/proc/{pid}/smaps") as file:
        for line in file:
            words = line.split()
            if not words[0].endswith(":"):
                name = words[5] if len(words) > 5 and words[5][0] == "/" else f"own {pid}"
            elif words[0] in ("Rss:", "Pss:", "Private_Clean:", "Private_Dirty:"):
                entry = found.setdefault(name, {"Rss": 0, "Pss": 0, "Private": 0})
                entry[words[0].split("_")[0].rstrip(":")] += int(words[1])
    return found


def total(maps, what):
    return sum(entry[what] for entry in maps.values()) / 1024


def once(first, second):
    """The larger of the two for what both map, the sum for what is one's own; its private pages
    apart, because a library's written pages are each process's own."""
    both = 0
    for name in set(first) | set(second):
        a, b = first.get(name, {"Rss": 0, "Private": 0}), second.get(name, {"Rss": 0, "Private": 0})
        shared = max(a["Rss"] - a["Private"], b["Rss"] - b["Private"])
        both += a["Private"] + b["Private"] + shared
    return both / 1024


def measure(daemon):
    return mappings(daemon.process.pid), mappings(daemon.store_pid())


def report(what, maps, bound, netdata):
    own, store = maps
    counted = once(own, store)
    print(f"  {what}")
    for name, part in (("daemon", own), ("store process", store)):
        print(f"    {name:14} RSS {total(part, 'Rss'):5.1f} MB   PSS {total(part, 'Pss'):5.1f}   "
              f"private {total(part, 'Private'):5.1f}")
    print(f"    both, once         {counted:5.1f} MB   PSS {sum(total(m, 'Pss') for m in maps):5.1f}"
          f"   private {sum(total(m, 'Private') for m in maps):5.1f}   (to reach {bound}: "
          f"{counted / bound:.2f} of it; Netdata's daemon {netdata}: {netdata / counted:.1f} times "
          f"as much)", flush=True)
    return counted / bound


def floor():
    """A process that does nothing, and python3 which does nothing."""
    for name, command in (("sleep", ["sleep", "60"]),
                          ("python3", [sys.executable, "-c", "import time; time.sleep(60)"])):
        process = subprocess.Popen(command)
        time.sleep(0.5)  # is what is measured: when it has started
        maps = mappings(process.pid)
        process.kill()
        process.wait()
        print(f"  beside: {name:12} RSS {total(maps, 'Rss'):5.1f} MB   private "
              f"{total(maps, 'Private'):5.1f}")


def idle():
    with Daemon(start=False, load=LOAD) as daemon:
        sim = Sim(daemon.folder, "--projects", "3", "--nodes", "10")
        try:
            daemon.write("gns3", f"servers:\n  - name: lab\n    url: {sim.url()}\n")
            daemon.start()
            wait("all nodes", lambda: len(daemon.list("nodes")) == 30)
            time.sleep(10)  # is what is measured: at rest
            return report("default plugins, a lab of 30 nodes", measure(daemon), IDLE_MB,
                          NETDATA_IDLE_MB)
        finally:
            sim.stop()


def flood():
    with Daemon(load=LOAD, flood=f"series: {SERIES}\nfields: {FIELDS}\n") as daemon:
        time.sleep(SECONDS)  # is what is measured: when rings are full
        metric = daemon.health()["metric"]
        assert metric["overrun_rows"] == 0, metric
        return report(f"{SERIES} series of {FIELDS} fields each second, after {SECONDS} s",
                      measure(daemon), FLOOD_MB, NETDATA_FLOOD_MB)


def main():
    print("memory, MB of 1,048,576 bytes")
    worst = max(idle(), flood())
    floor()
    sys.exit(1 if worst > BROKEN else 0)


if __name__ == "__main__":
    main()
