#!/usr/bin/env python3
"""/metrics of a daemon that watches a simulated GNS3: promtool, an independent parser of
OpenMetrics, and a real Prometheus read it."""
import re
import shutil
import subprocess
import tempfile
import urllib.error

from daemon import LOAD, Daemon, Sim, gns3_yaml, run, wait
from prometheus_peers import OPENMETRICS, TEXT, AsText, Prometheus, fetch

PARSER = """
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
for family in parse(sys.stdin.read()):
    print(family.name, family.type, family.unit, len(family.samples))
"""
NAMED = ["gns3_api_requests_total", "gns3_project_operation_duration_seconds_bucket",
         "gns3_project_operation_duration_seconds_sum",
         "gns3_project_operation_duration_seconds_count", "gns3_active_projects",
         "gns3_node_status", "gns3_circuit_breaker_state",
         "gns3_api_request_duration_seconds_bucket", "gns3_api_request_duration_seconds_sum",
         "gns3_api_request_duration_seconds_count", "gnswatch_instance_cpu_seconds_total"]


def samples(text):
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
            for line in text.splitlines() if line and line[0] != "#"}


def as_text(openmetrics):
    """promtool reads the older format only: heads of counters get the name of their samples."""
    counters = re.findall(r"^# TYPE (\S+) counter$", openmetrics, re.M)
    lines = []
    for line in openmetrics.splitlines():
        words = line.split(" ", 3)
        if line == "# EOF" or line.startswith("# UNIT "):
            continue
        if words[0] == "#" and words[2] in counters:
            words[2] += "_total"
        lines.append(" ".join(words))
    return "\n".join(lines) + "\n"


def promtool(text):
    done = subprocess.run(["promtool", "check", "metrics"], input=text.encode(),
                          capture_output=True)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 0 and not said, said


