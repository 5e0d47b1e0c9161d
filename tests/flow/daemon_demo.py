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
        wrong = [line for line in demo.log().splitlines() if "does not start" in line
                 or "start failed" in line]
        assert not wrong, wrong
        demo.process.send_signal(signal.SIGINT)
        assert demo.process.wait(20) in (0, 130), demo.process.returncode


if __name__ == "__main__":
    run([everything_the_demo_names_is_at_work])
