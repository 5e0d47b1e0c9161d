#!/usr/bin/env python3
"""gnswatch watches a simulated GNS3: objects in step, events, and no harm done."""
import time

from gns3_lab import Lab, run, wait

FEEDS = "    project_feeds: yes\n"


def objects_are_in_step_with_gns3():
    with Lab("--projects", "3", "--nodes", "8", "--opened", "2") as lab:
        daemon = lab.daemon
        wait("all nodes", lambda: len(daemon.list("nodes")) == 24)
        wait("all links", lambda: daemon.one("servers")["links"] == len(daemon.list("links")) > 0)
        for project in lab.sim.gns3("GET", "/projects")[1]:
            mine = daemon.one("projects", project_id=project["project_id"])
            assert mine["name"] == project["name"] and mine["status"] == project["status"], mine
            nodes = lab.sim.gns3("GET", f"/projects/{project['project_id']}/nodes")[1]
            for node in nodes:
                about = daemon.one("nodes", node_id=node["node_id"])
                assert about["name"] == node["name"] and about["x"] == node["x"], about
                assert about["status"] == node.get("status", "closed"), about
        opened = daemon.list("projects", status="opened")[0]
        nodes = daemon.list("nodes", project=opened["id"], node_type="vpcs")
        first, second = nodes[0], nodes[1]
        path = f"/projects/{opened['project_id']}/nodes"
        lab.sim.gns3("POST", f"{path}/{first['node_id']}/stop", {})
        wait("it stopped", lambda: daemon.one("nodes", id=first["id"])["status"] == "stopped")
        wait("it is said", lambda: [e for e in daemon.events("gns3.node.stopped")
                                    if e["id"] == first["id"]])
        lab.sim.gns3("PUT", f"{path}/{second['node_id']}", {"name": "R77", "x": 5})
        wait("the new name", lambda: daemon.one("nodes", id=second["id"])["name"] == "R77")
        wait("the link's name", lambda: [link for link in daemon.list("links", project=opened["id"])
                                         if "R77" in link["name"]])
        lab.sim.gns3("DELETE", f"{path}/{second['node_id']}")
        wait("it is gone", lambda: not daemon.list("nodes", id=second["id"]))
        wait("its links are gone", lambda: not [
            link for link in daemon.list("links", project=opened["id"]) if "R77" in link["name"]])
        daemon.said("gns3.node.deleted")


def a_restore_that_changes_ids_keeps_objects_and_series():
    with Lab("--projects", "1", "--nodes", "5", version="2.2.49") as lab:
        daemon = lab.daemon
        wait("all nodes", lambda: len(daemon.list("nodes")) == 5)
        wait("series", lambda: len(daemon.series("gns3.node")) == 5)
        project = daemon.one("projects")
        assert daemon.call("project.stop_all", id=project["id"])[0] == 200
        status, snapshot = daemon.call("snapshot.create", project=project["id"], name="before")
        assert status == 200 and snapshot["name"] == "before", snapshot
        before = {n["id"]: (n["node_id"], n["name"]) for n in daemon.list("nodes")}
        links = {n["id"]: n["name"] for n in daemon.list("links")}
        status, result = daemon.call("snapshot.restore", id=snapshot["id"])
        assert status == 200 and result["ids_changed"] and result["warning"], result
        after = {n["id"]: (n["node_id"], n["name"]) for n in daemon.list("nodes")}
        assert set(before) == set(after), (before, after)
        for key, (node_id, name) in before.items():
            assert after[key][1] == name and after[key][0] != node_id, after[key]
        assert links == {n["id"]: n["name"] for n in daemon.list("links")}
        assert len(daemon.series("gns3.node")) == 5
        daemon.said("gns3.snapshot.restored")
        assert len(daemon.list("snapshots")) == 1
        # By another user: seen in the ids alone.
        pid = project["project_id"]
        shots = lab.sim.gns3("GET", f"/projects/{pid}/snapshots")[1]
        lab.sim.gns3("POST", f"/projects/{pid}/snapshots/{shots[0]['snapshot_id']}/restore", {})
        wait("new ids again", lambda: {n["node_id"] for n in daemon.list("nodes")}.isdisjoint(
            {node_id for node_id, _ in after.values()}) and len(daemon.list("nodes")) == 5)
        assert {n["id"] for n in daemon.list("nodes")} == set(before)


