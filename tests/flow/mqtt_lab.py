"""A real mosquitto, listeners on it, and a daemon with the mqtt plugin, for the mqtt_* flow tests."""
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

from daemon import Daemon, Sim, ask, free_port, run, wait  # noqa: F401  (tests take them from here)

PROGRAMS = ("mosquitto", "mosquitto_sub", "mosquitto_pub", "mosquitto_passwd")
PROJECTS, NODES = 2, 4  # of the simulator, nodes in each project
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def need_programs():
    places = os.environ["PATH"] + ":/usr/sbin:/sbin"
    os.environ["PATH"] = places
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if missing:
        print(f"skipped: {', '.join(missing)} not installed")
        sys.exit(77)


class Broker:
    """For `with`: mosquitto on loopback with what it keeps in a folder of its own."""

    def __init__(self, acl=None, users=None, tls=False, safe=False, certificates=False):
        """safe: on disk with each message, which is slow; else when it stops. certificates: clients
        need one of our CA, and are called what it says."""
        self.folder = tempfile.mkdtemp(prefix="gnswatch-mqtt-")
        self.port = free_port()
        self.users, self.tls, self.process = users or {}, tls, None
        lines = [f"listener {self.port} 127.0.0.1", "user root", "persistence true",
                 f"persistence_location {self.folder}/", "max_queued_messages 200000",
                 f"log_dest file {self.folder}/log", "log_type all",
                 f"allow_anonymous {'false' if users else 'true'}"]
        if safe:
            lines += ["autosave_on_changes true", "autosave_interval 1"]
        if users:
            lines.append(f"password_file {self.folder}/passwords")
            open(f"{self.folder}/passwords", "w").close()
            for name, password in users.items():
                subprocess.run(["mosquitto_passwd", "-b", f"{self.folder}/passwords", name,
                                password], check=True, capture_output=True)
        if acl:
            lines.append(f"acl_file {self.folder}/acl")
            with open(f"{self.folder}/acl", "w") as file:
                file.write(acl)
        if tls:
            self.make_certificates()
            lines += [f"cafile {self.folder}/ca.pem", f"certfile {self.folder}/cert.pem",
                      f"keyfile {self.folder}/key.pem"]
        self.certificates = certificates
        if certificates:
            lines += ["require_certificate true", "use_identity_as_username true"]
        with open(f"{self.folder}/conf", "w") as file:
            file.write("\n".join(lines) + "\n")

    def openssl(self, *words):
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=self.folder)

    def make_certificates(self):
        self.make_ca("ca")
        self.make_certificate("cert", "localhost", "-addext", "subjectAltName=DNS:localhost")
        self.make_certificate("client", "gnswatch")

    def make_ca(self, name):
        self.openssl("req", "-x509", *KEY, "-days", "2", "-subj", "/CN=our CA", "-keyout",
                     f"{name}.key", "-out", f"{name}.pem")

    def make_certificate(self, name, who, *more, ca="ca"):
        """NAME.pem and its key: key.pem for the broker's own, NAME.key for others."""
        self.openssl("req", *KEY, "-subj", f"/CN={who}", *more, "-keyout",
                     "key.pem" if name == "cert" else f"{name}.key", "-out", f"{name}.csr")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key",
                     "-days", "2", "-CAcreateserial", "-copy_extensions", "copyall", "-out",
                     f"{name}.pem")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, value, trace):
        self.stop()
        if kind:
            with open(f"{self.folder}/log", errors="replace") as file:
                print("".join(file.readlines()[-30:]), file=sys.stderr)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        self.process = subprocess.Popen(["mosquitto", "-c", f"{self.folder}/conf"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait("the broker listens", self.listens)

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self, kill=False):
        if self.process and self.process.poll() is None:
            if kill:
                self.process.kill()
            else:
                self.process.terminate()
            self.process.wait(20)

    def log(self):
        with open(f"{self.folder}/log", errors="replace") as file:
            return file.read()

    def client(self, program, user):
        words = [program, "-h", "localhost", "-p", str(self.port)]
        if self.tls:
            words += ["--cafile", f"{self.folder}/ca.pem"]
        if self.certificates:
            words += ["--cert", f"{self.folder}/client.pem", "--key", f"{self.folder}/client.key"]
        if user:
            words += ["-u", user, "-P", self.users[user]]
        return words

    def publish(self, topic, payload, *more, user=None):
        subprocess.run([*self.client("mosquitto_pub", user), "-t", topic, "-m", payload, "-q", "1",
                        *more], check=True, capture_output=True, timeout=20)

    def retained(self, topic, user=None):
        """{topic: payload} of what the broker keeps now."""
        end = f"end/{free_port()}"
        words = [*self.client("mosquitto_sub", user), "-V", "5", "-F", "%j", "-t", topic, "-t", end,
                 "-q", "1"]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        kept = {}
        try:
            stop = threading.Event()

            def say_end():
                while not stop.wait(0.2):
                    self.publish(end, "x", user=user)
            thread = threading.Thread(target=say_end)
            thread.start()
            for line in process.stdout:
                message = json.loads(line)
                if message["topic"] == end:
                    break
                if message["retain"]:
                    kept[message["topic"]] = message["payload"]
        finally:
            stop.set()
            thread.join()
            process.terminate()
            process.wait(20)
            process.stdout.close()
        return kept


class Listener:
    """For `with`: a client with a session that outlives the broker's restart."""

    def __init__(self, broker, *topics, user=None, version="5"):
        words = [*broker.client("mosquitto_sub", user), "-V", "mqttv5" if version == "5" else
                 "mqttv311", "-F", "%j", "-q", "1", "-c", "-i", f"listener{id(self)}", "-k", "5",
                 "-R"]
        if version == "5":
            words += ["-x", "3600"]
        for topic in (*topics, f"listens/{id(self)}"):
            words += ["-t", topic]
        self.broker, self.user, self.lock, self.messages = broker, user, threading.Lock(), []
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        text=True)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            with self.lock:
                self.messages.append(json.loads(line))

    def __enter__(self):
        topic = f"listens/{id(self)}"

        def heard():
            self.broker.publish(topic, "x", user=self.user)
            return any(m["topic"] == topic for m in self.all())
        wait("the listener listens", heard)
        with self.lock:
            self.messages.clear()
        return self

    def __exit__(self, kind, value, trace):
        self.process.terminate()
        self.process.wait(20)

    def all(self):
        with self.lock:
            return list(self.messages)

    def on(self, topic):
        """Messages of a topic, or of all below it when it ends with /."""
        below = topic.endswith("/")
        return [m for m in self.all() if m["topic"] == topic or
                (below and m["topic"].startswith(topic))]

    def json(self, topic):
        return [json.loads(m["payload"]) for m in self.on(topic) if m["payload"]]


