"""The alert plugin in a real daemon with the simulator: servers shot, nodes crashed, the daemon
killed meanwhile; each notice counted by a receiver that keeps them in a file."""
import json
import os
import random
import shutil
import tempfile
import time

from daemon import Daemon, Sim, ask, gns3_yaml, run, wait

FEEDS = "    project_feeds: yes\n"
QUICK = """settle: 3s
group_wait: 1s
group_interval: 2s
group_by: [alertname, server, project, node]
receivers:
  - name: team
    send: [{command: alert_sink.send, with: {to: team}}]
rules:
  - {name: server down, for: 2s}
  - {name: compute lost, for: 2s}
  - {name: node down, for: 3s}
  - {name: breaker open, keep_firing_for: 1s}
"""


class World:
    """A simulator, a daemon and the receiver's folder, for `with`."""

    def __init__(self, *options, each="", alert=QUICK):
        self.folder = tempfile.mkdtemp(prefix="gnswatch-alert-")
        self.sim = Sim(self.folder, *(options or ("--projects", "1", "--nodes", "5")))
        self.daemon = Daemon(gns3=gns3_yaml(self.sim, each=each), alert=alert,
                             alert_sink=f"folder: {self.folder}\n")

    def __enter__(self):
        try:
            self.daemon.__enter__()
            wait("all nodes", lambda: len(self.daemon.list("nodes")) > 0)
            wait("rules", lambda: len(self.objects("rule")) > 20)
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, kind, value, trace):
        self.daemon.__exit__(kind, value, trace)
        self.end()

    def end(self):
        if self.sim.process.poll() is None:
            self.sim.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def objects(self, kind, **filters):
        return self.daemon.get(f"/api/v1/objects/alert.{kind}", limit=1000, **filters)["items"]

    def alert(self, rule):
        items = [a for a in self.objects("alert") if a["rule"] == rule]
        return items[0] if items else None

    def notices(self, rule=None, kind=None):
        path = os.path.join(self.folder, "notices")
        if not os.path.exists(path):
            return []
        with open(path) as file:
            whole = [json.loads(line) for line in file if line.endswith("\n")]
        return [n for n in whole if (not kind or n["kind"] == kind) and
                (not rule or any(a["rule"] == rule for a in n["alerts"]))]

    def refuse(self, on):
        path = os.path.join(self.folder, "refuse")
        if on:
            open(path, "w").close()
        else:
            os.unlink(path)

    def call(self, command, **params):
        return ask(f"{self.daemon.base}/api/v1/commands/{command}?wait=30", "POST", params)

    def kill(self):
        self.daemon.kill()
        self.daemon.start()

    def shoot(self):
        """kill -9 of the GNS3 server: its projects are closed, and nothing listens until boot()."""
        self.sim.tell("restart", ms=600000, graceful=False)

    def boot(self):
        self.sim.tell("restart", ms=1, graceful=False)
        wait("it is up", lambda: self.daemon.list("servers")[0]["status"] == "up")


def quiet(world, seconds):
    """Nothing more is told: the time is what is tested."""
    before = len(world.notices())
    time.sleep(seconds)
    assert len(world.notices()) == before, world.notices()[before:]


def a_shot_server_is_told_once_and_so_is_its_return_over_kills_of_the_daemon():
    with World() as world:
        quiet(world, 5)
        chance = random.Random(7)
        for round_number in range(1, 3):
            world.shoot()
            for _ in range(2):
                time.sleep(chance.uniform(0.5, 4))  # a moment of no meaning
                world.kill()
            wait("it is told", lambda: len(world.notices("server down", "firing")) == round_number)
            world.kill()
            world.boot()
            wait("its end is told",
                 lambda: len(world.notices("server down", "resolved")) == round_number)
        quiet(world, 6)
        assert len(world.notices("server down", "firing")) == 2
        assert len(world.notices("server down", "resolved")) == 2
        assert not [n for n in world.notices() if n["alerts"][0]["rule"] != "server down"], \
            world.notices()
        last = world.notices("server down", "resolved")[-1]
        assert last["alerts"][0]["duration_ms"] > 3000 and last["status"] == "resolved", last
        assert last["thread"] == world.notices("server down", "firing")[-1]["thread"]


