#!/usr/bin/env python3
"""Health of a simulated lab: a node crashes, a compute dies, a server goes away, and all come back;
what the scores say, why, and that it goes on over a kill. A report by HTTP and to a webhook."""
import contextlib
import http.server
import json
import shutil
import tempfile
import threading
import urllib.parse
import urllib.request

from daemon import Daemon, ask, run, wait
from gns3_lab import Sim

HEALTH = "every: 1s\n"


@contextlib.contextmanager
def lab(health=HEALTH, options=("--projects", "2", "--nodes", "6", "--opened", "2"), **files):
    folder = tempfile.mkdtemp(prefix="gnswatch-flow-")
    sim = Sim(folder, "--api", "2.2.59", *options)
    for project in sim.gns3("GET", "/projects")[1]:
        # as a lab that is left open, so that GNS3 tells of crashes
        sim.gns3("PUT", f"/projects/{project['project_id']}", {"auto_close": False})
    gns3 = ("every: 1s\nstatistics_every: 1s\nservers:\n"
            f"  - name: lab\n    url: {sim.url()}\n    budget: 200\n    project_feeds: yes\n")
    try:
        with Daemon(gns3=gns3, health=health, **files) as daemon:
            yield sim, daemon
    finally:
        sim.stop()
        shutil.rmtree(folder, ignore_errors=True)


def score(daemon, key):
    status, answer = ask(f"{daemon.base}/api/health/scores/{urllib.parse.quote(key, safe='')}")
    if status != 200:
        return None
    if answer["score"] is not None:
        points = sum(r["points"] for r in answer["reasons"])
        assert abs(points - (answer["score"] - 100)) < 1e-6, answer
    return answer


def is_at(daemon, key, check):
    return lambda: (lambda s: s if s and s["score"] is not None and check(s["score"]) else None)(
        score(daemon, key))


def opened(daemon):
    """A project and its nodes, as started by somebody else."""
    project = wait("an opened project", lambda: daemon.list("projects", status="opened"))[0]
    nodes = wait("its nodes", lambda: daemon.list("nodes", project=project["id"]))
    return project, nodes


def start_all(sim, daemon, project):
    sim.gns3("POST", f"/projects/{project['project_id']}/nodes/start", {})
    return wait("all are started", lambda: (lambda n: n if n and all(
        x["status"] == "started" for x in n) else None)(daemon.list("nodes",
                                                                    project=project["id"])))


def a_crashed_node_is_seen_up_to_the_whole_and_is_forgotten_when_it_runs_again():
    with lab() as (sim, daemon):
        project, _ = opened(daemon)
        nodes = start_all(sim, daemon, project)
        wait("all is well", is_at(daemon, "all", lambda s: s == 100))
        victim = next(n for n in nodes if n["node_type"] == "vpcs")
        key = f"gns3.node/{victim['id']}"
        sim.tell("node", project=project["name"], node=victim["name"], action="crash")
        found = wait("its score falls", is_at(daemon, key, lambda s: s < 40))
        assert found["level"] == "bad", found
        reason = found["reasons"][0]
        assert reason["factor"] == "state" and "crashed" in reason["text"], found
        assert reason["series"]["key"].startswith("gns3.node{"), reason
        # the key is one the daemon knows
        assert ask(f"{daemon.base}/api/v1/query?points=10&series=" + urllib.parse.quote(
            reason["series"]["key"], safe=""))[0] == 200
        whole = wait("the whole shows it", is_at(daemon, "all", lambda s: 30 < s < 100))
        assert whole["reasons"][0]["subject"]["id"] == victim["id"], whole
        event = wait("it is said", lambda: [e for e in daemon.events("health.level")
                                            if e["id"] == victim["id"]])[0]
        assert event["severity"] == "error", event
        daemon.kill()
        daemon.start()
        wait("it is known after a kill", is_at(daemon, key, lambda s: s < 40))
        time_of = score(daemon, key)["since"]
        assert time_of == found["since"], "the level goes on"
        sim.gns3("POST", f"/projects/{project['project_id']}/nodes/{victim['node_id']}/start", {})
        wait("it is well again", is_at(daemon, key, lambda s: s == 100))
        wait("so is all", is_at(daemon, "all", lambda s: s == 100), 60)


def a_stop_asked_for_costs_nothing():
    with lab() as (sim, daemon):
        project, _ = opened(daemon)
        nodes = start_all(sim, daemon, project)
        wait("all is well", is_at(daemon, "all", lambda s: s == 100))
        victim = next(n for n in nodes if n["node_type"] == "vpcs")
        status, answer = daemon.post("/api/v1/commands/gns3.node.stop", id=victim["id"])
        assert status == 200, answer
        stopped = wait("the event", lambda: [e for e in daemon.events("gns3.node.stopped")
                                             if e["id"] == victim["id"]])[0]
        assert stopped["data"]["asked"] is True, stopped
        before = len(daemon.rows("health.score", kind="all")) + 2
        wait("rows after it", lambda: len(daemon.rows("health.score", kind="all")) > before)
        assert score(daemon, f"gns3.node/{victim['id']}")["score"] == 100
        assert score(daemon, "all")["score"] == 100


