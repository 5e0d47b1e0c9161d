"""The API over HTTP: objects, commands, series, events, errors, limits."""
import http.client
import json
import os
import shutil
import socket
import ssl
import stat
import subprocess
import tempfile
import time
import unittest
import warnings
from urllib.parse import quote

from api_world import World, WorldTest

TOKENS = [{"name": "eye", "role": "viewer", "token": "viewer-token-0123456789"},
          {"name": "hand", "role": "operator", "token": "operator-token-0123456789"},
          {"name": "head", "role": "admin", "token": "admin-token-0123456789"}]


def bearer(token):
    return {"Authorization": "Bearer " + token["token"]}


class Objects(WorldTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for i in range(25):
            status = "started" if i % 2 else "stopped"
            cls.world.say(f'put t{i:02d} {{"name":"thing {i}","status":"{status}","size":{i}}}')
        cls.world.say('put lab/r1 {"name":"with a slash","status":"started","size":99}')

    def test_a_list_has_items_total_and_a_page(self):
        page = self.world.get("/api/demo/things?offset=5&limit=3&sort=size").json
        self.assertEqual([i["size"] for i in page["items"]], [5, 6, 7])
        self.assertEqual((page["total"], page["offset"], page["limit"]), (26, 5, 3))

    def test_any_member_is_a_filter(self):
        page = self.world.get("/api/demo/things?status=started&size=7").json
        self.assertEqual([i["id"] for i in page["items"]], ["t07"])

    def test_search_and_falling_order(self):
        page = self.world.get("/api/demo/things?search=THING%202&sort=-size").json
        self.assertEqual([i["size"] for i in page["items"]], [24, 23, 22, 21, 20, 2])

    def test_the_same_list_is_there_by_kind(self):
        a = self.world.get("/api/demo/things?limit=2").json
        b = self.world.get("/api/v1/objects/demo.thing?limit=2").json
        self.assertEqual(a, b)

    def test_an_unchanged_list_is_not_sent_again(self):
        first = self.world.get("/api/demo/things?status=stopped")
        tag = first.headers["ETag"]
        again = self.world.get("/api/demo/things?status=stopped", **{"If-None-Match": tag})
        self.assertEqual((again.status, again.body), (304, b""))
        self.world.say('put extra {"name":"extra","status":"stopped","size":1}')
        after = self.world.get("/api/demo/things?status=stopped", **{"If-None-Match": tag})
        self.assertEqual(after.status, 200)
        self.world.say("delete extra")

    def test_two_questions_do_not_share_a_tag(self):
        a = self.world.get("/api/demo/things?status=stopped").headers["ETag"]
        b = self.world.get("/api/demo/things?status=started").headers["ETag"]
        self.assertNotEqual(a, b)

    def test_one_object_and_its_tag(self):
        answer = self.world.get("/api/demo/things/t03")
        self.assertEqual(answer.json["name"], "thing 3")
        again = self.world.get("/api/demo/things/t03", **{"If-None-Match": answer.headers["ETag"]})
        self.assertEqual(again.status, 304)

    def test_an_id_may_hold_a_slash(self):
        for path in ("/api/demo/things/lab%2Fr1", "/api/demo/things/lab/r1",
                     "/api/v1/objects/demo.thing/lab%2Fr1"):
            self.assertEqual(self.world.get(path).json["size"], 99)
        self.assertEqual(self.world.ask("POST", "/api/demo/things/lab%2Fr1/start").json,
                         {"changed": True})

    def test_what_is_not_there_is_404(self):
        for path in ("/api/demo/things/none", "/api/demo/nothing", "/api/v1/nothing", "/api",
                     "/api/v1/objects/none.such", "/api/v1/jobs/0123456789abcdef"):
            self.problem(self.world.get(path), 404)

    def test_a_bad_query_says_which_parameter(self):
        for query, where in (("limit=0", "limit"), ("limit=abc", "limit"), ("colour=red", "colour"),
                             ("sort=colour", "sort"), ("offset=-1", "offset")):
            body = self.problem(self.world.get("/api/demo/things?" + query), 400)
            self.assertIn(where, body["errors"][0]["where"])
        body = self.problem(self.world.get("/api/v1/jobs?limit=1"), 400)
        self.assertIn("limit", body["errors"][0]["where"])

    def test_kinds_are_listed_with_their_schema(self):
        kinds = {k["kind"]: k for k in self.world.get("/api/v1/objects").json["items"]}
        self.assertEqual(kinds["demo.thing"]["path"], "/api/demo/things")
        self.assertIn("status", kinds["demo.thing"]["schema"]["properties"])

    def test_head_has_the_head_only(self):
        answer = self.world.ask("HEAD", "/api/demo/things")
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertGreater(int(answer.headers["Content-Length"]), 100)

    def test_history_of_an_object_comes_from_the_store(self):
        self.world.say('put changing {"name":"c","status":"stopped","size":1}')
        self.world.say('put changing {"name":"c","status":"started","size":1}')
        end = time.monotonic() + 10
        while time.monotonic() < end:
            items = self.world.get("/api/v1/objects/demo.thing/changing/history").json["items"]
            if len(items) >= 2:
                break
            time.sleep(0.1)
        self.assertEqual(items[0]["changed"]["status"], ["stopped", "started"])
        self.world.say("delete changing")


class Commands(WorldTest):
    def test_create_update_verb_delete(self):
        w = self.world
        self.assertEqual(w.ask("POST", "/api/demo/things", {"name": "x"}).json, {"created": True})
        self.problem(w.ask("POST", "/api/demo/things", {"name": "x"}), 409)
        self.assertEqual(w.ask("PATCH", "/api/demo/things/x", {"status": "started"}).status, 200)
        self.assertEqual(w.get("/api/demo/things/x").json["status"], "started")
        self.assertEqual(w.ask("POST", "/api/demo/things/x/start").status, 200)
        self.assertEqual(w.ask("POST", "/api/demo/things/scan").json, {"found": 3})
        self.problem(w.ask("DELETE", "/api/demo/things/x"), 403)  # the operator may not

    def test_every_command_has_a_path_of_its_name(self):
        answer = self.world.ask("POST", "/api/v1/commands/demo.thing.scan", {})
        self.assertEqual(answer.json, {"found": 3})

    def test_bad_parameters_are_all_named(self):
        body = self.problem(self.world.ask("POST", "/api/demo/things", {"nam": 1, "size": "x"}), 400)
        self.assertEqual(len(body["errors"]), 3)
        self.assertTrue(all(e["where"] and e["what"] for e in body["errors"]))

    def test_a_body_that_is_not_json_says_where(self):
        self.assertIn("line 1", self.problem(
            self.world.ask("POST", "/api/demo/things", '{"name":'), 400)["detail"])
        self.problem(self.world.ask("POST", "/api/demo/things", "[1]"), 400)
        self.problem(self.world.ask("POST", "/api/demo/things", '{"name":"a","name":"b"}'), 400)

    def test_errors_of_commands_have_their_status(self):
        import errno
        for error, status in ((errno.ENOENT, 404), (errno.EEXIST, 409), (errno.EBUSY, 409),
                              (errno.EPERM, 403), (errno.EIO, 502), (errno.ETIMEDOUT, 504),
                              (errno.EINVAL, 400), (errno.EDOM, 500)):
            body = self.problem(self.world.ask("POST", "/api/v1/commands/demo.fail",
                                               {"error": error}), status)
            self.assertIn("asked to fail", body["detail"])

    def test_what_takes_long_becomes_a_job(self):
        w = self.world
        start = time.monotonic()
        answer = w.ask("POST", "/api/v1/commands/demo.slow", {"ms": 2500})
        self.assertEqual(answer.status, 202)
        self.assertLess(time.monotonic() - start, 2)
        self.assertEqual(answer.headers["Location"], "/api/v1/jobs/" + answer.json["id"])
        end = time.monotonic() + 15
        while (job := w.get(answer.headers["Location"]).json)["state"] != "done":
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)
        self.assertEqual(job["result"], {"slept": True})
        self.assertGreater(len(job["log"]), 3)
        self.assertIn(job["id"], [j["id"] for j in w.get("/api/v1/jobs").json["items"]])

    def test_wait_waits_longer(self):
        answer = self.world.ask("POST", "/api/v1/commands/demo.slow?wait=20", {"ms": 1500})
        self.assertEqual((answer.status, answer.json), (200, {"slept": True}))
        self.problem(self.world.ask("POST", "/api/v1/commands/demo.slow?wait=61", {"ms": 1}), 400)

    def test_a_job_can_be_cancelled(self):
        w = self.world
        job = w.ask("POST", "/api/v1/commands/demo.slow?wait=0", {"ms": 20000}).json
        w.ask("POST", f"/api/v1/jobs/{job['id']}/cancel")
        end = time.monotonic() + 10
        while (state := w.get(f"/api/v1/jobs/{job['id']}").json["state"]) != "cancelled":
            self.assertLess(time.monotonic(), end, state)
            time.sleep(0.05)

    def test_a_client_that_leaves_does_not_disturb_a_call(self):
        body = b'{"ms":300}'
        with socket.create_connection(("127.0.0.1", self.world.port)) as s:
            s.sendall(b"POST /api/v1/commands/demo.slow HTTP/1.1\r\nHost: localhost\r\n"
                      b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                      % (len(body), body))
        self.assertEqual(self.world.ask("POST", "/api/demo/things/scan?wait=10").status, 200)

    def test_secrets_are_masked_in_jobs(self):
        self.world.ask("POST", "/api/demo/things", {"name": "s", "password": "hush-hush"})
        for path in ("/api/v1/jobs", "/api/v1/commands/history"):
            self.assertNotIn(b"hush-hush", self.world.get(path).body)

    def test_an_unknown_command_names_the_nearest(self):
        said = self.problem(self.world.ask("POST", "/api/v1/commands/demo.thing.scna", {}), 404)
        self.assertIn("did you mean 'demo.thing.scan'?", said["detail"])
        said = self.problem(self.world.ask("POST", "/api/v1/commands/quite.another", {}), 404)
        self.assertIn("no command 'quite.another'", said["detail"])

    def test_commands_are_listed_with_schemas(self):
        items = {c["name"]: c for c in self.world.get("/api/v1/commands").json["items"]}
        self.assertEqual(items["demo.thing.delete"]["role"], "admin")
        self.assertEqual(items["demo.thing.create"]["params"]["required"], ["name"])

    def test_requests_after_one_that_waits_are_answered_in_turn(self):
        body = b'{"ms":400}'
        head = b"Host: localhost\r\nContent-Type: application/json\r\n"
        both = (b"POST /api/v1/commands/demo.slow?wait=9 HTTP/1.1\r\n" + head
                + b"Content-Length: %d\r\n\r\n" % len(body) + body
                + b"GET /health HTTP/1.1\r\nConnection: close\r\n" + head + b"\r\n")
        answer = self.world.raw(both)
        self.assertEqual(answer.count(b"HTTP/1.1 200 OK"), 2, answer)
        self.assertLess(answer.index(b"slept"), answer.index(b'{"status":"ok"}'))


