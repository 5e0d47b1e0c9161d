#!/usr/bin/env python3
"""faults_test - what can be made to go wrong in the simulator does, and its quirks are the real
servers'. usage: faults_test.py SIMULATOR [TEST...]"""
import http.client, json, os, socket, struct, subprocess, sys, time, unittest

from conformance import Simulator
from conformance_feed import Feed

PROGRAM = sys.argv.pop(1) if len(sys.argv) > 1 else sys.exit(__doc__)
KEY = "dGhlIHNhbXBsZSBub25jZQ=="


class Case(unittest.TestCase):
    def start(self, *args, version="2.2.59"):
        self.sim = sim = Simulator(PROGRAM, "--api", version, "--control", "127.0.0.1:0", *args)
        self.addCleanup(lambda: self.assertEqual(sim.stop(), 0, "the simulator ends cleanly"))
        self.v = "/v" + version[0]
        self.token = None
        if version[0] == "3":
            self.token = self.ask("POST", "/access/users/authenticate",
                                  {"username": "admin", "password": "admin"})["access_token"]

    def ask(self, method, path, body=None, want=None, token=None):
        h = {}
        token = token or self.token
        if token:
            h["Authorization"] = "Bearer " + token
        data = json.dumps(body) if body is not None else None
        self.status, self.headers, answer = self.sim.ask(method, self.v + path, data, h)
        if want:
            self.assertEqual(self.status, want, answer)
        try:
            return json.loads(answer) if answer else {}
        except ValueError:
            return answer

    def control(self, path, body=None, want=200):
        c = http.client.HTTPConnection("127.0.0.1", self.sim.ports["control"], timeout=10)
        c.request("POST" if body is not None else "GET", path,
                  json.dumps(body) if body is not None else None)
        r = c.getresponse()
        answer = json.loads(r.read())
        c.close()
        self.assertEqual(r.status, want, answer)
        return answer

    def stats(self):
        return self.control("/stats")["servers"][0]

    def until(self, what, check, seconds=5):
        end = time.monotonic() + seconds
        while not check():
            self.assertLess(time.monotonic(), end, "waited for: " + what)
            time.sleep(0.02)

    def project(self):
        return self.ask("GET", "/projects")[0]["project_id"]

    def status_of(self, project):
        return self.ask("GET", "/projects/" + project)["status"]

    def feed(self, path, websocket=False):
        return Feed("127.0.0.1", self.sim.port, self.v + path, self.token, websocket)

    def raw(self, text, port=None):
        s = socket.create_connection(("127.0.0.1", port or self.sim.port), 5)
        self.addCleanup(s.close)
        s.sendall(text.encode())
        return s

    def upgrade(self, path):
        return self.raw(f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: "
                        f"Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n")


def read_until(sock, mark, seconds=5):
    data, end = b"", time.monotonic() + seconds
    while mark not in data and time.monotonic() < end:
        sock.settimeout(max(0.05, end - time.monotonic()))
        more = sock.recv(65536)
        if not more:
            break
        data += more
    return data


def read_all(sock, seconds):
    """Until the other side closes; None when it did not."""
    data = b""
    sock.settimeout(seconds)
    try:
        while True:
            more = sock.recv(65536)
            if not more:
                return data
            data += more
    except (socket.timeout, ConnectionResetError):
        return None


class CommandLine(unittest.TestCase):
    def test_wrong_arguments_end_with_2_and_a_sentence(self):
        for args in (["--servers", "0"], ["--api", "9"], ["--listen", "nowhere"], ["--nodes", "x"],
                     ["--speed", "-1"], ["--auth", "nobody"], ["--nonsense"], ["extra"],
                     ["--user", "a:b:king"]):
            r = subprocess.run([PROGRAM, *args], capture_output=True, text=True, timeout=10)
            self.assertEqual(r.returncode, 2, args)
            self.assertIn("gnswatch-sim", r.stderr, args)

    def test_help_names_every_option(self):
        r = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, timeout=10)
        self.assertEqual(r.returncode, 0)
        for option in ("--listen", "--api", "--demo", "--control", "--ports-file", "--speed"):
            self.assertIn(option, r.stdout)


