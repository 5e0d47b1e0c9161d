"""Starts api_host (api_host.c) on a port of its own and asks it over HTTP."""
import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import unittest

HOST = os.environ["API_HOST"]
WEB = os.environ["API_WEB"]


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)


class World:
    def __init__(self, **options):
        self.state = tempfile.mkdtemp(prefix="gnswatch-api-")
        options.setdefault("listen", "127.0.0.1:0")
        self.host = options["listen"].rpartition(":")[0].strip("[]")
        self.trust = options.get("tls_cert")  # it is signed by itself
        self.process = subprocess.Popen([HOST, self.state, WEB, json.dumps(options)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, bufsize=1)
        first = self.process.stdout.readline()
        if not first:
            self.refusal = self.process.communicate()[1]
            self.port = None
            return
        self.port = json.loads(first)["port"]
        self.connection = None

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "ok\n"

    def say_all(self, lines):
        """Many lines at once: written first, then all answers read."""
        self.process.stdin.write("".join(line + "\n" for line in lines))
        self.process.stdin.flush()
        for _ in lines:
            assert self.process.stdout.readline() == "ok\n"

    def connect(self):
        """For http.client; with TLS the certificate is checked, its name too."""
        if not self.trust:
            return http.client.HTTPConnection(self.host, self.port, timeout=20)
        return http.client.HTTPSConnection(self.host, self.port, timeout=20,
                                           context=ssl.create_default_context(cafile=self.trust))

    def ask(self, method, path, body=None, headers=None, **more):
        """One request on a connection that is kept."""
        if not self.connection:
            self.connection = self.connect()
        lines = dict(headers or {})
        data = None
        if body is not None:
            data = body if isinstance(body, (bytes, str)) else json.dumps(body)
            lines.setdefault("Content-Type", "application/json")
        elif method in ("POST", "PATCH", "PUT"):
            data = ""
        lines.update(more)
        self.connection.request(method, path, data, lines)
        return Answer(self.connection.getresponse())

    def get(self, path, **headers):
        return self.ask("GET", path, headers=headers)

    def raw(self, data, seconds=5):
        """Sends bytes on a new connection and reads until the server closes it or is silent."""
        with socket.create_connection((self.host, self.port), timeout=seconds) as s:
            s.sendall(data)
            answer = b""
            try:
                while piece := s.recv(65536):
                    answer += piece
            except (socket.timeout, ConnectionResetError):
                pass
            return answer

    def end(self):
        """The log; fails when the process did not end well (sanitizers say so by the code)."""
        if getattr(self, "connection", None):
            self.connection.close()
        try:
            _, log = self.process.communicate("quit\n" if self.process.stdin else None, timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        finally:
            shutil.rmtree(self.state, ignore_errors=True)
        assert self.process.returncode == 0, f"ended with {self.process.returncode}:\n{log}"
        return log


class WorldTest(unittest.TestCase):
    """A world for all tests of the class; `options` are api_options."""
    options = {}

    @classmethod
    def setUpClass(cls):
        cls.world = World(**cls.options)
        if cls.world.port is None:
            raise AssertionError(cls.world.refusal)

    @classmethod
    def tearDownClass(cls):
        cls.log = cls.world.end()

    def problem(self, answer, status):
        """The answer is a sound problem+json with this status."""
        self.assertEqual(answer.status, status, answer.body[:400])
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        body = answer.json
        self.assertEqual(body["status"], status)
        for member in ("type", "title", "detail"):
            self.assertTrue(body[member])
        return body