class Series(WorldTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world.say("rows alpha 100")
        cls.world.say("rows beta 10")

    def test_series_are_found_by_label(self):
        page = self.world.get("/api/v1/series?measurement=demo.thing&name=alpha").json
        self.assertEqual(page["total"], 1)
        series = page["items"][0]
        self.assertEqual(series["labels"], {"name": "alpha"})
        self.assertEqual([f["kind"] for f in series["fields"]], ["gauge", "counter"])
        self.assertAlmostEqual(series["last"]["values"]["count"], 10, places=3)
        self.assertEqual(self.world.get("/api/v1/series?name=none").json["total"], 0)
        self.assertEqual(self.world.get("/api/v1/series?search=BETA").json["total"], 1)

    def test_a_query_gives_regular_steps_and_rates(self):
        item = self.world.get("/api/v1/query?measurement=demo.thing&name=alpha&from=-60s"
                              "&points=60").json["items"][0]
        self.assertGreater(len(item["times"]), 10)
        steps = {b - a for a, b in zip(item["times"], item["times"][1:])}
        self.assertEqual(steps, {item["step_ms"]})
        for values in item["fields"].values():
            self.assertEqual(len(values), len(item["times"]))
        rates = [v for v in item["fields"]["count"] if v is not None]
        self.assertTrue(rates)
        for rate in rates:
            self.assertAlmostEqual(rate, 10, places=1)
        self.assertEqual(item["units"], {"value": "%", "count": "1"})

    def test_many_series_at_once(self):
        ids = [s["id"] for s in self.world.get("/api/v1/series").json["items"]]
        by_list = self.world.get("/api/v1/query?from=-5m&series=" + ",".join(map(str, ids))).json
        by_name = self.world.get("/api/v1/query?from=-5m" + "".join(f"&series={i}" for i in ids))
        self.assertEqual([i["id"] for i in by_list["items"]], ids)
        self.assertEqual([i["id"] for i in by_name.json["items"]], ids)
        key = self.world.get("/api/v1/series?name=beta").json["items"][0]["key"]
        self.assertEqual(self.world.get("/api/v1/query?series=" + quote(key)).json["items"][0]["key"],
                         key)

    def test_bad_queries_say_what_is_wrong(self):
        for query in ("", "series=12345", "series=1&from=yesterday", "series=1&points=0",
                      "series=1&points=10001", "series=1&as=median", "series=1&from=now&to=-1h"):
            self.problem(self.world.get("/api/v1/query?" + query), 404 if "12345" in query else 400)


class Events(WorldTest):
    def test_the_timeline_comes_with_filters_and_pages(self):
        for i in range(5):
            self.world.say(f"event demo.thing.seen number {i}")
        end = time.monotonic() + 10
        while True:
            items = self.world.get("/api/v1/events?topic=demo.*").json["items"]
            if len(items) >= 5:
                break
            self.assertLess(time.monotonic(), end, items)
            time.sleep(0.05)
        self.assertEqual([i["text"] for i in items], [f"number {i}" for i in (4, 3, 2, 1, 0)])
        self.assertEqual(items[0]["severity"], "notice")
        page = self.world.get(f"/api/v1/events?topic=demo.*&limit=2&before={items[1]['sequence']}")
        self.assertEqual([i["text"] for i in page.json["items"]], ["number 2", "number 1"])
        self.assertEqual(self.world.get("/api/v1/events?severity=error&topic=demo.*").json["items"],
                         [])
        self.problem(self.world.get("/api/v1/events?severity=awful"), 400)


class Host(WorldTest):
    def test_health_and_ready(self):
        self.assertEqual(self.world.get("/health").json, {"status": "ok"})
        self.assertEqual(self.world.get("/ready").status, 200)
        health = self.world.get("/api/v1/health").json
        self.assertEqual(health["role"], "operator")
        for part in ("store", "api", "metric", "dropped"):
            self.assertIn(part, health)

    def test_a_batch_answers_each_part(self):
        parts = ["/api/demo/things?limit=1", "/api/v1/events?limit=2", "/api/nothing",
                 "/api/v1/batch?get=/health", "/api/v1/session", "/api/v1/live/events"]
        answer = self.world.get("/api/v1/batch?" + "&".join("get=" + quote(p) for p in parts))
        items = answer.json["items"]
        self.assertEqual([i["status"] for i in items], [200, 200, 404, 400, 200, 400])
        self.assertEqual(items[4]["body"]["name"], "local")
        self.assertGreater(answer.json["sequence"], 0)
        self.problem(self.world.get("/api/v1/batch"), 400)
        self.problem(self.world.get("/api/v1/batch?" + "get=/api/v1/jobs&" * 21), 400)

    def test_files_have_types_tags_and_a_strict_policy(self):
        page = self.world.get("/")
        self.assertIn("text/html", page.headers["Content-Type"])
        policy = page.headers["Content-Security-Policy"]
        self.assertIn("default-src 'self'", policy)
        self.assertIn("frame-ancestors 'none'", policy)
        self.assertNotIn("unsafe-eval", policy)
        self.assertEqual(page.headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        again = self.world.get("/", **{"If-None-Match": page.headers["ETag"]})
        self.assertEqual((again.status, again.body), (304, b""))
        script = self.world.get("/app.js")
        self.assertIn("text/javascript", script.headers["Content-Type"])

    def test_routes_of_the_dashboard_are_its_page(self):
        self.assertEqual(self.world.get("/projects/12/nodes").body, self.world.get("/").body)
        self.problem(self.world.get("/no/such/file.js"), 404)

    def test_no_file_outside_is_served(self):
        for path in ("/../../../etc/passwd", "/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fREADME.md",
                     "/.git/config", "/vendor/..%5c..%5cx", "/%00"):
            answer = self.world.raw(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n"
                                    "Connection: close\r\n\r\n".encode())
            self.assertNotIn(b"root:", answer)
            self.assertNotIn(b"# gnswatch", answer)

    def test_the_documentation_is_served_here(self):
        page = self.world.get("/api/docs")
        self.assertIn("text/html", page.headers["Content-Type"])
        self.assertIn("default-src 'self'", page.headers["Content-Security-Policy"])
        self.assertNotIn(b"<script>", page.body)


class Limits(WorldTest):
    options = {"body_max": 2048}

    def test_foreign_hosts_are_sent_away(self):
        self.problem(self.world.get("/", Host="evil.example"), 421)
        self.problem(self.world.get("/api/v1/jobs", Host="127.0.0.1.evil.example"), 421)
        for host in ("localhost", "127.0.0.1:9", "[::1]:80"):
            self.assertEqual(self.world.get("/health", Host=host).status, 200)

    def test_pages_of_other_sites_may_not_act(self):
        for origin in ("https://evil.example", "null", "http://localhost:1"):
            self.problem(self.world.ask("POST", "/api/demo/things/scan", Origin=origin), 403)
        own = f"http://127.0.0.1:{self.world.port}"
        self.assertEqual(self.world.ask("POST", "/api/demo/things/scan", Origin=own).status, 200)

    def test_methods_that_are_not_offered_are_405_with_allow(self):
        answer = self.world.ask("PUT", "/api/v1/jobs", {})
        self.problem(answer, 405)
        self.assertEqual(answer.headers["Allow"], "GET, HEAD")
        answer = self.world.ask("DELETE", "/api/v1/commands/demo.slow")
        self.problem(answer, 405)
        self.assertEqual(answer.headers["Allow"], "POST")
        self.problem(self.world.ask("POST", "/index.html"), 405)
        self.problem(self.world.ask("POST", "/api/demo/things/x"), 405)

    def test_a_body_must_be_json(self):
        self.problem(self.world.ask("POST", "/api/demo/things", "name=x",
                                    {"Content-Type": "application/x-www-form-urlencoded"}), 415)

    def test_large_bodies_are_refused_before_they_come(self):
        answer = self.world.raw(b"POST /api/demo/things HTTP/1.1\r\nHost: localhost\r\n"
                                b"Content-Type: application/json\r\nContent-Length: 999999\r\n\r\n{")
        self.assertIn(b"HTTP/1.1 413 ", answer)
        self.problem(self.world.ask("POST", "/api/demo/things", b" " * 2049), 413)
        self.world.connection.close()
        self.assertEqual(self.world.ask("POST", "/api/demo/things", b'{"name":"big"}'
                                        + b" " * 2000).status, 200)

    def test_chunked_bodies_are_411(self):
        answer = self.world.raw(b"POST /api/demo/things HTTP/1.1\r\nHost: localhost\r\n"
                                b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
                                b"\r\n2\r\n{}\r\n0\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 411 "), answer)
        self.assertEqual(answer.count(b"HTTP/1.1"), 1)

    def test_a_length_that_is_no_number_is_400(self):
        for length in (b"-1", b"1, 2", b"0x10", b"99999999999999999999"):
            answer = self.world.raw(b"POST /api/demo/things HTTP/1.1\r\nHost: localhost\r\n"
                                    b"Content-Length: " + length + b"\r\n\r\n")
            self.assertTrue(answer.startswith(b"HTTP/1.1 400 "), answer)

    def test_a_post_without_a_length_has_no_body(self):
        answer = self.world.raw(b"POST /api/demo/things/scan HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer)

    def test_long_addresses_are_414_and_longer_ones_end(self):
        self.problem(self.world.get("/api/v1/jobs?x=" + "a" * 9000), 414)
        answer = self.world.raw(b"GET /" + b"a" * 40000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertNotIn(b" 200 ", answer)
        self.assertEqual(self.world.get("/health").status, 200)

    def test_garbage_does_no_harm(self):
        for data in (b"\x00" * 4096, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 5000,
                     b"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                     b"GET /?" + b"&" * 3000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"):
            self.world.raw(data, seconds=0.5)
        self.assertEqual(self.world.get("/health").status, 200)

    def test_http_2_by_upgrade_is_refused_politely(self):
        answer = self.world.raw(b"GET /health HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\n"
                                b"Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAAA\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 400 "), answer)

    def test_connections_are_kept(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.world.port, timeout=5)
        connection.connect()
        local = connection.sock.getsockname()
        for path in ("/health", "/api/nothing", "/api/demo/things", "/", "/api/v1/events"):
            connection.request("GET", path)
            connection.getresponse().read()
            self.assertEqual(connection.sock.getsockname(), local)
        connection.close()


class Proxies(WorldTest):
    options = {"anonymous_role": "admin"}

    def test_what_came_through_a_proxy_is_not_from_this_machine(self):
        for header in ("X-Forwarded-For", "x-real-ip", "Forwarded", "FORWARDED", "Via"):
            with self.subTest(header):
                lines = {header: "for=192.0.2.7"}
                said = self.problem(self.world.ask("GET", "/api/v1/jobs", headers=lines), 401)
                self.assertIn("api.tokens", said["detail"])
                self.problem(self.world.ask("POST", "/api/demo/things/scan", headers=lines), 401)
                self.problem(self.world.ask("GET", "/api/v1/live", headers={
                    **lines, "Upgrade": "websocket", "Connection": "Upgrade",
                    "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}),
                    401)
                self.assertEqual(self.world.ask("GET", "/api/v1/session", headers=lines).json["role"],
                                 "none")
                self.assertEqual(self.world.ask("GET", "/health", headers=lines).status, 200)
        self.assertEqual(self.world.get("/api/v1/jobs").status, 200)
        self.assertEqual(self.world.get("/api/v1/jobs", **{"X-Request-Id": "no proxy"}).status, 200)

    def test_behind_a_proxy_a_token_is_as_good_as_ever(self):
        world = World(tokens=TOKENS)
        try:
            through = {"X-Forwarded-For": "192.0.2.7", "Forwarded": "for=192.0.2.7"}
            self.assertEqual(world.get("/api/v1/jobs", **through, **bearer(TOKENS[0])).status, 200)
            self.problem(world.get("/api/v1/jobs", **through), 401)
        finally:
            world.end()


class Sixth(WorldTest):
    """IP version 6."""
    options = {"listen": "[::1]:0"}

    def test_it_listens_there_and_knows_its_host_name(self):
        self.assertEqual(self.world.get("/api/v1/session").json["role"], "operator")
        self.assertEqual(self.world.get("/health", Host="[::1]").status, 200)
        own = f"http://[::1]:{self.world.port}"
        self.assertEqual(self.world.ask("POST", "/api/demo/things/scan", Origin=own).status, 200)
        self.problem(self.world.get("/health", Host="[2001:db8::1]"), 421)

    def test_it_does_not_listen_elsewhere(self):
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", self.world.port), timeout=5)

    def test_a_taken_port_is_a_sentence(self):
        world = World(listen=f"[::1]:{self.world.port}")
        self.assertIsNone(world.port)
        self.assertIn("is in use by another program", world.refusal)


def make_certificate(folder):
    """Options for a certificate of 127.0.0.1, signed by itself; None: there is no openssl."""
    if not shutil.which("openssl"):
        return None
    cert, key = (os.path.join(folder, name) for name in ("cert.pem", "key.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=gnswatch test",
                    "-addext", "subjectAltName=IP:127.0.0.1,IP:::1", "-keyout", key, "-out", cert],
                   check=True, capture_output=True, timeout=60)
    return {"tls_cert": cert, "tls_key": key}


class Tls(WorldTest):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="gnswatch-tls-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.options = make_certificate(cls.folder.name)
        if not cls.options:
            raise unittest.SkipTest("needs openssl")
        super().setUpClass()

    def test_requests_of_every_kind_pass(self):
        self.world.say('put secured {"name":"secured","status":"started","size":1}')
        self.assertEqual(self.world.get("/api/demo/things/secured").json["name"], "secured")
        self.assertEqual(self.world.ask("POST", "/api/demo/things/scan").json, {"found": 3})
        self.assertIn("text/html", self.world.get("/").headers["Content-Type"])
        own = f"https://127.0.0.1:{self.world.port}"
        self.assertEqual(self.world.ask("POST", "/api/demo/things/scan", Origin=own).status, 200)
        self.problem(self.world.get("/health", Host="evil.example"), 421)

    def test_large_answers_come_whole(self):
        lines = [f'put big{i:04d} {{"name":"{"x" * 500}","status":"started","size":{i}}}'
                 for i in range(1000)]
        self.world.say_all(lines)
        answer = self.world.get("/api/demo/things?limit=1000&search=xxx")
        self.assertGreater(len(answer.body), 500000)
        self.assertEqual(len(answer.json["items"]), 1000)

    def test_the_cookie_is_for_tls_only(self):
        world = World(tokens=TOKENS, **self.options)
        try:
            login = world.ask("POST", "/api/v1/session", {"token": TOKENS[1]["token"]})
            cookie = login.headers["Set-Cookie"]
            self.assertIn("Secure", cookie)
            value = cookie.split(";")[0]
            self.assertEqual(world.get("/api/v1/session", Cookie=value).json["name"], "hand")
        finally:
            world.end()

    def test_version_6_has_it_too(self):
        world = World(listen="[::1]:0", **self.options)
        try:
            self.assertEqual(world.get("/health").status, 200)
        finally:
            world.end()

    def test_plain_http_gets_nothing_and_does_no_harm(self):
        answer = self.world.raw(b"GET /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertNotIn(b" 200 ", answer)
        self.assertEqual(self.world.get("/health").status, 200)

    def test_old_versions_of_tls_are_refused(self):
        context = ssl.create_default_context(cafile=self.options["tls_cert"])
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        with socket.create_connection(("127.0.0.1", self.world.port), timeout=10) as s:
            with self.assertRaises((ssl.SSLError, ConnectionResetError)):
                context.wrap_socket(s, server_hostname="127.0.0.1")

    def test_a_certificate_that_is_none_is_a_sentence(self):
        world = World(tls_cert=self.options["tls_key"], tls_key=self.options["tls_key"])
        self.assertIsNone(world.port)
        self.assertIn("tls_cert", world.refusal)


class Roles(WorldTest):
    options = {"tokens": TOKENS}

    def test_nobody_sees_nothing(self):
        for path in ("/api/v1/jobs", "/api/demo/things", "/api/openapi.json", "/api/v1/health",
                     "/api/v1/nothing", "/api/demo/things/x"):
            answer = self.world.get(path)
            self.problem(answer, 401)
            self.assertIn("Bearer", answer.headers["WWW-Authenticate"])
        self.problem(self.world.ask("POST", "/api/demo/things/scan"), 401)
        self.assertEqual(self.world.get("/health").status, 200)
        self.assertEqual(self.world.get("/").status, 200)

    def test_each_role_may_what_it_may(self):
        scan, delete = ("POST", "/api/demo/things/scan"), ("DELETE", "/api/demo/things/none")
        for token, expected in zip(TOKENS, ((200, 403, 403), (200, 200, 403), (200, 200, 404))):
            self.assertEqual(self.world.get("/api/v1/jobs", **bearer(token)).status, expected[0])
            self.assertEqual(self.world.ask(*scan, headers=bearer(token)).status, expected[1])
            self.assertEqual(self.world.ask(*delete, headers=bearer(token)).status, expected[2])

    def test_a_session_stands_for_a_token(self):
        login = self.world.ask("POST", "/api/v1/session", {"token": TOKENS[1]["token"]})
        self.assertEqual(login.json["role"], "operator")
        cookie = login.headers["Set-Cookie"]
        for word in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(word, cookie)
        value = cookie.split(";")[0]
        self.assertEqual(self.world.get("/api/v1/session", Cookie=value).json["name"], "hand")
        self.assertEqual(self.world.ask("DELETE", "/api/v1/session",
                                        headers={"Cookie": value}).status, 204)
        self.problem(self.world.get("/api/v1/jobs", Cookie=value), 401)

    def test_the_socket_is_admin_by_its_file(self):
        path = os.path.join(self.world.state, "gnswatch.sock")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(path)
            s.sendall(b"GET /api/v1/session HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer = b""
            while piece := s.recv(65536):
                answer += piece
        self.assertIn(b'"role":"admin"', answer)


class WrongTokens(unittest.TestCase):
    def test_guessing_is_slowed_down(self):
        world = World(tokens=TOKENS)
        statuses = [world.ask("POST", "/api/v1/session", {"token": f"wrong-{i}"}).status
                    for i in range(12)]
        self.assertEqual(statuses, [401] * 10 + [429] * 2)
        answer = world.get("/api/v1/jobs", **bearer(TOKENS[0]))
        self.assertEqual(answer.status, 429)
        self.assertGreater(int(answer.headers["Retry-After"]), 0)
        log = world.end()
        self.assertIn("a wrong token from 127.0.0.1", log)
        self.assertNotIn("wrong-1", log)
        for token in TOKENS:
            self.assertNotIn(token["token"], log)

    def test_a_hash_stands_for_a_token(self):
        import hashlib
        token = "a-token-that-is-hashed"
        digest = hashlib.blake2b(token.encode(), digest_size=32).hexdigest()
        world = World(tokens=[{"name": "h", "role": "admin", "hash": digest}])
        answer = world.get("/api/v1/session", Authorization="Bearer " + token)
        self.assertEqual(answer.json["name"], "h")
        world.end()

    def test_requests_a_second_can_be_limited(self):
        world = World(requests_per_second=20)
        statuses = [world.get("/health").status for _ in range(60)]
        self.assertIn(429, statuses)
        self.assertGreaterEqual(statuses.count(200), 40)
        world.end()


class Refusals(unittest.TestCase):
    def refused(self, **options):
        world = World(**options)
        self.assertIsNone(world.port)
        self.assertEqual(world.process.returncode, 1)
        return world.refusal

    def test_a_taken_port_is_a_sentence(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            s.listen()
            port = s.getsockname()[1]
            said = self.refused(listen=f"127.0.0.1:{port}")
        self.assertIn(f"127.0.0.1:{port} is in use by another program", said)

    def test_other_machines_need_tokens(self):
        self.assertIn("api.tokens is empty", self.refused(listen="0.0.0.0:0"))

    def test_bad_addresses_and_tokens_are_sentences(self):
        self.assertIn("ADDRESS:PORT", self.refused(listen="8088"))
        self.assertIn("is not an address", self.refused(listen="some.name:1"))
        self.assertIn("too short", self.refused(tokens=[{"name": "a", "token": "short"}]))
        self.assertIn("needs either", self.refused(tokens=[{"name": "a"}]))
        self.assertIn("tls_key", self.refused(tls_cert="/dev/null"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