class Http(Case):
    def test_2_2_says_close_and_yet_serves_the_next_request(self):
        self.start()
        s = self.raw("GET /v2/version HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
        data = b""
        while data.count(b"2.2.59\"") < 2:
            more = read_until(s, b"}")
            self.assertTrue(more)
            data += more
        self.assertEqual(data.count(b"Connection: close"), 2)

    def test_3_0_keeps_a_connection_and_closes_it_after_five_idle_seconds(self):
        self.start(version="3.0.6")
        s = self.raw("GET /v3/version HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertIn(b"3.0.6", read_until(s, b"}"))
        begin = time.monotonic()
        self.assertEqual(read_all(s, 8), b"")
        self.assertGreater(time.monotonic() - begin, 4)

    def test_a_request_that_is_no_http_gets_400(self):
        self.start()
        s = self.raw("nonsense\r\n\r\n")
        self.assertIn(b"400 Bad Request", read_until(s, b"Request\r\n"))

    def test_basic_is_compared_as_a_string(self):
        self.start("--auth", "gns3:secret")
        good = "Basic Z25zMzpzZWNyZXQ="
        for header, want in ((good, 200), (good.replace("Basic", "basic"), 401), ("", 401)):
            status, headers, body = self.sim.ask("GET", "/v2/projects", None,
                                                 {"Authorization": header} if header else {})
            self.assertEqual(status, want, header)
            if want == 401:
                self.assertEqual((body, headers["www-authenticate"]),
                                 (b"", 'Basic realm="GNS3 server"'))


class AutoClose(Case):
    def leave(self, websocket, version="2.2.59"):
        self.start("--speed", "20", version=version)
        p = self.project()
        f = self.feed(f"/projects/{p}/notifications" + ("/ws" if websocket else ""), websocket)
        self.until("the first ping", lambda: "ping" in f.clock)
        f.close()
        self.until("the feed to be gone", lambda: self.stats()["feeds_open"] == 0)
        return p

    def test_closes_the_project_when_the_last_http_listener_leaves(self):
        p = self.leave(False)
        self.until("closed", lambda: self.status_of(p) == "closed")
        self.assertEqual(self.stats()["projects_auto_closed"], 1)

    def test_closes_the_project_when_the_last_websocket_leaves(self):
        p = self.leave(True)
        self.until("closed", lambda: self.status_of(p) == "closed")

    def test_closes_it_for_a_websocket_of_3_0_too(self):
        p = self.leave(True, "3.0.6")
        self.until("closed", lambda: self.status_of(p) == "closed")

    def test_does_not_close_it_for_an_http_listener_of_3_0(self):
        p = self.leave(False, "3.0.6")
        time.sleep(1)  # twice the time a close would take
        self.assertEqual(self.status_of(p), "opened")

    def test_is_saved_by_a_listener_who_comes_back(self):
        p = self.leave(False)
        f = self.feed(f"/projects/{p}/notifications")
        time.sleep(1)
        self.assertEqual(self.status_of(p), "opened")
        f.close()

    def test_leaves_a_project_alone_that_does_not_want_it(self):
        self.start("--speed", "20")
        p = self.project()
        self.control("/project", {"project": "lab1", "auto_close": False})
        f = self.feed(f"/projects/{p}/notifications")
        self.until("the first ping", lambda: "ping" in f.clock)
        f.close()
        time.sleep(1)
        self.assertEqual(self.status_of(p), "opened")


class Faults(Case):
    def fault(self, kind, **more):
        self.control("/fault", {"kind": kind, **more})

    def test_down_refuses_and_none_brings_it_back_on_the_same_port(self):
        self.start()
        self.feed("/notifications")
        self.fault("down")
        self.assertRaises(ConnectionError, self.ask, "GET", "/version")
        self.until("feeds dropped", lambda: self.stats()["feeds_open"] == 0)
        self.fault("none")
        self.ask("GET", "/version", want=200)

    def test_refuse_keeps_what_is_connected(self):
        self.start()
        f = self.feed("/notifications")
        self.until("the first ping", lambda: "ping" in f.clock)
        self.fault("refuse")
        self.assertRaises(ConnectionError, self.ask, "GET", "/version")
        self.assertEqual(self.stats()["feeds_open"], 1)
        f.close()

    def test_slow_only_where_the_prefix_says(self):
        self.start()
        self.fault("slow", ms=400, path_prefix="/v2/projects")
        begin = time.monotonic()
        self.ask("GET", "/version", want=200)
        self.assertLess(time.monotonic() - begin, 0.35)
        begin = time.monotonic()
        self.ask("GET", "/projects", want=200)
        self.assertGreater(time.monotonic() - begin, 0.35)

    def test_error500_garbage_and_half(self):
        self.start()
        self.fault("error500")
        self.ask("GET", "/projects", want=500)
        self.fault("garbage")
        self.assertIsInstance(self.ask("GET", "/projects", want=200), bytes)
        self.fault("half")
        self.assertRaises(http.client.IncompleteRead, self.ask, "GET", "/projects")
        self.fault("none")
        self.assertEqual(len(self.ask("GET", "/projects", want=200)), 1)

    def test_hang_never_answers(self):
        self.start()
        self.fault("hang")
        s = self.raw("GET /v2/version HTTP/1.1\r\nHost: x\r\n\r\n")
        s.settimeout(0.5)
        self.assertRaises(socket.timeout, s.recv, 1)

    def test_hang_feed_says_nothing_and_stays(self):
        self.start("--speed", "10")
        f = self.feed("/notifications")
        self.until("a beat", lambda: "compute.updated" in f.clock)
        self.fault("hang_feed")
        f.clock.clear()
        time.sleep(0.5)  # five beats
        self.assertEqual(f.clock, {})
        self.assertEqual(self.stats()["feeds_open"], 1)
        f.close()

    def test_a_dead_compute_spoils_the_statistics_of_2_2(self):
        self.start("--computes", "2")
        f = self.feed("/notifications")
        self.ask("GET", "/statistics", want=200)
        self.fault("dead_compute")
        answer = self.ask("GET", "/statistics", want=409)
        self.assertIn("Cannot connect to compute 'second'", answer["message"])
        dead = self.ask("GET", "/computes")[1]
        self.assertEqual((dead["connected"], dead["cpu_usage_percent"]), (False, None))
        self.until("said so", lambda: f.clock.get("compute.updated", {}).get("connected") in
                   (True, False))
        self.fault("none")
        self.ask("GET", "/statistics", want=200)
        f.close()

    def test_projects_of_a_compute_that_stays_dead_are_closed(self):
        self.start("--computes", "2", "--nodes", "20", "--speed", "100")
        p = self.project()
        self.fault("dead_compute")
        nodes = self.ask("GET", f"/projects/{p}/nodes")
        self.assertTrue(all(n["status"] == "started" for n in nodes), "nobody told the nodes")
        self.until("closed", lambda: self.status_of(p) == "closed")

    def test_an_unknown_fault_is_refused(self):
        self.start()
        self.control("/fault", {"kind": "plague"}, want=400)
        self.control("/fault", {"kind": "down", "server": 7}, want=400)


class Nodes(Case):
    def test_a_crash_is_two_updates_and_a_log(self):
        self.start()
        p = self.project()
        f = self.feed(f"/projects/{p}/notifications")
        self.until("the first ping", lambda: "ping" in f.clock)
        self.control("/node", {"project": "lab1", "node": "PC1", "action": "crash"})
        got = f.next(3)
        self.assertEqual([a for a, _ in got], ["node.updated", "node.updated", "log.error"])
        self.assertIn("return code: -9", got[2][1]["message"])
        f.close()

    def test_ids_change_at_a_restore_only_in_old_servers(self):
        for version, stable in (("2.2.49", False), ("2.2.59", True), ("3.0.6", False)):
            with self.subTest(version):
                self.start("--started", "0", "--speed", "20", version=version)
                p = "/projects/" + self.project()
                before = self.ask("GET", p + "/nodes")
                snap = self.ask("POST", p + "/snapshots", {"name": "s"}, want=201)
                self.assertEqual("filename" in snap, stable)
                self.ask("POST", f"{p}/snapshots/{snap['snapshot_id']}/restore", {}, want=201)
                after = self.ask("GET", p + "/nodes")
                self.assertEqual([n["name"] for n in before], [n["name"] for n in after])
                self.assertEqual([n["node_id"] for n in before] == [n["node_id"] for n in after],
                                 stable)
                again = self.ask("GET", p + "/snapshots")[0]
                self.assertEqual(again["snapshot_id"] == snap["snapshot_id"], stable)

    def test_a_list_of_a_thousand_nodes_is_served_from_its_cache(self):
        self.start("--projects", "1", "--nodes", "1000")
        p = self.project()
        first = self.ask("GET", f"/projects/{p}/nodes")
        begin = time.monotonic()
        for _ in range(20):
            self.assertEqual(len(self.ask("GET", f"/projects/{p}/nodes")), len(first))
        self.assertLess(time.monotonic() - begin, 5)


class Restart(Case):
    def test_ends_feeds_and_closes_projects_like_a_kill(self):
        self.start()
        p = self.project()
        s = self.raw("GET /v2/notifications HTTP/1.1\r\nHost: x\r\n\r\n")
        read_until(s, b"ping")
        self.control("/restart", {"ms": 50})
        read_all(s, 5)

        def back():
            try:
                return self.status_of(p) == "closed"
            except ConnectionError:
                return False
        self.until("back, and closed", back)

    def test_says_good_bye_when_terminated(self):
        for version, code in (("2.2.59", 1001), ("3.0.6", 1012)):
            with self.subTest(version):
                self.start(version=version)
                s = self.upgrade(f"{self.v}/notifications/ws?token={self.token}")
                read_until(s, b"ping")
                self.control("/restart", {"ms": 50, "graceful": True})
                rest = read_all(s, 5)
                self.assertIn(struct.pack(">H", code), rest)
                self.assertEqual(b"HTTP/1.1 200 OK" in rest, version[0] == "2")


class Captures(Case):
    def link(self, *args, version="2.2.59"):
        self.start(*args, version=version)
        self.p = "/projects/" + self.project()
        return f"{self.p}/links/{self.ask('GET', self.p + '/links')[0]['link_id']}"

    def stream(self, path):
        auth = f"Authorization: Bearer {self.token}\r\n" if self.token else ""
        return self.raw(f"GET {self.v}{path} HTTP/1.1\r\nHost: x\r\n{auth}\r\n")

    def quiet(self, path):
        """A stream that has sent its head and nothing else."""
        s = self.stream(path)
        self.assertTrue(read_until(s, b"\r\n\r\n").endswith(b"\r\n\r\n"))
        s.settimeout(0.5)
        self.assertRaises(socket.timeout, s.recv, 1)
        return s

    def test_sends_no_byte_before_the_first_packet(self):
        link = self.link("--pps", "0")
        self.ask("POST", link + "/start_capture", {}, want=201)
        self.quiet(link + "/pcap")

    def test_gives_a_late_reader_the_file_from_its_start(self):
        link = self.link("--pps", "200")
        self.ask("POST", link + "/start_capture", {}, want=201)
        a = read_until(self.stream(link + "/pcap"), b"\xd4\xc3\xb2\xa1", 5)
        b = read_until(self.stream(link + "/pcap"), b"\xd4\xc3\xb2\xa1", 5)
        for data in (a, b):
            self.assertIn(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1), data)
        first = lambda d: d[d.index(b"\xd4\xc3\xb2\xa1") + 24:][:40]  # record and MACs
        self.assertEqual(first(a), first(b))

    def test_ends_the_stream_of_2_2_with_a_header_block_and_leaves_it_open(self):
        link = self.link("--pps", "200")
        self.ask("POST", link + "/start_capture", {}, want=201)
        s = self.stream(link + "/pcap")
        read_until(s, b"\xd4\xc3\xb2\xa1")
        self.ask("POST", link + "/stop_capture", {}, want=201)
        self.assertIn(b"HTTP/1.1 200 OK\r\n", read_until(s, b"\r\n\r\n0\r\n\r\n"))
        s.settimeout(0.3)
        self.assertRaises(socket.timeout, s.recv, 1)

    def test_ends_the_stream_of_3_0_with_a_last_chunk(self):
        link = self.link("--pps", "200", version="3.0.6")
        self.ask("POST", link + "/capture/start", {}, want=201)
        s = self.stream(link + "/capture/stream")
        read_until(s, b"\xd4\xc3\xb2\xa1")
        self.ask("POST", link + "/capture/stop", {}, want=204)
        self.assertTrue(read_all(s, 5).endswith(b"0\r\n\r\n"))

    def test_needs_a_running_node_and_refuses_a_second_start(self):
        self.start("--projects", "0", "--speed", "20")
        p = "/projects/" + self.ask("POST", "/projects", {"name": "x"}, want=201)["project_id"]
        ids = [self.ask("POST", p + "/nodes", {"name": n, "node_type": "vpcs",
                                               "compute_id": "local"}, want=201)["node_id"]
               for n in ("PC1", "PC2")]
        link = p + "/links/" + self.ask("POST", p + "/links", {"nodes": [
            {"node_id": i, "adapter_number": 0, "port_number": 0} for i in ids]},
            want=201)["link_id"]
        answer = self.ask("POST", link + "/start_capture", {}, want=409)
        self.assertIn("no running device", answer["message"])
        self.ask("POST", f"{p}/nodes/{ids[0]}/start", {}, want=200)
        self.ask("POST", link + "/start_capture", {}, want=201)
        answer = self.ask("POST", link + "/start_capture", {}, want=409)
        self.assertEqual(answer["message"], "Packet capture is already active on port 0")
        self.ask("POST", f"{p}/nodes/{ids[0]}/stop", {}, want=200)
        self.assertFalse(self.ask("GET", link)["capturing"], "it ends with its node")

    def test_a_dead_link_passes_nothing_until_its_node_starts_again(self):
        link = self.link("--pps", "500", "--speed", "10")
        self.control("/link", {"project": "lab1", "link": link.rsplit("/", 1)[1], "action": "die"})
        self.ask("POST", link + "/start_capture", {}, want=201)
        s = self.quiet(link + "/pcap")
        self.control("/node", {"project": "lab1", "node": "PC1", "action": "stop"})
        self.control("/node", {"project": "lab1", "node": "PC1", "action": "start"})
        self.assertIn(b"\xd4\xc3\xb2\xa1", read_until(s, b"\xd4\xc3\xb2\xa1"))


