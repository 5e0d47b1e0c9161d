"""Snapshots of a simulated lab: kept and removed, copied away, restored, tried, and made up for."""
import datetime
import hashlib
import hmac
import http.server
import os
import re
import subprocess
import tempfile
import threading
import time
import urllib.parse

from snapshot_lab import SCHEDULE, VERSIONS, Lab, run, wait

KEEP = SCHEDULE + "    keep: {last: 2}\n"
TURN_S = 12  # of a schedule that is due so often that a test can wait for it
SECRETS = ("AKIDEXAMPLE", "a+secret/key")


class Storage:
    """S3-compatible enough: PUT, GET and DELETE in path style, the signature computed anew from what
    came over the wire, the payload's hash compared."""

    def __init__(self):
        self.objects, self.refused, self.broken = {}, [], 0
        self.stalls, self.stalled = None, threading.Event()  # an Event: answers end when it is set
        storage = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, body=b""):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if storage.broken > 0:
                    storage.broken -= 1
                    self.answer(503, b"<Error><Code>SlowDown</Code></Error>")
                    return
                why = storage.wrong(self, body)
                if why:
                    storage.refused.append(why)
                    self.answer(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
                    return
                storage.objects[urllib.parse.unquote(self.path)] = body
                self.answer(200)

            def do_GET(self):
                why = storage.wrong(self, b"")
                body = storage.objects.get(urllib.parse.unquote(self.path))
                if why:
                    storage.refused.append(why)
                    self.answer(403)
                elif body is None:
                    self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
                elif storage.stalls:
                    storage.stalled.set()
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    storage.stalls.wait(60)
                else:
                    self.answer(200, body)

            def do_DELETE(self):
                why = storage.wrong(self, b"")
                if why:
                    storage.refused.append(why)
                    self.answer(403)
                    return
                storage.objects.pop(urllib.parse.unquote(self.path), None)
                self.answer(204)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def wrong(self, request, body):
        """Why the request is not signed as AWS says; None: it is."""
        found = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, "
                             r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})",
                             request.headers.get("Authorization", ""))
        if not found:
            return "no authorization"
        key, day, region, names, signature = found.groups()
        date = request.headers["x-amz-date"]
        sent = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ")
        if key != SECRETS[0] or not date.startswith(day):
            return "credential"
        if abs((datetime.datetime.utcnow() - sent).total_seconds()) > 300:
            return "time"
        digest = hashlib.sha256(body).hexdigest()
        if request.headers["x-amz-content-sha256"] != digest:
            return "payload"
        path, _, query = request.path.partition("?")
        headers = "".join(f"{n}:{request.headers[n].strip()}\n" for n in names.split(";"))
        canonical = "\n".join([request.command, path, query, headers, names, digest])
        scope = f"{day}/{region}/s3/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", date, scope,
                          hashlib.sha256(canonical.encode()).hexdigest()])
        secret = ("AWS4" + SECRETS[1]).encode()
        for part in (day, region, "s3", "aws4_request"):
            secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
        wanted = hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
        return None if hmac.compare_digest(wanted, signature) else "signature"


def on_server(lab):
    return sorted(c["name"] for c in lab.some("copies") if c["on_server"])


def later(lab):
    """Snapshots of a schedule are named after the second."""
    now = int(time.time())
    wait("the next second", lambda: int(time.time()) > now)


def retention_keeps_the_last_ones_and_pins_and_says_why():
    with Lab(snapshot=KEEP, started=0) as lab:
        assert lab.schedule()["state"] == "done"
        first = on_server(lab)[0]
        status, answer = lab.call("snapshot.copy.pin", id=first, pinned=True)
        assert status == 200 and answer["pinned"], answer
        for _ in range(3):
            later(lab)
            assert lab.schedule()["state"] == "done"
        wait("one is removed", lambda: len(on_server(lab)) == 3)
        assert first in on_server(lab)
        copies = lab.copies()
        assert copies[first]["keep"] == {"decision": "keep", "text": "pinned"}, copies[first]
        wait("said", lambda: len(lab.events("snapshot.removed")) == 1)
        status, answer = lab.call("snapshot.copy.pin", id=first, pinned=False)
        status, answer = lab.call("snapshot.prune", schedule="nightly")
        assert status == 200 and answer["dry_run"], answer
        decisions = {d["name"]: d for d in answer["decisions"]}
        assert decisions[first]["decision"] == "remove", decisions
        assert sum(d["decision"] == "keep" for d in decisions.values()) == 2
        assert len(on_server(lab)) == 3, "a dry run removes nothing"
        lab.call("snapshot.prune", schedule="nightly", dry_run=False)
        wait("it is removed", lambda: first not in on_server(lab))