class Lab:
    """A daemon and a simulator, for `with`: the daemon."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="gnswatch-scrape-")
        self.sim = Sim(self.folder, "--projects", "3", "--nodes", "6")
        self.daemon = Daemon(gns3=gns3_yaml(self.sim), load=LOAD,
                             prometheus="every: 1s\ntargets:\n  - name: nobody\n"
                                        "    url: http://127.0.0.1:9/write\n")
        try:
            return self.daemon.__enter__()
        except BaseException:
            self.sim.stop()
            raise

    def __exit__(self, *about):
        self.daemon.__exit__(*about)
        self.sim.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def operate(daemon):
    project = wait("projects", lambda: daemon.list("projects", status="opened"))[0]
    wait("nodes", lambda: len(daemon.list("nodes", status="started")) >= 6)
    status, answer = daemon.post(f"/api/gns3/projects/{project['id']}/stop_all?wait=60")
    assert status == 200, answer
    wait("all names are there", lambda: all(
        "\n" + name + "{" in fetch(daemon.base + "/metrics")[1] for name in NAMED))
    return project


def both_formats_are_clean_and_say_the_same():
    with Lab() as daemon:
        project = operate(daemon)
        kind, text = fetch(daemon.base + "/metrics")
        assert kind == "text/plain; version=0.0.4; charset=utf-8", kind
        promtool(text)
        kind, open_text = fetch(daemon.base + "/metrics", OPENMETRICS)
        assert kind.startswith("application/openmetrics-text; version=1.0.0"), kind
        assert open_text.endswith("\n# EOF\n") and open_text.count("# EOF") == 1
        promtool(as_text(open_text))
        assert wait("the same series", lambda: set(samples(fetch(daemon.base + "/metrics")[1])) == set(
            samples(fetch(daemon.base + "/metrics", OPENMETRICS)[1])))
        assert "# UNIT gns3_api_sent_bytes bytes\n" in open_text
        now = samples(fetch(daemon.base + "/metrics")[1])
        stopped = [name for name, value in now.items() if name.startswith("gns3_node_status{")
                   and f'project="{project["name"]}"' in name and 'status="stopped"' in name
                   and value == 1]
        assert len(stopped) + len([n for n in daemon.list("nodes", project=project["id"])
                                   if n["status"] == "started"]) == 6, stopped
        each = {name.rsplit(",", 1)[0] for name in now if name.startswith("gns3_node_status{")}
        assert each and all(sum(now[f'{one},status="{status}"}}'] for status in (
            "started", "stopped", "suspended")) == 1 for one in each)


def a_renamed_node_has_its_new_name_only():
    with Lab() as daemon:
        node = wait("nodes", lambda: daemon.list("nodes", status="started"))[0]
        old, new = f'node="{node["name"]}"', 'node="R \\"7\\" \\\\"'
        project = f'project="{node["project_name"]}"'

        def named(name):
            return [line for line in samples(fetch(daemon.base + "/metrics")[1])
                    if line.startswith("gns3_node_state_seconds{") and name in line
                    and project in line]

        wait("its name", lambda: len(named(old)) == 1)
        status, answer = daemon.post("/api/v1/commands/gns3.node.update?wait=30", id=node["id"],
                                     name='R "7" \\')
        assert status == 200, answer
        wait("its new name", lambda: len(named(new)) == 1 and not named(old))
        promtool(fetch(daemon.base + "/metrics")[1])


def an_independent_parser_of_openmetrics_takes_every_line():
    done = subprocess.run(["/usr/bin/python3", "-c", "import prometheus_client.openmetrics.parser"],
                          capture_output=True)
    if done.returncode:
        print("     skipped: python3-prometheus-client is not installed")
        return
    with Lab() as daemon:
        operate(daemon)
        _, text = fetch(daemon.base + "/metrics", OPENMETRICS)
        done = subprocess.run(["/usr/bin/python3", "-c", PARSER], input=text.encode(),
                              capture_output=True)
        assert done.returncode == 0, done.stderr.decode()[-1500:]
        families = {line.split()[0]: line.split()[1] for line in done.stdout.decode().splitlines()}
        assert families["gns3_api_requests"] == "counter", families
        assert families["gns3_project_operation_duration_seconds"] == "histogram"
        assert sum(int(line.split()[-1]) for line in done.stdout.decode().splitlines()) == len(
            samples(text))


def a_real_prometheus_scrapes_both():
    with Lab() as daemon:
        operate(daemon)
        proxy = AsText(daemon.base)
        jobs = [{"job_name": name, "scrape_interval": "1s", "static_configs": [{"targets": [at]}]}
                for name, at in (("open", daemon.base[len("http://"):]), ("text", proxy.address))]
        with Prometheus(jobs) as prometheus:
            wait("both are up", lambda: len(prometheus.query("up == 1")) == 2)

            def series(job):
                found = prometheus.query(f'{{job="{job}",__name__=~"gns3_.*|gnswatch_.*|load_.*"}}')
                return {tuple(sorted((k, v) for k, v in one["metric"].items()
                                     if k not in ("job", "instance"))) for one in found}

            wait("the same series", lambda: series("open") and series("open") == series("text"))
            requests = prometheus.query('gns3_api_requests_total{job="open"}')[0]
            mine = samples(fetch(daemon.base + "/metrics")[1])
            assert 0 < float(requests["value"][1]) <= mine['gns3_api_requests_total{server="lab0"}']
            wait("a rate", lambda: float(prometheus.query(
                'rate(gns3_api_requests_total{job="text"}[20s])')[0]["value"][1]) > 0)
            wait("a quantile", lambda: float(prometheus.query(
                "histogram_quantile(0.9, sum by (le) (gns3_api_request_duration_seconds_bucket"
                '{job="open"}))')[0]["value"][1]) > 0)
            for job in ("open", "text"):
                taken = prometheus.query(f'scrape_samples_scraped{{job="{job}"}}')[0]["value"][1]
                assert int(taken) > 100, taken
        proxy.stop()


def who_has_no_token_gets_nothing_and_prometheus_may_have_one():
    api = ("api:\n  listen: 127.0.0.1:0\n  tokens:\n    - {name: prom, role: viewer, "
           "token: a-token-of-prometheus}\n")
    with Daemon(gnswatch=api, load=LOAD, prometheus="") as daemon:
        try:
            fetch(daemon.base + "/metrics")
            raise AssertionError("without a token")
        except urllib.error.HTTPError as error:
            assert error.code == 401, error.code
        wait("a page", lambda: "load_" in fetch(daemon.base + "/metrics", TEXT,
                                                "a-token-of-prometheus")[1])


if __name__ == "__main__":
    missing = [name for name in ("promtool", "prometheus") if not shutil.which(name)]
    if missing:
        print(f"skipped: {' and '.join(missing)} not installed")
        raise SystemExit(77)
    run([both_formats_are_clean_and_say_the_same,
         a_renamed_node_has_its_new_name_only,
         an_independent_parser_of_openmetrics_takes_every_line,
         a_real_prometheus_scrapes_both,
         who_has_no_token_gets_nothing_and_prometheus_may_have_one])
