#!/usr/bin/env python3
"""Against a real GNS3 2.2 server on this machine: GNSWATCH_REAL_GNS3=http://127.0.0.1:3080 (started
by you, with vpcs and ubridge, by the same user). It makes a project of its own and deletes it.
Without the variable it is skipped."""
import os
import signal
import socket
import sys
import time
import urllib.parse
import uuid

from daemon import Daemon, ask, run, wait
from webhook import KEY, Receiver, conf as webhook_conf

GNS3 = os.environ.get("GNSWATCH_REAL_GNS3", "").rstrip("/")


class Lab:
    """Two VPCS and the link between them."""

    def __init__(self):
        self.name = f"gnswatch-check-{uuid.uuid4().hex[:8]}"
        self.project = self.ask("POST", "/projects", {"name": self.name, "auto_close": False})
        self.path = f"/projects/{self.project['project_id']}"
        self.nodes = [self.ask("POST", f"{self.path}/nodes",
                               {"name": f"PC{i}", "node_type": "vpcs", "compute_id": "local",
                                "x": 100 * i, "y": 0}) for i in (1, 2)]
        self.ask("POST", f"{self.path}/links",
                 {"nodes": [{"node_id": n["node_id"], "adapter_number": 0, "port_number": 0}
                            for n in self.nodes]})
        self.ask("POST", f"{self.path}/nodes/start", {})
        for i, node in enumerate(self.nodes, 1):
            wait("an address", lambda i=i, node=node: "255.255.255.0" in self.console(
                node, f"ip 10.9.0.{i}/24", "255.255.255.0", 5))

    @staticmethod
    def ask(method, path, body=None):
        status, answer = ask(f"{GNS3}/v2{path}", method, body)
        assert status < 300, (method, path, status, answer)
        return answer

    def status(self):
        return {n["name"]: n["status"] for n in self.ask("GET", f"{self.path}/nodes")}

    def console(self, node, line, until, deadline=60):
        """Types a line; what came until `until` was there again."""
        with socket.create_connection(("127.0.0.1", node["console"]), 10) as tty:
            tty.settimeout(1)
            text, end = "", time.monotonic() + deadline
            tty.sendall(b"\r\n")
            while "> " not in text and time.monotonic() < end:
                text += self.read(tty)
            text = ""
            tty.sendall(line.encode() + b"\r\n")
            while not (until in text and text.rstrip().endswith(">")) and time.monotonic() < end:
                text += self.read(tty)
            return text

    @staticmethod
    def read(tty):
        try:
            return tty.recv(65536).decode(errors="replace")
        except socket.timeout:
            return ""

    def process(self, node):
        """The VPCS of a node, found by the folder it works in."""
        directory = self.ask("GET", f"{self.path}/nodes/{node['node_id']}")["node_directory"]
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/comm") as file:
                    if file.read().strip() == "vpcs" and os.readlink(f"/proc/{pid}/cwd") == directory:
                        return int(pid)
            except OSError:
                continue
        raise AssertionError(f"no vpcs process in {directory}")

    def delete(self):
        self.ask("DELETE", self.path)


def yaml(receiver):
    return {
        "gns3": f"every: 2s\nservers:\n  - name: real\n    url: {GNS3}\n    project_feeds: yes\n",
        "traffic": "every: 1s\n",
        "snapshot": "every: 2s\n",
        "health": "every: 5s\n",
        "webhook": webhook_conf(receiver.port),
        "alert": ("group_wait: 1s\nsettle: 5s\nreceivers:\n  - name: us\n    send:\n"
                  "      - command: webhook.send\n        with: {hook: ours}\n"),
    }


