"""A Prometheus, a VictoriaMetrics and a proxy of the test's own, for the prometheus flow tests."""
import http.server
import json
import os
import shutil
import subprocess
import tempfile
import threading
import urllib.parse
import urllib.request

from daemon import ask, free_port, wait

TEXT = "text/plain;version=0.0.4"
OPENMETRICS = "application/openmetrics-text;version=1.0.0"


def fetch(url, accept="", token=None):
    """(content type, text)"""
    headers = {"Accept": accept, **({"Authorization": f"Bearer {token}"} if token else {})}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


class Peer:
    """A server in a folder of its own, for `with`; its data stay over stop and start."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="gnswatch-peer-")
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.process = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        with open(os.path.join(self.folder, "log"), "a") as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log)
        wait("the peer is ready", lambda: fetch(self.base + self.ready)[1])

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    def log(self):
        with open(os.path.join(self.folder, "log")) as file:
            return file.read()


class Prometheus(Peer):
    ready = "/-/ready"

    def __init__(self, scrape=()):
        super().__init__()
        self.write = f"{self.base}/api/v1/write"
        with open(os.path.join(self.folder, "prometheus.yml"), "w") as file:
            json.dump({"scrape_configs": list(scrape)}, file)  # JSON is YAML

    def command(self):
        return ["prometheus", f"--config.file={self.folder}/prometheus.yml",
                f"--storage.tsdb.path={self.folder}/data",
                f"--web.listen-address=127.0.0.1:{self.port}", "--web.enable-remote-write-receiver"]

    def query(self, expression):
        status, answer = ask(f"{self.base}/api/v1/query?"
                             + urllib.parse.urlencode({"query": expression}))
        assert status == 200, (expression, answer)
        return answer["data"]["result"]

    def samples(self, selector):
        """{labels as text: [(ms, value)]}, as they are stored."""
        return {json.dumps(one["metric"], sort_keys=True):
                [(round(time * 1000), float(value)) for time, value in one["values"]]
                for one in self.query(f"{selector}[1h]")}


class VictoriaMetrics(Peer):
    ready = "/health"

    def __init__(self):
        super().__init__()
        self.write = f"{self.base}/api/v1/write"

    def command(self):
        return ["victoria-metrics", f"-storageDataPath={self.folder}/data",
                f"-httpListenAddr=127.0.0.1:{self.port}"]

    def samples(self, selector):
        _, text = fetch(f"{self.base}/api/v1/export?"
                        + urllib.parse.urlencode({"match[]": selector}))
        out = {}
        for line in text.splitlines():
            one = json.loads(line)
            out.setdefault(json.dumps(one["metric"], sort_keys=True), []).extend(
                (time, value) for time, value in zip(one["timestamps"], one["values"])
                if value is not None)
        return {labels: sorted(samples) for labels, samples in out.items()}


class AsText:
    """A proxy that asks for the older format, which Prometheus itself no longer does."""

    def __init__(self, target):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                kind, text = fetch(target + self.path, TEXT)
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
