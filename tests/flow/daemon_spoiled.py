#!/usr/bin/env python3
"""State that is damaged, that cannot be written, that is full: said, and survived."""
import glob
import os
import signal
import subprocess
import tempfile

from daemon import LOAD, Daemon, lost, run, wait

FLOOD = "series: 20\nobjects: 5\n"
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def with_history(daemon, spoil):
    """Runs until something is kept, ends, spoils it, starts again."""
    wait("rows", lambda: len(daemon.rows("flood.row", n=7)) >= 4)
    wait("objects", lambda: daemon.get("/api/flood/things")["total"] >= 2)
    wait("they are written", lambda: daemon.health()["store"]["database"]["written"] > 20)
    daemon.stop()
    spoil(daemon.state)
    daemon.start()
    wait("the store is ready", lambda: daemon.health()["store"]["process"]["ready"])


def goes_on(daemon, n=8):
    def newest():
        return daemon.series("flood.row", n=n) and max(daemon.rows("flood.row", n=n), default=0)
    before = wait("a row", newest)
    wait("rows go on", lambda: newest() > before + 2000)


def overwrite(path, data, at=0):
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(data)


def a_damaged_rrd_file_is_set_aside():
    def spoil(state):
        path, = glob.glob(f"{state}/rrd/flood.row/7.rrd")
        overwrite(path, b"this is no RRD file" * 20)
        path, = glob.glob(f"{state}/rrd/flood.row/8.rrd")
        os.truncate(path, 100)
        path, = glob.glob(f"{state}/rrd/flood.row/9.rrd")
        os.truncate(path, 0)
    with Daemon(flood=FLOOD) as daemon:
        with_history(daemon, spoil)
        for n in (7, 8, 9):  # seen when read, or when rows are due
            goes_on(daemon, n)
        wait("three are set aside", lambda: len(glob.glob(f"{daemon.state}/aside/*")) == 3)
        wait("it is said", lambda: [e for e in daemon.events("store.*") if "aside" in e["text"]])
        assert len(glob.glob(f"{daemon.state}/rrd/flood.row/*.rrd")) >= 17


def a_damaged_database_is_set_aside_and_rows_stay():
    for where in (0, 8192):
        def spoil(state):
            overwrite(f"{state}/gnswatch.db", b"\xa5" * 65536, where)
            for more in glob.glob(f"{state}/gnswatch.db-*"):
                os.unlink(more)
        with Daemon(flood=FLOOD) as daemon:
            with_history(daemon, spoil)
            goes_on(daemon)
            wait("it is set aside", lambda: glob.glob(f"{daemon.state}/aside/gnswatch.db*"))
            assert "aside" in daemon.log(), daemon.log()


def a_truncated_and_scribbled_journal_costs_its_end_only():
    with Daemon(flood=FLOOD) as daemon:
        wait("rows", lambda: len(daemon.rows("flood.row", n=7)) >= 5)
        before = daemon.rows("flood.row", n=7)
        daemon.kill(store_too=True)
        segments = sorted(glob.glob(f"{daemon.state}/journal/*"), key=os.path.getsize)
        assert segments and os.path.getsize(segments[-1]) > 3000, segments
        os.truncate(segments[-1], os.path.getsize(segments[-1]) - 700)
        with open(f"{daemon.state}/journal/" + "99999999.foreign", "wb") as file:
            file.write(os.urandom(5000))
        daemon.start()
        wait("the store is ready", lambda: daemon.health()["store"]["process"]["ready"])
        after = daemon.rows("flood.row", n=7)
        assert not lost(before, after, max(before) - 3000), (before, after)
        goes_on(daemon)


def a_journal_of_garbage_is_survived():
    with Daemon(flood=FLOOD) as daemon:
        wait("rows", lambda: len(daemon.rows("flood.row", n=7)) >= 3)
        daemon.kill(store_too=True)
        for path in glob.glob(f"{daemon.state}/journal/*"):
            overwrite(path, os.urandom(2000))
        daemon.start()
        goes_on(daemon)


def a_state_directory_that_cannot_be_made_is_said():
    with Daemon(start=False, state="/proc/nothing/here") as daemon:
        done = subprocess.run(daemon.command("run"), capture_output=True, text=True, timeout=20,
                              check=False)
        assert done.returncode == 1 and "/proc/nothing/here" in done.stderr, done
        assert "--state" in done.stderr, done


def mounted(folder, options):
    os.makedirs(folder)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder],
                          capture_output=True, text=True, check=False)
    return done.returncode == 0


def root_may_mount():
    with tempfile.TemporaryDirectory() as folder:
        inside = os.path.join(folder, "try")
        if os.geteuid() == 0 and mounted(inside, "size=1m"):
            subprocess.run(["umount", inside], check=True)
            return True
    print("     not tried: file systems can only be mounted by root", flush=True)
    return False


