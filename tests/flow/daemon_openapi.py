#!/usr/bin/env python3
"""What the OpenAPI document of a daemon with labs says is true: every path is called, most with
what makes it succeed, and each answer is as its operation says."""
import json
import urllib.error
import urllib.request
from urllib.parse import quote

from daemon import Daemon, Sim, run, wait
from openapi import answer_mismatch, operations, some_value

NOT_ASKED = {"live", "liveEvents"}  # they never end; the API's own tests read them


class Caller:
    """Calls operations by their id and checks each answer."""

    def __init__(self, base):
        self.base = base
        self.called = set()
        with urllib.request.urlopen(f"{base}/api/openapi.json", timeout=20) as answer:
            self.document = json.load(answer)
        self.operations = {o["operationId"]: (path, method, o)
                           for path, method, o in operations(self.document)}

    def ask(self, operation_id, body=None, query="", **places):
        """(status, body) of an answer that is as the operation says."""
        path, method, operation = self.operations[operation_id]
        for place, value in places.items():
            path = path.replace("{" + place + "}", quote(value, safe=""))
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.base}{path}{query}", data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            answer = urllib.request.urlopen(request, timeout=70)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            status, text = answer.status, answer.read()
        assert status < 500, (operation_id, body, status, text)
        wrong = answer_mismatch(self.document, operation, status, answer.headers["Content-Type"],
                                text)
        assert wrong is None, (operation_id, body, status, wrong, text[:400])
        self.called.add(operation_id)
        return status, text

    def __call__(self, operation_id, body=None, query="", **places):
        """The JSON of an answer that must be a success."""
        status, text = self.ask(operation_id, body, query, **places)
        assert status in (200, 204), (operation_id, places, body, status, text)
        return json.loads(text) if text and text[:1] in b"{[" else None

    def do(self, command, id=None, **body):
        """A command of gns3 by its own path, waited for."""
        places = {"id": id} if id else {}
        return self("gns3_" + command, body, "?wait=60", **places)


def labs(call):
    """A life of a lab; returns when each command of gns3 has done its work once."""
    call.do("server_test", "lab0")
    call.do("server_sync", "lab0")
    call.do("template_list", server="lab0")
    project = call.do("project_create", server="lab0", name="made", auto_close=False)["id"]
    call.do("project_update", project, name="renamed")
    a, b = (call.do("node_create", project=project, template="VPCS", name=name)["id"]
            for name in "AB")
    call.do("node_update", a, x=77)
    for verb in ("start", "reload", "suspend", "console", "stop"):
        call.do(f"node_{verb}", a)
    call.do("project_start_all", project)
    link = call.do("link_create", project=project, nodes=[{"node": a}, {"node": b}])["id"]
    call.do("link_update", link, filters={"packet_loss": [10]}, force=True)
    call.do("link_suspend", link, force=True)
    call.do("link_resume", link)
    reads(call)
    call.do("link_delete", link)
    call.do("project_stop_all", project)
    snapshot = call.do("snapshot_create", project=project, name="before")["id"]
    call("list_gns3_snapshot")
    wait("the snapshot", lambda: call.ask("get_gns3_snapshot", id=snapshot)[0] == 200)
    call.do("snapshot_restore", snapshot)
    call.do("project_export", project, path="lab.gns3project")
    call.do("project_import", server="lab0", path="lab.gns3project", name="imported")
    call.do("project_duplicate", project, name="copy")
    call.do("snapshot_delete", wait("a snapshot", lambda: first(call, "snapshot", project)))
    call.do("node_delete", wait("a node", lambda: first(call, "node", project)))
    call.do("project_close", project)
    call.do("project_open", project)
    call.do("project_delete", project)


def first(call, kind, project):
    items = call(f"list_gns3_{kind}", query=f"?project={project}")["items"]
    return items[0]["id"] if items else None


def reads(call):
    """Lists, and one of each list, which is the same as in the list but for what has changed."""
    for kind in ("server", "compute", "project", "node", "link", "template"):
        items = call(f"list_gns3_{kind}")["items"]
        assert items, kind
        assert call(f"get_gns3_{kind}", id=items[0]["id"])["id"] == items[0]["id"]
        at = {"kind": f"gns3.{kind}", "id": items[0]["id"]}
        assert call("getObject", **at)["id"] == items[0]["id"]
        call("getObjectHistory", **at)
        assert call("listObjects", kind=at["kind"])["total"] >= len(items)


def host(call):
    """What there is besides gns3."""
    for name in ("listKinds", "listCommands", "listCommandHistory", "listEvents", "isAlive",
                 "isReady", "getHealth", "listPlugins", "getSession", "getOpenapi", "getDocs"):
        call(name)
    series = call("listSeries")["items"]
    call("query", query=f"?series={series[0]['id']}&from=-5m")
    call("batch", query="?get=" + quote("/api/gns3/servers"))
    job = call("listJobs")["items"][0]["id"]
    call("getJob", id=job)
    assert call.ask("cancelJob", id=job)[0] in (200, 409)
    call("callCommand", {"id": "lab0"}, "?wait=60", name="gns3.server.sync")
    assert call.ask("login", {"token": "there are no tokens here"})[0] == 401
    call.ask("logout")
    call("gnswatch_reload", {}, "?wait=60")


def wrongly(call):
    """Ids of nothing, and bodies without what they need."""
    for name, (path, method, operation) in call.operations.items():
        if not name.startswith(("gns3_", "get_gns3_")):
            continue
        schema = operation.get("requestBody", {}).get("content", {}).get(
            "application/json", {}).get("schema", {})
        body = None if method in ("GET", "DELETE") else \
            {member: some_value(schema["properties"][member])
             for member in schema.get("required", [])}
        status, _ = call.ask(name, body, "" if method == "GET" else "?wait=60", id="nowhere")
        assert 400 <= status < 500, (name, status)
        if schema.get("required"):
            assert call.ask(name, {}, id="nowhere")[0] == 400, name
        if body is not None:
            assert call.ask(name, {**body, "no_such_member": 1}, id="nowhere")[0] == 400, name


def every_path_is_as_the_document_says(version):
    with Daemon(start=False) as daemon:
        sim = Sim(daemon.folder, "--api", version, "--nodes", "6")
        try:
            daemon.write("gns3", "every: 1s\nservers:\n  - name: lab0\n    budget: 100\n"
                         f"    url: {sim.url()}\n" +
                         ("    user: admin\n    password: admin\n" if version[0] == "3" else ""))
            daemon.start()
            wait("the labs", lambda: len(daemon.list("nodes")) == 6)
            wait("the templates", lambda: daemon.list("templates"))
            call = Caller(daemon.base)
            labs(call)
            host(call)
            wrongly(call)
            call("restartPlugin", instance="gns3")
            call("gnswatch_plugin_restart", {"instance": "gns3"}, "?wait=60")
            assert set(call.operations) - call.called == NOT_ASKED, "some path was not asked"
        finally:
            sim.stop()


def every_path_is_as_the_document_says_with_2_2():
    every_path_is_as_the_document_says("2.2.59")


def every_path_is_as_the_document_says_with_3_0():
    every_path_is_as_the_document_says("3.0.6")


if __name__ == "__main__":
    run([every_path_is_as_the_document_says_with_2_2, every_path_is_as_the_document_says_with_3_0])