def a_crash_is_told_from_a_stop_on_a_followed_project():
    with Lab("--projects", "1", "--nodes", "5", server=FEEDS) as lab:
        daemon = lab.daemon
        wait("all nodes", lambda: len(daemon.list("nodes")) == 5)
        project = daemon.one("projects")
        status, changed = daemon.call("project.update", id=project["id"], auto_close=False)
        assert status == 200 and changed["auto_close"] is False, changed
        wait("it is followed", lambda: daemon.one("projects")["followed"])
        nodes = daemon.list("nodes", node_type="vpcs")
        wait("the feed is open", lambda: lab.sim.stats()["servers"][0]["feeds_open"] == 2)
        lab.sim.tell("node", project=project["name"], node=nodes[0]["name"], action="crash")
        crash = wait("the crash", lambda: daemon.events("gns3.node.crashed"))[0]
        assert crash["id"] == nodes[0]["id"] and crash["severity"] == "error", crash
        assert "process has stopped" in crash["data"]["message"], crash
        started = time.monotonic()
        lab.sim.tell("node", project=project["name"], node=nodes[1]["name"], action="stop")
        wait("the stop", lambda: daemon.one("nodes", id=nodes[1]["id"])["status"] == "stopped", 2)
        assert time.monotonic() - started < 1
        wait("the stop is said", lambda: daemon.events("gns3.node.stopped"))
        daemon.said("gns3.node.crashed")
        assert not [e for e in daemon.events("gns3.node.stopped") if e["id"] == nodes[0]["id"]]


def a_server_that_was_shot_comes_back_with_its_projects_closed():
    with Lab("--projects", "2", "--nodes", "5") as lab:
        daemon = lab.daemon
        wait("all nodes", lambda: len(daemon.list("nodes")) == 10)
        lab.sim.tell("restart", ms=1500, graceful=False)
        wait("down", lambda: daemon.one("servers")["status"] == "down")
        assert len(daemon.list("nodes")) == 10
        wait("up again", lambda: daemon.one("servers")["status"] == "up", 60)
        wait("closed", lambda: len(daemon.list("projects", status="closed")) == 2)
        wait("its nodes too", lambda: len(daemon.list("nodes", status="closed")) == 10)
        daemon.said("gns3.server.up", 2)
        daemon.said("gns3.server.down")
        daemon.said("gns3.project.closed", 2)
        assert not daemon.events("gns3.node.stopped")


def a_dead_compute_is_lost_and_comes_back():
    with Lab("--projects", "1", "--nodes", "5", "--computes", "2") as lab:
        daemon = lab.daemon
        wait("two computes", lambda: len(daemon.list("computes", connected="true")) == 2)
        lab.sim.tell("fault", kind="dead_compute")
        lost = wait("it is lost", lambda: daemon.events("gns3.compute.lost"))
        assert lost[0]["severity"] == "error" and len(daemon.list("computes", connected="true")) == 1
        assert daemon.one("servers")["status"] == "up"
        lab.sim.tell("fault", kind="none")
        wait("it is back", lambda: daemon.events("gns3.compute.back"))
        daemon.said("gns3.compute.lost")


def a_project_that_closes_takes_its_nodes_along_quietly():
    with Lab("--projects", "2", "--nodes", "20") as lab:
        daemon = lab.daemon
        wait("all nodes", lambda: len(daemon.list("nodes", status="started")) == 40)
        project = daemon.list("projects")[0]
        lab.sim.gns3("POST", f"/projects/{project['project_id']}/close", {})
        wait("closed", lambda: daemon.one("projects", id=project["id"])["status"] == "closed")
        wait("its nodes", lambda: len(
            daemon.list("nodes", project=project["id"], status="closed")) == 20)
        daemon.said("gns3.project.closed")
        assert not daemon.events("gns3.node.stopped")
        lab.sim.gns3("POST", f"/projects/{project['project_id']}/open", {})
        wait("opened", lambda: daemon.one("projects", id=project["id"])["status"] == "opened")
        wait("its nodes", lambda: not daemon.list("nodes", project=project["id"], status="closed"))


