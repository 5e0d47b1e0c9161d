"""The chart program by itself, and a mail with a picture of a real series in it."""
import json
import os
import struct
import subprocess
import sys
import zlib

try:
    from email_server import Server
except ImportError as error:
    print(f"skipped: python3-aiosmtpd is not installed ({error})")
    sys.exit(77)

from email_daemon import Mailer, run, wait, yaml

NOW = 1795000000000


def draw(**more):
    times = list(range(NOW - 3600000, NOW, 10000))
    given = {"title": "PC1: 91 % <b> é", "unit": "%", "from": times[0], "to": NOW, "times": times,
             "values": [i % 100 if i % 50 else None for i in range(len(times))], "threshold": 80,
             "since": NOW - 1000000, **more}
    return subprocess.run([os.environ["GNSWATCH_CHART"]], input=json.dumps(given).encode(),
                          capture_output=True, timeout=60)


def size_of(png):
    """Width and height of a PNG whose every byte is right: signature, chunks, sums, pixels."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n", png[:20]
    at, pixels, header = 8, b"", None
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        data = png[at + 8:at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length:at + 12 + length])[0] == \
            zlib.crc32(kind + data), kind
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", data)
        elif kind == b"IDAT":
            pixels += data
        at += 12 + length
    width, height, depth, colour = header[:4]
    row = (width * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour] * depth + 7) // 8 + 1
    raw = zlib.decompress(pixels)
    assert len(raw) == row * height and len(set(raw)) > 8, "nothing is drawn"
    return width, height


def a_chart_is_a_picture_of_the_size_asked_for():
    answer = draw()
    assert answer.returncode == 0, answer.stderr
    width, height = size_of(answer.stdout)
    assert 520 < width < 700 and 130 < height < 250, (width, height)
    wider, higher = size_of(draw(width=800, height=300).stdout)
    assert wider - width == 280 and higher - height == 170, (wider, higher)
    assert draw(threshold=None, since=None, title="", unit="").returncode == 0


def bad_input_is_told_and_draws_nothing():
    for more in ({"times": [1, 2]}, {"times": [], "values": []}, {"to": 0}, {"from": "x", "to": 1},
                 {"times": [1e300, 2], "values": [1, 2]}, {"times": ["a", "b"], "values": [1, 2]},
                 {"times": [5000] * 6000, "values": [1] * 6000},
                 {"times": [NOW * 100, NOW * 100 + 1], "values": [1, 2]}):
        answer = draw(**more)
        assert answer.returncode == 1 and not answer.stdout and answer.stderr, (more, answer)
    for text in (b"", b"[]", b"{", b"x" * 2000000):
        answer = subprocess.run([os.environ["GNSWATCH_CHART"]], input=text, capture_output=True)
        assert answer.returncode == 1 and not answer.stdout, answer


def pictured(daemon):
    """An alert about the load of this machine, which the plugin load writes."""
    series = daemon.series("load.system")[0]
    rows = daemon.rows("load.system", 60)
    return {"id": "a1", "rule": "load", "state": "firing", "severity": "warning", "labels": {},
            "summary": "The load is high", "value": 9.5, "unit": "1", "threshold": "> 9",
            "since": min(rows), "series": {"id": series["id"], "key": series["key"],
                                           "field": "load1"}}, max(rows)


def a_mail_shows_the_course_of_the_value_it_is_about():
    with Server() as server, Mailer(yaml(server), load="plugin: load\nevery: 1s\n") as daemon:
        # A picture shows an hour in 600 steps: two of them need so many rows.
        wait("some rows", lambda: daemon.series("load.system") and
             len(daemon.rows("load.system", 60)) >= 13)
        alert, time = pictured(daemon)
        daemon.must_send(1, alerts=[alert], time=time)
        wait("it is there", lambda: server.mails)
        mail = server.mails[0][1]
        shape = [part.get_content_type() for part in mail.walk()]
        assert shape == ["multipart/alternative", "text/plain", "multipart/related", "text/html",
                         "image/png"], (shape, alert, time)
        picture = [p for p in mail.walk() if p.get_content_type() == "image/png"][0]
        size_of(picture.get_content())
        cid = picture["Content-ID"].strip("<>")
        assert f'src="cid:{cid}"' in mail.get_body(("html",)).get_content(), cid


def a_mail_goes_without_its_picture_when_there_is_no_series():
    with Server() as server, Mailer(yaml(server)) as daemon:
        alert = {"id": "a1", "summary": "x", "series": {"id": 9, "key": "no.such{a=\"b\"}",
                                                        "field": "y"}}
        daemon.must_send(1, alerts=[alert])
        wait("it is there", lambda: server.mails)
        assert [p.get_content_type() for p in server.mails[0][1].walk()] == [
            "multipart/alternative", "text/plain", "text/html"]


if __name__ == "__main__":
    run([a_chart_is_a_picture_of_the_size_asked_for,
         bad_input_is_told_and_draws_nothing,
         a_mail_shows_the_course_of_the_value_it_is_about,
         a_mail_goes_without_its_picture_when_there_is_no_series])
