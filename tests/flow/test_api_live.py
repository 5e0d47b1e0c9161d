"""The live feed: WebSocket and server-sent events."""
import http.client
import json
import socket
import struct
import time
import unittest

from api_world import World, WorldTest
from wsclient import Refused, WebSocket


def of_type(name):
    return lambda message: message["type"] == name


class Live(WorldTest):
    def listen(self, *topics, **more):
        ws = WebSocket(self.world.port)
        self.addCleanup(ws.close)
        ws.send({"op": "subscribe", "topics": list(topics), **more})
        self.hello = ws.until(of_type("hello"))[-1]
        return ws

    def test_a_change_comes_within_100_ms(self):
        ws = self.listen("object:demo.thing")
        worst = 0
        for i in range(20):
            start = time.monotonic()
            self.world.say(f'put fast {{"name":"n{i}"}}')
            message = ws.until(lambda m: m["type"] == "put" and m["id"] == "fast")[-1]
            worst = max(worst, time.monotonic() - start)
            self.assertEqual(message["object"]["name"], f"n{i}")
        self.assertLess(worst, 0.3)  # 50 ms of gathering, and a machine under test load

    def test_many_changes_of_one_object_are_one_message(self):
        ws = self.listen("object:demo.thing")
        self.world.say_all([f'put busy {{"name":"n{i}"}}' for i in range(500)])
        seen = ws.until(lambda m: m["type"] == "put" and m["object"]["name"] == "n499")
        self.assertLess(len(seen), 100)

    def test_only_what_was_asked_for_comes(self):
        ws = self.listen("events")
        self.world.say('put unseen {"name":"x"}')
        self.world.say("event demo.thing.told a sentence")
        seen = ws.until(of_type("event"))
        self.assertEqual([m["type"] for m in seen], ["event"])
        self.assertEqual(seen[0]["event"]["text"], "a sentence")

    def test_a_deleted_object_is_said(self):
        ws = self.listen("object:*")
        self.world.say('put short {"name":"x"}')
        ws.until(lambda m: m["type"] == "put" and m["id"] == "short")
        self.world.say("delete short")
        message = ws.until(of_type("delete"))[-1]
        self.assertEqual((message["kind"], message["id"]), ("demo.thing", "short"))

    def test_sequences_grow_by_one(self):
        ws = self.listen("object:*", "events")
        for i in range(10):
            self.world.say(f"event demo.count {i}")
        seen = ws.until(lambda m: m["type"] == "event" and m["event"]["text"] == "9")
        numbers = [m["sequence"] for m in seen]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))
        self.assertEqual(numbers[0], self.hello["sequence"] + 1)

    def test_a_client_that_comes_back_misses_nothing(self):
        ws = self.listen("events")
        self.world.say("event demo.a one")
        last = ws.until(of_type("event"))[-1]["sequence"]
        ws.close()
        for text in ("two", "three"):
            self.world.say(f"event demo.a {text}")
        ws = self.listen("events", since=last)
        self.assertTrue(self.hello["resumed"])
        texts = [ws.until(of_type("event"))[-1]["event"]["text"] for _ in range(2)]
        self.assertEqual(texts, ["two", "three"])

    def test_who_was_away_too_long_is_told_to_read_again(self):
        self.listen("events", since=4711)
        self.assertFalse(self.hello["resumed"])
        ws = self.listen("events")
        last = self.hello["sequence"]
        ws.close()
        self.world.say_all([f"event demo.flood {i}" for i in range(4200)])
        self.listen("events", since=last)
        self.assertFalse(self.hello["resumed"])

    def test_what_is_older_than_two_minutes_is_not_kept(self):
        ws = self.listen("events")
        last = self.hello["sequence"]
        ws.close()
        self.world.say("event demo.a one")
        self.listen("events", since=last)
        self.assertTrue(self.hello["resumed"])
        self.world.say("later 121000")
        ends = time.monotonic() + 20
        while self.hello["resumed"] and time.monotonic() < ends:
            self.listen("events", since=last).close()
            time.sleep(0.1)
        self.assertFalse(self.hello["resumed"])
        self.world.say("event demo.a two")
        self.assertEqual(self.listen("events", since=self.hello["sequence"]) and
                         self.hello["resumed"], True)

    def test_rows_come_with_rates(self):
        self.world.say("rows live 30")
        series = self.world.get("/api/v1/series?name=live").json["items"][0]
        ws = self.listen(f"series:{series['id']}")
        message = ws.until(of_type("rows"))[-1]
        self.assertEqual(message["series"], series["id"])
        for row in message["rows"]:
            self.assertEqual(len(row), 3)
            self.assertAlmostEqual(row[2], 10, places=3)
        self.world.say("row live 77.5")
        ws.until(lambda m: m["type"] == "rows" and m["rows"][-1][1] == 77.5)

    def test_jobs_are_told_while_they_run_and_at_the_end(self):
        ws = self.listen("jobs")
        job = self.world.ask("POST", "/api/v1/commands/demo.slow?wait=0", {"ms": 2500}).json
        seen = ws.until(lambda m: m["type"] == "job" and m["job"]["id"] == job["id"]
                        and m["job"]["state"] == "done")
        self.assertTrue(any(m["job"]["state"] == "running" for m in seen))

    def test_unsubscribe_ping_and_mistakes(self):
        ws = self.listen("events")
        ws.send({"op": "unsubscribe", "topics": ["events"]})
        ws.send({"op": "ping"})
        ws.until(of_type("pong"))
        self.world.say("event demo.unheard x")
        ws.send({"op": "subscribe", "topics": ["nonsense"]})
        self.assertIn("nonsense", ws.until(of_type("error"))[-1]["detail"])
        ws.send({"op": "dance"})
        seen = ws.until(lambda m: m["type"] == "error" and "dance" in m["detail"])
        self.assertFalse([m for m in seen if m["type"] == "event"])
        ws.send([1, 2])
        while ws.read():
            pass
        self.assertEqual(ws.closed, 1007)

    def test_a_message_that_is_too_large_ends_it(self):
        ws = self.listen("events")
        try:
            ws.frame(1, b'{"op":"' + b"x" * 200000 + b'"}')
            while ws.read():
                pass
            self.assertEqual(ws.closed, 1009)
        except OSError:
            pass  # hung up while we were still sending: as good
        self.assertEqual(self.world.get("/health").status, 200)

    def test_pieces_make_a_message(self):
        ws = self.listen("events")
        ws.frame(1, b'{"op":', final=False)
        ws.frame(0, b'"ping"}')
        ws.until(of_type("pong"))

    def test_other_paths_and_other_sites_are_refused(self):
        for path, headers, status in (("/api/v1/jobs", {}, 404), ("/", {}, 404),
                                      ("/api/v1/live", {"Origin": "https://evil.example"}, 403),
                                      ("/api/v1/live", {"Host": "evil.example"}, 421)):
            with self.assertRaises(Refused) as refused:
                WebSocket(self.world.port, path, headers)
            self.assertEqual(refused.exception.status, status)
        self.problem(self.world.get("/api/v1/live"), 426)

    def test_300_clients_hear_the_same(self):
        clients = [self.listen("events") for _ in range(300)]
        for i in range(20):
            self.world.say(f"event demo.choir {i}")
        for ws in clients:
            seen = ws.until(lambda m: m["type"] == "event" and m["event"]["text"] == "19")
            self.assertEqual([m["event"]["text"] for m in seen if m["event"]["topic"] == "demo.choir"],
                             [str(i) for i in range(20)])

    def test_a_slow_client_is_told_what_it_missed_and_holds_up_nobody(self):
        slow = WebSocket(self.world.port, receive_buffer=4096, timeout=30)
        self.addCleanup(slow.close)
        slow.send({"op": "subscribe", "topics": ["object:*"]})
        fast = self.listen("events")
        body = "x" * 8000
        end = time.monotonic() + 60
        before = self.world.get("/api/v1/health").json["dropped"]["live"]
        while self.world.get("/api/v1/health").json["dropped"]["live"] == before:
            self.assertLess(time.monotonic(), end)
            self.world.say_all([f'put big{i} {{"name":"{body}{time.monotonic()}"}}'
                                for i in range(1000)])
            time.sleep(0.06)
            # the slow one is looked at when its way is free: read a little
            for _ in range(5):
                slow.read()
        self.world.say("event demo.still here")
        fast.until(lambda m: m["type"] == "event" and m["event"]["text"] == "here")
        dropped = slow.until(of_type("dropped"), seconds=30)[-1]
        self.assertGreater(dropped["count"], 0)

    def test_garbage_frames_do_no_harm(self):
        for data in (b"\xff" * 64, b"\x81\x05hello", b"\x88\x80", b"\x81\xff" + b"\xff" * 8):
            ws = WebSocket(self.world.port, timeout=1)
            ws.socket.sendall(data)
            try:
                while ws.read():
                    pass
            except (OSError, struct.error):
                pass
            ws.close()
        self.assertEqual(self.world.get("/health").status, 200)


