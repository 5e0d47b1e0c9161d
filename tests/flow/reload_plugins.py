#!/usr/bin/env python3
"""A plugin's file that is replaced: a process runs the new version at once, a bad version changes
nothing, a thread's waits for the next start. Plugins are built here, with the compiler of CC."""
import os
import shutil
import subprocess

from daemon import LOAD, Daemon, run, wait

SOURCE = """
#include <gnswatch/plugin.h>
static int run(struct gw_plugin *self, struct gw_call *call)
{ (void)self; return gw_reply(call, "{\\"version\\":\\"%(version)s\\"}"); }
static const struct gw_command commands[] = {
    {.name = "grown.%(command)s", .help = "Says its version", .role = GW_VIEWER, .run = run},
    {0}};
static const struct gw_row options[] = {
    {.name = "%(option)s", .type = GW_INT, .def = "1", .max = 9, .help = "A number"}, {0}};
static int tick(struct gw_plugin *self, void *data) { (void)self, (void)data; return 0; }
%(more)s
GW_PLUGIN(.name = "grown", .version = "%(version)s", .summary = "Grows", .every_ms = 500,
          .tick = tick, .commands = commands, .options = options);
"""
CRASHES = """
static void __attribute__((constructor)) on_load(void) { *(volatile int *)%s = 1; }
"""


def build(daemon, version, command="old", option="size", more="", place=None):
    """Compiled beside, then renamed, as installers do; returns the path."""
    source = os.path.join(daemon.folder, "grown.c")
    with open(source, "w") as file:
        file.write(SOURCE % {"version": version, "command": command, "option": option,
                             "more": more})
    folder = place or os.path.join(daemon.folder, "plugins")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "grown.so")
    include = os.path.join(os.path.dirname(__file__), "..", "..", "include")
    subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-I", include, "-o",
                    path + ".new", source], check=True)
    os.rename(path + ".new", path)
    return path


class World(Daemon):
    """With a directory of plugins that is its own."""

    def command(self, *words):
        return [*super().command(*words), "--plugins", os.path.join(self.folder, "plugins")]


def world(**files):
    return World(start=False, load=LOAD, **files)


def row(daemon, name):
    return daemon.instances()[name]


def version(daemon, command, instance):
    status, answer = daemon.post(f"/api/v1/commands/grown.{command}", instance=instance)
    return answer["version"] if status == 200 else None


def a_new_version_takes_the_place_of_the_old_one_without_a_restart():
    with world(one="plugin: grown\nisolation: process\n",
               two="plugin: grown\nisolation: process\nsize: 2\n") as daemon:
        build(daemon, "1.0")
        daemon.start()
        wait("both tick", lambda: all(row(daemon, i)["ticks"] >= 1 for i in ("one", "two", "load")))
        assert version(daemon, "old", "one") == "1.0"
        before = row(daemon, "load")
        build(daemon, "2.0", command="new")
        for name in ("one", "two"):
            wait(f"{name} is the new one", lambda n=name: version(daemon, "new", n) == "2.0")
            assert row(daemon, name)["version"] == "2.0", row(daemon, name)
        assert daemon.post("/api/v1/commands/grown.old", instance="one")[0] == 404
        event = wait("it is said", lambda: daemon.events("gnswatch.plugin.replaced"))[0]
        assert "version 2.0 takes the place of 1.0" in event["text"], event
        with open(f"/proc/{daemon.process.pid}/maps") as maps:
            assert "grown.so" not in maps.read(), "it was loaded into the daemon too"
        now = row(daemon, "load")
        assert now["ticks"] >= before["ticks"] and now["restarts"] == 0, (before, now)


def a_version_that_is_no_good_changes_nothing_and_is_said():
    with world(one="plugin: grown\nisolation: process\n") as daemon:
        path = build(daemon, "1.0")
        daemon.start()
        wait("it ticks", lambda: row(daemon, "one")["ticks"] >= 1)
        pid = row(daemon, "one")["process"]["pid"]
        build(daemon, "2.0", more=CRASHES % "(int *)64")
        event = wait("it is said", lambda: daemon.events("gnswatch.plugin.refused"))[0]
        assert "signal 11 (Segmentation fault)" in event["text"], event
        with open(path + ".new", "w") as file:
            file.write("this is no program\n")
        os.rename(path + ".new", path)
        wait("that too", lambda: len(daemon.events("gnswatch.plugin.refused")) == 2)
        assert row(daemon, "one")["process"]["pid"] == pid and row(daemon, "one")["version"] == "1.0"
        assert version(daemon, "old", "one") == "1.0"
        build(daemon, "3.0", command="new")
        wait("a good one", lambda: version(daemon, "new", "one") == "3.0")


def a_version_that_does_not_take_its_file_leaves_the_old_one_running():
    with world(one="plugin: grown\nisolation: process\nsize: 3\n") as daemon:
        build(daemon, "1.0")
        daemon.start()
        wait("it ticks", lambda: row(daemon, "one")["ticks"] >= 1)
        build(daemon, "2.0", option="length")
        event = wait("it is said", lambda: daemon.events("gnswatch.conf.refused"))[0]
        assert "one.yaml:3:1: unknown option 'size'" in event["text"], event
        assert row(daemon, "one")["version"] == "1.0"
        assert version(daemon, "old", "one") == "1.0"
        daemon.write("one", "plugin: grown\nisolation: process\nlength: 3\n")
        wait("the file that fits", lambda: row(daemon, "one")["version"] == "2.0")


def a_thread_s_waits_for_the_next_start_which_is_said():
    with world(one="plugin: grown\nisolation: thread\n") as daemon:
        build(daemon, "1.0")
        daemon.start()
        wait("it ticks", lambda: row(daemon, "one")["ticks"] >= 1)
        build(daemon, "2.0", command="new")
        event = wait("it is said", lambda: daemon.events("gnswatch.plugin.changed"))[0]
        assert "until gnswatch is started again" in event["text"], event
        assert version(daemon, "old", "one") == "1.0"
        daemon.stop()
        daemon.start()
        wait("the new one", lambda: version(daemon, "new", "one") == "2.0")


def a_plugin_that_comes_after_its_file_is_found():
    with world() as daemon:
        os.mkdir(os.path.join(daemon.folder, "plugins"))
        daemon.start()
        daemon.write("one", "plugin: grown\nisolation: process\n")
        wait("it is said", lambda: daemon.events("gnswatch.conf.refused"))
        build(daemon, "1.0")
        wait("it runs", lambda: version(daemon, "old", "one") == "1.0")


if __name__ == "__main__":
    if not shutil.which(os.environ.get("CC", "cc")):
        print("no compiler: skipped")
        raise SystemExit(77)
    run([
        a_new_version_takes_the_place_of_the_old_one_without_a_restart,
        a_version_that_is_no_good_changes_nothing_and_is_said,
        a_version_that_does_not_take_its_file_leaves_the_old_one_running,
        a_thread_s_waits_for_the_next_start_which_is_said,
        a_plugin_that_comes_after_its_file_is_found,
    ])
