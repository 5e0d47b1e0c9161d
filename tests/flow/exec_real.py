"""Plugins as Debian ships them, unmodified: those that are installed run, and say what they measure.

Of each there is at least one value that must come on any Linux; without any of them the test is
skipped."""
import os
import stat
import sys
import tempfile

from daemon import Daemon, wait

NAGIOS = "/usr/lib/nagios/plugins/"
MUNIN = "/usr/share/munin/plugins/"
NETDATA = "/usr/lib/netdata/plugins.d/"
COLLECTORS = "/usr/share/prometheus-node-exporter-collectors/"
TYPES = "/usr/share/collectd/types.db"

PUTVAL = """#!/bin/sh
while :; do
    echo "PUTVAL $COLLECTD_HOSTNAME/load/load interval=$COLLECTD_INTERVAL N:1:2:3"
    echo "PUTVAL $COLLECTD_HOSTNAME/slow/derive interval=30 N:1"
    sleep "$COLLECTD_INTERVAL"
done
"""

# item: (the file it needs, its settings, how many metrics there are at least, the state or any)
REAL = {
    "load": (NAGIOS + "check_load", "protocol: nagios, command: check_load -w 999 -c 999", 3, "ok"),
    "disk": (NAGIOS + "check_disk", "protocol: nagios, command: 'check_disk -w 1 -c 1 -p /'", 1, "ok"),
    "procs": (NAGIOS + "check_procs", "protocol: nagios, command: check_procs -w 1 -c 1", 1,
              "critical"),
    "dummy": (NAGIOS + "check_dummy", "protocol: nagios, command: 'check_dummy 3 no idea'", 0,
              "unknown"),
    "cpu": (MUNIN + "cpu", "protocol: munin, command: cpu", 5, "ok"),
    "memory": (MUNIN + "memory", "protocol: munin, command: memory", 8, "ok"),
    "netstat": (MUNIN + "netstat_multi", "protocol: munin, command: netstat_multi", 20, "ok"),
    "lo": (MUNIN + "if_", "protocol: munin, command: if_, as: if_lo", 2, "ok"),
    "apps": (NETDATA + "apps.plugin", "protocol: netdata, command: apps.plugin", 50, "running"),
    "inotify": (COLLECTORS + "inotify-instances",
                f"protocol: prometheus, command: {COLLECTORS}inotify-instances", 1, "ok"),
    "putval": (TYPES, "protocol: collectd, allow_root: yes, command: %s/putval", 4, "running"),
}


def installed():
    return {name: real for name, real in REAL.items() if os.path.exists(real[0])}


def conf(real, folder):
    return "items:\n" + "".join(
        f"  - {{name: {name}, every: 2s, {settings.replace('%s', folder)}}}\n"
        for name, (_, settings, *_) in real.items())


def main():
    real = installed()
    if not real:
        print("no plugin of another host is installed")
        return 77
    with tempfile.TemporaryDirectory(prefix="gnswatch-exec-") as folder:
        path = os.path.join(folder, "putval")
        with open(path, "w") as file:
            file.write(PUTVAL)
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
        with Daemon(exec=conf(real, folder)) as daemon:
            for name, (_, _, metrics, state) in real.items():
                last = {}

                def arrives():
                    last.update(daemon.get(f"/api/exec/items/{name}"))
                    return last["state"] == state and last["counts"]["metrics"] >= metrics \
                        and (not metrics or last["counts"]["values"] > 0)
                try:
                    wait(f"{name} is {state} with {metrics} metrics", arrives, 60)
                except AssertionError:
                    print(last, file=sys.stderr)
                    raise
                print(f"{name}: {last['counts']['metrics']} metrics")
            if "putval" in real:
                assert [s["every_ms"] for s in daemon.series("exec.load.load")] == [2000]
                assert [s["every_ms"] for s in daemon.series("exec.slow.derive")] == [30000]
            if "memory" in real:
                titles = {f["name"]: f["help"] for f in daemon.series("exec.memory")[0]["fields"]}
                assert titles["cached"] == "Memory usage: cache", titles
    return 0


if __name__ == "__main__":
    sys.exit(main())
