"""Snapshots of a simulated lab: taken, refused, quiesced, torn by others, damaged, and recovered
after kill -9 in the middle."""
import os

from snapshot_lab import SCHEDULE, VERSIONS, Lab, run, wait


def a_stopped_lab_is_taken_verified_and_in_the_catalogue():
    for version in VERSIONS:
        with Lab(version=version, started=0) as lab:
            status, answer = lab.call("snapshot.take", project=lab.project()["id"], name="first")
            assert status == 200, answer
            assert answer["state"] == "done", answer
            copy = lab.copies()["first"]
            assert copy["verified"] == "ok", copy
            assert copy["verify"]["nodes"] == 5 and copy["verify"]["files"] == 5, copy
            assert copy["on_server"] and copy["bytes"] > 1000, copy
            wait("said", lambda: lab.events("snapshot.taken"))
            series = wait("a series", lambda: lab.daemon.series("snapshot.project"))
            assert series[0]["labels"]["server"] == "lab", series


def a_running_lab_is_left_alone_in_mode_stopped():
    with Lab() as lab:
        status, answer = lab.call("snapshot.take", project=lab.project()["id"], name="first")
        assert status == 409 and "it runs" in answer["detail"], (status, answer)
        assert len(lab.running()) == 4
        assert lab.copies() == {}
        wait("said", lambda: lab.events("snapshot.skipped"))


def quiesce_starts_exactly_what_ran():
    for version in VERSIONS:
        with Lab(version=version, snapshot=SCHEDULE) as lab:
            idle = lab.running()[0]
            status, answer = lab.call("gns3.node.stop", id=idle)
            assert status == 200, answer
            before = lab.running()
            assert idle not in before and len(before) == 3
            ended = lab.schedule()
            assert ended["state"] == "done", ended
            assert lab.running() == before
            assert [n["now"] for n in ended["nodes"]] == ["ready"] * 3, ended
            copy = lab.some("copies")[0]
            assert copy["schedule"] == "nightly" and copy["verified"] == "ok", copy
            assert not os.listdir(os.path.join(lab.daemon.state, "plugins", "snapshot", "runs")) \
                if os.path.exists(os.path.join(lab.daemon.state, "plugins", "snapshot")) else True


def journal_phase(lab):
    for folder, _, files in os.walk(lab.daemon.state):
        if os.path.basename(folder) == "runs":
            for name in files:
                if name.endswith(".json"):
                    with open(os.path.join(folder, name)) as file:
                        text = file.read()
                    return int(text.split('"phase":')[1].split(",")[0].strip(" }"))
    return 0


def killed_in_a_quiesce(phase, prepare, version):
    """kill -9 when the journal says `phase`; then the nodes that ran must run again."""
    with Lab(version=version, snapshot=SCHEDULE) as lab:
        lab.call("gns3.node.stop", id=lab.running()[0])
        before = lab.running()
        assert len(before) == 3
        prepare(lab)
        status, answer = lab.call("snapshot.schedule.run", id="nightly")
        number = answer["runs"][0]
        wait(f"phase {phase}", lambda: journal_phase(lab) == phase, 30)
        lab.daemon.kill()
        lab.sim.tell("fault", kind="none")
        lab.sim.tell("project", project=lab.known, snapshot_ms=0)
        lab.daemon.start()
        ended = lab.run_ended(number, 90)
        wait("what ran runs again", lambda: lab.running() == before, 60)
        assert "ended in the middle" in str(ended["steps"]), ended
        return_of(lab, ended, phase)
        wait("the second try is done", lambda: all(
            r["state"] in ("done", "failed") for r in lab.runs()), 60)
        assert lab.runs()[-1]["state"] == "done", lab.runs()
        assert lab.running() == before
        assert all(c["verified"] == "ok" for c in lab.some("copies") if c["on_server"]), \
            lab.some("copies")


def return_of(lab, ended, phase):
    if phase in (2, 3):
        assert ended["state"] == "failed" and "were started again" in ended["text"], ended
    else:
        assert ended["state"] == "done", ended


def slow_nodes(lab):
    lab.known = lab.project()["name"]
    lab.sim.tell("fault", kind="slow", ms=1500,
                 path_prefix="/v%s/projects/%s/nodes/" % (lab.version[0],
                                                          lab.project()["project_id"]))


