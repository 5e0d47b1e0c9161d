"""Programs that do everything wrong: each says in its object what was wrong, and no other is hurt.

The broken ones and three good ones run in one daemon. The good ones keep their pace, the daemon its
size, and when it has ended nothing of theirs is left."""
import json
import os
import re
import sys
import tempfile
import time
import urllib.parse

from daemon import Daemon, wait

MEMORY_MAX = 150 << 20  # of the daemon; sanitizers have their own idea
SANITIZED = "asan" in os.environ.get("GNSWATCH", "") or os.environ.get("ASAN_OPTIONS")

ROW = '{"series":"s","values":{"x":1}}'

# name: (program, settings, what its error says). Programs are bodies of sh scripts.
BROKEN = {
    "crashes": ("kill -SEGV $$", "protocol: nagios", "signal 11"),
    "exits": ("echo reason >&2; exit 7", "protocol: jsonl, mode: each", "exit code 7: reason"),
    "hangs": ("sleep 1000", "protocol: nagios, timeout: 1s", "timed out after 1 s"),
    "will-not-end": ("trap '' TERM INT HUP; while :; do sleep 1; done",
                     "protocol: nagios, timeout: 1s", "timed out after 1 s"),
    "leaves-children": (f"sleep 1000 & echo '{ROW}'", "protocol: jsonl, mode: each",
                        "left processes behind"),
    "leaves-a-daemon": (f"setsid sleep 20 & echo '{ROW}'", "protocol: jsonl, mode: each",
                        "left processes behind"),
    "leaves-a-helper": (f"setsid sh -c 'sleep 1000; : %s' >/dev/null 2>&1 & echo '{ROW}'",
                        "protocol: jsonl, mode: each, every: 1h", None),
    "leaves-many": ("i=0; while [ $i -lt 60 ]; do setsid sh -c 'sleep 1000; : %s' >/dev/null 2>&1 &"
                    " i=$((i+1)); done; echo 'fine|x=1'", "protocol: nagios",
                    "processes behind that run on by themselves"),
    "forks": ("i=0; while [ $i -lt 100 ]; do sleep 1000 & i=$((i+1)); done; wait",
              "protocol: nagios, timeout: 1s", "timed out after 1 s"),
    "multiplies": ("i=0; while [ $i -lt 60 ]; do (sleep 1000 &) ; i=$((i+1)); done; sleep 1000",
                   "protocol: nagios, limits: {processes: 30}", "more than `limits: {processes"),
    "floods": ("yes '# nothing' | head -c 100000000", "protocol: jsonl, mode: each, timeout: 2s",
               "timed out after 2 s"),
    "floods-nonsense": ("exec yes", "protocol: jsonl", "1000 lines in a row could not be read"),
    "floods-rows": (f"exec yes '{ROW}'", "protocol: jsonl", None),
    "floods-stderr": (f"echo '{ROW}'; exec yes nonsense >&2", "protocol: jsonl", None),
    "binary": ("head -c 20000 /dev/urandom", "protocol: jsonl, mode: each", "could be read"),
    "nul": ("printf '{\"series\":\"s\\000\"}\\n'", "protocol: jsonl, mode: each",
            "nothing of its 1 lines could be read"),
    "long-line": ("head -c 1000000 /dev/zero | tr '\\0' x; echo", "protocol: jsonl, mode: each",
                  "longer than 64 KiB"),
    "deep": ("head -c 60000 /dev/zero | tr '\\0' '['; echo", "protocol: jsonl, mode: each",
             "could be read"),
    "not-executable": (None, "protocol: nagios", "may not be executed"),
    "no-interpreter": ("#!/no/such/interpreter", "protocol: nagios", "its interpreter"),
    "no-program": ("just some words", "protocol: nagios", "neither a binary"),
    "code-42": ("echo well; exit 42", "protocol: nagios", "42"),
    "code-127": ("no_such_command_x", "protocol: nagios", "not found"),
    "closes-stdout": ("exec >&- 2>&-; sleep 1000", "protocol: jsonl, timeout: 1s",
                      "said nothing for 1 s"),
    "closes-its-stream": (f"echo '{ROW}'; exec >&- 2>&-; sleep 1000", "protocol: jsonl",
                          "closed its stdout but ran on"),
    "says-why-on-stdout": ("echo configure me; exit 1", "protocol: munin",
                           "exit code 1; the last it printed is: configure me"),
    "says-why-on-stderr": ("echo all is lost >&2", "protocol: prometheus",
                           "without saying anything; on stderr: all is lost"),
    "twice-a-time": ("echo 'fine|a=1 a=2'", "protocol: nagios", "came again for the same time"),
    "no-json": ("echo 'OK - fine | x=1'; echo '{'", "protocol: jsonl, mode: each",
                "line 1: a line must be one JSON object"),
    "silent": ("sleep 1000", "protocol: jsonl, timeout: 1s", "said nothing for 1 s"),
    "ends-at-once": ("exit 0", "protocol: jsonl", "ended without saying anything"),
    "prints-nothing": ("exit 0", "protocol: prometheus", "ended without saying anything"),
    "no-check": ("exit 0", "protocol: nagios", None),
    "bad-number": ('echo \'{"series":"s","values":{"x":"many"}}\'', "protocol: jsonl, mode: each",
                   "must be a number"),
    "huge-number": ('echo \'{"series":"s","values":{"x":1e999}}\'', "protocol: jsonl, mode: each",
                    "could be read"),
    "bad-prometheus": ("echo 'load one'", "protocol: prometheus", "could be read"),
    "bad-influx": ("echo 'cpu,=a value='", "protocol: influx", "could be read"),
    "bad-munin": ("[ \"$1\" = config ] && echo 'graph_title x' && echo 'a.label a' && exit 0\n"
                  "echo 'a.value many'", "protocol: munin", "could be read"),
    "munin-fails": ("echo 'graph_title x'; echo gone wrong >&2; exit 9", "protocol: munin",
                    "exit code 9: gone wrong"),
    "bad-netdata": ("while :; do echo 'BEGIN no.chart'; echo 'SET a = 1'; echo END; done",
                    "protocol: netdata", "1000 lines in a row"),
    "bad-collectd": ("echo 'PUTVAL nonsense N:1'", "protocol: collectd, allow_root: yes",
                     "could be read"),
    "too-many-series": ("i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo '{\"series\":\"s\","
                        "\"labels\":{\"i\":\"'$i'\"},\"values\":{\"x\":1}}'; done",
                        "protocol: jsonl, mode: each, limits: {series: 20}", "more than 20 series"),
    "too-many-events": ("i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo '{\"event\":\"e\","
                        "\"text\":\"'$i'\"}'; done", "protocol: jsonl, mode: each",
                        "more than 60 events a minute"),
    "future": ('echo \'{"series":"s","values":{"x":1},"time":4000000000}\'',
               "protocol: jsonl, mode: each", "its time is over 5 minutes ahead"),
    "past": ('echo \'{"series":"s","values":{"x":1},"time":1000}\'',
             "protocol: jsonl, mode: each", "over 7 days old"),
    "eats-memory": ("exec python3 -c 'x = bytearray(10**9)'",
                    "protocol: jsonl, mode: each, limits: {memory: 64MiB}", "MemoryError"),
    "eats-cpu": ("while :; do :; done", "protocol: jsonl, mode: each, limits: {cpu: 1s}",
                 "died of signal"),
    "eats-files": ("exec python3 -c 'f = [open(\"/dev/null\") for i in range(100)]'",
                   "protocol: jsonl, mode: each, limits: {files: 16}", "Too many open files"),
    "disables-itself": ("echo enough >&2; sleep 0.2; echo '{\"wish\":\"disable\"}'; sleep 1000",
                        "protocol: jsonl", "it asked to be disabled: enough"),
    "wrong-setting": ("exit 0", "protocol: nagios, mode: stream", "`mode` is for protocol"),
    "wrong-user": ("exit 0", "protocol: nagios, user: no_such_user_x", "there is no user"),
}

