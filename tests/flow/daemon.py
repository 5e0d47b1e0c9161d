"""A gnswatch daemon with any configuration, for the daemon_* flow tests and the benches. Standard
library only. It listens on port 0 and says where in STATE/gnswatch.ports.

GNSWATCH names the program, GNSWATCH_SIM the simulator, GNSWATCH_TEST_PLUGINS the folder of
flood.so; with GNSWATCH_ISOLATION=process each instance runs in a process of its own, with
GNSWATCH_EVENTS as its limit of events a second."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.parse

from gns3_lab import Sim, ask, free_port, run, wait  # noqa: F401  (the tests take them from here)

LOAD = "plugin: load\nevery: 1s\n"


def conf_of(**files):
    """conf.d as a dict; gnswatch.yaml is on port 0 with an admin unless given."""
    return {"gnswatch": "api:\n  listen: 127.0.0.1:0\n  anonymous_role: admin\n", **files}


def gns3_yaml(sim, more="", each=""):
    servers = "".join(f"  - name: lab{s['index']}\n    url: {s['url']}\n    budget: 100\n{each}"
                      for s in sim.servers)
    return f"every: 1s\n{more}servers:\n{servers}"


def start_ticks(pid):
    """When a process was started; with its id this names it for good. None: it has gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def lost(before, after, until=None):
    """Rows of flood's that were there before and are not after, up to a time.

    Rows in memory have their time in ms and share a second with the row before; files have whole
    seconds and one row in each. The values grow by one a row, so a row can be recognised."""
    def there(time, row):
        now, earlier = after.get(time), after.get(time - 1000)
        return (now and abs(now["h"] - row["h"]) <= 1.01) or \
            (earlier and abs(earlier["h"] - row["h"]) <= 0.01)
    return {time: row["h"] for time, row in before.items()
            if (until is None or time < until) and not there(time, row)}


class Daemon:
    """For `with`. The folder has conf.d, state and gnswatch.log; it goes at the end."""

    def __init__(self, start=True, state=None, environment=None, wrap=(), **files):
        self.folder = tempfile.mkdtemp(prefix="gnswatch-daemon-")
        os.chmod(self.folder, 0o755)
        self.conf = os.path.join(self.folder, "conf.d")
        self.state = state or os.path.join(self.folder, "state")
        self.log_path = os.path.join(self.folder, "gnswatch.log")
        self.environment, self.wrap = environment or {}, list(wrap)
        self.process = None
        self.base = None
        os.mkdir(self.conf)
        for name, text in conf_of(**files).items():
            self.write(name, text)
        self.start_now = start

    def __enter__(self):
        try:
            if self.start_now:
                self.start()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, value, trace):
        if self.process and self.process.poll() is None:
            self.stop(check=False)
        if kind and os.path.exists(self.log_path):
            print("".join(self.log().splitlines(keepends=True)[-40:]), file=sys.stderr)
        wait("its folder is removed", self.removed)  # a store process may still end in it

    def removed(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        return not os.path.exists(self.folder)

    # ---- running ----

    def write(self, name, text):
        if name != "gnswatch" and os.environ.get("GNSWATCH_ISOLATION"):
            text = text.replace("isolation: thread\n", "") + \
                f"isolation: {os.environ['GNSWATCH_ISOLATION']}\n"
            if os.environ.get("GNSWATCH_EVENTS"):
                text += f"limits:\n  events: {os.environ['GNSWATCH_EVENTS']}\n"
        with open(os.path.join(self.conf, name + ".yaml"), "w") as file:
            file.write(text)

    def command(self, *words):
        return [*self.wrap, os.environ["GNSWATCH"], *words, "-c", self.conf, "--state", self.state,
                "--plugins", os.environ["GNSWATCH_TEST_PLUGINS"]]

    def spawn(self):
        with open(self.log_path, "a") as log:
            self.process = subprocess.Popen(self.command("run"), stdout=log, stderr=log,
                                            env={**os.environ, **self.environment})

    def start(self):
        """Returns when it is ready and its store has everything."""
        ports = os.path.join(self.state, "gnswatch.ports")
        if os.path.exists(ports):
            os.unlink(ports)
        self.spawn()
        wait("the ports file", lambda: self.alive() and os.path.exists(ports))
        with open(ports) as file:
            self.base = f"http://127.0.0.1:{json.load(file)['http']}"
        wait("the daemon is ready", lambda: self.alive() and ask(f"{self.base}/ready")[0] == 200)

    def alive(self):
        code = self.process.poll()
        assert code is None, f"the daemon ended with {code}: {self.log()[-1000:]}"
        return True

    def stop(self, check=True):
        self.process.terminate()
        code = self.process.wait(20)
        assert not check or code == 0, code
        return code

    def kill(self, store_too=False):
        """kill -9 of the daemon, and of its store process with it; returns when both have gone."""
        store = self.store_pid()
        begun = start_ticks(store)
        if store_too:
            os.kill(store, signal.SIGKILL)
        self.process.kill()
        self.process.wait(20)
        wait("the store process ends", lambda: start_ticks(store) != begun)

    def log(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()

    def says(self, text, since=0):
        """Waits for words in the log."""
        return wait(f"{text!r} in the log", lambda: text in self.log()[since:])

    # ---- asking ----

    def get(self, path, **query):
        tail = "?" + urllib.parse.urlencode(query) if query else ""
        status, answer = ask(f"{self.base}{path}{tail}")
        assert status == 200, (path, query, status, answer)
        return answer

    def post(self, path, **body):
        return ask(f"{self.base}{path}", "POST", body)

    def health(self):
        return self.get("/api/v1/health")

    def store_pid(self):
        return wait("a store process", lambda: self.health()["store"]["process"]["pid"])

    def events(self, topic="*", limit=500):
        return self.get("/api/v1/events", topic=topic, limit=limit)["items"]

    def list(self, plural, **filters):
        return self.get(f"/api/gns3/{plural}", limit=1000, **filters)["items"]

    def instances(self):
        return {i["instance"]: i for i in self.get("/api/v1/plugins")["items"]}

    def series(self, measurement, **labels):
        return self.get("/api/v1/series", measurement=measurement, limit=1000, **labels)["items"]

    def rows(self, measurement, seconds=120, points=None, **labels):
        """{time: {field: value}} of the one series, at its own interval."""
        answer = self.get("/api/v1/query", measurement=measurement, points=points or 2 * seconds,
                          **{"from": f"-{seconds}s"}, **labels)
        items = answer["items"]
        assert len(items) == 1, items
        return {time: {name: values[i] for name, values in items[0]["fields"].items()
                       if values[i] is not None}
                for i, time in enumerate(items[0]["times"])
                if any(values[i] is not None for values in items[0]["fields"].values())}