def a_name_that_is_taken_is_refused_and_its_snapshot_stays():
    with Lab(started=0) as lab:
        project = lab.project()["id"]
        assert lab.call("snapshot.take", project=project, name="base")[0] == 200
        status, answer = lab.call("snapshot.take", project=project, name="base")
        assert status == 502 and "exists already" in answer["detail"], (status, answer)
        lab.call("gns3.project.sync", id=project)
        assert lab.copies()["base"]["on_server"] and lab.copies()["base"]["verified"] == "ok"
        assert not lab.events("gns3.snapshot.deleted")


def a_closed_project_is_skipped_or_opened_and_closed_again():
    conf = SCHEDULE + SCHEDULE.split("\n", 1)[1].replace("nightly", "opening") + \
        "    closed: open\n"
    with Lab(snapshot=conf, started=0) as lab:
        assert lab.call("gns3.project.close", id=lab.project()["id"])[0] == 200
        ended = lab.schedule()
        assert ended["state"] == "skipped" and "closed" in ended["text"], ended
        ended = lab.schedule("opening")
        assert ended["state"] == "done", ended
        wait("it is closed again", lambda: lab.project()["status"] == "closed")
        assert lab.some("copies")[0]["verified"] == "ok"


def pins_and_results_outlive_kill_9():
    with Lab(snapshot=KEEP, started=0) as lab:
        lab.schedule()
        name = on_server(lab)[0]
        lab.call("snapshot.copy.pin", id=name, pinned=True)
        lab.daemon.kill()
        lab.daemon.start()
        copy = wait("the catalogue is back", lambda: lab.copies().get(name))
        assert copy["pinned"], copy


def copies_go_to_a_directory_with_a_checksum_and_go_with_their_snapshot():
    with tempfile.TemporaryDirectory() as folder:
        conf = f"targets:\n  - name: nas\n    directory: {folder}\n" + SCHEDULE + \
            "    targets: [nas]\n    keep: {last: 1}\n"
        with Lab(snapshot=conf, started=0) as lab:
            assert lab.schedule()["state"] == "done"
            copy = lab.some("copies")[0]
            place = copy["copies"][0]
            assert place["ok"] and place["target"] == "nas", copy
            with open(place["path"], "rb") as file:
                packed = file.read()
            assert hashlib.sha256(packed).hexdigest() == place["sha256"]
            assert len(packed) == place["bytes"] < copy["bytes"]
            name = os.path.basename(place["path"])
            subprocess.run(["sha256sum", "-c", name + ".sha256"], check=True,
                           cwd=os.path.dirname(place["path"]), stdout=subprocess.DEVNULL)
            later(lab)
            assert lab.schedule()["state"] == "done"
            wait("the old one is removed", lambda: len(on_server(lab)) == 1)
            wait("and its copy", lambda: not os.path.exists(place["path"]))
            left = [f for _, _, files in os.walk(folder) for f in files]
            assert len(left) == 2, left


def copies_go_to_s3_signed_and_are_tried_again():
    storage = Storage()
    conf = ("targets:\n  - name: cloud\n    s3:\n"
            f"      endpoint: http://127.0.0.1:{storage.port}\n      bucket: labs\n"
            f"      prefix: our labs\n      access_key: {SECRETS[0]}\n"
            f"      secret_key: {SECRETS[1]}\n" + SCHEDULE +
            "    targets: [cloud]\n    keep: {last: 1}\n")
    try:
        storage.broken = 1
        with Lab(snapshot=conf, started=0) as lab:
            ended = lab.schedule()
            assert ended["state"] == "done" and "SlowDown" in str(ended["steps"]), ended
            copy = lab.some("copies")[0]
            assert not storage.refused, storage.refused
            key = "/labs/" + copy["copies"][0]["path"]
            assert key.startswith("/labs/our labs/lab/"), key
            body = storage.objects[key]
            assert hashlib.sha256(body).hexdigest() == copy["copies"][0]["sha256"]
            assert SECRETS[1] not in lab.daemon.log() and SECRETS[1] not in str(lab.some("runs"))
            later(lab)
            lab.schedule()
            wait("the old copy goes", lambda: key not in storage.objects and storage.objects)
            storage.broken = 3
            later(lab)
            ended = lab.schedule()
            assert ended["state"] == "done", ended
            wait("said", lambda: lab.events("snapshot.copy.failed"))
    finally:
        storage.stop()


def cloud(storage):
    return ("  - name: cloud\n    s3:\n"
            f"      endpoint: http://127.0.0.1:{storage.port}\n      bucket: labs\n"
            f"      access_key: {SECRETS[0]}\n      secret_key: {SECRETS[1]}\n")


