#!/usr/bin/env python3
"""conformance - is the simulator like the real servers?

Replays recorded requests (22/ and 30/: index.json and one file an answer) in their order against
a fresh simulator, translating recorded ids to the simulator's, and compares status, headers that
matter, and the shape of the JSON: keys and types, where a recorded null allows anything. Error
sentences must be equal too.

usage: conformance.py SIMULATOR [RECORDINGS]
RECORDINGS also from the environment GNSWATCH_RECORDINGS, else ../shared/gns3-recordings beside
the repository. Exit 77 when they are not there.
"""
import base64, http.client, json, os, re, socket, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
HEADERS = ("content-type", "server", "x-route", "connection", "allow", "www-authenticate",
           "location", "transfer-encoding", "content-disposition")

# Deliberate differences: (version, file name or status, what is not compared, why)
EXCEPTIONS = (
    ("22", "100_export", "body", "a zip: its entries differ, its being a zip is tested on import"),
    ("30", "113_export", "body", "a zip: its entries differ, its being a zip is tested on import"),
    ("22", "087_pcap_stream", "body", "traffic is random: capture is tested by what it holds"),
    ("30", "100_pcap_stream", "body", "traffic is random: capture is tested by what it holds"),
    ("22", "087_pcap_stream", "x-route", "the route of the node type that happens to capture"),
    ("30", "422", "message", "pydantic's sentence carries the server's file names and lines"),
    ("22", "060_snapshot_create_bad_name", "message", "carries a path of the server"),
    ("30", "073_snapshot_create_bad_name", "message", "carries a path of the server"),
    ("22", "091_link_filters_available", "message", "descriptions are not the original's"),
)


def excused(version, name, status, what):
    return any(v == version and w == what and (name.startswith(n) or n == str(status))
               for v, n, w, _ in EXCEPTIONS)


def find_recordings(given):
    for path in (given, os.environ.get("GNSWATCH_RECORDINGS"),
                 os.path.join(HERE, "..", "..", "..", "shared", "gns3-recordings")):
        if path:
            return os.path.abspath(path)


