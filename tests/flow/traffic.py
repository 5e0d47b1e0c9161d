#!/usr/bin/env python3
"""What gnswatch says of traffic, in simulated labs: counters of a hypervisor, captures, the switch."""
import os
import time

from gns3_lab import Lab, ask, run, wait

WITHIN = 5.5  # what is promised is five seconds; half a second is ours, for asking


class Labs(Lab):
    """A lab whose daemon has the traffic plugin, too."""

    def __init__(self, *options, traffic="", **more):
        # Ids of its own: a hypervisor of a simulator elsewhere on this machine would be taken for its.
        super().__init__("--seed", str(int.from_bytes(os.urandom(5), "big")), *options, **more)
        conf = os.path.join(self.folder, "conf.d")
        os.makedirs(conf, exist_ok=True)
        with open(os.path.join(conf, "traffic.yaml"), "w") as file:
            file.write(traffic or "# as it is\n")

    def all(self, plural):
        return ask(f"{self.daemon.base}/api/traffic/{plural}")[1]["items"]

    def project(self, name):
        return next(p for p in self.all("projects") if p["name"] == name)

    def switch(self):
        return self.all("switch")[0]

    def command(self, name, **params):
        return ask(f"{self.daemon.base}/api/v1/commands/traffic.{name}", "POST", params)

    def becomes(self, name, status, within=60):
        begun = time.monotonic()
        wait(f"{name} is {status}", lambda: self.project(name)["status"] == status, within)
        return time.monotonic() - begun

    def names(self):
        return sorted(p["name"] for p in self.all("projects"))

    def stat(self, name):
        return self.sim.stats()["servers"][0][name]


def counters_tell_active_idle_and_no_data_within_five_seconds():
    with Labs("--projects", "2", "--nodes", "5", "--counters", "--pps", "50") as lab:
        wait("both projects", lambda: len(lab.all("projects")) == 2)
        first, second = lab.names()
        lab.becomes(first, "active")
        lab.becomes(second, "active")
        links = lab.all("links")
        assert {link["source"] for link in links} == {"ubridge"}, links
        assert all("uBridge" in link["why"] for link in links), links
        lab.sim.tell("project", project=first, action="quiet")
        assert lab.becomes(first, "idle") < WITHIN
        assert lab.project(second)["status"] == "active"
        lab.sim.tell("project", project=first, action="busy")
        assert lab.becomes(first, "active") < WITHIN
        lab.sim.tell("project", project=first, action="close")
        lab.becomes(first, "no_data")
        topics = {"traffic.project." + s for s in ("active", "idle", "no_data")}
        wait("all is said", lambda: topics == {
            e["topic"] for e in lab.daemon.events("traffic.project.*")})
        assert lab.stat("hypervisor_asks") > 10
        assert lab.stat("hypervisor_others") == 0  # nothing but questions
        assert lab.stat("captures_started") == 0


def rates_are_what_the_hypervisor_counts_and_survive_a_restart_of_a_node():
    with Labs("--projects", "1", "--nodes", "4", "--counters", "--pps", "100") as lab:
        lab.becomes(wait("a project", lambda: lab.names())[0], "active")
        wait("rows", lambda: lab.daemon.series("traffic.link"))
        project = lab.daemon.one("projects")
        node = next(n for n in lab.daemon.list("nodes") if n["node_type"] == "vpcs")
        for action in ("stop", "start"):
            assert lab.daemon.call(f"node.{action}", id=node["id"])[0] == 200
        lab.becomes(project["name"], "active")
        time.sleep(6)  # rows of three turns: passing time is what makes rates
        for series in lab.daemon.series("traffic.link"):
            values = series["last"]["values"]
            assert 0 <= values["ab_packets"] < 1000 and values["drops"] == 0, series
        total = next(s for s in lab.daemon.series("traffic.project"))["last"]["values"]
        nodes = [s["last"]["values"] for s in lab.daemon.series("traffic.node")]
        assert total["packets"] > 0 and total["active"] == 1, total
        sent = sum(n["out_packets"] for n in nodes)
        got = sum(n["in_packets"] for n in nodes)
        assert abs(sent - got) <= 0.01 * sent and abs(sent - total["packets"]) <= 0.05 * sent, (
            sent, got, total)


