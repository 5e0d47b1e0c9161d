#!/usr/bin/env python3
"""A file of conf.d that changes takes effect by itself, for its instance alone, within a second."""
import os
import time

from daemon import LOAD, Daemon, run, wait

SOON = 5  # a loaded machine; what is measured is in the test that says so


def ticks(daemon, name):
    return daemon.instances()[name]["ticks"]


def options(daemon, name):
    return daemon.instances().get(name, {"options": {}})["options"]


def path(daemon, name):
    return os.path.join(daemon.conf, name + ".yaml")


def write_in_place(daemon, name, text):
    """As nano does, and `echo > file`."""
    daemon.write(name, text)


def write_in_pieces(daemon, name, text):
    with open(path(daemon, name), "w", buffering=1) as file:
        for piece in text.splitlines(keepends=True):
            file.write(piece)
            file.flush()


def rename_over(daemon, name, text):
    """As many editors and every deployment tool do."""
    temporary = os.path.join(daemon.conf, "." + name + ".yaml.new")
    with open(temporary, "w") as file:
        file.write(text)
    os.rename(temporary, path(daemon, name))


def backup_and_write(daemon, name, text):
    """As vim does: the old file is renamed, the new one has its name, the old one goes."""
    os.rename(path(daemon, name), path(daemon, name) + "~")
    with open(path(daemon, name), "w") as file:
        file.write(text)
    os.unlink(path(daemon, name) + "~")


def delete_and_write(daemon, name, text):
    os.unlink(path(daemon, name))
    with open(path(daemon, name), "w") as file:
        file.write(text)


def link_to_another(daemon, name, text):
    """As stow and Kubernetes do."""
    other = os.path.join(daemon.folder, f"{name}.{time.monotonic_ns()}")
    with open(other, "w") as file:
        file.write(text)
    os.symlink(other, other + ".link")
    os.rename(other + ".link", path(daemon, name))


def undisturbed(before, after, name):
    """Its ticks go on from where they were, and at the same phase."""
    was, now = before[name], after[name]
    assert now["ticks"] >= was["ticks"] and now["restarts"] == 0, (was, now)
    rest = (now["last_tick"] - was["last_tick"]) % was["every_ms"]
    off = min(rest, was["every_ms"] - rest)
    assert off < 400, f"{name} is {off} ms out of its phase: {was} {now}"


def a_file_written_in_any_way_takes_effect_for_its_instance_alone():
    ways = [write_in_place, write_in_pieces, rename_over, backup_and_write, delete_and_write,
            link_to_another]
    with Daemon(load=LOAD, flood="series: 1\n", fixed="plugin: unruly\n") as daemon:
        wait("turns", lambda: ticks(daemon, "load") >= 2 and ticks(daemon, "fixed") >= 2)
        before = daemon.instances()
        for number, way in enumerate(ways, 2):
            way(daemon, "flood", f"series: {number}\nfields: 2\n")
            wait(f"{number} series after {way.__name__}",
                 lambda n=number: options(daemon, "flood").get("series") == n, SOON)
        time_before = daemon.instances()["load"]["ticks"]
        wait("more turns", lambda: ticks(daemon, "load") > time_before)
        after = daemon.instances()
        undisturbed(before, after, "load")
        undisturbed(before, after, "fixed")
        assert not daemon.events("gnswatch.conf.refused"), daemon.events("gnswatch.conf.refused")


def a_change_is_there_within_a_second():
    """The best of five: the machine may be busy, the daemon may not be slow."""
    best = 60.0
    with Daemon(flood="series: 1\n") as daemon:
        wait("a turn", lambda: ticks(daemon, "flood") >= 1)
        for number in range(2, 7):
            begin = time.monotonic()
            rename_over(daemon, "flood", f"series: {number}\n")
            wait("it runs", lambda n=number: options(daemon, "flood").get("series") == n and
                 daemon.instances()["flood"]["state"] == "running")
            best = min(best, time.monotonic() - begin)
            if best < 1:
                break
    assert best < 1, f"{best:.2f} s"


def files_that_come_and_go_are_instances_that_come_and_go():
    with Daemon(load=LOAD) as daemon:
        wait("a turn", lambda: ticks(daemon, "load") >= 1)
        before = daemon.instances()
        daemon.write("flood", "series: 3\n")
        wait("a new instance", lambda: "flood" in daemon.instances() and ticks(daemon, "flood") >= 1)
        os.unlink(path(daemon, "flood"))
        wait("one instance fewer", lambda: set(daemon.instances()) == {"load"})
        undisturbed(before, daemon.instances(), "load")