class Simulator:
    def __init__(self, program, *args):
        self.dir = tempfile.TemporaryDirectory()
        ports = os.path.join(self.dir.name, "ports.json")
        self.process = subprocess.Popen([program, "--ports-file", ports, *args],
                                        stdout=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while not os.path.exists(ports):
            if time.monotonic() > end or self.process.poll() is not None:
                sys.exit("the simulator did not start")
            time.sleep(0.02)
        with open(ports) as f:
            self.ports = json.load(f)
        self.port = self.ports["servers"][0]["port"]

    def stop(self):
        self.process.terminate()
        code = self.process.wait(10)
        self.dir.cleanup()
        return code

    def ask(self, method, path, body=None, headers=None, stream=False):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        c.request(method, path, body, headers or {})
        r = c.getresponse()
        data = r.read1(100) if stream else r.read()
        c.close()
        return r.status, {k.lower(): v for k, v in r.getheaders()}, data


class Ids:
    """Recorded id -> the simulator's, learned from answers."""

    def __init__(self):
        self.map = {}

    def learn(self, rec, sim):
        if isinstance(rec, dict) and isinstance(sim, dict):
            for k in rec:
                self.learn(rec[k], sim.get(k))
        elif isinstance(rec, list) and isinstance(sim, list):
            for a, b in zip(rec, sim):
                self.learn(a, b)
        elif isinstance(rec, str) and isinstance(sim, str):
            if UUID.fullmatch(rec) and UUID.fullmatch(sim):
                self.map.setdefault(rec, sim)

    def translate(self, text):
        return UUID.sub(lambda m: self.map.get(m.group(), m.group()), text)


def kind(v):
    return {bool: "boolean", int: "integer", float: "number", str: "string", dict: "object",
            list: "list", type(None): "null"}[type(v)]


def differences(rec, sim, where="answer"):
    if rec is None:
        return []
    if kind(rec) != kind(sim):
        return [f"{where}: {kind(sim)} instead of {kind(rec)}"]
    if isinstance(rec, dict):
        out = [f"{where}: no key '{k}'" for k in rec if k not in sim]
        out += [f"{where}: key '{k}' too many" for k in sim if k not in rec]
        for k in rec:
            if k in sim:
                out += differences(rec[k], sim[k], f"{where}.{k}")
        return out
    if isinstance(rec, list) and rec:
        if not sim:
            return [f"{where}: empty"]
        if len(rec) == len(sim):
            return [d for i, (a, b) in enumerate(zip(rec, sim))
                    for d in differences(a, b, f"{where}[{i}]")]
        bad = [b for b in sim if all(differences(a, b) for a in rec)]
        return differences(rec[0], bad[0], f"{where}[]") if bad else []
    return []


def parse(data):
    try:
        return json.loads(data)
    except ValueError:
        return None


class Replay:
    def __init__(self, version, folder, sim):
        self.version, self.folder, self.sim = version, folder, sim
        self.ids, self.token, self.export, self.failed, self.count = Ids(), None, b"", 0, 0

    def headers(self, entry):
        name = entry["file"]
        h = {}
        if isinstance(entry["request_body"], (dict, list)):
            h["Content-Type"] = "application/json"
        if "bad_token" in name or "wrong" in name and self.version == "30":
            h["Authorization"] = "Bearer not.a.token"
        elif "basic_auth" in name or "wrong_password" in name:
            h["Authorization"] = "Basic " + base64.b64encode(b"x:y").decode()
        elif entry["auth"] and self.token:
            h["Authorization"] = self.token
        return h

    def body(self, entry):
        body = entry["request_body"]
        if body is None:
            return None
        if isinstance(body, str):
            return self.export if re.fullmatch(r"<\d+ bytes>", body) else body.encode()
        return self.ids.translate(json.dumps(body)).encode()

    def one(self, entry):
        name = entry["file"]
        method, path = entry["request"].split(" ", 1)
        stream = "pcap_stream" in name
        status, headers, data = self.sim.ask(method, self.ids.translate(path), self.body(entry),
                                             self.headers(entry), stream)
        with open(os.path.join(self.folder, name), "rb") as f:
            recorded = f.read()
        rec, got = parse(recorded), parse(data)
        if "_export." in name:
            self.export = data
        if name.endswith("_authenticate.json"):
            self.token = "Bearer " + got["access_token"]
        self.ids.learn(rec, got)
        problems = self.compare(entry, status, headers, recorded, data, rec, got)
        self.count += 1
        if problems:
            self.failed += 1
            print(f"FAIL {self.version}/{name}: {entry['request'][:90]}")
            for p in problems[:8]:
                print(f"     {p}")

    def compare(self, entry, status, headers, recorded, data, rec, got):
        name = entry["file"]
        skip = lambda what: excused(self.version, name, entry["status"], what)
        out = []
        if status != entry["status"]:
            out.append(f"status {status} instead of {entry['status']}: {data[:160]}")
        want = {k.lower(): v for k, v in entry["headers"].items()}
        for h in HEADERS:
            if want.get(h) != headers.get(h) and not skip(h):
                out.append(f"header {h}: {headers.get(h)!r} instead of {want.get(h)!r}")
        if skip("body"):
            return out
        if rec is None:
            if recorded.strip() != data.strip():
                out.append(f"body {data[:80]!r} instead of {recorded[:80]!r}")
            return out
        out += differences(rec, got)
        if isinstance(rec, dict) and "message" in rec and status >= 400 and not skip("message"):
            mine, theirs = got.get("message"), self.ids.translate(rec["message"])
            if mine != theirs:
                out.append(f"sentence: {mine!r}\n        instead of: {theirs!r}")
        return out

    def run(self, index="index.json"):
        with open(os.path.join(self.folder, index)) as f:
            for entry in json.load(f):
                self.one(entry)


def replay(program, version, folder, *args, token=None):
    sim = Simulator(program, *args)
    r = Replay(version, folder, sim)
    r.token = token
    try:
        r.run()
    finally:
        code = sim.stop()
    if code:
        print(f"FAIL {version}: the simulator ended with {code}")
        r.failed += 1
    print(f"{folder}: {r.count} answers, {r.failed} different")
    return r.failed


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program = sys.argv[1]
    folder = find_recordings(sys.argv[2] if len(sys.argv) > 2 else None)
    if not os.path.exists(os.path.join(folder, "22", "index.json")):
        print(f"SKIPPED: recordings not found at {folder}")
        sys.exit(77)
    lab = ("--projects", "2", "--nodes", "4")
    basic = "Basic " + base64.b64encode(b"gns3:secret").decode()
    failed = replay(program, "22", os.path.join(folder, "22"), "--api", "2.2.59", *lab)
    failed += replay(program, "22", os.path.join(folder, "22", "auth"), "--api", "2.2.59", *lab,
                     "--auth", "gns3:secret", token=basic)
    failed += replay(program, "30", os.path.join(folder, "30"), "--api", "3.0.6", *lab)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
