#!/usr/bin/env python3
"""The daemon's life from outside: test_daemon.py GNSWATCH. Port 0, a state directory of its own."""
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

GNSWATCH = ""
WAIT_S = 20


def wait_for(condition, what):
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"{what} within {WAIT_S} s")


class Daemon(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="gnswatch-daemon-")
        self.dir = pathlib.Path(self.temporary.name)
        (self.dir / "conf.d").mkdir()
        self.conf("gnswatch", "api:\n  listen: 127.0.0.1:0\n")
        self.conf("disk", "every: 1s\npaths: /\n")
        self.conf("load", "every: 1s\n")
        self.process = None

    def tearDown(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()  # its store process, which writes here, ends with it
            self.process.wait(WAIT_S)
        self.temporary.cleanup()

    def conf(self, name, text):
        (self.dir / "conf.d" / f"{name}.yaml").write_text(text)

    def command(self, *args):
        return subprocess.run([GNSWATCH, *args], capture_output=True, text=True, timeout=60,
                              check=False, cwd=self.dir)

    def start(self, **environment):
        with open(self.dir / "log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [GNSWATCH, "run", "-c", "conf.d", "--state", "state"], cwd=self.dir,
                stderr=log, env={**os.environ, **environment})
        ports = self.dir / "state" / "gnswatch.ports"
        wait_for(lambda: ports.exists() and ports.read_text().strip().endswith("}"), "the ports")
        self.port = json.loads(ports.read_text())["http"]
        wait_for(lambda: self.get("/ready").get("status") == "ok", "it was ready")

    def stop(self, number=signal.SIGTERM):
        begin = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(WAIT_S)
        return code, time.monotonic() - begin

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    def instance(self, name):
        for row in self.get("/api/v1/plugins")["items"]:
            if row["instance"] == name:
                return row
        return None

    def ticks(self, name, least):
        wait_for(lambda: (self.instance(name) or {"ticks": -1})["ticks"] >= least,
                 f"{least} ticks of {name}")

    def call(self, *args):
        return self.command("call", "--state", "state", *args)

    def said(self):
        return (self.dir / "log").read_text()

    def test_sigterm_ends_it_cleanly_within_five_seconds(self):
        self.start()
        self.ticks("disk", 1)
        code, seconds = self.stop()
        self.assertEqual(code, 0)
        self.assertLess(seconds, 5)
        self.assertFalse((self.dir / "state" / "gnswatch.sock").exists())

    def test_what_was_there_before_a_restart_is_there_after_it(self):
        self.conf("disk", "every: 1s\npaths: /\nwarn_above: 2\n")
        self.start()
        event = wait_for(lambda: self.get("/api/v1/events?topic=disk.low")["items"], "an event")[0]
        wait_for(lambda: self.get("/api/disk/filesystems")["items"], "an object")
        self.stop()
        self.conf("disk", "enabled: no\n")
        self.start()
        again = wait_for(lambda: self.get("/api/v1/events?topic=disk.low")["items"], "the event")
        self.assertEqual(again[-1]["sequence"], event["sequence"])
        self.assertEqual(self.instance("disk")["state"], "stopped")

    def test_a_second_daemon_on_the_same_state_is_refused_by_name(self):
        self.start()
        second = self.command("run", "-c", "conf.d", "--state", "state")
        self.assertEqual(second.returncode, 1)
        self.assertIn(f"another gnswatch (process {self.process.pid}) already uses", second.stderr)
        self.assertEqual(self.stop()[0], 0)

    def test_sighup_restarts_only_what_differs(self):
        self.start()
        self.ticks("load", 2)
        self.conf("disk", "every: 1s\nwarn_above: 50\n")
        self.process.send_signal(signal.SIGHUP)
        wait_for(lambda: (self.instance("disk") or {"options": {}})["options"].get("warn_above") == 50,
                 "the new option")
        self.assertGreaterEqual(self.instance("load")["ticks"], 2)
        self.ticks("disk", 1)

    def test_a_bad_file_changes_nothing_and_says_why(self):
        self.start()
        self.ticks("disk", 1)
        self.conf("disk", "every: 1s\nwarn_abov: 50\n")
        answer = self.call("gnswatch.reload")
        self.assertEqual(answer.returncode, 1)
        self.assertIn("disk.yaml:2:1: unknown option 'warn_abov'", answer.stderr)
        self.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "did you mean 'warn_above'" in self.said(), "the mistake was logged")
        self.assertEqual(self.instance("disk")["state"], "running")
        checked = self.command("check", "-c", "conf.d")
        self.assertEqual(checked.returncode, 2)
        self.assertIn("^", checked.stderr)

    def test_commands_are_called_from_a_shell(self):
        self.start()
        self.ticks("disk", 1)
        answer = self.call("disk.scan", "path=/", "--json")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertIn("used_percent", json.loads(answer.stdout))
        answer = self.call("disk.scan", "path=/nowhere")
        self.assertEqual((answer.returncode, answer.stdout), (1, ""))
        self.assertIn("/nowhere is not one of this instance's paths", answer.stderr)
        self.assertEqual(self.call("disk.scan", "path").returncode, 2)
        answer = self.call("disk.scam")
        self.assertEqual(answer.returncode, 2)
        self.assertIn("did you mean 'disk.scan'?", answer.stderr)
        self.assertEqual(self.call("gnswatch.plugin.restart", "instance=disk").returncode, 0)
        wait_for(lambda: self.instance("disk")["restarts"] == 1, "the restart")
        self.stop()
        answer = self.call("disk.scan", "path=/")
        self.assertEqual(answer.returncode, 3)
        self.assertIn("gnswatch run", answer.stderr)

    def test_wrong_usage_names_the_nearest(self):
        for args, sentence in ((["rnu"], "did you mean 'run'?"),
                               (["run", "--stat", "x"], "did you mean --state?"),
                               (["check", "-c", "nowhere"], "cannot be read"),
                               (["call"], "expected COMMAND")):
            answer = self.command(*args)
            self.assertEqual(answer.returncode, 2, args)
            self.assertIn(sentence, answer.stderr)
        self.assertEqual(self.command("describe", "nope").returncode, 1)
        self.assertIn("plugin interface 1.1", self.command("version").stdout)

    def test_systemd_hears_of_ready_reload_and_stop(self):
        ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        ear.settimeout(WAIT_S)
        ear.bind(str(self.dir / "notify"))
        self.start(NOTIFY_SOCKET=str(self.dir / "notify"), WATCHDOG_USEC="200000")

        def hear(wanted):
            while True:
                said = ear.recv(200).decode()
                if said.startswith(wanted):
                    return
        hear("READY=1")
        hear("WATCHDOG=1")
        self.process.send_signal(signal.SIGHUP)
        hear("RELOADING=1\nMONOTONIC_USEC=")
        hear("READY=1")
        self.process.send_signal(signal.SIGTERM)
        hear("STOPPING=1")
        self.assertEqual(self.process.wait(WAIT_S), 0)
        ear.close()


if __name__ == "__main__":
    GNSWATCH = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
