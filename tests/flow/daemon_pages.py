#!/usr/bin/env python3
"""Pages of a plugin by HTTP: who may, which types, parameters, bounds, deadlines, documents."""
import os
import subprocess
import urllib.error
import urllib.request

from daemon import Daemon, run, wait

READER = {"reader": "plugin: reader\n"}
TOKEN = "a-token-of-some-length"
CLOSED = ("api:\n  listen: 127.0.0.1:0\n  public_url: https://watch.example.org/\n  tokens:\n"
          f"    - name: someone\n      role: viewer\n      token: {TOKEN}\n")


def fetch(daemon, path, method="GET", **headers):
    request = urllib.request.Request(daemon.base + path, method=method, headers={
        name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def html_has_its_policy_its_parameters_and_a_tag():
    with Daemon(**READER) as daemon:
        status, head, body = fetch(daemon, "/api/reader/reports/a%20b?level=3")
        assert status == 200 and body.startswith(b"<!doctype html><h1>a b</h1><p>3 reader"), body
        assert f"http://127.0.0.1:{daemon.base.rsplit(':', 1)[1]}".encode() in body, body
        assert head["Content-Type"] == "text/html; charset=utf-8", head
        policy = head["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script" not in policy, policy
        for part in ("img-src data:", "style-src 'unsafe-inline'", "base-uri 'none'",
                     "form-action 'none'"):
            assert part in policy, policy
        assert head["X-Content-Type-Options"] == "nosniff", head
        again = fetch(daemon, "/api/reader/reports/a%20b?level=3", If_None_Match=head["ETag"])
        assert again[0] == 304 and not again[2], again
        only_head = fetch(daemon, "/api/reader/reports/a%20b?level=3", "HEAD")
        assert only_head[0] == 200 and not only_head[2], only_head
        assert int(only_head[1]["Content-Length"]) == len(body), only_head[1]
        for bad in ("level=10", "level=x", "colour=red"):
            status, _, body = fetch(daemon, f"/api/reader/reports/a?{bad}")
            assert status == 400 and bad.split("=")[0].encode() in body, (bad, status, body)
        status, head, _ = fetch(daemon, "/api/reader/reports/a", "DELETE")
        assert status == 405 and head["Allow"] == "GET, HEAD", (status, head)


def the_accept_header_chooses():
    with Daemon(**READER) as daemon:
        status, head, body = fetch(daemon, "/metrics")
        assert (status, body) == (200, b"up 1\n") and head["Content-Type"].startswith("text/plain")
        status, head, body = fetch(daemon, "/metrics", Accept="application/openmetrics-text;q=0.6")
        assert (status, body) == (200, b"# EOF\n"), (status, body)
        assert head["Content-Type"] == "application/openmetrics-text; version=1.0.0", head


def roles_are_asked_for_and_none_is_needed_without():
    with Daemon(gnswatch=CLOSED, **READER) as daemon:
        assert fetch(daemon, "/metrics")[0] == 200
        assert fetch(daemon, "/api/reader/follow")[0] == 401
        token = f"Bearer {TOKEN}"
        assert fetch(daemon, "/api/reader/follow", Authorization=token)[0] == 200
        assert fetch(daemon, "/api/reader/large", Authorization=token)[0] == 403
        _, _, body = fetch(daemon, "/api/reader/reports/x", Authorization=token)
        assert body.endswith(b" https://watch.example.org"), body


def large_answers_arrive_and_too_large_ones_are_refused():
    with Daemon(**READER) as daemon:
        status, _, body = fetch(daemon, f"/api/reader/large?bytes={64 << 20}")
        assert status == 200 and len(body) == 64 << 20 and body.count(b"x") == len(body), status
        status, _, body = fetch(daemon, f"/api/reader/large?bytes={(64 << 20) + 1}")
        assert status == 500 and b"64 MiB" in body, (status, body)


def what_fails_and_what_is_late_says_so_and_is_no_job():
    with Daemon(**READER) as daemon:
        status, head, body = fetch(daemon, "/api/reader/missing")
        assert status == 404 and b"no report of yesterday" in body, (status, body)
        assert head["Content-Type"] == "application/problem+json", head
        status, _, body = fetch(daemon, "/api/reader/never")
        assert status == 504 and b"deadline" in body, (status, body)
        assert daemon.get("/api/v1/jobs")["items"] == []
        assert daemon.get("/api/v1/commands/history")["items"] == []


def of_several_instances_the_named_one_answers_and_a_stopped_one_none():
    with Daemon(one="plugin: reader\n", two="plugin: reader\n") as daemon:
        assert b" one " in fetch(daemon, "/api/reader/reports/x")[2]
        assert b" two " in fetch(daemon, "/api/reader/reports/x?instance=two")[2]
        status, _, body = fetch(daemon, "/api/reader/reports/x?instance=tow")
        assert status == 400 and b"two" in body, (status, body)
        for name in ("one", "two"):
            daemon.write(name, "plugin: reader\nenabled: no\n")
        assert daemon.post("/api/v1/commands/gnswatch.reload")[0] == 200
        wait("it is gone", lambda: fetch(daemon, "/api/reader/reports/x")[0] == 404)
        assert fetch(daemon, "/metrics")[0] == 404


def pages_are_documented():
    with Daemon(**READER) as daemon:
        paths = daemon.get("/api/openapi.json")["paths"]
        report = paths["/api/reader/reports/{name}"]["get"]
        assert list(report["responses"]["200"]["content"]) == ["text/html"], report
        assert [(p["name"], p["in"]) for p in report["parameters"]] == [("name", "path"),
                                                                        ("level", "query")], report
        metrics = paths["/metrics"]["get"]
        assert metrics["security"] == [], metrics
        assert len(metrics["responses"]["200"]["content"]) == 2, metrics
        text = subprocess.run(daemon.command("describe", "reader")[:3] + [
            "--plugins", os.environ["GNSWATCH_TEST_PLUGINS"]], capture_output=True, text=True,
            check=True).stdout
        assert "GET /api/reader/reports/{name} (viewer; text/html)" in text, text
        assert "GET /metrics (everybody; " in text, text


def an_address_that_is_none_is_refused_at_start():
    bad = "api:\n  listen: 127.0.0.1:0\n  public_url: watch.example.org\n"
    with Daemon(start=False, gnswatch=bad, **READER) as daemon:
        daemon.spawn()
        assert daemon.process.wait(20) != 0
        assert "api.public_url: 'watch.example.org'" in daemon.log(), daemon.log()


if __name__ == "__main__":
    run([html_has_its_policy_its_parameters_and_a_tag, the_accept_header_chooses,
         roles_are_asked_for_and_none_is_needed_without,
         large_answers_arrive_and_too_large_ones_are_refused,
         what_fails_and_what_is_late_says_so_and_is_no_job,
         of_several_instances_the_named_one_answers_and_a_stopped_one_none,
         pages_are_documented, an_address_that_is_none_is_refused_at_start])
