#!/usr/bin/env python3
"""What gnswatch refuses, with which words and which exit code."""
import os
import socket
import subprocess

from daemon import LOAD, Daemon, run


def said_by(*words, **environment):
    """Exit code and words of a program that ends by itself."""
    done = subprocess.run([os.environ["GNSWATCH"], *words], capture_output=True, text=True,
                          timeout=20, env={**os.environ, **environment}, check=False)
    return done.returncode, done.stdout + done.stderr


def a_second_daemon_on_the_same_state_is_refused_and_told_the_process():
    with Daemon(load=LOAD) as daemon:
        code, words = said_by(*daemon.command("run")[1:])
        assert code == 1, (code, words)
        assert f"process {daemon.process.pid}" in words and daemon.state in words, words
        assert "--state" in words, words
        daemon.health()  # the first one does not mind


def the_lock_of_a_killed_daemon_holds_nobody_up():
    with Daemon(load=LOAD) as daemon:
        daemon.kill()
        daemon.start()


def a_port_in_use_is_said_with_what_to_do():
    with Daemon(start=False, load=LOAD) as daemon, socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        daemon.write("gnswatch", f"api:\n  listen: 127.0.0.1:{port}\n")
        code, words = said_by(*daemon.command("run")[1:])
        assert code == 1, (code, words)
        assert f"127.0.0.1:{port} is in use" in words and "api.listen" in words, words
        assert len([line for line in words.splitlines() if "in use" in line]) == 1, words


def wrong_arguments_end_with_2_and_a_hint():
    for words, hint in ((["rnu"], "did you mean 'run'"), (["run", "--stat", "x"], "--state"),
                        (["run", "--state"], "needs a value"), (["run", "x"], "did not expect"),
                        ([], "Usage"), (["call"], "COMMAND"), (["describe", "a", "b"], "'b'")):
        code, said = said_by(*words)
        assert code == 2 and hint in said, (words, code, said)


def help_and_version_end_with_0():
    for words in (["--help"], ["help"], ["version"], ["--version"], ["run", "--help"],
                  ["demo", "-h"], ["call", "--help"]):
        code, said = said_by(*words)
        assert code == 0 and "gnswatch" in said, (words, code, said)


def no_daemon_is_3():
    with Daemon(start=False) as daemon:
        code, words = said_by("call", "gnswatch.reload", "--state", daemon.state)
        assert code == 3 and "gnswatch run" in words, (code, words)


def a_wrong_file_ends_with_2_and_all_mistakes():
    with Daemon(start=False, load="plugin: load\nevry: 1s\n", flood="series: many\n") as daemon:
        for command in ("run", "check"):
            code, words = said_by(*daemon.command(command)[1:])
            assert code == 2, (command, code, words)
            for part in ("load.yaml:2:1", "every", "flood.yaml:1:9", "series: many", "^"):
                assert part in words, (command, part, words)


def a_missing_configuration_is_said_with_what_to_do():
    with Daemon(start=False) as daemon:
        missing = os.path.join(daemon.folder, "nothing.d")
        for command in ("run", "check"):
            code, words = said_by(command, "-c", missing, "--state", daemon.state)
            assert code == 2 and missing in words and "gnswatch demo" in words, (code, words)


def a_file_in_place_of_its_directory_is_told_from_one_that_is_missing():
    with Daemon(start=False, load=LOAD) as daemon:
        code, words = said_by("check", "-c", os.path.join(daemon.conf, "load.yaml"))
        assert code == 2 and "name the directory" in words, (code, words)


def check_finds_what_would_keep_the_daemon_from_starting():
    for text, part in (("api: {listen: '127.0.0.1:99999'}\n", "ADDRESS:PORT"),
                       ("api: {listen: '0.0.0.0:0'}\n", "add a token"),
                       ("plugin_dirs: [/nowhere/at/all]\n", "/nowhere/at/all")):
        with Daemon(start=False, load=LOAD) as daemon:
            daemon.write("gnswatch", text)
            code, words = said_by(*daemon.command("check")[1:])
            assert code == 2 and part in words and "gnswatch.yaml" in words, (code, words)


def all_commands_are_listed_and_an_unknown_one_says_how():
    with Daemon(load=LOAD) as daemon:
        code, words = said_by("call", "--list", "--state", daemon.state)
        assert code == 0 and "gnswatch.reload" in words and "admin" in words, (code, words)
        code, words = said_by("call", "no.such", "--state", daemon.state)
        assert code == 2 and "call --list" in words, (code, words)


def a_plugin_that_is_not_there_is_named_with_the_nearest():
    with Daemon(start=False, flod="series: 3\n") as daemon:
        code, words = said_by(*daemon.command("check")[1:])
        assert code == 2 and "flod" in words and "flood" in words, (code, words)
        assert "Looked in " in words and "--plugins" in words, (code, words)


if __name__ == "__main__":
    run([
        a_second_daemon_on_the_same_state_is_refused_and_told_the_process,
        the_lock_of_a_killed_daemon_holds_nobody_up,
        a_port_in_use_is_said_with_what_to_do,
        wrong_arguments_end_with_2_and_a_hint,
        help_and_version_end_with_0,
        no_daemon_is_3,
        a_wrong_file_ends_with_2_and_all_mistakes,
        a_missing_configuration_is_said_with_what_to_do,
        a_file_in_place_of_its_directory_is_told_from_one_that_is_missing,
        check_finds_what_would_keep_the_daemon_from_starting,
        all_commands_are_listed_and_an_unknown_one_says_how,
        a_plugin_that_is_not_there_is_named_with_the_nearest,
    ])