def a_lost_lab_comes_back_from_its_copies():
    for version in VERSIONS:
        storage = Storage()
        with tempfile.TemporaryDirectory() as folder:
            conf = (f"targets:\n  - {{name: nas, directory: {folder}, follow: no}}\n"
                    f"{cloud(storage)}{SCHEDULE}    targets: [nas, cloud]\n")
            try:
                with Lab(version=version, snapshot=conf, started=0) as lab:
                    old, nodes = lab.project(), sorted(lab.nodes())
                    assert lab.schedule()["state"] == "done"
                    copy = lab.some("copies")[0]
                    assert len(copy["copies"]) == 2 and all(c["ok"] for c in copy["copies"]), copy
                    assert lab.call("gns3.project.delete", id=old["id"])[0] == 200
                    wait("it is gone", lambda: not lab.daemon.list("projects"))
                    wait("its copies are known", lambda: not lab.some("copies")[0]["on_server"])
                    status, answer = lab.call("snapshot.copy.restore", id=copy["name"])
                    assert status != 200 and "snapshot.copy.import" in answer["detail"], answer

                    status, answer = lab.call("snapshot.copy.import", id=copy["name"])
                    assert status == 200 and answer["state"] == "done", answer
                    assert "taken from nas" in str(answer["steps"]), answer
                    assert answer["made"] == lab.project()["id"] != old["id"], answer
                    assert lab.project()["name"] == old["name"]
                    wait("all its nodes", lambda: sorted(lab.nodes()) == nodes)
                    assert lab.running() == [], "nothing is started"
                    wait("said", lambda: lab.events("snapshot.imported"))

                    with open(copy["copies"][0]["path"], "r+b") as file:
                        file.seek(40)
                        file.write(b"spoiled")
                    status, answer = lab.call("snapshot.copy.import", id=copy["name"], **{"from": "nas"})
                    assert status != 200, answer
                    assert "no good copy of it on nas" in answer["detail"], answer
                    status, answer = lab.call("snapshot.copy.import", id=copy["name"], name="again")
                    assert status == 200 and "not from nas" in str(answer["steps"]), answer
                    assert "taken from cloud" in str(answer["steps"]) and not storage.refused, answer
                    assert sorted(p["name"] for p in lab.daemon.list("projects")) == sorted(
                        ["again", old["name"]])
                    storage.objects.clear()
                    status, answer = lab.call("snapshot.copy.verify", id=copy["name"])
                    assert status != 200 and "no good copy of it elsewhere" in answer["detail"], answer
                    steps = str(lab.runs()[-1]["steps"])
                    assert "NoSuchKey" in steps and SECRETS[1] not in steps, steps
            finally:
                storage.stop()


def a_stop_in_the_middle_of_a_transfer_leaves_nothing():
    storage = Storage()
    conf = f"targets:\n{cloud(storage)}{SCHEDULE}    targets: [cloud]\n"
    try:
        with Lab(snapshot=conf, started=0) as lab:
            assert lab.schedule()["state"] == "done"
            storage.stalls = threading.Event()
            asked = threading.Thread(target=lab.call, args=("snapshot.copy.import",),
                                     kwargs={"id": lab.some("copies")[0]["id"], "from": "cloud"})
            asked.start()
            assert storage.stalled.wait(30)
            assert lab.call("gnswatch.plugin.restart", instance="snapshot")[0] == 200
            storage.stalls.set()
            storage.stalls = None
            asked.join()
            ended = lab.run_ended(int(lab.runs()[-1]["id"]))
            assert ended["kind"] == "import" and ended["state"] == "done", ended
            wait("nothing fetched is left", lambda: [] == [
                name for path, _, names in os.walk(lab.daemon.state) for name in names
                if os.path.basename(path) == "fetch"])
    finally:
        storage.stop()


def a_restore_keeps_the_present_state_first_and_is_compared():
    for version in VERSIONS:
        with Lab(version=version, started=0,
                 snapshot="before_restore: {last: 1, for: 0s}\n") as lab:
            project = lab.project()
            assert lab.call("snapshot.take", project=project["id"], name="base")[0] == 200
            victim = sorted(n for n in lab.nodes() if n.startswith("PC"))[0]
            assert lab.call("gns3.node.delete", id=victim)[0] == 200
            wait("it is gone", lambda: victim not in lab.nodes())
            status, answer = lab.call("snapshot.copy.restore", id="base")
            assert status == 200 and answer["state"] == "done", answer
            assert victim in lab.nodes()
            kept = [c for c in lab.some("copies") if c["name"].startswith("before-restore")]
            assert len(kept) == 1 and kept[0]["verified"] == "ok", kept
            assert kept[0]["verify"]["nodes"] == 4, kept
            wait("said", lambda: lab.events("snapshot.restored"))
            later(lab)
            assert lab.call("snapshot.copy.restore", id="base")[0] == 200
            wait("only the newest is kept", lambda: [
                n for n in on_server(lab) if n.startswith("before-restore")] not in (
                    [kept[0]["name"]], []) and len(on_server(lab)) == 2)