def conf(broker, more="", host="127.0.0.1"):
    return (f"host: {host}\nport: {broker.port}\nevery: 500ms\nretry_longest: 1s\n"
            f"keepalive: 5s\nseries_every: 1s\n{more}")


class Lab(Daemon):
    """For `with`: a daemon with mqtt and chatter, and gns3 against a simulator when asked for."""

    def __init__(self, mqtt, sim=False, start=True, **files):
        self.sim, self.sim_folder = None, None
        if sim:
            self.sim_folder = tempfile.mkdtemp(prefix="gnswatch-mqtt-sim-")
            self.sim = Sim(self.sim_folder, "--api", "2.2.59", "--projects", str(PROJECTS), "--nodes", str(NODES),
                           "--opened", "1", "--started", "50")
            files["gns3"] = (f"every: 1s\nstatistics_every: 1s\nservers:\n  - name: lab\n"
                             f"    url: {self.sim.url()}\n    budget: 200\n")
        super().__init__(start=start, mqtt=mqtt, chatter="plugin: chatter\nisolation: thread\n", **files)

    def __exit__(self, kind, value, trace):
        super().__exit__(kind, value, trace)
        if self.sim:
            if self.sim.process.poll() is None:
                self.sim.stop()
            shutil.rmtree(self.sim_folder, ignore_errors=True)

    def call(self, command, **params):
        return self.post(f"/api/v1/commands/{command}?wait=30", **params)

    def must(self, command, **params):
        status, answer = self.call(command, **params)
        assert status == 200, (command, params, status, answer)
        return answer

    def say(self, count=1, first=0):
        self.must("chatter.say", count=count, first=first)

    def broker(self):
        items = self.get("/api/mqtt/brokers")["items"]
        return items[0] if items else {"state": None}

    def connected(self):
        wait("it is connected", lambda: self.broker()["state"] == "connected")
        return self

    def waiting(self):
        return self.get("/api/mqtt/messages", state="waiting", limit=1000)["items"]

    def dead(self):
        return self.get("/api/mqtt/messages", state="dead", limit=1000)["items"]

    def last(self, measurement):
        """The newest row; empty when there is none yet."""
        if not self.series(measurement):
            return {}
        rows = self.rows(measurement, 60)
        return rows[max(rows)] if rows else {}

    def stored(self, topic):
        """Sequences of all stored events of a topic."""
        return [e["sequence"] for e in self.get("/api/v1/events", topic=topic, limit=1000)["items"]]


def said(listener):
    """The numbers of chatter.said that have come, and the sequences of their events."""
    events = listener.json("gnswatch/events/chatter/said")
    return [e["data"]["n"] for e in events], [e["sequence"] for e in events]