GOOD = {
    "good-stream": ('n=0; while :; do n=$((n+1)); echo $n >%s/n; '
                    'echo \'{"series":"pace","values":{"n":\'$n\'}}\'; sleep 0.5; done',
                    "protocol: jsonl"),
    "good-check": ("echo 'fine | n=1'", "protocol: nagios"),
    "good-each": (f"echo '{ROW}'", "protocol: jsonl, mode: each"),
}


def write_programs(folder):
    items = ["at_once: 60\nitems:\n"]
    for name, (body, settings, *_) in {**BROKEN, **GOOD}.items():
        path = os.path.join(folder, name)
        raw = body is None or body.startswith("#!") or body == "just some words"
        with open(path, "w") as file:
            file.write(body or "#!/bin/sh\n" if raw
                       else f"#!/bin/sh\n{body.replace('%s', folder)}\n")
        os.chmod(path, 0o644 if body is None else 0o755)
        items.append(f"  - {{name: {name}, command: {path}, {settings}"
                     f"{'' if 'every:' in settings else ', every: 2s'}}}\n")
    return "".join(items)


def items_of(daemon):
    return {i["id"]: i for i in daemon.get("/api/exec/items", limit=1000)["items"]}


def words(item):
    """All that an item shows of what was wrong."""
    return json.dumps([item["error"], item["verdict"], item["messages"]])


