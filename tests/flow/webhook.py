#!/usr/bin/env python3
"""Webhooks to a receiver that checks signatures, fails, goes away and comes back; the daemon is
killed in between. And to a real Alertmanager, where there is one."""
import collections
import hashlib
import hmac
import http.server
import json
import os
import shutil
import subprocess
import threading
import time

from daemon import Daemon, ask, free_port, run, wait

KEY = "a key of our own"


class Receiver:
    """Answers with what `answers` has left, then 200. Keeps what it has answered with 200."""

    def __init__(self):
        self.answers = collections.deque()
        self.seen, self.bad = [], []
        self.port = 0
        self.server = None

    def start(self):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                stamp = self.headers["X-Gnswatch-Timestamp"]
                mac = hmac.new(KEY.encode(), stamp.encode() + b"." + body, hashlib.sha256)
                if self.headers["X-Gnswatch-Signature"] != "sha256=" + mac.hexdigest():
                    receiver.bad.append(body)
                status = receiver.answers.popleft() if receiver.answers else 200
                if status == 200:
                    receiver.seen.append((self.headers["Idempotency-Key"], json.loads(body)))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                if status == 429:
                    self.send_header("Retry-After", "1")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def ids(self):
        return [key for key, _ in self.seen]


def notification(id, **more):
    return {"id": id, "kind": "firing", "status": "firing", "severity": "critical", "title": id,
            "text": "", "time": 0, "alerts": [], **more}


def send(daemon, id, hook="ours", **more):
    status, answer = daemon.post("/api/v1/commands/webhook.send", hook=hook,
                                 notification=notification(id, **more))
    assert status == 200, (status, answer)
    return answer


def conf(port):
    return (f"hooks:\n  - name: ours\n    url: http://127.0.0.1:{port}/in/top-secret\n"
            f"    secret: {KEY}\nretry_longest: 1s\nper_minute: 60000\nevery: 1s\n")


def nothing_is_lost_or_doubled_over_errors_outages_and_kills():
    receiver = Receiver()
    receiver.start()
    with Daemon(webhook=conf(receiver.port)) as daemon:
        receiver.answers.extend([500, 429, 503, 500])
        for i in range(20):
            send(daemon, f"a{i}")
        wait("all are there", lambda: len(receiver.seen) == 20)
        receiver.stop()
        for i in range(20):
            send(daemon, f"b{i}")
        wait("the outage is said", lambda: daemon.events("webhook.down"))
        wait("they are shown", lambda: daemon.get("/api/webhook/deliveries")["total"] == 20)
        daemon.kill()
        daemon.start()
        assert send(daemon, "b3") == {"duplicate": True}
        receiver.start()
        wait("what waited is there", lambda: len(receiver.seen) == 40)
        wait("it is back", lambda: not daemon.get("/api/webhook/deliveries")["total"])
        assert sorted(receiver.ids()) == sorted([f"a{i}" for i in range(20)] +
                                                [f"b{i}" for i in range(20)])
        assert not receiver.bad
        assert "top-secret" not in daemon.log() and KEY not in daemon.log()
        listing = json.dumps(daemon.get("/api/v1/plugins"))
        assert "top-secret" not in listing and KEY not in listing
        receiver.stop()


def what_is_refused_for_ever_is_kept_until_a_person_decides():
    receiver = Receiver()
    receiver.start()
    with Daemon(webhook=conf(receiver.port)) as daemon:
        receiver.answers.append(410)
        send(daemon, "gone")
        dead = wait("it is dead", lambda: daemon.get("/api/webhook/deliveries",
                                                     state="dead")["items"])[0]
        assert dead["why"] == "HTTP 410" and dead["hook"] == "ours", dead
        status, answer = daemon.post(f"/api/webhook/deliveries/{dead['id']}/retry")
        assert status == 200, answer
        wait("it is there", lambda: receiver.ids() == ["gone"])
        receiver.stop()


def alertmanager_fires_and_resolves():
    program = shutil.which("prometheus-alertmanager")
    if not program:
        print("skipped: prometheus-alertmanager is not installed")
        return
    port = free_port()
    url = f"http://127.0.0.1:{port}/api/v2/alerts"
    yaml = (f"hooks:\n  - name: am\n    url: {url}\n    format: alertmanager\n"
            "retry_longest: 1s\nevery: 1s\n")
    with Daemon(webhook=yaml) as daemon:
        config = os.path.join(daemon.folder, "am.yml")
        with open(config, "w") as file:
            file.write("route:\n  receiver: none\nreceivers:\n  - name: none\n")
        process = subprocess.Popen(
            [program, f"--config.file={config}", f"--storage.path={daemon.folder}/am",
             f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait("Alertmanager listens", lambda: ask(url)[0] == 200)
            now = int(time.time() * 1000)
            alert = {"id": "a1", "rule": "node_down", "severity": "warning", "summary": "PC1 is down",
                     "labels": {"node": "PC1"}, "since": now - 5000, "fired": now - 1000,
                     "ended": None, "description": "", "url": "http://127.0.0.1/a1"}
            send(daemon, "n1", hook="am", alerts=[alert])
            fired = wait("it fires there", lambda: ask(url)[1])[0]
            assert fired["labels"] == {"alertname": "node_down", "node": "PC1",
                                       "severity": "warning"}, fired
            assert fired["annotations"]["summary"] == "PC1 is down"
            send(daemon, "n2", hook="am", kind="changed",
                 alerts=[{**alert, "severity": "critical"}])
            wait("only critical is left", lambda: [a["labels"]["severity"] for a in
                                                   ask(url)[1]] == ["critical"])
            send(daemon, "n3", hook="am", kind="resolved", status="resolved",
                 alerts=[{**alert, "severity": "critical", "ended": int(time.time() * 1000)}])
            wait("none is left", lambda: ask(url)[1] == [])
        finally:
            process.terminate()
            process.wait(20)


if __name__ == "__main__":
    run([nothing_is_lost_or_doubled_over_errors_outages_and_kills,
         what_is_refused_for_ever_is_kept_until_a_person_decides,
         alertmanager_fires_and_resolves])
