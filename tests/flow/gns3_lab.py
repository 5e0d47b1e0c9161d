"""A gnswatch daemon and a simulated GNS3, for the gns3 flow tests. Standard library only.

GNSWATCH and GNSWATCH_SIM name the programs, GNSWATCH_PLUGINS the folder of the plugins."""
import http.client
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

DEADLINE = 60


def wait(what, check, deadline=DEADLINE):
    """Waits until check() is true and returns what it returned."""
    began = time.monotonic()
    end = began + deadline
    last = None
    while time.monotonic() < end:
        try:
            last = check()
            if last:
                took = time.monotonic() - began
                if took > float(os.environ.get("GNSWATCH_WAITS", "inf")):
                    print(f"     {took:5.1f} s: {what} ({threading.current_thread().name})",
                          flush=True)
                return last
        except (urllib.error.URLError, ConnectionError, http.client.HTTPException, socket.timeout,
                KeyError, IndexError) as error:
            last = error
        time.sleep(0.05)
    raise AssertionError(f"not within {deadline} s: {what} (last: {last!r})")


def ask(url, method="GET", body=None, timeout=60):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        text = error.read()
        try:
            return error.code, json.loads(text)
        except ValueError:
            return error.code, text.decode(errors="replace")


def free_port():
    """For peers that cannot be told 0: one that is free now, and that no outgoing connection takes
    while the peer is away."""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        end = int(file.read().split()[0])
    for port in random.sample(range(10240, max(end, 12000)), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise AssertionError("no port is free")


class Sim:
    def __init__(self, folder, *options):
        ports = os.path.join(folder, f"ports-{id(self)}.json")
        if "--counters" in options and "--seed" not in options:
            # A hypervisor is found by its node's id in the process list of the machine, where other
            # simulators have hypervisors, too.
            options = ("--seed", str(int.from_bytes(os.urandom(5), "big")), *options)
        self.process = subprocess.Popen(
            [os.environ["GNSWATCH_SIM"], "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0",
             "--ports-file", ports, *options], stdout=subprocess.DEVNULL)
        wait("the simulator listens", lambda: os.path.exists(ports))
        with open(ports) as file:
            about = json.load(file)
        self.control = f"http://127.0.0.1:{about['control']}"
        self.servers = about["servers"]

    def url(self, server=0):
        return self.servers[server]["url"]

    def tell(self, what, **body):
        status, answer = ask(f"{self.control}/{what}", "POST", body)
        assert status == 200, (what, body, answer)

    def stats(self):
        return ask(f"{self.control}/stats")[1]

    def gns3(self, method, path, body=None, server=0):
        """As another user of this server (2.2)."""
        return ask(f"{self.url(server)}/v2{path}", method, body)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class Daemon:
    def __init__(self, folder, gns3_yaml):
        self.folder = folder
        self.conf = os.path.join(folder, "conf.d")
        os.makedirs(self.conf, exist_ok=True)
        self.base = None
        self.write(gns3_yaml)
        self.start()

    def write(self, gns3_yaml):
        with open(os.path.join(self.conf, "gnswatch.yaml"), "w") as file:
            file.write("api:\n  listen: 127.0.0.1:0\n  anonymous_role: admin\n")
        with open(os.path.join(self.conf, "gns3.yaml"), "w") as file:
            file.write(gns3_yaml)

    def start(self):
        state = os.path.join(self.folder, "state")
        ports = os.path.join(state, "gnswatch.ports")
        if os.path.exists(ports):
            os.unlink(ports)
        self.log = open(os.path.join(self.folder, "gnswatch.log"), "a")
        self.process = subprocess.Popen(
            [os.environ["GNSWATCH"], "run", "-c", self.conf, "--state", state,
             "--plugins", os.environ["GNSWATCH_PLUGINS"]], stdout=self.log, stderr=self.log)
        wait("the ports file", lambda: os.path.exists(ports))
        with open(ports) as file:
            self.base = f"http://127.0.0.1:{json.load(file)['http']}"
        wait("the daemon is ready", lambda: ask(f"{self.base}/ready")[0] == 200)
        wait("the instance has started", lambda: ask(f"{self.base}/api/gns3/servers")[0] == 200)

    def stop(self, kill=False):
        if kill:
            self.process.kill()
        else:
            self.process.terminate()
        code = self.process.wait(20)
        self.log.close()
        return code

    def list(self, plural, **filters):
        query = urllib.parse.urlencode({"limit": 1000, **filters})
        status, answer = ask(f"{self.base}/api/gns3/{plural}?{query}")
        assert status == 200, answer
        return answer["items"]

    def one(self, plural, **filters):
        items = self.list(plural, **filters)
        return items[0] if len(items) == 1 else None

    def said(self, topic, times=1):
        """Waits until the event was said as many times; events are written behind."""
        events = wait(f"{topic} {times} times", lambda: self.events(topic)[:times] if len(
            self.events(topic)) >= times else None)
        assert len(self.events(topic)) == times, self.events(topic)
        return events

    def events(self, topic):
        return ask(f"{self.base}/api/v1/events?limit=500&topic={topic}")[1]["items"]

    def call(self, command, **params):
        status, answer = ask(f"{self.base}/api/v1/commands/gns3.{command}?wait=60", "POST", params,
                             timeout=90)
        if status == 202:
            job = wait("the job ends", lambda: self.ended(answer["id"]), 120)
            return job["status"], job["result"] if job["state"] == "done" else job
        return status, answer

    def ended(self, job):
        about = ask(f"{self.base}/api/v1/jobs/{job}")[1]
        return about if about["state"] not in ("waiting", "running") else None

    def series(self, measurement, **labels):
        query = urllib.parse.urlencode({"limit": 1000, "measurement": measurement, **labels})
        return ask(f"{self.base}/api/v1/series?{query}")[1]["items"]


class Lab:
    """The whole, for `with`: a folder, simulators, one daemon."""

    def __init__(self, *options, gns3="", version="2.2.59", server=""):
        self.folder = tempfile.mkdtemp(prefix="gnswatch-flow-")
        self.daemon = None
        self.sim = Sim(self.folder, "--api", version, *options)
        self.yaml = ("every: 1s\nservers:\n"
                     f"  - name: lab\n    url: {self.sim.url()}\n    budget: 200\n")
        if version.startswith("3"):
            self.yaml += "    user: admin\n    password: admin\n"
        self.yaml += server + gns3

    def __enter__(self):
        try:
            self.daemon = Daemon(self.folder, self.yaml)
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, value, trace):
        code = 0
        if self.daemon and self.daemon.process.poll() is None:
            code = self.daemon.stop()
        if self.sim.process.poll() is None:
            self.sim.stop()
        if (kind or code) and os.path.exists(os.path.join(self.folder, "gnswatch.log")):
            with open(os.path.join(self.folder, "gnswatch.log")) as file:
                print("".join(file.readlines()[-40:]), file=sys.stderr)
        shutil.rmtree(self.folder, ignore_errors=True)
        assert code == 0, f"the daemon ended with {code}"


