#!/usr/bin/env python3
"""Every command of the gns3 plugin, once, on a simulated GNS3 2.2 and 3.0: what it did is seen in
GNS3, and in the objects when it has answered."""
import os

from gns3_lab import Lab, ask, run, wait


class Caller:
    """Calls commands and notes which ones were called."""

    def __init__(self, lab):
        self.daemon, self.called = lab.daemon, set()

    def __call__(self, command, wanted=200, **params):
        self.called.add("gns3." + command)
        status, answer = self.daemon.call(command, **params)
        assert status == wanted, (command, params, status, answer)
        return answer


def servers_and_projects(call, daemon):
    assert call("server.test", id="lab")["answer_ms"] >= 0
    assert call("server.sync", id="lab")["status"] == "up"
    assert len(call("template.list", server="lab")["templates"]) >= 1
    new = call("project.create", server="lab", name="made", auto_close=False)
    assert new["name"] == "made" and new["status"] == "opened", new
    call("project.create", 409, server="lab", name="made")
    changed = call("project.update", id=new["id"], name="renamed", auto_start=True)
    assert changed["name"] == "renamed" and changed["auto_start"] is True, changed
    call("project.update", id=new["id"], auto_start=False)
    assert call("project.sync", id=new["id"])
    assert call("project.close", id="renamed")["status"] == "closed"
    assert call("project.open", id="renamed")["status"] == "opened"
    copy = call("project.duplicate", id="renamed", name="copy")
    assert copy["name"] == "copy" and copy["id"] != new["id"], copy
    call("project.delete", id="copy")
    assert not daemon.list("projects", name="copy")
    return new


def nodes(call, daemon, project):
    template = [t for t in daemon.list("templates") if t["name"] == "VPCS"][0]
    first = call("node.create", project=project["id"], template="VPCS", name="A", x=10, y=-20)
    assert first["name"] == "A" and first["x"] == 10 and first["y"] == -20, first
    second = call("node.create", project=project["id"], template=template["id"], name="B")
    moved = call("node.update", id=first["id"], name="C", x=77)
    assert moved["name"] == "C" and moved["x"] == 77, moved
    call("node.update", 409, id=first["id"], name="B")
    assert call("node.start", id=first["id"])["status"] == "started"
    assert call("node.reload", id=first["id"])["status"] == "started"
    assert "warning" in call("node.suspend", id=first["id"])  # a VPCS cannot be suspended
    console = call("node.console", id=first["id"])
    assert console["type"] == "telnet" and console["port"] > 0 and console["ready"], console
    assert call("node.stop", id=first["id"])["status"] == "stopped"
    result = call("project.start_all", id=project["id"], order=["B", "vpcs"], parallel=1,
                  pause="200ms")
    assert result["started"] == 2 and result["running"] == 2 and not result["failed"], result
    return first, second


def capture(call, link, folder):
    """Started once; a second asking finds it running; what is read comes through a pipe."""
    assert call("link.capture", id=link["id"])["started"] is True
    again = call("link.capture", id=link["id"])
    assert again["capturing"] is True and again["started"] is False, again
    pipe = os.path.join(folder, "pipe")
    call("link.capture_read", 400, id=link["id"], path=pipe)
    os.mkfifo(pipe, 0o600)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert call("link.capture_read", id=link["id"], path=pipe)["reading"] is True
    os.close(reader)


def links(call, daemon, project, first, second, force, folder):
    link = call("link.create", project=project["id"],
                nodes=[{"node": "C", "adapter_number": 0, "port_number": 0}, {"node": second["id"]}])
    assert link["name"] in ("C e0 – B e0", "B e0 – C e0") and link["status"] == "up", link
    if force:
        call("link.suspend", 409, id=link["id"])
        call("link.update", 409, id=link["id"], filters={})
    changed = call("link.update", id=link["id"], filters={"packet_loss": [10]}, **force)
    assert changed["filters"] == {"packet_loss": [10]}, changed
    assert call("link.suspend", id=link["id"], **force)["status"] == "suspended"
    assert call("link.resume", id=link["id"])["status"] == "up"
    capture(call, link, folder)
    call("link.delete", id=link["id"])
    assert not daemon.list("links", project=project["id"])
    call("link.create", project=project["id"], nodes=[{"node": "C"}, {"node": "B"}])
    assert first["id"] != second["id"]


def snapshots(call, daemon, project):
    refusal = call("snapshot.create", 409, project=project["id"], name="early")
    assert "must be stopped" in refusal["detail"], refusal
    call("snapshot.create", 400, project=project["id"], name="../../x")
    result = call("project.stop_all", id=project["id"])
    assert result["running"] == 0, result
    shot = call("snapshot.create", project=project["id"], name="before")
    fetched = call("snapshot.fetch", id=shot["id"], path="before.gns3project")
    assert os.path.getsize(fetched["path"]) == fetched["bytes"] > 100, fetched
    before = {n["id"] for n in daemon.list("nodes", project=project["id"])}
    restored = call("snapshot.restore", id=shot["id"])
    assert restored["nodes"] == 2 and restored["links"] == 1, restored
    assert {n["id"] for n in daemon.list("nodes", project=project["id"])} == before
    call("snapshot.delete", id=shot["id"])
    assert not daemon.list("snapshots", project=project["id"])


def files(call, daemon, project, folder):
    result = call("project.export", id=project["id"], path="lab.gns3project")
    assert result["bytes"] > 100 and os.path.getsize(result["path"]) == result["bytes"], result
    call("project.export", 400, id=project["id"], path="../lab.gns3project")
    copy = call("project.import", server="lab", path="lab.gns3project", name="imported")
    assert copy["name"] == "imported" and copy["node_count"] in (0, 2), copy
    wait("its nodes", lambda: len(daemon.list("nodes", project=copy["id"])) == 2)
    path = os.path.join(folder, "garbage")
    with open(path, "w") as file:
        file.write("no zip")
    assert call("project.import", 409, server="lab", path=path, name="garbage")


def the_end(call, daemon, project):
    node = daemon.list("nodes", project=project["id"])[0]
    call("node.delete", id=node["id"])
    assert not daemon.list("nodes", id=node["id"])
    assert not daemon.list("links", project=project["id"])
    call("project.close", id=project["id"])
    refusal = call("node.start", 409, id=daemon.list("nodes", project=project["id"])[0]["id"])
    assert "open" in refusal["detail"].lower(), refusal
    call("node.start", 404, id="nowhere")


def every_command(version, force):
    with Lab("--projects", "1", "--nodes", "4", version=version) as lab:
        daemon, call = lab.daemon, Caller(lab)
        wait("all nodes", lambda: len(daemon.list("nodes")) == 4)
        wait("templates", lambda: daemon.list("templates"))
        project = servers_and_projects(call, daemon)
        first, second = nodes(call, daemon, project)
        links(call, daemon, project, first, second, force, lab.folder)
        snapshots(call, daemon, project)
        files(call, daemon, project, lab.folder)
        the_end(call, daemon, project)
        known = {c["name"] for c in ask(f"{daemon.base}/api/v1/commands")[1]["items"]
                 if c["name"].startswith("gns3.")}
        assert known == call.called, known ^ call.called


def every_command_works_on_2_2():
    every_command("2.2.59", {})


def every_command_works_on_old_2_2():
    every_command("2.2.49", {})


def every_command_works_on_3_0():
    every_command("3.0.6", {"force": True})


if __name__ == "__main__":
    run([every_command_works_on_2_2, every_command_works_on_old_2_2, every_command_works_on_3_0])