class Stream(WorldTest):
    def open(self, query):
        connection = http.client.HTTPConnection("127.0.0.1", self.world.port, timeout=10)
        connection.request("GET", "/api/v1/live/events?" + query)
        answer = connection.getresponse()
        self.addCleanup(connection.close)
        self.assertEqual(answer.headers["Content-Type"], "text/event-stream")
        return connection, answer

    def message(self, answer):
        fields = {}
        while (line := answer.readline().decode().rstrip("\n")) or not fields:
            name, _, value = line.partition(": ")
            if name:
                fields[name] = value
        return fields.get("id"), json.loads(fields["data"])

    def test_the_same_messages_come_as_a_stream(self):
        _, answer = self.open("topics=events,object:demo.thing")
        self.assertEqual(self.message(answer)[1]["type"], "hello")
        self.world.say("event demo.streamed hello")
        number, message = self.message(answer)
        self.assertEqual(message["event"]["text"], "hello")
        self.assertEqual(int(number), message["sequence"])
        self.world.say('put streamed {"name":"y"}')
        self.assertEqual(self.message(answer)[1]["id"], "streamed")

    def test_a_list_of_series_keeps_its_commas(self):
        self.world.say("rows s1 5")
        self.world.say("rows s2 5")
        ids = [s["id"] for s in self.world.get("/api/v1/series").json["items"]]
        _, answer = self.open("topics=series:" + ",".join(map(str, ids)) + ",events")
        self.message(answer)
        seen = set()
        while len(seen) < 2:
            seen.add(self.message(answer)[1]["series"])
        self.assertEqual(seen, set(ids[:2]))

    def test_a_stream_that_is_left_does_not_burn(self):
        connection, answer = self.open("topics=events")
        self.message(answer)
        connection.sock.close() if connection.sock else None
        answer.close()
        with open(f"/proc/{self.world.process.pid}/stat", encoding="ascii") as f:
            before = sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13]))
        time.sleep(1)  # measures use of time, waits for nothing
        with open(f"/proc/{self.world.process.pid}/stat", encoding="ascii") as f:
            after = sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13]))
        self.assertLess(after - before, 30)  # of 100 hundredths of a second


