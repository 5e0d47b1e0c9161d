#!/usr/bin/env python3
"""A plugin of each released version, compiled against that version's kept headers, is loaded and run
by the daemon: every function it could call does what it did."""
import http.server
import os
import sys
import threading
import urllib.request

sys.path.insert(0, os.environ["GNSWATCH_FLOW"])
from daemon import Daemon, ask, wait  # noqa: E402

VERSIONS = os.environ["GNSWATCH_ABI_VERSIONS"].split()


class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *words):
        pass


def complete(daemon, name):
    assert daemon.alive()
    status = daemon.instances()[name]
    assert not status.get("last_error"), status
    return daemon.events(f"{name}.complete")


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    names = ["abi_" + version.replace(".", "_") for version in VERSIONS]
    with Daemon(**{name: f"url: {url}\ntable: {{depth: 7}}\n" for name in names}) as daemon:
        for name in names:
            wait(f"{name} has used everything", lambda: complete(daemon, name))
            answer = daemon.get(f"/api/{name}/things")["items"]
            assert [thing["id"] for thing in answer] == ["one"], answer
            assert ask(f"{daemon.base}/api/v1/commands/{name}.double", "POST",
                       {"number": 3})[0] == 200
        if "abi_1_1" in names:
            with urllib.request.urlopen(f"{daemon.base}/api/abi_1_1/page/hi", timeout=10) as page:
                assert page.read() == b"hi"
        daemon.stop()
    server.shutdown()
    print(f"plugins of {', '.join(VERSIONS)} run")


if __name__ == "__main__":
    main()
