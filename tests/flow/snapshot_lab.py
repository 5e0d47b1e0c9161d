"""A daemon with the gns3 and snapshot plugins and a simulated GNS3, for the snapshot_* flow tests."""
import os
import shutil
import tempfile

from daemon import Daemon, Sim, ask, run, wait  # noqa: F401  (the tests take them from here)

VERSIONS = ("2.2.59", "3.0.6")


class Lab:
    """For `with`: a simulator with one project of four VPCS and a switch, and a daemon."""

    def __init__(self, snapshot="", version="2.2.59", started=100, options=(), gns3=""):
        self.folder = tempfile.mkdtemp(prefix="gnswatch-snapshot-")
        self.version = version
        self.sim = Sim(self.folder, "--api", version, "--projects", "1", "--nodes", "5", "--opened",
                       "1", "--started", str(started), "--console", *options)
        login = "    user: admin\n    password: admin\n" if version.startswith("3") else ""
        self.daemon = Daemon(gns3=f"every: 1s\nservers:\n  - name: lab\n    url: {self.sim.url()}\n"
                                  f"    budget: 200\n{login}{gns3}",
                             snapshot="every: 1s\nready_within: 5s\n" + snapshot)

    def __enter__(self):
        try:
            self.daemon.__enter__()
            wait("the project is known", lambda: len(self.nodes()) == 5)
        except BaseException:
            self.__exit__(Exception, None, None)
            raise
        return self

    def __exit__(self, kind, value, trace):
        self.daemon.__exit__(kind, value, trace)
        if self.sim.process.poll() is None:
            self.sim.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def nodes(self):
        return {n["name"]: n for n in self.daemon.list("nodes")}

    def project(self):
        return self.daemon.list("projects")[0]

    def running(self):
        """Names of nodes that run, as GNS3 itself says."""
        version = "v3" if self.version.startswith("3") else "v2"
        headers = {}
        if version == "v3":
            status, token = ask(f"{self.sim.url()}/v3/access/users/authenticate", "POST",
                                {"username": "admin", "password": "admin"})
            assert status == 200, token
            headers = {"token": token["access_token"]}
        query = f"?token={headers['token']}" if headers else ""
        project = self.project()["project_id"]
        status, nodes = ask(f"{self.sim.url()}/{version}/projects/{project}/nodes{query}")
        assert status == 200, nodes
        return sorted(n["name"] for n in nodes
                      if n["status"] == "started" and n["node_type"] == "vpcs")

    def call(self, command, **params):
        """Answers (status, answer or sentence); waits for a job's end."""
        status, answer = ask(f"{self.daemon.base}/api/v1/commands/{command}?wait=60", "POST",
                             params, timeout=90)
        if status == 202:
            job = wait("the job ends", lambda: self.ended(answer["id"]), 120)
            return job["status"], job["result"] if job["state"] == "done" else job
        return status, answer

    def ended(self, job):
        about = self.daemon.get(f"/api/v1/jobs/{job}")
        return about if about["state"] not in ("waiting", "running") else None

    def some(self, plural, **filters):
        return self.daemon.get(f"/api/snapshot/{plural}", limit=1000, **filters)["items"]

    def copies(self):
        return {c["name"]: c for c in self.some("copies")}

    def runs(self):
        return sorted(self.some("runs"), key=lambda r: int(r["id"]))

    def events(self, topic):
        return self.daemon.events(topic)

    def run_ended(self, number, deadline=60):
        return wait(f"run {number} ends", lambda: next(
            (r for r in self.some("runs")
             if int(r["id"]) == number and r["state"] not in ("waiting", "running")), None),
            deadline)

    def schedule(self, name="nightly"):
        status, answer = self.call("snapshot.schedule.run", id=name)
        assert status == 200, answer
        assert len(answer["runs"]) == 1, answer
        return self.run_ended(answer["runs"][0])


SCHEDULE = ("schedules:\n  - name: nightly\n    cron: 0 3 * * *\n    zone: Europe/Paris\n"
            "    mode: quiesce\n")