def run(tests, at_once=4):
    """Runs test functions, whose names are sentences; all, or those named on the command line.

    They mostly wait, so some run at once, each in its own world; those first in the list begin
    first. at_once=1 is for those that need the machine for themselves. GNSWATCH_AT_ONCE=1 is for
    looking at one; GNSWATCH_WAITS=2 prints what was waited for longer than two seconds."""
    unknown = set(sys.argv[1:]) - {test.__name__ for test in tests}
    if unknown:
        sys.exit(f"no such test: {', '.join(sorted(unknown))}")
    chosen = [test for test in tests if not sys.argv[1:] or test.__name__ in sys.argv[1:]]
    with ThreadPoolExecutor(int(os.environ.get("GNSWATCH_AT_ONCE", at_once))) as pool:
        passed = list(pool.map(passes, chosen))
    sys.exit(0 if all(passed) else 1)


def passes(test):
    threading.current_thread().name = test.__name__
    started = time.monotonic()
    try:
        test()
        print(f"ok   {test.__name__} ({time.monotonic() - started:.1f} s)", flush=True)
        return True
    except Exception as error:  # a test that ends is a test that failed
        where = traceback.extract_tb(error.__traceback__)[1]
        print(f"FAIL {test.__name__}: line {where.lineno}: {where.line}: "
              f"{type(error).__name__}: {error}", flush=True)
        return False
