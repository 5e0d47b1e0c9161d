#!/usr/bin/env python3
"""What gnswatch says of this machine and of the processes of nodes: a simulated GNS3, real processes
in directories as GNS3 lays them out."""
import os
import subprocess

from gns3_lab import Lab, ask, run, wait

YAML = "every: 500ms\ndead_after: 2s\norphan_after: 2s\ndirectories_every: 1s\n"


class Machine(Lab):
    """A lab whose daemon has the system plugin, too, and processes that are its nodes'."""

    def __init__(self, *options, **more):
        self.processes = []
        # Ids of its own: a node is known by its id.
        seed = str(int.from_bytes(os.urandom(5), "big"))
        super().__init__("--seed", seed, *options, **more)
        conf = os.path.join(self.folder, "conf.d")
        os.makedirs(conf, exist_ok=True)
        for name, text in (("system", YAML), ("alert", "# as it is\n")):
            with open(os.path.join(conf, f"{name}.yaml"), "w") as file:
                file.write(text)

    def __exit__(self, *what):
        for process in self.processes:
            process.kill()
            process.wait()
        return super().__exit__(*what)

    def begin(self, project, node):
        """A process called vpcs, where the node's own would be."""
        folder = os.path.join(self.folder, "projects", project["project_id"], "project-files",
                              "vpcs", node["node_id"])
        os.makedirs(folder, exist_ok=True)
        process = subprocess.Popen(["vpcs", "600"], executable="/bin/sleep", cwd=folder)
        self.processes.append(process)
        return process

    def all(self, plural):
        return ask(f"{self.daemon.base}/api/system/{plural}")[1]["items"]

    def node(self, node):
        return next((n for n in self.all("nodes") if n["id"] == node["id"]), {})

    def alert(self, rule, state):
        return wait(f"{rule} is {state}", lambda: [
            a for a in ask(f"{self.daemon.base}/api/alert/alerts")[1]["items"]
            if a["rule"] == rule and a["state"] == state])[0]

    def says(self, topic, count=1):
        return wait(f"{count} of {topic}",
                    lambda: (lambda e: e if len(e) >= count else None)(self.daemon.events(topic)))


def a_node_whose_process_dies_is_told_dead_and_when_it_runs_again():
    with Machine("--projects", "1", "--nodes", "6") as lab:
        project = lab.daemon.one("projects")
        pcs = wait("two PCs that run", lambda: (lambda n: n if len(n) >= 2 else None)(
            [n for n in lab.daemon.list("nodes", node_type="vpcs") if n["status"] == "started"]))
        first, second = pcs[:2]
        process, other = lab.begin(project, first), lab.begin(project, second)
        wait("both are seen", lambda: lab.node(first)["pids"] == [process.pid]
             and lab.node(second)["pids"] == [other.pid])
        wait("what it takes", lambda: [s for s in lab.daemon.series("system.node")
                                       if s["last"]["values"]["processes"] == 1])
        process.kill()
        process.wait()
        event = lab.says("system.node.dead")[0]
        assert event["id"] == first["id"] and first["name"] in event["text"], event
        assert lab.node(first)["status"] == "dead"
        assert lab.node(second)["status"] == "running"
        alert = lab.alert("node dead", "firing")
        assert alert["labels"]["node"] == first["name"], alert
        again = lab.begin(project, first)
        assert lab.says("system.node.recovered")[0]["id"] == first["id"]
        lab.alert("node dead", "resolved")
        again.kill()  # not asked after: a zombie of ours
        lab.says("system.node.dead", 2)
        assert "has ended" in lab.node(first)["why"], lab.node(first)
        again.wait()
        # GNS3 closes the project and knows nothing of the process that is left.
        lab.sim.tell("project", project=project["name"], action="close")
        orphan = lab.says("system.orphan")[0]
        assert str(other.pid) in orphan["text"], orphan
        lab.alert("orphaned processes", "firing")
        assert other.poll() is None  # it is told, not ended
        other.kill()
        other.wait()
        lab.says("system.orphan.gone")
        assert len(lab.daemon.events("system.node.dead")) == 2


def the_machine_itself_is_told():
    with Machine("--projects", "1", "--nodes", "2") as lab:
        values = {}
        for name in ("cpu", "memory", "host", "processes"):
            values[name] = wait(f"system.{name}", lambda: [
                s for s in lab.daemon.series(f"system.{name}")
                if s["last"]["values"] is not None])[0]["last"]["values"]
        with open("/proc/meminfo") as file:
            total = int(file.readline().split()[1]) * 1024
        assert values["memory"]["total"] == total, values["memory"]
        assert values["processes"]["total"] > 3, values["processes"]
        root = os.statvfs("/")  # which may be of another machine, then it is left out
        mounts = {f["id"]: f for f in lab.all("filesystems")}
        if "/" in mounts:
            used = root.f_blocks - root.f_bfree
            percent = 100 * used / (used + root.f_bavail)
            assert abs(mounts["/"]["used_percent"] - percent) < 3, (mounts, percent)
        assert lab.all("host")[0]["kernel"] == os.uname().release
        # Of the simulator's nodes this machine has no processes: nothing is made up.
        assert not [s for s in lab.daemon.series("system.node")
                    if s["last"]["values"] and s["last"]["values"]["processes"]]
        assert not lab.daemon.events("system.node.*")


run([
    a_node_whose_process_dies_is_told_dead_and_when_it_runs_again,
    the_machine_itself_is_told,
])
