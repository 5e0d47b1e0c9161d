#!/usr/bin/env python3
"""Remote write to a real Prometheus and a real VictoriaMetrics: each row once and in order, over an
outage of the receiver and kill -9 of the daemon."""
import shutil
import time

from daemon import Daemon, run, wait
from prometheus_peers import Prometheus, VictoriaMetrics

SERIES = 20
LOST_ROWS = 4  # what a kill may cost: rows of the last turn and of the one that was being written


def conf(*urls):
    targets = "".join(f"  - name: t{i}\n    url: {url}\n    retry_longest: 1s\n"
                      "    external_labels: {site: lab}\n" for i, url in enumerate(urls))
    return f"every: 1s\ntargets:\n{targets}"


def daemon_for(*peers):
    return Daemon(flood=f"series: {SERIES}\nfields: 1\n",
                  prometheus=conf(*[peer.write for peer in peers]))


def newest(peer):
    found = peer.samples("flood_rowh")
    return min((samples[-1][0] for samples in found.values()), default=0) if len(
        found) == SERIES else 0


def caught_up(peer):
    now = time.time() * 1000
    wait("all samples until now are there", lambda: newest(peer) > now, 60)


def runs_of(samples):
    """The samples of each life of the daemon, whose values begin again."""
    runs, before = [], None
    for sample in samples:
        if before is None or sample[1] <= before:
            runs.append([])
        runs[-1].append(sample)
        before = sample[1]
    return runs


def are_whole(samples):
    times = [time for time, _ in samples]
    assert times == sorted(set(times)), "a time comes twice"
    for run_ in runs_of(samples):
        values = [value for _, value in run_]
        assert values == list(range(int(values[0]), int(values[0]) + len(values))), values


def are_gnswatchs_own(daemon, found):
    """Each sample is the row that gnswatch's own query tells of this time, and none is missing."""
    compared = 0
    for n in (0, 7, SERIES - 1):
        rows = {time: row["h"] for time, row in daemon.rows("flood.row", n=n, seconds=60).items()}
        labels = next(one for one in found if f'"n": "{n}"' in one and '"site": "lab"' in one)
        theirs = dict(found[labels])
        first, last = min(theirs), max(theirs)
        for time_ms, value in rows.items():
            if first + 2000 <= time_ms <= last - 2000:
                near = [v for t, v in theirs.items() if abs(t - time_ms) <= 1000]
                assert any(abs(v - value) <= 1.01 for v in near), (n, time_ms, value, near)
                compared += 1
    assert compared > 15, compared


def every_row_is_there_once_after_an_outage_of_the_receiver():
    with Prometheus() as prometheus, daemon_for(prometheus) as daemon:
        wait("samples", lambda: newest(prometheus))
        prometheus.stop()
        wait("it is missed", lambda: daemon.get("/api/prometheus/targets/t0")["state"] == "down")
        ticks = daemon.instances()["flood"]["ticks"]
        wait("more rows", lambda: daemon.instances()["flood"]["ticks"] >= ticks + 5)
        shown = wait("what waits is shown", lambda: [one for one in [
            daemon.get("/api/prometheus/targets/t0")] if one["waiting"] > 3])[0]
        assert shown["bytes"] > 0 and shown["oldest"] and "refused" in shown["last_error"], shown
        assert len(daemon.events("prometheus.down")) == 1
        prometheus.start()
        wait("it is back", lambda: daemon.events("prometheus.up"))
        wait("enough to compare", lambda: daemon.instances()["flood"]["ticks"] >= 25)
        caught_up(prometheus)
        found = prometheus.samples("flood_rowh")
        assert len(found) == SERIES, found.keys()
        for samples in found.values():
            assert len(runs_of(samples)) == 1 and len(samples) > 10
            are_whole(samples)
        are_gnswatchs_own(daemon, found)
        last = daemon.series("prometheus.queue", target="t0")[0]["last"]["values"]
        assert last["dropped"] == 0 and last["failed"] == 0, last
        meta = prometheus.query('count({__name__=~"gnswatch_instance_.*"})')
        assert int(meta[0]["value"][1]) > 5


def a_kill_of_the_daemon_costs_its_last_moment_only():
    with Prometheus() as prometheus, daemon_for(prometheus) as daemon:
        wait("samples", lambda: newest(prometheus))
        prometheus.stop()
        wait("blocks wait", lambda: daemon.get("/api/prometheus/targets/t0")["waiting"] >= 4)
        ticks = daemon.instances()["flood"]["ticks"]
        daemon.kill()
        daemon.start()
        prometheus.start()
        caught_up(prometheus)
        daemon.kill()  # and while it is sending
        daemon.start()
        wait("rows of the third life", lambda: daemon.instances()["flood"]["ticks"] > 3)
        caught_up(prometheus)
        for samples in prometheus.samples("flood_rowh").values():
            are_whole(samples)
            lives = runs_of(samples)
            assert len(lives) == 3, lives
            first = lives[0]
            assert first[-1][1] >= ticks - LOST_ROWS, (first[-1], ticks)


def victoria_metrics_gets_the_same():
    if not shutil.which("victoria-metrics"):
        print("     skipped: victoria-metrics is not installed")
        return
    with Prometheus() as prometheus, VictoriaMetrics() as victoria, \
            daemon_for(prometheus, victoria) as daemon:
        wait("samples", lambda: newest(prometheus) and newest(victoria))
        victoria.stop()
        wait("it is missed", lambda: daemon.get("/api/prometheus/targets/t1")["state"] == "down")
        assert daemon.get("/api/prometheus/targets/t0")["state"] == "up"
        victoria.start()
        wait("it is back", lambda: daemon.get("/api/prometheus/targets/t1")["state"] == "up")
        until = newest(prometheus)
        wait("it has caught up", lambda: newest(victoria) >= until)
        ours = {labels: [s for s in samples if s[0] <= until]
                for labels, samples in prometheus.samples("flood_rowh").items()}
        theirs = {labels: [s for s in samples if s[0] <= until]
                  for labels, samples in victoria.samples("flood_rowh").items()}
        assert len(ours) == SERIES and ours == theirs


if __name__ == "__main__":
    if not shutil.which("prometheus"):
        print("skipped: prometheus is not installed")
        raise SystemExit(77)
    run([every_row_is_there_once_after_an_outage_of_the_receiver,
         a_kill_of_the_daemon_costs_its_last_moment_only,
         victoria_metrics_gets_the_same])
