#!/usr/bin/env python3
"""`gnswatch plugin-test` finds what is wrong with each plugin of bad.c, says in which phase and where,
and finds nothing in the one that is good. Some at a time."""
import concurrent.futures
import json
import os
import subprocess
import sys

GNSWATCH, PLUGINS = sys.argv[1:3]

# The phase that must find it, and words of what it must say.
FINDS = {
    "none": (None, ""),
    "crashes_at_load": ("loads", "signal 11"),
    "exits": ("describes", "exit code 3"),
    "crashes_in_stop": ("cycles", "in bad_stop"),
    "hangs": ("describes", "hung"),
    "unknown_unit": ("describes", "'sec' is no unit"),
    "no_field_help": ("describes", "field 'value' has no help"),
    "leaks_files": ("cycles", "descriptors are left open after 30 cycles; the newest: /dev/null"),
    "leaks_threads": ("cycles", "threads are left"),
    "leaks_memory": ("cycles", "bytes more memory"),
    "leaks_processes": ("cycles", "child processes are left"),
    "trusts_malloc": ("memory", "in copy_text"),
    "trusts_strdup": ("memory", "in copy_text"),
    "trusts_peers": ("slow", "in on_page"),
    "trusts_clock": ("jumps", "the clock jumps by -3600000 ms"),
    "trusts_options": ("options", "text: \"xxx"),
    "trusts_events": ("events", 'event gns3.x with {"changed":1}'),
    "never_answers": ("commands", "never answered"),
    "forgets_a_call": ("commands", "never answered"),
    "answers_no_json": ("commands", "that is not JSON"),
    "trusts_parameters": ("commands", "in bad_do"),
    "calls_from_thread": ("cycles", "from another thread"),
    "is_restless": ("cycles", "does not come to rest"),
    "starts_once": ("cycles", "does not start again"),
    "floods": (None, ""),
}


def run(name, *words):
    done = subprocess.run([GNSWATCH, "plugin-test", os.path.join(PLUGINS, f"bad_{name}.so"),
                           "--cycles", "40", *words], capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout, done.stderr


def check(name):
    phase, words = FINDS[name]
    code, out, err = run(name, "--json")
    result = json.loads(out)
    faults = {p["name"]: "\n".join(p["faults"]) for p in result["phases"] if p["result"] == "failed"}
    if phase is None:
        assert code == 0 and result["passed"] and not faults, (name, code, faults, err)
    else:
        assert code == 1 and not result["passed"], (name, code, out)
        assert words in faults.get(phase, ""), (name, phase, words, faults)


def main():
    names = sys.argv[3:] or list(FINDS)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = {name: pool.submit(check, name) for name in names}
    wrong = [f"{name}: {result.exception()!r}" for name, result in results.items()
             if result.exception()]
    if wrong:
        sys.exit("\n".join(wrong))
    code, out, _ = run("crashes_in_stop")
    assert code == 1 and "FAIL  starts and stops" in out and "passed." in out, out
    for words, what in ((["/nowhere/x.so"], "No such file"), (["/dev/null"], "NAME.so"),
                        ([], "expected FILE.so"), (["x.so", "--cycles", "no"], "is a number")):
        done = subprocess.run([GNSWATCH, "plugin-test", *words], capture_output=True, text=True)
        assert done.returncode == 2 and what in done.stderr, (words, done)
    print(f"{len(names)} plugins judged")


if __name__ == "__main__":
    main()