def a_crashed_node_is_told_until_it_runs_again_and_its_stop_is_not_told_as_well():
    with World("--projects", "1", "--nodes", "5", each=FEEDS) as world:
        daemon = world.daemon
        project = daemon.list("projects")[0]
        status, _ = world.call("gns3.project.update", id=project["id"], auto_close=False)
        assert status == 200
        wait("it is followed", lambda: daemon.list("projects")[0]["followed"])
        wait("the feed", lambda: world.sim.stats()["servers"][0]["feeds_open"] == 2)
        node = daemon.list("nodes", node_type="vpcs")[0]
        world.sim.tell("node", project=project["name"], node=node["name"], action="crash")
        wait("the crash is told", lambda: world.notices("node crashed", "firing"))
        alert = world.alert("node crashed")
        assert alert["subject"]["id"] == node["id"] and alert["labels"]["node"] == node["name"], alert
        world.kill()
        quiet(world, 6)
        assert not world.notices("node down")
        assert world.call("gns3.node.start", id=node["id"])[0] == 200
        wait("its end is told", lambda: world.notices("node crashed", "resolved"))
        quiet(world, 5)
        assert len(world.notices()) == 2, world.notices()


def a_notice_waits_while_nobody_takes_it_also_over_a_kill():
    with World() as world:
        world.refuse(True)
        world.shoot()
        wait("it fires", lambda: (world.alert("server down") or {}).get("state") == "firing")
        wait("it waits", lambda: world.objects("receiver")[0]["waiting"] == 1)
        world.kill()
        wait("it waits still", lambda: world.objects("receiver")[0]["waiting"] == 1)
        assert not world.notices()
        world.refuse(False)
        wait("it is taken", lambda: world.notices("server down", "firing"), 60)
        wait("nothing waits", lambda: world.objects("receiver")[0]["waiting"] == 0, 60)
        assert len(world.notices("server down", "firing")) == 1


def a_silence_and_an_acknowledgement_outlive_a_kill():
    with World() as world:
        status, silence = world.call("alert.silence.create", matchers=["alertname=node down"],
                                     duration="1h", comment="lesson")
        assert status == 200 and silence["state"] == "active" and silence["author"], silence
        project = world.daemon.list("projects")[0]
        node = world.daemon.list("nodes", node_type="vpcs", status="started")[0]
        world.kill()
        wait("the list again", lambda: world.daemon.list("nodes", id=node["id"])[0]["status"]
             == "started")
        world.sim.gns3("POST", f"/projects/{project['project_id']}/nodes/{node['node_id']}/stop", {})
        alert = wait("it fires", lambda: (world.alert("node down") or {}).get("state") == "firing"
                     and world.alert("node down"))
        status, acked = world.call("alert.alert.acknowledge", id=alert["id"], comment="I know")
        assert status == 200 and acked["acknowledged"]["comment"] == "I know", acked
        world.kill()
        alert = wait("it is shown", lambda: (world.alert("node down") or {}).get("acknowledged")
                     and world.alert("node down")["silenced_by"] and world.alert("node down"))
        assert alert["acknowledged"]["comment"] == "I know", alert
        quiet(world, 8)
        assert not world.notices("node down")


def a_rule_runs_over_stored_history():
    with World() as world:
        wait("series", lambda: world.daemon.series("gns3.server", server="lab0"))
        wait("rows", lambda: len(world.daemon.rows("gns3.server", server="lab0")) > 3)
        world.shoot()
        wait("it fires", lambda: (world.alert("server down") or {}).get("state") == "firing")
        world.boot()
        wait("it is over", lambda: world.alert("server down")["state"] == "resolved")
        since = int(time.time() * 1000) - 120000  # so short a stretch is known by the second
        answer = wait("its end is in history too", lambda: [
            answer for _, answer in [world.call("alert.test", rule="server down", **{"from": since})]
            if answer["fired"] and answer["fired"][0]["to"]])[0]
        assert len(answer["fired"]) == 1, answer
        fired, alert = answer["fired"][0], world.alert("server down")
        assert fired["labels"] == {"server": "lab0"} and fired["severity"] == "critical", fired
        assert abs(fired["from"] - alert["fired"]) < 4000, (fired, alert)
        assert abs(fired["to"] - alert["ended"]) < 4000, (fired, alert)


if __name__ == "__main__":
    run([
        a_shot_server_is_told_once_and_so_is_its_return_over_kills_of_the_daemon,
        a_crashed_node_is_told_until_it_runs_again_and_its_stop_is_not_told_as_well,
        a_notice_waits_while_nobody_takes_it_also_over_a_kill,
        a_silence_and_an_acknowledgement_outlive_a_kill,
        a_rule_runs_over_stored_history,
    ])