def a_restore_of_a_running_lab_is_refused_or_quiesced():
    with Lab() as lab:
        before = lab.running()
        status, answer = lab.call("snapshot.take", project=lab.project()["id"], name="base",
                                  mode="quiesce")
        assert status == 200, answer
        assert lab.running() == before
        status, answer = lab.call("snapshot.copy.restore", id="base")
        assert status == 409 and "quiesce" in answer["detail"], (status, answer)
        assert lab.running() == before
        status, answer = lab.call("snapshot.copy.restore", id="base", quiesce=True)
        assert status == 200, answer
        assert lab.running() == before


def a_drill_restores_into_another_project_and_leaves_nothing():
    for version in VERSIONS:
        with Lab(version=version) as lab:
            before = lab.running()
            lab.call("snapshot.take", project=lab.project()["id"], name="base", mode="quiesce")
            status, answer = lab.call("snapshot.copy.drill", id="base", start=True)
            assert status == 200 and "5 of 5 nodes started" in answer["text"], answer
            assert lab.copies()["base"]["drill"]["ok"], lab.copies()
            wait("only the lab is left", lambda: len(lab.daemon.list("projects")) == 1)
            assert lab.running() == before, "the original was not touched"
            wait("said", lambda: lab.events("snapshot.drill.ok"))


def a_drill_ended_by_kill_9_leaves_nothing():
    with Lab(started=0) as lab:
        lab.call("snapshot.take", project=lab.project()["id"], name="base")
        lab.sim.tell("fault", kind="slow", ms=2000, path_prefix="/v2/projects/")
        asking = threading.Thread(target=lambda: quiet(lab), daemon=True)
        asking.start()
        wait("the copy is there", lambda: len(lab.daemon.list("projects")) == 2, 60)
        lab.daemon.kill()
        asking.join(30)
        lab.sim.tell("fault", kind="none")
        lab.daemon.start()
        wait("only the lab is left",
             lambda: len(lab.sim.gns3("GET", "/projects")[1]) == 1, 60)
        drill = wait("it is said", lambda: [r for r in lab.runs() if r["kind"] == "drill"
                                            and r["state"] == "failed"])
        assert "ended in the middle" in drill[0]["text"], drill


def quiet(lab):
    try:
        lab.call("snapshot.copy.drill", id="base")
    except Exception:  # the daemon is killed under it
        pass


def a_time_missed_while_the_daemon_was_away_is_made_up_for_once():
    conf = (f"schedules:\n  - name: often\n    cron: '*/{TURN_S} * * * * *'\n    catch_up: 10m\n"
            f"  - name: seldom\n    cron: '*/{TURN_S} * * * * *'\n    catch_up: 0s\n"
            "    enabled: no\n")
    with Lab(snapshot=conf, started=0) as lab:
        first = wait("due once", lambda: lab.runs())
        assert first[0]["schedule"] == "often"
        lab.run_ended(int(first[0]["id"]))
        lab.daemon.stop()
        ended = time.time()
        count = len(first)
        # Two of its times without the daemon, as long as they are: this is what is tested.
        wait("the time after the next", lambda: int(time.time() / TURN_S) > int(ended / TURN_S) + 1)
        lab.daemon.start()
        runs = wait("made up for", lambda: lab.runs() if len(lab.runs()) > count else None)
        assert len(runs) == count + 1, runs


run([a_time_missed_while_the_daemon_was_away_is_made_up_for_once,
     copies_go_to_s3_signed_and_are_tried_again,
     retention_keeps_the_last_ones_and_pins_and_says_why,
     a_name_that_is_taken_is_refused_and_its_snapshot_stays,
     a_closed_project_is_skipped_or_opened_and_closed_again,
     pins_and_results_outlive_kill_9,
     copies_go_to_a_directory_with_a_checksum_and_go_with_their_snapshot,
     a_lost_lab_comes_back_from_its_copies,
     a_stop_in_the_middle_of_a_transfer_leaves_nothing,
     a_restore_keeps_the_present_state_first_and_is_compared,
     a_restore_of_a_running_lab_is_refused_or_quiesced,
     a_drill_restores_into_another_project_and_leaves_nothing,
     a_drill_ended_by_kill_9_leaves_nothing])