class Rights(Case):
    def test_roles_may_what_they_may(self):
        self.start("--user", "eva:p:auditor", "--user", "max:p:none", "--user", "old:p:inactive",
                   version="3.0.6")
        login = lambda n: self.ask("POST", "/access/users/authenticate",
                                   {"username": n, "password": "p"}, want=200)["access_token"]
        p = "/projects/" + self.project()
        eva, nobody, old = login("eva"), login("max"), login("old")
        self.ask("GET", p + "/nodes", token=eva, want=200)
        answer = self.ask("POST", p + "/nodes/start", token=eva, want=403)
        self.assertEqual(answer["message"],
                         "Permission denied (privilege Node.PowerMgmt is required)")
        self.assertEqual(self.ask("GET", "/projects", token=nobody, want=200), [])
        self.ask("GET", p + "/nodes", token=nobody, want=403)
        self.ask("GET", "/statistics", token=nobody, want=200)
        self.assertEqual(self.ask("GET", "/projects", token=old, want=401)["message"],
                         "Not an active user")

    def test_revoked_tokens_are_told_so_and_a_new_login_works(self):
        self.start(version="3.0.6")
        self.ask("GET", "/projects", want=200)
        self.control("/revoke", {})
        self.assertEqual(self.ask("GET", "/projects", want=401)["message"],
                         "Could not validate credentials")
        self.token = None
        self.token = self.ask("POST", "/access/users/authenticate",
                              {"username": "admin", "password": "admin"})["access_token"]
        self.ask("GET", "/projects", want=200)

    def test_a_websocket_without_token_gets_403_and_with_a_bad_one_1008(self):
        self.start(version="3.0.6")
        s = self.upgrade("/v3/notifications/ws")
        self.assertIn(b" 403 ", read_until(s, b"\r\n\r\n"))
        s = self.upgrade("/v3/notifications/ws?token=a.b.c")
        data = read_all(s, 5)
        self.assertIn(b" 101 ", data)
        self.assertIn(b"Could not authenticate", data)
        self.assertIn(b"\x88\x02" + struct.pack(">H", 1008), data)

    def test_a_websocket_of_3_0_that_does_not_pong_is_closed_with_1011(self):
        self.start("--speed", "20", version="3.0.6")
        s = self.upgrade(f"/v3/notifications/ws?token={self.token}")
        self.assertIn(struct.pack(">H", 1011) + b"keepalive ping timeout", read_all(s, 8))


if __name__ == "__main__":
    unittest.main()