class World:
    def __enter__(self):
        self.receiver = Receiver()
        self.receiver.start()
        self.lab = Lab()
        self.daemon = Daemon(**yaml(self.receiver))
        try:
            self.daemon.__enter__()
            wait("the lab is seen", lambda: len(self.daemon.list(
                "nodes", status="started", project_name=self.lab.name)) == 2)
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, *about):
        self.daemon.__exit__(*about)
        self.lab.delete()
        self.receiver.stop()

    def link(self):
        items = self.daemon.get("/api/traffic/links", project_name=self.lab.name)["items"]
        return items[0] if items else {}

    def packets(self, seconds):
        """Packets of both directions in that time, as gnswatch has counted them."""
        rows = self.daemon.rows("traffic.link", seconds, project=self.lab.name)
        times = sorted(rows)
        step = (times[1] - times[0]) / 1000
        return sum((rows[t].get("ab_packets", 0) + rows[t].get("ba_packets", 0)) * step
                   for t in times)

    def said(self, kind, rule_part):
        return [n for _, n in self.receiver.seen if n["kind"] == kind and
                any(rule_part in a["rule"] for a in n["alerts"])]


def pings_are_counted_within_a_percent():
    with World() as world:
        wait("the link has a source", lambda: world.link().get("source") == "ubridge", 60)
        wait("it is idle, not unknown", lambda: world.link()["status"] == "idle", 60)
        began = time.time()
        text = world.lab.console(world.lab.nodes[0], "ping 10.9.0.2 -c 2000 -i 10", "seq=2000", 120)
        replies = text.count("bytes from 10.9.0.2")
        assert replies >= 1990, (replies, text[-300:])
        assert world.link()["status"] == "active"
        time.sleep(4)  # the last rows: what passes is what is measured
        counted = world.packets(int(time.time() - began) + 8)
        truth = 2 * 2000
        print(f"     {replies} replies; {counted:.0f} packets counted of {truth}")
        assert abs(counted - truth) <= truth / 100 + 8, (counted, truth)
        wait("it is idle again", lambda: world.link()["status"] == "idle", 60)


def a_crashed_node_is_told_once_and_its_recovery_once():
    with World() as world:
        node = world.lab.nodes[1]
        os.kill(world.lab.process(node), signal.SIGKILL)
        killed = time.monotonic()
        wait("it is told", lambda: world.said("firing", "node"), 90)
        print(f"     told after {time.monotonic() - killed:.1f} s")
        world.lab.ask("POST", f"{world.lab.path}/nodes/{node['node_id']}/start", {})
        wait("the end is told", lambda: world.said("resolved", "node"), 300)
        assert len(world.said("firing", "node")) == 1, world.said("firing", "node")
        assert len(world.said("resolved", "node")) == 1


def a_running_lab_is_snapshotted_and_runs_again():
    with World() as world:
        daemon, lab = world.daemon, world.lab
        status, answer = daemon.post("/api/v1/commands/snapshot.take?wait=60", project=lab.name,
                                     name="check-1", mode="quiesce")
        assert status in (200, 202), (status, answer)
        wait("it is there", lambda: any(s["name"] == "check-1" for s in
                                        lab.ask("GET", f"{lab.path}/snapshots")), 90)
        wait("the lab runs again", lambda: set(lab.status().values()) == {"started"}, 90)
        copy = wait("it is verified", lambda: daemon.get(
            "/api/snapshot/copies", name="check-1", verified="ok")["items"], 90)[0]
        assert copy["verify"]["nodes"] == 2, copy


def health_sees_the_lab():
    with World() as world:
        def score():
            items = world.daemon.get("/api/health/scores", name=world.lab.name)["items"]
            return items and items[0]["score"] is not None and items[0]
        good = wait("a score", score, 60)
        assert good["score"] >= 90, good
        os.kill(world.lab.process(world.lab.nodes[0]), signal.SIGKILL)
        wait("a lower score", lambda: score()["score"] < good["score"] and score()["reasons"], 60)


if __name__ == "__main__":
    if not GNS3 or urllib.parse.urlsplit(GNS3).hostname not in ("127.0.0.1", "localhost"):
        print("skipped: GNSWATCH_REAL_GNS3 names no GNS3 server on this machine")
        sys.exit(77)
    assert KEY
    run([pings_are_counted_within_a_percent, a_crashed_node_is_told_once_and_its_recovery_once,
         a_running_lab_is_snapshotted_and_runs_again, health_sees_the_lab])