def every_fault_is_told(daemon):
    told = {}

    def all_told():
        items = items_of(daemon)
        for name, (_, _, expected) in BROKEN.items():
            if name not in told and name in items and \
                    (expected is None or expected in words(items[name])):
                told[name] = items[name]
        return len(told) == len(BROKEN)
    try:
        wait("each fault is told", all_told, 60)
    except AssertionError:
        items = items_of(daemon)
        for name in BROKEN.keys() - told.keys():
            print(name, items.get(name) and words(items[name]), items[name]["state"],
                  items[name]["counts"], file=sys.stderr)
        raise
    for name, item in told.items():
        if BROKEN[name][2] and "jsonl" in BROKEN[name][1] and item["error"].get("line"):
            assert item["error"]["column"] >= 0, item["error"]


def states_are_what_they_should_be(daemon):
    items = items_of(daemon)
    state = {name: items[name]["state"] for name in items}
    assert state["disables-itself"] == "disabled", state
    assert state["hangs"] == "unknown" and state["code-42"] == "unknown", state
    assert state["crashes"] == "unknown", state
    assert state["exits"] == "failed" and state["wrong-setting"] == "failed", state
    assert state["too-many-series"] == "ok", items["too-many-series"]
    assert items["too-many-series"]["counts"]["series"] == 20, items["too-many-series"]
    assert items["too-many-series"]["counts"]["refused"] > 0, items["too-many-series"]
    for name in ("floods-rows", "floods-stderr"):
        wait(f"{name} is held back", lambda: items_of(daemon)[name].get("throttled", 0) > 0, 40)
    assert len(daemon.events("exec.e")) <= 70


def the_good_keep_their_pace(daemon, folder):
    def lag():
        with open(os.path.join(folder, "n")) as file:
            said = int(file.read() or 0)
        rows = daemon.rows("exec.pace", seconds=60, item="good-stream")
        return said - max((row["n"] for row in rows.values()), default=0)
    wait("the stream's last values are there", lambda: lag() <= 6, 20)
    state = {name: item["state"] for name, item in items_of(daemon).items() if name in GOOD}
    assert state == {"good-stream": "running", "good-check": "ok", "good-each": "ok"}, state
    runs = items_of(daemon)["good-each"]["counts"]["runs"]
    wait("it runs on", lambda: items_of(daemon)["good-each"]["counts"]["runs"] > runs, 40)
    instance = daemon.instances()["exec"]
    assert instance["state"] == "running", instance
    assert not instance["last_error"], instance


def the_daemon_stays_small(daemon):
    with open(f"/proc/{daemon.process.pid}/status") as file:
        rss = int(re.search(r"VmRSS:\s+(\d+) kB", file.read())[1]) << 10
    print(f"the daemon has {rss >> 20} MiB")
    assert SANITIZED or rss < MEMORY_MAX, rss


def processes_of(folder):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline") as file:
                line = file.read()
        except OSError:
            continue
        if folder in line and int(pid) != os.getpid():
            found.append((pid, line))
    return found


def a_person_can_start_one_again(daemon):
    path = "/api/exec/items/" + urllib.parse.quote("disables-itself")
    runs = items_of(daemon)["disables-itself"]["counts"]["runs"]
    status, answer = daemon.post(path + "/enable")
    assert status == 200, (status, answer)
    wait("it ran again", lambda: items_of(daemon)["disables-itself"]["counts"]["runs"] > runs, 30)


def main():
    with tempfile.TemporaryDirectory(prefix="gnswatch-exec-") as folder:
        os.chmod(folder, 0o755)
        with Daemon(exec=write_programs(folder)) as daemon:
            every_fault_is_told(daemon)
            states_are_what_they_should_be(daemon)
            the_good_keep_their_pace(daemon, folder)
            the_daemon_stays_small(daemon)
            a_person_can_start_one_again(daemon)
            begun = time.monotonic()
            daemon.stop()
            assert time.monotonic() - begun < 10
        wait("nothing of theirs is left", lambda: not processes_of(folder), 10)
    print(f"{len(BROKEN)} broken programs told and survived")


if __name__ == "__main__":
    main()
