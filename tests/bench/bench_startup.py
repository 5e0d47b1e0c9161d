#!/usr/bin/env python3
"""How long from exec to the first byte of /health, and to the first row of a series that is set each
second? Beside, in the same run: the program that only says its version (loading its libraries), the
simulator (a small C server), and python3 -m http.server.

  bench_startup.py [RUNS]

GNSWATCH, GNSWATCH_SIM and GNSWATCH_TEST_PLUGINS name the programs and a folder of plugins."""
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "flow"))
from daemon import Daemon, wait  # noqa: E402

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 11
EVERY_MS = 1000
HEALTH_MS, NETDATA_MS, NETDATA_ROW_MS = 50, 200, 2200  # to reach; measured (README)
BROKEN = 10  # times what is to be reached: fails


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def first_byte_ms(port, path, began):
    """Connects until somebody listens, asks, and reads one byte."""
    while time.monotonic() - began < 20:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
                client.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
                if client.recv(1):
                    return (time.monotonic() - began) * 1000
        except OSError:
            time.sleep(0.0005)
    raise AssertionError(f"nobody answers at {port}")


def cpu_ms(pid):
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
            total += int(file.read().split()[0])
    return total / 1e6


def gnswatch():
    """Milliseconds to the first byte, the daemon's CPU until then, and to the first row."""
    port = free_port()
    conf = f"api:\n  listen: 127.0.0.1:{port}\n  anonymous_role: admin\n"
    with Daemon(start=False, gnswatch=conf, load=f"plugin: load\nevery: {EVERY_MS}ms\n",
                gns3="servers:\n  - name: none\n    url: http://127.0.0.1:9\n") as daemon:
        began = time.monotonic()
        daemon.spawn()
        byte = first_byte_ms(port, "/health", began)
        cpu = cpu_ms(daemon.process.pid)
        daemon.base = f"http://127.0.0.1:{port}"
        wait("a row", lambda: daemon.series("load.system")
             and daemon.series("load.system")[0]["last"], 30)
        row = (time.monotonic() - began) * 1000
        daemon.stop()
    return byte, row, cpu


def server(command, path):
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        process = subprocess.Popen([word.replace("PORT", str(port)) for word in command],
                                   cwd=folder, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            return first_byte_ms(port, path, began)
        finally:
            process.kill()
            process.wait()


def version():
    began = time.monotonic()
    subprocess.run([os.environ["GNSWATCH"], "version"], stdout=subprocess.DEVNULL, check=True)
    return (time.monotonic() - began) * 1000


def report(what, ms, bound, peer, peer_ms):
    print(f"  {what:34} {ms:7.1f} ms   (to reach {bound:6.1f}: {ms / bound:4.2f} of it; {peer} "
          f"{peer_ms:6.1f}: {peer_ms / ms:5.1f} times as long)", flush=True)


def main():
    runs = [gnswatch() for _ in range(RUNS)]
    loading = statistics.median(version() for _ in range(RUNS))
    small = statistics.median(
        server([os.environ["GNSWATCH_SIM"], "--listen", "127.0.0.1:PORT", "--projects", "1",
                "--nodes", "1"], "/v2/version") for _ in range(RUNS))
    python = statistics.median(
        server([sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "PORT"], "/")
        for _ in range(RUNS))
    byte = statistics.median(run[0] for run in runs)
    row = statistics.median(run[1] for run in runs)
    print(f"from exec, median of {RUNS} (least and most of /health: {min(r[0] for r in runs):.1f}, "
          f"{max(r[0] for r in runs):.1f} ms)")
    report("first byte of /health", byte, HEALTH_MS, "Netdata", NETDATA_MS)
    report("first row, set every second", row, byte + EVERY_MS, "Netdata", NETDATA_ROW_MS)
    print(f"  CPU until the first byte           {statistics.median(r[2] for r in runs):7.1f} ms   "
          "(what a busy machine cannot stretch)")
    for name, ms in (("gnswatch version", loading), ("gnswatch-sim (C, libuv)", small),
                     ("python3 -m http.server", python)):
        print(f"  beside: {name:26} {ms:7.1f} ms   (gnswatch: {byte / ms:4.2f} times as long)")
    sys.exit(1 if byte > BROKEN * HEALTH_MS or row > BROKEN * (HEALTH_MS + EVERY_MS) else 0)


if __name__ == "__main__":
    main()