def fill(path):
    """Writes until there is no room for another byte."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        for size in (65536, 1):
            try:
                while os.write(file, bytes(size)):
                    pass
            except OSError:
                continue
    finally:
        os.close(file)


def a_full_disk_is_said_and_survived_and_caught_up_with():
    if not root_may_mount():
        return
    with Daemon(start=False, flood="series: 20\nfields: 1\nobjects: 5\n") as daemon:
        assert mounted(daemon.state, "size=48m")
        try:
            daemon.start()
            wait("rows", lambda: len(daemon.rows("flood.row", n=7)) >= 3)
            filler = os.path.join(daemon.state, "filler")
            fill(filler)
            wait("it says so", lambda: daemon.health()["status"] == "degraded")
            began = max(daemon.rows("flood.row", n=7))
            wait("it keeps running", lambda: max(daemon.rows("flood.row", n=7)) > began + 3000)
            assert daemon.get("/api/flood/things")["total"] >= 1
            os.unlink(filler)
            wait("it is well again", lambda: daemon.health()["status"] == "ok")
            before = daemon.rows("flood.row", n=7)
            daemon.stop()
            daemon.start()
            wait("the store is ready", lambda: daemon.health()["store"]["process"]["ready"])
            after = daemon.rows("flood.row", n=7)
            assert not lost(before, after), (before, after)
            daemon.stop()
        finally:
            if daemon.process and daemon.process.poll() is None:
                daemon.stop(check=False)
            subprocess.run(["umount", daemon.state], check=True)


def folders_that_become_read_only_are_said_and_survived():
    if os.geteuid() != 0:
        print("     not tried: root may write everywhere, and only root can become somebody else",
              flush=True)
        return
    with Daemon(start=False, wrap=NOBODY, flood="series: 5\n") as daemon:
        os.mkdir(daemon.state)
        os.chown(daemon.state, 65534, 65534)
        daemon.write("gnswatch", "api:\n  listen: 127.0.0.1:0\nstore:\n  flush_every: 1s\n")
        daemon.start()
        folder = f"{daemon.state}/rrd/flood.row"
        wait("files", lambda: os.path.isdir(folder) and len(os.listdir(folder)) == 5)
        for path in (folder, f"{daemon.state}/rrd", f"{daemon.state}/journal", daemon.state):
            os.chown(path, 0, 0)
            os.chmod(path, 0o555)
        daemon.write("flood", "series: 6\n")
        daemon.process.send_signal(signal.SIGHUP)
        wait("it says so", lambda: daemon.health()["status"] == "degraded")
        wait("as an event", lambda: [e for e in daemon.events("store.*") if e["severity"]
                                     in ("warning", "error", "critical")])
        goes_on(daemon, n=5)  # from memory and the journal
        for path in (folder, f"{daemon.state}/rrd", f"{daemon.state}/journal", daemon.state):
            os.chown(path, 65534, 65534)
            os.chmod(path, 0o755)
        wait("it is well again", lambda: daemon.health()["status"] == "ok")
        wait("the sixth file", lambda: len(os.listdir(folder)) == 6)


def any_user_may_run_it():
    if os.geteuid() != 0:
        print("     not tried: only root can become somebody else", flush=True)
        return
    with Daemon(start=False, wrap=NOBODY, load=LOAD, flood=FLOOD) as daemon:
        os.mkdir(daemon.state)
        os.chown(daemon.state, 65534, 65534)
        daemon.start()
        goes_on(daemon)
        owners = {os.stat(path).st_uid for path in glob.glob(f"{daemon.state}/**", recursive=True)}
        assert owners == {65534}, owners
        with open(f"/proc/{daemon.process.pid}/status") as file:
            assert "Uid:\t65534\t65534\t65534\t65534" in file.read()
        assert daemon.stop() == 0


def a_state_directory_of_another_user_is_said():
    if os.geteuid() != 0:
        print("     not tried: only root can become somebody else", flush=True)
        return
    with Daemon(start=False, wrap=NOBODY, load=LOAD) as daemon:
        os.mkdir(daemon.state, 0o755)
        done = subprocess.run(daemon.command("run"), capture_output=True, text=True, timeout=20,
                              check=False)
        assert done.returncode == 1 and daemon.state in done.stderr, done
        assert "Permission denied" in done.stderr and "--state" in done.stderr, done


if __name__ == "__main__":
    run([
        a_damaged_rrd_file_is_set_aside,
        a_damaged_database_is_set_aside_and_rows_stay,
        a_truncated_and_scribbled_journal_costs_its_end_only,
        a_journal_of_garbage_is_survived,
        a_state_directory_that_cannot_be_made_is_said,
        a_full_disk_is_said_and_survived_and_caught_up_with,
        folders_that_become_read_only_are_said_and_survived,
        any_user_may_run_it,
        a_state_directory_of_another_user_is_said,
    ])
