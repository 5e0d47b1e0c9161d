#!/usr/bin/env python3
"""The dashboards in packaging/grafana: a real Prometheus takes every expression, and every metric
they name is one of ours."""
import glob
import json
import os
import re
import shutil
import tempfile

from daemon import LOAD, Daemon, Sim, gns3_yaml, run, wait
from prometheus_peers import Prometheus, fetch

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
VALUES = {"__rate_interval": "1m", "server": "lab0", "compute": ".*", "project": "lab1",
          "node": ".*", "plugin": ".*", "datasource": "prometheus"}
# Names of plugins whose series need more than a simulator and an empty file. They must be in the
# tables of the plugin's source.
PLUGINS = {"traffic": "traffic", "snapshot": "snapshot", "health": "health", "email": "sink",
           "mqtt": "sink", "webhook": "sink", "gnswatch_alerts": "alert"}


def boards():
    found = {}
    for path in sorted(glob.glob(os.path.join(ROOT, "packaging", "grafana", "*.json"))):
        with open(path) as file:
            found[os.path.basename(path)] = json.load(file)
    assert len(found) >= 4, found.keys()
    return found


def expressions(board):
    return [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]


def fill(text):
    return re.sub(r"\$\{?(\w+)\}?", lambda match: VALUES[match.group(1)], text)


def names_in(expression):
    """Words that are not within {…}, "…", […], labels of by (…), functions or operators."""
    text = re.sub(r'"[^"]*"|\{[^{}]*\}|\[[^\]]*\]|\b(by|on|without)\s*\([^)]*\)', " ", expression)
    return {word for word in re.findall(r"[a-z_][a-z0-9_]*\b(?!\s*\()", text)
            if "_" in word and not re.fullmatch(r"(histogram_quantile|clamp_min)", word)}


def names_of(board):
    names = {name for expression in expressions(board) for name in names_in(expression)}
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            query = variable["query"]["query"]
            names.add(re.match(r"label_values\((\w+)", query).group(1))
    return names


def is_in_the_source(name):
    prefix = next((p for p in PLUGINS if name.startswith(p)), None)
    folder = os.path.join(ROOT, "plugins", PLUGINS[prefix]) if prefix else ""
    source = "".join(open(path).read() for path in glob.glob(os.path.join(folder, "*.c")))
    if prefix == "gnswatch_alerts":
        return not source or '{"pending", GW_GAUGE' in source or '"alert.count"' in source
    measurement_and_field = name[:-6] if name.endswith("_total") else name
    fields = re.findall(r'\{"([a-z0-9_]+)", GW_(?:GAUGE|COUNTER)', source)
    endings = {field if not field.endswith("_s") else field[:-2] + "_seconds" for field in fields}
    endings |= {"snapshots"} if "count" in fields else set()
    # Not there at all: a plugin that is not part of this tree.
    return bool(prefix) and (not source or any(
        measurement_and_field.endswith("_" + ending) for ending in endings))


def each_is_a_dashboard_with_a_data_source_to_choose():
    uids = set()
    for name, board in boards().items():
        assert board["uid"] not in uids and board["title"] and board["tags"] == ["gnswatch"], name
        uids.add(board["uid"])
        variables = board["templating"]["list"]
        assert variables[0]["name"] == "datasource" and variables[0]["type"] == "datasource", name
        known = {variable["name"] for variable in variables} | {"__rate_interval"}
        for expression in expressions(board):
            used = set(re.findall(r"\$\{?(\w+)", expression))
            assert used <= known, (name, expression, used - known)
        ids = [panel["id"] for panel in board["panels"]]
        assert len(ids) == len(set(ids)), name
        for panel in board["panels"]:
            place = panel["gridPos"]
            assert place["x"] + place["w"] <= 24, (name, panel["title"])
            if panel["type"] != "row":
                assert panel["datasource"]["uid"] == "${datasource}", (name, panel["title"])
                assert panel["targets"], (name, panel["title"])


def every_expression_is_promql_and_every_metric_is_ours():
    present = {os.path.basename(path)[:-3] for path in
               glob.glob(os.path.join(os.environ["GNSWATCH_PLUGINS"], "*.so"))}
    others = {name: "" for name in ("alert", "email", "health", "mqtt", "snapshot", "traffic",
                                    "webhook") if name in present}
    folder = tempfile.mkdtemp(prefix="gnswatch-boards-")
    sim = Sim(folder, "--projects", "2", "--nodes", "4", "--counters")
    try:
        with Daemon(gns3=gns3_yaml(sim), load=LOAD, **others,
                    prometheus="every: 1s\ntargets:\n  - name: nobody\n"
                               "    url: http://127.0.0.1:9/write\n") as daemon:
            project = wait("a project", lambda: daemon.list("projects", status="opened"))[0]
            daemon.post(f"/api/gns3/projects/{project['id']}/stop_all?wait=60")
            job = {"job_name": "g", "scrape_interval": "1s",
                   "static_configs": [{"targets": [daemon.base[len("http://"):]]}]}
            with Prometheus([job]) as prometheus:
                wait("it is scraped", lambda: prometheus.query("gns3_operation_failed_total"))
                wait("computes are", lambda: prometheus.query("gns3_compute_cpu_percent"))
                wait("the whole page is", lambda: prometheus.query("gnswatch_instance_tick_seconds"))
                wait("nodes are", lambda: prometheus.query("gns3_node_status"))
                wait("the page knows itself", lambda: prometheus.query("gnswatch_scrape_samples"))
                if "traffic" in present:
                    wait("traffic is", lambda: prometheus.query("traffic_link_ab_bytes_total"))
                if "health" in present:
                    wait("scores are", lambda: prometheus.query('health_score{kind="all"}'))
                _, page = fetch(daemon.base + "/metrics")
                live = {re.split(r"[{ ]", line)[0] for line in page.splitlines()
                        if line and line[0] != "#"}
                absent = set()
                for name, board in boards().items():
                    for expression in expressions(board):
                        prometheus.query(fill(expression))
                    for metric in names_of(board) - live:
                        assert is_in_the_source(metric), (name, metric)
                        absent.add(metric)
                print(f"     not live here, only in the plugins' tables: {', '.join(sorted(absent))}")
                shown = sum(1 for board in boards().values() for expression in expressions(board)
                            if prometheus.query(fill(expression)))
                total = sum(len(expressions(board)) for board in boards().values())
                print(f"     {shown} of {total} expressions have an answer")
                assert shown > total / 2, (shown, total)
    finally:
        sim.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    if not shutil.which("prometheus"):
        print("skipped: prometheus is not installed")
        raise SystemExit(77)
    run([each_is_a_dashboard_with_a_data_source_to_choose,
         every_expression_is_promql_and_every_metric_is_ours])