def a_bad_file_leaves_its_instance_and_does_not_keep_others_waiting():
    with Daemon(load=LOAD, flood="series: 3\n", other="plugin: unruly\nmark: 3\n") as daemon:
        wait("turns", lambda: ticks(daemon, "flood") >= 1 and ticks(daemon, "load") >= 1)
        before = daemon.instances()
        daemon.write("flood", "series: 3\nfeilds: 2\n")
        event = wait("it is said", lambda: daemon.events("gnswatch.conf.refused"))[0]
        assert "flood.yaml:2:1: unknown option 'feilds'; did you mean 'fields'?" in event["text"]
        assert event["severity"] == "error" and event["data"]["file"] == "flood.yaml", event
        daemon.says("flood.yaml:2:1")
        daemon.write("other", "plugin: unruly\nmark: 4\n")
        wait("the other one", lambda: options(daemon, "other").get("mark") == 4)
        daemon.write("third", "plugin: unruly\nmark: 5\n")
        wait("a new one", lambda: options(daemon, "third").get("mark") == 5)
        after = daemon.instances()
        undisturbed(before, after, "flood")
        undisturbed(before, after, "load")
        assert len(daemon.events("gnswatch.conf.refused")) == 1, "it is said once"
        status, answer = daemon.post("/api/v1/commands/gnswatch.reload")
        assert status == 400 and "flood.yaml:2:1" in answer["detail"], (status, answer)
        daemon.write("flood", "series: 6\n")
        wait("it is mended", lambda: options(daemon, "flood").get("series") == 6)
        event = wait("that is said, too", lambda: daemon.events("gnswatch.conf.accepted"))[0]
        assert event["text"] == "flood.yaml is well again", event
        assert event["data"]["file"] == "flood.yaml", event
        daemon.says("flood.yaml is well again")


def a_bad_file_at_its_first_sight_is_said_and_starts_nothing():
    with Daemon(load=LOAD) as daemon:
        daemon.write("flood", "series: many\n")
        wait("it is said", lambda: daemon.events("gnswatch.conf.refused"))
        assert set(daemon.instances()) == {"load"}
        daemon.write("flood", "series: 1\n")
        wait("it runs", lambda: "flood" in daemon.instances())


def a_directory_that_is_replaced_is_watched_again():
    with Daemon(flood="series: 1\n") as daemon:
        wait("a turn", lambda: ticks(daemon, "flood") >= 1)
        old = daemon.conf + ".old"
        os.rename(daemon.conf, old)
        os.mkdir(daemon.conf)
        for name, text in (("gnswatch", open(os.path.join(old, "gnswatch.yaml")).read()),
                           ("flood", "series: 2\n")):
            daemon.write(name, text)
        wait("the new directory", lambda: options(daemon, "flood").get("series") == 2)
        daemon.write("flood", "series: 3\n")
        wait("a change in it", lambda: options(daemon, "flood").get("series") == 3)


def with_watch_files_off_only_a_reload_reads_again():
    with Daemon(gnswatch="api:\n  listen: 127.0.0.1:0\n  anonymous_role: admin\nwatch_files: no\n",
                flood="series: 1\n", load=LOAD) as daemon:
        wait("a turn", lambda: ticks(daemon, "flood") >= 1)
        daemon.write("flood", "series: 2\n")
        now = ticks(daemon, "load")
        wait("two seconds of load's turns", lambda: ticks(daemon, "load") >= now + 2)
        assert options(daemon, "flood")["series"] == 1
        assert daemon.post("/api/v1/commands/gnswatch.reload")[0] == 200
        wait("the change", lambda: options(daemon, "flood").get("series") == 2)


if __name__ == "__main__":
    run([
        a_file_written_in_any_way_takes_effect_for_its_instance_alone,
        a_change_is_there_within_a_second,
        files_that_come_and_go_are_instances_that_come_and_go,
        a_bad_file_leaves_its_instance_and_does_not_keep_others_waiting,
        a_bad_file_at_its_first_sight_is_said_and_starts_nothing,
        a_directory_that_is_replaced_is_watched_again,
        with_watch_files_off_only_a_reload_reads_again,
    ])