def a_dead_link_is_told_and_lives_again_with_its_node():
    with Labs("--projects", "1", "--nodes", "7", "--counters", "--pps", "100",
              traffic="every: 1s\n") as lab:
        wait("active links", lambda: [l for l in lab.all("links") if l["status"] == "active"])
        project = lab.daemon.one("projects")
        # Both ends must count to see that one of them hears nothing.
        kinds = {n["id"]: n["node_type"] for n in lab.daemon.list("nodes")}
        links = [l for l in lab.daemon.list("links")
                 if all(kinds[e["node"]] in ("vpcs", "qemu") for e in l["nodes"])]
        if not links:
            pcs = [n for n in lab.daemon.list("nodes") if n["node_type"] == "vpcs"]
            for link in lab.daemon.list("links"):
                if {e["node"] for e in link["nodes"]} & {n["id"] for n in pcs[:2]}:
                    assert lab.daemon.call("link.delete", id=link["id"])[0] == 200
            status, link = lab.daemon.call("link.create", project=project["id"], nodes=[
                {"node": n["name"], "adapter_number": 0, "port_number": 0} for n in pcs[:2]])
            assert status == 200, link
            links = [link]
        link = links[0]
        about = lambda: [l for l in lab.all("links") if l["id"] == link["id"]][0]
        wait("it carries", lambda: about()["status"] == "active")
        lab.sim.tell("link", project=project["name"], link=link["link_id"], action="die")
        event = wait("it is told", lambda: lab.daemon.events("traffic.link.dead"))[0]
        assert event["id"] == link["id"] and about()["fault"], event
        lab.sim.tell("link", project=project["name"], link=link["link_id"], action="revive")
        wait("it lives", lambda: lab.daemon.events("traffic.link.alive"))
        assert about()["fault"] is None


def captures_are_started_once_and_never_stopped():
    yaml = "every: 1s\ncaptures: yes\ncaptures_max: 3\n"
    with Labs("--projects", "1", "--nodes", "6", "--pps", "50", traffic=yaml) as lab:
        name = wait("a project", lambda: lab.names())[0]
        project = lab.daemon.one("projects")
        theirs = lab.sim.gns3("GET", f"/projects/{project['project_id']}/links")[1][-1]["link_id"]
        path = f"/projects/{project['project_id']}/links/{theirs}"
        lab.sim.gns3("POST", f"{path}/start_capture", {})  # somebody else's
        lab.becomes(name, "active")
        wait("three are read", lambda: lab.stat("streams_open") == 3)
        read = lambda: [l for l in lab.all("links") if l["captured"]]
        wait("they are shown", lambda: [l["source"] for l in read()] == 3 * ["capture"])
        wait("protocols", lambda: any(l["protocols"] for l in lab.all("links")))
        assert lab.daemon.series("traffic.protocol")
        more = [l for l in lab.all("links") if not l["captured"]]
        assert more and all("captures_max" in l["why"] for l in more), more
        started = lab.stat("captures_started")
        lab.sim.tell("project", project=name, action="quiet")
        wait("its read links are idle",
             lambda: all(l["status"] == "idle" for l in lab.all("links") if l["captured"]))
        assert lab.project(name)["status"] == "no_data"  # of three links of five nobody knows more
        lab.sim.tell("project", project=name, action="busy")
        lab.daemon.stop()
        lab.daemon.start()
        wait("they are read again", lambda: lab.stat("streams_open") == 3)
        lab.becomes(name, "active")
        ours = [l for l in lab.all("links") if l["started_capture"]]
        assert 2 <= len(ours) <= 3, ours
        routes = lab.sim.stats()["servers"][0]["routes"]
        assert not [r for r in routes if "stop_capture" in r or "capture/stop" in r], routes
        assert lab.stat("captures_stopped") == 0
        assert lab.stat("captures_started") == started
        assert lab.stat("projects_auto_closed") == 0


