#!/usr/bin/env python3
"""GNS3 servers in a bad way: the daemon stays well, what it knows stays, and labs stay open."""
import time

from daemon import LOAD, Daemon, Sim, ask, gns3_yaml, run, wait


class World:
    """A daemon, two servers of which one gets ill, and a turn of another plugin to compare with."""

    def __init__(self, *options, each="", more=""):
        self.daemon = Daemon(start=False, load=LOAD)
        self.sim = Sim(self.daemon.folder, "--servers", "2", "--projects", "2", "--nodes", "6",
                       "--opened", "2", *options)
        self.daemon.write("gns3", gns3_yaml(self.sim, more, each))

    def __enter__(self):
        try:
            self.daemon.__enter__()
            self.daemon.start()
        except BaseException:
            self.sim.stop()
            raise
        return self

    def __exit__(self, *error):
        self.daemon.__exit__(*error)
        self.sim.process.kill()  # it may be in the middle of a slow answer
        self.sim.process.wait()

    def nodes(self, server):
        return {n["id"] for n in self.daemon.list("nodes", server=f"lab{server}")}

    def server(self, server):
        return self.daemon.list("servers", id=f"lab{server}")[0]


def well(daemon, began, turns):
    """Nothing else suffers: turns are on time, answers come soon, nothing is dropped."""
    asked = time.monotonic()
    health = daemon.health()
    assert time.monotonic() - asked < 1
    assert health["status"] == "ok", health
    load = daemon.instances()["load"]
    passed = time.monotonic() - began
    assert load["ticks"] - turns >= passed - 3, (load, turns, passed)
    assert daemon.instances()["gns3"]["state"] == "running"
    assert daemon.instances()["gns3"]["restarts"] == 0


def a_server_that_answers(kind, more):
    with World(each="    timeout: 2s\n") as world:
        daemon = world.daemon
        wait("all nodes", lambda: len(world.nodes(0)) == len(world.nodes(1)) == 12)
        before, began, turns = world.nodes(0), time.monotonic(), daemon.instances()["load"]["ticks"]
        world.sim.tell("fault", server=0, kind=kind, **more)
        wait("it is seen as down", lambda: world.server(0)["status"] == "down")
        wait("its breaker opens", lambda: world.server(0)["breaker"] in ("open", "half-open"))
        wait("it is said", lambda: daemon.events("gns3.server.down"))
        assert world.nodes(0) == before, "what is known of the lab stays"
        assert world.server(1)["status"] == "up"
        well(daemon, began, turns)
        world.sim.tell("fault", server=0, kind="none")
        wait("it is up again", lambda: world.server(0)["status"] == "up", 45)
        wait("the same nodes", lambda: world.nodes(0) == before)
        assert not daemon.events("gns3.node.deleted") and not daemon.events("gns3.node.created")


def garbage_opens_the_breaker_and_labs_are_kept():
    a_server_that_answers("garbage", {})


def half_answers_open_the_breaker_and_labs_are_kept():
    a_server_that_answers("half", {})


def errors_open_the_breaker_and_labs_are_kept():
    a_server_that_answers("error500", {})


def silence_opens_the_breaker_and_labs_are_kept():
    a_server_that_answers("hang", {})


def slowness_beyond_the_timeout_opens_the_breaker_and_labs_are_kept():
    a_server_that_answers("slow", {"ms": 20000})


def a_server_that_is_down_opens_the_breaker_and_labs_are_kept():
    a_server_that_answers("down", {})


def one_bad_list(kind):
    with World() as world:
        wait("all nodes", lambda: len(world.nodes(0)) == len(world.nodes(1)) == 12)
        before, began = world.nodes(0), time.monotonic()
        turns = world.daemon.instances()["load"]["ticks"]
        requests = world.sim.stats()["servers"][0]["requests"]
        world.sim.tell("fault", server=0, kind=kind, path_prefix="/v2/projects/")
        wait("it goes on asking",
             lambda: world.sim.stats()["servers"][0]["requests"] > requests + 10)
        assert world.nodes(0) == before
        well(world.daemon, began, turns)


def one_list_of_garbage_spoils_nothing_else():
    one_bad_list("garbage")


def half_a_list_spoils_nothing_else():
    one_bad_list("half")


def one_list_refused_spoils_nothing_else():
    one_bad_list("error500")


def labs_with_auto_close_stay_open_over_a_restart_and_a_kill():
    # Simulated time is ten times as fast: GNS3 would close them after 0.9 s without a listener.
    with World("--speed", "10", each="    project_feeds: yes\n") as world:
        daemon, sim = world.daemon, world.sim
        for server in (0, 1):
            for project in ask(f"{sim.url(server)}/v2/projects")[1]:
                sim.tell("project", server=server, project=project["project_id"], auto_close=True)
        wait("all nodes", lambda: len(world.nodes(0)) == len(world.nodes(1)) == 12)
        wait("auto_close is seen", lambda: all(p["auto_close"] for p in daemon.list("projects")))
        daemon.stop()
        daemon.start()
        wait("up", lambda: world.server(0)["status"] == world.server(1)["status"] == "up")
        for end in (daemon.stop, daemon.kill):
            end()
            time.sleep(2)  # is the thing tested: 20 s of the simulator's, 9 would be enough
            for about in sim.stats()["servers"]:
                assert about["projects_opened"] == 2, about
                assert about["projects_auto_closed"] == 0, about
            daemon.start()
            wait("up", lambda: world.server(0)["status"] == world.server(1)["status"] == "up")
        assert len(daemon.list("projects", status="opened")) == 4


if __name__ == "__main__":
    run([
        garbage_opens_the_breaker_and_labs_are_kept,
        half_answers_open_the_breaker_and_labs_are_kept,
        errors_open_the_breaker_and_labs_are_kept,
        silence_opens_the_breaker_and_labs_are_kept,
        slowness_beyond_the_timeout_opens_the_breaker_and_labs_are_kept,
        a_server_that_is_down_opens_the_breaker_and_labs_are_kept,
        one_list_of_garbage_spoils_nothing_else,
        half_a_list_spoils_nothing_else,
        one_list_refused_spoils_nothing_else,
        labs_with_auto_close_stay_open_over_a_restart_and_a_kill,
    ])