def a_lab_with_auto_close_stays_open_through_our_restarts():
    # Simulated time is ten times as fast, so the nine seconds GNS3 waits are 0.9.
    with Lab("--projects", "2", "--nodes", "5", "--speed", "10", server=FEEDS) as lab:
        daemon = lab.daemon
        wait("all nodes", lambda: len(daemon.list("nodes", status="started")) == 10)
        feeds = lab.sim.stats()["servers"][0]["feeds_opened"]
        for kill in (False, True):
            daemon.stop(kill)
            time.sleep(3)  # is the thing tested: GNS3 has 9 simulated seconds to close them
            daemon.start()
            feeds += 1
            wait("the controller's feed", lambda: lab.sim.stats()["servers"][0]["feeds_opened"] >= feeds)
        about = lab.sim.stats()["servers"][0]
        assert about["projects_opened"] == 2 and about["projects_auto_closed"] == 0, about
        routes = [route for route in about["routes"] if "{project_id}/notifications" in route]
        assert not routes, routes
        ids = {n["id"] for n in daemon.list("nodes")}
        assert len(ids) == 10 and not daemon.events("gns3.node.created")


def polling_stays_within_its_budget():
    with Lab("--projects", "40", "--nodes", "30", gns3="cost_max: 2\n") as lab:
        daemon = lab.daemon
        wait("all nodes", lambda: len(daemon.list("nodes")) == 1000
             and daemon.one("servers")["nodes"] == 1200, 60)
        wait("all links are read", lambda: daemon.one("servers")["links"] > 1000, 60)
        time.sleep(5)  # is the thing measured: the burst at the start is paid back
        before, began = lab.sim.stats()["servers"][0], time.monotonic()
        time.sleep(10)
        after, took = lab.sim.stats()["servers"][0], time.monotonic() - began
        requests = (after["requests"] - before["requests"]) / took
        kilobytes = (after["bytes_out"] - before["bytes_out"]) / took / 1000
        cost = requests * 1.1 + kilobytes * 0.07  # ms of GNS3's CPU a second, as measured on 2.2.59
        print(f"     {requests:.1f} requests/s, {kilobytes:.0f} kB/s: {cost / 10:.2f} % of a core")
        assert 5 < cost < 30, cost


def objects_of_servers_no_longer_configured_go():
    with Lab("--projects", "1", "--nodes", "5") as lab:
        daemon = lab.daemon
        wait("all nodes", lambda: len(daemon.list("nodes")) == 5)
        assert daemon.stop() == 0
        daemon.write(lab.yaml.replace("name: lab", "name: other"))
        daemon.start()
        wait("the other", lambda: len(daemon.list("nodes", server="other")) == 5)
        assert not daemon.list("nodes", server="lab") and not daemon.list("servers", id="lab")


def whatever_a_server_answers_its_objects_stay_and_it_recovers():
    with Lab("--projects", "2", "--nodes", "10", server="    timeout: 1s\n") as lab:
        daemon = lab.daemon
        wait("all nodes", lambda: len(daemon.list("nodes", status="started")) == 20)
        ids = {n["id"] for n in daemon.list("nodes")}
        before = lab.sim.stats()["servers"][0]["requests"]
        for kind in ("garbage", "half", "error500"):
            lab.sim.tell("fault", kind=kind, path_prefix="/v2/projects")
            wait("it is asked", lambda: lab.sim.stats()["servers"][0]["requests"] > before + 5)
            assert {n["id"] for n in daemon.list("nodes")} == ids, kind
            before = lab.sim.stats()["servers"][0]["requests"]
        lab.sim.tell("fault", kind="none")
        pid = daemon.list("projects")[0]["project_id"]
        lab.sim.gns3("POST", f"/projects/{pid}/nodes/stop", {})
        wait("polling goes on", lambda: daemon.list("nodes", status="stopped"), 90)
        assert {n["id"] for n in daemon.list("nodes")} == ids


if __name__ == "__main__":
    run([
        whatever_a_server_answers_its_objects_stay_and_it_recovers,
        objects_are_in_step_with_gns3,
        a_restore_that_changes_ids_keeps_objects_and_series,
        a_crash_is_told_from_a_stop_on_a_followed_project,
        a_server_that_was_shot_comes_back_with_its_projects_closed,
        a_dead_compute_is_lost_and_comes_back,
        a_project_that_closes_takes_its_nodes_along_quietly,
        a_lab_with_auto_close_stays_open_through_our_restarts,
        polling_stays_within_its_budget,
        objects_of_servers_no_longer_configured_go,
    ])