def a_server_that_goes_away_is_at_nought_and_what_it_has_is_unknown():
    with lab() as (sim, daemon):
        project, _ = opened(daemon)
        start_all(sim, daemon, project)
        wait("all is well", is_at(daemon, "all", lambda s: s == 100))
        sim.tell("fault", kind="down")
        found = wait("the server", is_at(daemon, "gns3.server/lab", lambda s: s == 0), 60)
        assert found["reasons"][0]["factor"] == "availability", found
        wait("the whole", is_at(daemon, "all", lambda s: s == 0))
        wait("the project is unknown", lambda: score(
            daemon, f"gns3.project/{project['id']}")["score"] is None)
        sim.tell("fault", kind="none")
        wait("it is back", is_at(daemon, "gns3.server/lab", lambda s: s > 60), 120)


def a_dead_compute_takes_its_nodes_with_it():
    with lab() as (sim, daemon):
        project, _ = opened(daemon)
        start_all(sim, daemon, project)
        wait("all is well", is_at(daemon, "all", lambda s: s == 100))
        compute = wait("computes", lambda: daemon.list("computes"))[-1]
        key = f"gns3.compute/{compute['id']}"
        wait("its score", is_at(daemon, key, lambda s: s == 100))
        sim.tell("fault", kind="dead_compute")
        found = wait("the compute is at nought", lambda: next(
            (s for c in daemon.list("computes") for s in [score(
                daemon, f"gns3.compute/{c['id']}")] if s and s["score"] == 0), None), 60)
        assert "lost" in found["reasons"][0]["text"], found
        wait("the server shows it", is_at(daemon, "gns3.server/lab", lambda s: s < 60))


class Receiver:
    def __init__(self):
        receiver = self
        self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.seen.append(json.loads(body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def a_report_is_read_by_http_and_sent_to_a_webhook():
    receiver = Receiver()
    health = (HEALTH + "reports:\n  - name: often\n    period: hourly\n    cron: '*/5 * * * * *'\n"
              "    send: [{command: webhook.send, with: {hook: ours}}]\n")
    webhook = f"every: 1s\nhooks: [{{name: ours, url: '{receiver.url}'}}]\n"
    with lab(health, webhook=webhook) as (sim, daemon):
        project, _ = opened(daemon)
        nodes = start_all(sim, daemon, project)
        victim = next(n for n in nodes if n["node_type"] == "vpcs")
        sim.tell("node", project=project["name"], node=victim["name"], action="crash")
        wait("it is seen", is_at(daemon, f"gns3.node/{victim['id']}", lambda s: s < 40))
        status, report = ask(f"{daemon.base}/api/health/reports", "POST", {})
        assert status == 200, report
        assert report["period"] == "asked" and report["score"] < 100, report
        advice = [r for r in report["recommendations"]
                  if r["command"] and r["command"]["name"] == "gns3.node.start"]
        assert advice and advice[0]["command"]["params"] == {"id": victim["id"]}, report
        with urllib.request.urlopen(daemon.base + report["page"]) as answer:
            page, headers = answer.read().decode(), answer.headers
        assert headers["Content-Type"].startswith("text/html"), headers
        assert "script-src" not in headers["Content-Security-Policy"], headers
        assert victim["name"] in page and "<script" not in page
        sent = wait("a report by schedule arrives", lambda: receiver.seen, 60)[0]
        assert sent["kind"] == "report" and "/api/health/reports/" in sent["url"], sent
        assert "The whole report" in sent["html"] and "Health" in sent["text"], sent
        # what it advises helps
        status, answer = daemon.post("/api/v1/commands/gns3.node.start",
                                     **advice[0]["command"]["params"])
        assert status == 200, answer
        wait("it is well again", is_at(daemon, f"gns3.node/{victim['id']}", lambda s: s == 100))
        status, answer = daemon.post("/api/v1/commands/health.explain", kind="gns3.node",
                                     id=victim["id"])
        assert status == 200 and {f["factor"] for f in answer["factors"]} == {
            "availability", "state", "flapping", "alerts"}, answer
    receiver.stop()


if __name__ == "__main__":
    run([a_crashed_node_is_seen_up_to_the_whole_and_is_forgotten_when_it_runs_again,
         a_stop_asked_for_costs_nothing,
         a_server_that_goes_away_is_at_nought_and_what_it_has_is_unknown,
         a_dead_compute_takes_its_nodes_with_it,
         a_report_is_read_by_http_and_sent_to_a_webhook])
