#!/usr/bin/env python3
"""conformance_feed - do the simulator's feeds say what the real ones said?

Runs the recorded script of actions (notifications_script.json) against a fresh simulator while
listening to the controller's and the project's feed, over HTTP and over WebSocket, and compares
after each action which events came, in which order, and their shape. Pings and compute.updated
come by the clock and are compared by shape only.

usage: conformance_feed.py SIMULATOR [RECORDINGS]      exit 77 without recordings
"""
import base64, http.client, json, os, queue, re, socket, struct, sys, threading, time

from conformance import Ids, Simulator, differences, find_recordings

BY_CLOCK = ("ping", "compute.updated")

# Deliberate differences: (action, key or None, why)
EXCEPTIONS = (
    ("template.created", None, "the fields of a template type are not simulated"),
)


class Feed:
    """Reads messages in a thread; each is (action, event)."""

    def __init__(self, host, port, path, token, websocket):
        self.messages = queue.Queue()
        self.clock = {}
        if websocket:
            self.sock = socket.create_connection((host, port), 10)
            self.sock.settimeout(30)
            if token:
                path += "?token=" + token
            self.sock.sendall((f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
                               "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
            self.file = self.sock.makefile("rb")
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += self.file.read(1)
            assert b" 101 " in head.split(b"\r\n")[0], head
            assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head, "RFC 6455 section 1.3"
            target = self.frames
        else:
            c = http.client.HTTPConnection(host, port, timeout=30)
            c.request("GET", path, headers={"Authorization": "Bearer " + token} if token else {})
            self.sock = c.sock
            self.response = c.getresponse()
            assert self.response.status == 200, self.response.status
            target = self.lines
        threading.Thread(target=target, daemon=True).start()

    def close(self):
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    def take(self, text):
        m = json.loads(text)
        if m["action"] in BY_CLOCK:
            self.clock[m["action"]] = m["event"]
        else:
            self.messages.put((m["action"], m["event"]))

    def lines(self):
        try:
            for line in self.response:
                if line.strip():
                    self.take(line)
        except (OSError, ValueError, http.client.HTTPException):
            pass

    def frames(self):
        try:
            while True:
                head = self.file.read(2)
                if len(head) < 2:
                    return
                size = head[1] & 127
                if size == 126:
                    size, = struct.unpack(">H", self.file.read(2))
                elif size == 127:
                    size, = struct.unpack(">Q", self.file.read(8))
                data = self.file.read(size)
                if head[0] & 15 == 1:
                    self.take(data)
                elif head[0] & 15 == 9:
                    self.sock.sendall(b"\x8a\x80\0\0\0\0")
        except (OSError, ValueError):
            pass

    def next(self, count):
        """count messages, and whatever else has come by then."""
        out, end = [], time.monotonic() + 5
        while len(out) < count and time.monotonic() < end:
            try:
                out.append(self.messages.get(timeout=max(0.01, end - time.monotonic())))
            except queue.Empty:
                break
        while not self.messages.empty():
            out.append(self.messages.get())
        return out


def recorded(folder, name):
    events, clock = [], {}
    with open(os.path.join(folder, name)) as f:
        for line in f:
            at, _, text = line.rstrip("\n").split("\t", 2)
            m = json.loads(text)
            if m["action"] in BY_CLOCK:
                clock[m["action"]] = m["event"]
            else:
                events.append((float(at), m["action"], m["event"]))
    return events, clock


class Script:
    def __init__(self, program, version, folder, websocket):
        self.version, self.folder, self.failed = version, folder, 0
        self.v = "/v2" if version == "22" else "/v3"
        self.kind = "ws" if websocket else "http"
        self.sim = Simulator(program, "--api", "2.2.59" if version == "22" else "3.0.6",
                             "--projects", "0")
        self.ids, self.last, self.token = Ids(), {}, None
        if version == "30":
            self.token = self.ask("POST", "/v3/access/users/authenticate",
                                  {"username": "admin", "password": "admin"})["access_token"]
        self.build()
        tail = "/notifications" + ("/ws" if websocket else "")
        self.feeds = {
            "controller": Feed("127.0.0.1", self.sim.port, self.v + tail, self.token, websocket),
            "project": Feed("127.0.0.1", self.sim.port, f"{self.v}/projects/{self.project}{tail}",
                            self.token, websocket)}
        self.events = {k: recorded(folder, f"notifications_{k}_{self.kind}.timed")
                       for k in self.feeds}

    def ask(self, method, path, body=None):
        h = {"Authorization": "Bearer " + self.token} if self.token else {}
        data = json.dumps(body).encode() if body is not None else None
        status, _, answer = self.sim.ask(method, path, data, h)
        self.status = status
        return json.loads(answer) if answer else {}

    def build(self):
        """What was there when the recording began: PC1 and PC2 behind a switch, PC3 alone."""
        p = self.ask("POST", self.v + "/projects", {"name": "stream-demo"})["project_id"]
        self.project = p
        self.nodes = {}
        for name, kind in (("PC1", "vpcs"), ("PC2", "vpcs"), ("PC3", "vpcs"),
                           ("SW1", "ethernet_switch")):
            self.nodes[name] = self.ask("POST", f"{self.v}/projects/{p}/nodes", {
                "name": name, "node_type": kind, "compute_id": "local"})["node_id"]
        for i, name in enumerate(("PC1", "PC2")):
            self.ask("POST", f"{self.v}/projects/{p}/links", {"nodes": [
                {"node_id": self.nodes[name], "adapter_number": 0, "port_number": 0},
                {"node_id": self.nodes["SW1"], "adapter_number": 0, "port_number": i}]})

    def learn_start(self, script):
        self.ids.map[script[0]["request"].split("/")[3]] = self.project
        seen = set()
        for _, action, event in self.events["project"][0]: # later ids may be new ones
            name = event.get("name")
            if action.startswith("node.") and name in self.nodes and name not in seen:
                seen.add(name)
                self.ids.map.setdefault(event["node_id"], self.nodes[name])
        body = script[4]["body"]["nodes"]
        for end, name in zip(body, ("PC3", "SW1")):
            self.ids.map.setdefault(end["node_id"], self.nodes[name])

    def path(self, request):
        """Ids never seen in an event: what this simulator made last of that kind."""
        if "snapshot" in self.last:  # 3.0 gave it another id at the restore
            for s in self.ask("GET", f"{self.v}/projects/{self.project}/snapshots"):
                self.last["snapshot"] = s["snapshot_id"]
        for kind, value in self.last.items():
            m = re.search(rf"/{kind}s/([0-9a-f-]{{36}})", request)
            if m and m.group(1) not in self.ids.map:
                self.ids.map[m.group(1)] = value
        return self.ids.translate(request)

    def run(self):
        with open(os.path.join(self.folder, "notifications_script.json")) as f:
            script = json.load(f)
        self.learn_start(script)
        for i, step in enumerate(script):
            end = script[i + 1]["t"] if i + 1 < len(script) else 1e9
            method, path = self.path(step["request"]).split(" ", 1)
            body = step["body"]
            if body is not None:
                body = json.loads(self.ids.translate(json.dumps(body)))
            answer = self.ask(method, path, body)
            for kind in ("project", "drawing", "snapshot", "link"):
                if method == "POST" and self.status == 201 and isinstance(answer, dict) and kind + "_id" in answer \
                        and path.endswith(kind + "s"):
                    self.last[kind] = answer[kind + "_id"]
            if self.status != step["status"]:
                self.fail(step, "answer", [f"{self.status} instead of {step['status']}"])
            for name, feed in self.feeds.items():
                want = [(a, e) for t, a, e in self.events[name][0] if step["t"] <= t < end]
                self.compare(step, name, want, feed.next(len(want)))
        for name, feed in self.feeds.items():
            for action, event in self.events[name][1].items():
                if action in feed.clock:
                    self.fail({"what": "by the clock"}, name,
                              differences(event, feed.clock[action], action))

    def compare(self, step, name, want, got):
        problems = []
        if [a for a, _ in want] != [a for a, _ in got]:
            problems.append(f"{[a for a, _ in got]}\n        instead of {[a for a, _ in want]}")
        else:
            for (action, rec), (_, sim) in zip(want, got):
                if not any(a == action and k is None for a, k, _ in EXCEPTIONS):
                    problems += differences(rec, sim, action)
                self.ids.learn(rec, sim)
        self.fail(step, name, problems)

    def fail(self, step, name, problems):
        if problems:
            self.failed += 1
            print(f"FAIL {self.version} {self.kind} {name} feed, '{step['what']}':")
            for p in problems[:5]:
                print(f"     {p}")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder = find_recordings(sys.argv[2] if len(sys.argv) > 2 else None)
    if not os.path.exists(os.path.join(folder, "22", "notifications_script.json")):
        print(f"SKIPPED: recordings not found at {folder}")
        sys.exit(77)
    failed = 0
    for version in ("22", "30"):
        for websocket in (False, True):
            s = Script(sys.argv[1], version, os.path.join(folder, version), websocket)
            try:
                s.run()
            finally:
                code = s.sim.stop()
            s.failed += 1 if code else 0
            print(f"{version} {s.kind}: {s.failed} differences, simulator ended with {code}")
            failed += s.failed
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