class Goodbye(unittest.TestCase):
    def test_clients_are_told_when_the_server_goes(self):
        world = World()
        ws = WebSocket(world.port)
        ws.send({"op": "subscribe", "topics": ["events"]})
        ws.until(of_type("hello"))
        with socket.create_connection(("127.0.0.1", world.port)) as idle:
            world.process.stdin.write("quit\n")
            world.process.stdin.flush()
            while ws.read():
                pass
            self.assertEqual(ws.closed, 1001)
            idle.recv(1)
        world.process.stdin.close()
        world.process.stdin = None
        world.end()


class Tokens(unittest.TestCase):
    def test_a_socket_needs_a_token_where_there_are_tokens(self):
        world = World(tokens=[{"name": "eye", "token": "viewer-token-0123456789"}])
        with self.assertRaises(Refused) as refused:
            WebSocket(world.port)
        self.assertEqual(refused.exception.status, 401)
        login = world.ask("POST", "/api/v1/session", {"token": "viewer-token-0123456789"})
        cookie = {"Cookie": login.headers["Set-Cookie"].split(";")[0]}
        for headers in (cookie, {"Authorization": "Bearer viewer-token-0123456789"}):
            ws = WebSocket(world.port, headers=headers)
            ws.send({"op": "ping"})
            ws.until(of_type("pong"))
            ws.close()
        world.end()

    def test_compression_is_offered_only_when_asked_for(self):
        for compression in (False, True):
            world = World(websocket_compression=compression)
            with socket.create_connection(("127.0.0.1", world.port), timeout=5) as s:
                s.sendall(b"GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                          b"Connection: Upgrade\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
                          b"Sec-WebSocket-Version: 13\r\n"
                          b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
                answer = s.recv(4096)
            self.assertEqual(b"permessage-deflate" in answer, compression)
            world.end()


if __name__ == "__main__":
    unittest.main(verbosity=2)