def a_capture_counts_each_packet_that_is_captured():
    with Labs("--projects", "1", "--nodes", "3", "--pps", "60",
              traffic="every: 1s\ncaptures: yes\n") as lab:
        name = wait("a project", lambda: lab.names())[0]
        lab.sim.tell("project", project=name, action="quiet")
        wait("all is read", lambda: [l["captured"] for l in lab.all("links")] == [True] * 2)
        lab.becomes(name, "idle")
        lab.sim.tell("project", project=name, action="busy")
        lab.becomes(name, "active")
        time.sleep(10)  # some traffic: passing time is what makes it
        lab.sim.tell("project", project=name, action="quiet")
        lab.becomes(name, "idle")
        project = lab.daemon.one("projects")
        for link in lab.daemon.list("links"):
            path = f"/projects/{project['project_id']}/links/{link['link_id']}/pcap"
            packets = count_packets(lab.sim.url() + "/v2" + path)
            counted = stored_packets(lab, link["name"])
            assert packets > 20 and abs(counted - packets) <= 0.01 * packets, (
                link["name"], packets, counted)


def count_packets(url):
    """Of the capture so far: a reader gets the file from its start."""
    import struct
    import urllib.request
    data = b""
    with urllib.request.urlopen(url, timeout=3) as stream:
        try:
            while True:
                piece = stream.read1(65536)
                if not piece:
                    break
                data += piece
        except TimeoutError:
            pass
    at, count = 24, 0
    while at + 16 <= len(data):
        at += 16 + struct.unpack_from("<I", data, at + 8)[0]
        count += 1
    return count


def stored_packets(lab, name):
    series = next(s for s in lab.daemon.series("traffic.link") if s["labels"]["link"] == name)
    item = ask(f"{lab.daemon.base}/api/v1/query?series={series['id']}&from=-5m&to=now&points=5000"
               )[1]["items"][0]
    return sum((v or 0) * item["step_ms"] / 1000
               for field in ("ab_packets", "ba_packets") for v in item["fields"][field])


def the_switch_follows_traffic_and_stays_where_it_is_pinned():
    yaml = "dwell: 2s\nleave_after: 2s\ncooldown: 1s\n"
    with Labs("--projects", "2", "--nodes", "4", "--counters", "--pps", "80", traffic=yaml) as lab:
        wait("both projects", lambda: len(lab.all("projects")) == 2)
        first, second = lab.names()
        lab.becomes(first, "active")
        lab.sim.tell("project", project=second, action="quiet")
        wait("first", lambda: lab.switch()["name"] == first)
        lab.sim.tell("project", project=first, action="quiet")
        lab.sim.tell("project", project=second, action="busy")
        wait("second", lambda: lab.switch()["name"] == second)
        decision = lab.switch()["decision"]
        assert decision["text"] and {c["name"] for c in decision["candidates"]} == {first, second}
        wait("it is said", lambda: lab.project(second)["id"] in [
            e["data"]["to"] for e in lab.daemon.events("traffic.switch")])
        status, answer = lab.command("project.select", id=first)
        assert status == 200 and answer["name"] == first, answer
        lab.daemon.stop()
        lab.daemon.start()
        lab.becomes(second, "active")
        assert lab.switch()["name"] == first
        assert lab.command("auto_switch", enabled=True)[0] == 200
        wait("second again", lambda: lab.switch()["name"] == second)
        status, answer = lab.command("status")
        assert status == 200 and answer["switch"]["name"] == second, answer
        assert {p["name"]: p["packets_s"] > 1 for p in answer["projects"]} == {
            first: False, second: True}, answer


run([
    a_dead_link_is_told_and_lives_again_with_its_node,
    a_capture_counts_each_packet_that_is_captured,
    captures_are_started_once_and_never_stopped,
    counters_tell_active_idle_and_no_data_within_five_seconds,
    rates_are_what_the_hypervisor_counts_and_survive_a_restart_of_a_node,
    the_switch_follows_traffic_and_stays_where_it_is_pinned,
])
