#!/usr/bin/env python3
"""What polling 100 projects of 100 nodes costs us and would cost GNS3, HTTP included.

  bench_gns3_poll.py [PROJECTS NODES]

The whole daemon is measured from outside (/proc), against the simulator, whose lists do not change;
then against a stand-in whose every list is different from the one before. What the daemon costs
without servers to poll is taken off. GNSWATCH, GNSWATCH_SIM, GNSWATCH_PLUGINS name the programs."""
import http.server
import json
import os
import re
import socketserver
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "flow"))
from gns3_lab import Daemon, Sim, ask, wait  # noqa: E402
import shutil  # noqa: E402
import tempfile  # noqa: E402

PROJECTS, NODES = (int(a) for a in sys.argv[1:3]) if len(sys.argv) > 2 else (100, 100)
SECONDS = 10
# ms of GNS3 2.2.59's CPU, measured on a real one: a base a request, and a part a kilobyte.
BASE_MS, STATISTICS_MS, KILOBYTE_MS = 1.1, 6, 0.07


class Changing(http.server.BaseHTTPRequestHandler):
    """A GNS3 2.2 whose nodes all move between two readings."""
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = re.sub(r"^/v2", "", self.path)
        body = self.server.answer(path)
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *args):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def __init__(self, projects, node_lists):
        super().__init__(("127.0.0.1", 0), Changing)
        self.projects, self.node_lists, self.reads = projects, node_lists, 0

    def handle_error(self, request, client_address):
        pass  # the daemon ends with connections open

    def answer(self, path):
        if path == "/version":
            return b'{"version":"2.2.59","local":false}'
        if path == "/projects":
            return self.projects
        if path.endswith("/nodes"):
            self.reads += 1
            return self.node_lists[self.reads // PROJECTS % 2].replace(
                b"@", path.split("/")[2][-4:].encode())
        if path.endswith("/stats"):
            return b'{"drawings":0,"links":0,"nodes":0,"snapshots":0}'
        return b"[]" if path.startswith(("/projects", "/computes", "/templates")) else None


def changing(sim):
    """A stand-in made of the simulator's own lists."""
    projects = sim.gns3("GET", "/projects")[1]
    nodes = sim.gns3("GET", f"/projects/{projects[0]['project_id']}/nodes")[1]
    lists = []
    for turn in (0, 1):
        for i, node in enumerate(nodes):
            node["node_id"] = f"00000000-0000-4000-8000-@{i:08d}"
            node["x"] = i * 10 + turn
        lists.append(json.dumps(nodes, indent=4, sort_keys=True).encode())
    for i, project in enumerate(projects):
        project["project_id"] = f"00000000-0000-4000-8000-00000000{i:04d}"
        project["auto_close"] = True
    server = Server(json.dumps(projects, indent=4).encode(), lists)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def daemon_ms(pid):
    """The daemon alone, in its own threads, to the nanosecond."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
            total += int(file.read().split()[0])
    return total / 1e6


def settle(pid):
    """Waits until the first reading of everything is over: two seconds cost the same."""
    last = None
    for _ in range(60):
        before = daemon_ms(pid)
        time.sleep(2)
        spent = daemon_ms(pid) - before
        if last is not None and abs(spent - last) < 0.15 * last + 5:
            return
        last = spent


def measure(daemon, reads):
    pid = daemon.process.pid
    settle(pid)
    before, began, first = daemon_ms(pid), time.monotonic(), reads()
    time.sleep(SECONDS)
    return (daemon_ms(pid) - before) / (time.monotonic() - began), \
        (reads() - first) / (time.monotonic() - began)


def nodes_reads(sim):
    return sim.stats()["servers"][0]["routes"].get("GET projects/{project_id}/nodes", 0)


def with_daemon(folder, yaml, work):
    where = tempfile.mkdtemp(dir=folder)
    daemon = Daemon(where, yaml)
    try:
        return work(daemon)
    finally:
        daemon.stop()


def yaml(url, cost):
    return (f"every: 1s\ncost_max: {cost}\nservers:\n  - name: lab\n    url: {url}\n"
            "    budget: 1000\n")


def ready(daemon):
    wait("all nodes", lambda: daemon.list("servers")[0]["nodes"] == PROJECTS * NODES, 120)


def steady(sim, idle):
    def work(daemon):
        ready(daemon)
        ms, lists = measure(daemon, lambda: nodes_reads(sim))
        report("unchanged lists", ms - idle, lists)
    return work


def moving(server, idle):
    def work(daemon):
        ready(daemon)
        ms, lists = measure(daemon, lambda: server.reads)
        report("every node changed", ms - idle, lists)
    return work


def report(what, ms, lists):
    per_node = ms * 1000 / (lists * NODES)
    print(f"  {what:20} {lists:6.1f} lists/s  {ms:7.1f} ms CPU/s  {per_node:6.2f} us a node"
          f"   (to reach: 15)", flush=True)


def cost_to_gns3(sim):
    def work(daemon):
        ready(daemon)
        settle(daemon.process.pid)
        before, began = sim.stats()["servers"][0], time.monotonic()
        time.sleep(SECONDS)
        after, took = sim.stats()["servers"][0], time.monotonic() - began
        requests = (after["requests"] - before["requests"]) / took
        statistics = (after["routes"]["GET statistics"] - before["routes"]["GET statistics"]) / took
        kilobytes = (after["bytes_out"] - before["bytes_out"]) / took / 1000
        ms = requests * BASE_MS + statistics * (STATISTICS_MS - BASE_MS) + kilobytes * KILOBYTE_MS
        print(f"  a GNS3 2.2 by default {requests:5.1f} requests/s  {kilobytes:6.0f} kB/s"
              f"  {ms / 10:5.2f} % of a core   (to reach: 5)", flush=True)
    return work


def main():
    folder = tempfile.mkdtemp(prefix="gnswatch-bench-")
    sim = Sim(folder, "--api", "2.2.59", "--projects", str(PROJECTS), "--nodes", str(NODES))
    try:
        print(f"polling {PROJECTS} projects of {NODES} nodes, the daemon's CPU, HTTP included")
        nobody = "http://127.0.0.1:9"
        idle = with_daemon(folder, yaml(nobody, 4), lambda d: measure(d, lambda: 0)[0])
        print(f"  without a server     {idle:33.1f} ms CPU/s (taken off below)", flush=True)
        with_daemon(folder, yaml(sim.url(), 100), steady(sim, idle))
        server = changing(sim)
        url = f"http://127.0.0.1:{server.server_address[1]}"
        with_daemon(folder, yaml(url, 100), moving(server, idle))
        default = f"servers:\n  - name: lab\n    url: {sim.url()}\n"
        with_daemon(folder, default, cost_to_gns3(sim))
    finally:
        sim.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
