#!/usr/bin/env python3
"""gnswatch demo, as the quick start runs it: all that its configuration names is at work."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

from daemon import ask, run, wait


class Demo:
    """For `with`: a demo whose state directory is named as a person would, from where he stands."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="gnswatch-demo-")
        self.log_path = os.path.join(self.folder, "log")
        with open(self.log_path, "w") as log:
            self.process = subprocess.Popen(
                [os.environ["GNSWATCH"], "demo", "--state", "kept", "--listen", "127.0.0.1:0"],
                cwd=self.folder, stdout=log, stderr=log)
        return self

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)
        if kind:
            print(self.log(), file=sys.stderr)
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        with open(self.log_path) as file:
            return file.read()

    def port(self):
        path = os.path.join(self.folder, "kept", "gnswatch.ports")
        if not os.path.exists(path):
            return None
        with open(path) as file:
            return json.load(file)["http"]

    def get(self, path):
        status, answer = ask(f"http://127.0.0.1:{self.port()}{path}")
        assert status == 200, (path, status, answer)
        return answer


ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def commands_of_the_tour():
    """What README.md tells a newcomer to type beside the demo, word for word."""
    with open(os.path.join(ROOT, "README.md")) as file:
        tour = file.read().split("## A tour")[1].split("\n## ")[0]
    lines = [line.strip() for block in tour.split("```sh")[1:] for line in block.split("```")[0].splitlines()]
    return [line for line in lines if line.startswith(("gnswatch ", "curl "))]


def obeys(demo, line):
    """Whether it ends well, and says something. Programs of Debian that are not here are let go."""
    program = line.split('command="')[1].split(" ")[0] if 'command="' in line else None
    if program and not os.path.exists(program):
        return True
    words = line.split("#")[0].split(" | ")[0].replace(":8088", f":{demo.port()}")
    done = subprocess.run(["sh", "-c", words.replace("curl -s", "curl -sf")], cwd=ROOT, text=True,
                          capture_output=True, timeout=20, check=False,
                          env={**os.environ, "GNSWATCH_STATE": os.path.join(demo.folder, "kept"),
                               "PATH": os.path.dirname(os.environ["GNSWATCH"]) + ":" + os.environ["PATH"]})
    return done.returncode == 0 and done.stdout.strip()


def everything_the_demo_names_is_at_work():
    with Demo() as demo:
        wait("it listens", demo.port)
        wait("nodes of both servers", lambda: {n["server"] for n in demo.get("/api/gns3/nodes")["items"]}
             == {"campus", "datacenter"})
        files = os.listdir(os.path.join(demo.folder, "kept", "conf.d"))
        named = {os.path.splitext(name)[0] for name in files} - {"gnswatch"}
        wait("all run", lambda: {i["instance"] for i in demo.get("/api/v1/plugins")["items"]
                                 if i["state"] == "running"} == named)
        assert len(named) >= 10, named
        wait("a program's value", lambda: [i for i in demo.get("/api/exec/items")["items"]
                                           if i["metrics"]])
        tour = commands_of_the_tour()
        assert len(tour) >= 8, tour
        for line in tour:
            wait(f"README.md's {line}", lambda line=line: obeys(demo, line))
        wrong = [line for line in demo.log().splitlines() if "does not start" in line
                 or "start failed" in line]
        assert not wrong, wrong
        demo.process.send_signal(signal.SIGINT)
        assert demo.process.wait(20) in (0, 130), demo.process.returncode


if __name__ == "__main__":
    run([everything_the_demo_names_is_at_work])