def slow_snapshot(lab):
    lab.known = lab.project()["name"]
    lab.sim.tell("project", project=lab.known, snapshot_ms=4000)


def killed_while_nodes_are_stopped_they_run_again():
    for version in VERSIONS:
        killed_in_a_quiesce(2, slow_nodes, version)


def killed_while_it_is_taken_the_nodes_run_again_and_the_snapshot_is_not_trusted():
    for version in VERSIONS:
        killed_in_a_quiesce(3, slow_snapshot, version)


def killed_while_nodes_are_started_they_run_and_the_snapshot_stays():
    killed_in_a_quiesce(4, slow_nodes, "2.2.59")


def a_node_started_by_others_tears_it_and_it_is_taken_again():
    with Lab(snapshot=SCHEDULE) as lab:
        before = lab.running()
        slow_snapshot(lab)
        status, answer = lab.call("snapshot.schedule.run", id="nightly")
        wait("it is being taken", lambda: journal_phase(lab) == 3, 30)
        lab.sim.tell("node", project=lab.known, node=before[0], action="start")
        lab.sim.tell("project", project=lab.known, snapshot_ms=0)
        ended = lab.run_ended(answer["runs"][0])
        assert ended["state"] == "done", ended
        assert "torn" in str(ended["steps"]) and "again" in str(ended["steps"]), ended
        assert lab.running() == before
        there = [c for c in lab.some("copies") if c["on_server"]]
        assert len(there) == 1 and there[0]["verified"] == "ok", there


def files_gns3_left_out_are_found():
    with Lab(started=0) as lab:
        project = lab.project()
        lab.call("snapshot.take", project=project["id"], name="good")
        victim = sorted(lab.nodes())[0]
        lab.sim.tell("project", project=project["name"], unreadable=victim)
        status, answer = lab.call("snapshot.take", project=project["id"], name="bad")
        assert status == 502 and "damaged" in answer["detail"], (status, answer)
        copy = lab.copies()["bad"]
        assert copy["verified"] == "bad" and "startup.vpc" in copy["verify"]["missing"][0], copy
        wait("said", lambda: lab.events("snapshot.damaged"))
        status, answer = lab.call("snapshot.copy.verify", id="bad", accept=True)
        assert status == 200 and lab.copies()["bad"]["verified"] == "ok", answer


def archives_that_are_cut_or_gone_are_found():
    for version in VERSIONS:
        with Lab(started=0, version=version) as lab:
            project = lab.project()
            for name, action, part in (("a", "cut", "does not open"), ("b", "lose", "no file")):
                assert lab.call("snapshot.take", project=project["id"], name=name)[0] == 200
                lab.sim.tell("snapshot", project=project["name"], snapshot=name, action=action)
                status, answer = lab.call("snapshot.copy.verify", id=name)
                assert status == 502, (status, answer)
                copy = lab.copies()[name]
                assert copy["verified"] == "bad" and part in copy["verify"]["text"], copy
                status, answer = lab.call("snapshot.copy.restore", id=name)
                assert status == 502 and "it is not restored" in answer["detail"], (status, answer)


def a_server_that_goes_away_before_the_start_is_waited_for():
    with Lab(snapshot=SCHEDULE) as lab:
        before = lab.running()
        slow_nodes(lab)
        status, answer = lab.call("snapshot.schedule.run", id="nightly")
        wait("nodes are to be started", lambda: journal_phase(lab) == 4, 60)
        lab.sim.tell("fault", kind="down")
        wait("it is seen down", lambda: lab.daemon.list("servers")[0]["status"] != "up", 30)
        lab.sim.tell("fault", kind="none")
        ended = lab.run_ended(answer["runs"][0], 90)
        assert ended["state"] == "done", ended
        assert lab.running() == before


run([a_stopped_lab_is_taken_verified_and_in_the_catalogue,
     a_running_lab_is_left_alone_in_mode_stopped,
     quiesce_starts_exactly_what_ran,
     killed_while_nodes_are_stopped_they_run_again,
     killed_while_it_is_taken_the_nodes_run_again_and_the_snapshot_is_not_trusted,
     killed_while_nodes_are_started_they_run_and_the_snapshot_stays,
     a_node_started_by_others_tears_it_and_it_is_taken_again,
     files_gns3_left_out_are_found,
     archives_that_are_cut_or_gone_are_found,
     a_server_that_goes_away_before_the_start_is_waited_for])
