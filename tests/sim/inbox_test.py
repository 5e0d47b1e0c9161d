#!/usr/bin/env python3
"""The inbox of the simulator takes mails and webhooks, shows them, and forgets the oldest."""
import json
import os
import smtplib
import subprocess
import sys
import tempfile
import time
import urllib.request


def get(url, data=None):
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=10) as answer:
        return answer.read().decode()


def send(port, subject):
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
        smtp.sendmail("lab@example.org", ["team@example.org"],
                      f"Subject: {subject}\r\n\r\n.a dot\r\nlast\r\n")


def main():
    with tempfile.TemporaryDirectory() as folder:
        ports = os.path.join(folder, "ports")
        sim = subprocess.Popen([sys.argv[1], "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0",
                                "--inbox", "--ports-file", ports], stdout=subprocess.DEVNULL)
        try:
            end = time.monotonic() + 20
            while not os.path.exists(ports):
                assert time.monotonic() < end and sim.poll() is None, "no ports file"
                time.sleep(0.02)
            with open(ports) as file:
                about = json.load(file)
            base = f"http://127.0.0.1:{about['control']}/inbox"
            assert "Nothing yet" in get(base)
            send(about["smtp"], "<b>down</b>")
            get(base, json.dumps({"title": "a & b"}).encode())
            page = get(base)
            assert "&lt;b>down" in page and "a &amp; b" in page, page
            assert get(base + "/0").endswith("\r\n.a dot\r\nlast\r\n"), get(base + "/0")
            assert json.loads(get(base + "/1"))["title"] == "a & b"
            for i in range(60):
                get(base, json.dumps({"title": f"n{i}"}).encode())
            page = get(base)
            assert page.count("<tr>") == 50 and "down" not in page and "n59" in page
        finally:
            sim.terminate()
            assert sim.wait(10) == 0
    print("ok")


if __name__ == "__main__":
    main()
