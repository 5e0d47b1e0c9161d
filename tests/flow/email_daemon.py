"""What the flow tests of email share: a daemon with the plugin, notifications, waiting."""
import os
import tempfile

from daemon import Daemon, ask, run, wait  # noqa: F401


def notification(number, **more):
    return {"id": f"n{number}", "kind": "firing", "receiver": "team", "time": 1795000000000,
            "status": "firing", "severity": "critical", "title": f"Disk of PC{number} is full",
            "text": "91 %", "html": None, "thread": "disk", "url": "http://127.0.0.1/#/alerts/1",
            "group": {"key": "g", "labels": {}}, "alerts": [], **more}


def yaml(server, more="", host="localhost", security="none"):
    """Everything that waits is short, for a test waits for it."""
    return (f"plugin: email\nevery: 1s\nserver: {host}\nport: {server.port}\n"
            f"security: {security}\nfrom: gnswatch <watch@example.org>\ntimeout: 5s\n"
            f"retry: 200ms\nretry_longest: 1s\nrate: 6000\nburst: 1000\ndigest: 0\n{more}")


class Mailer(Daemon):
    def __init__(self, email_yaml, **more):
        super().__init__(email=email_yaml, **more)

    def send(self, number, to=("a@example.org",), **more):
        status, answer = self.post("/api/v1/commands/email.send", to=list(to),
                                   notification=notification(number, **more))
        return status, answer

    def must_send(self, number, **more):
        status, answer = self.send(number, **more)
        assert status == 200, (status, answer)
        return answer.get("result", answer)

    def test(self, **params):
        """email.test until it has ended: its status, and what it answered."""
        status, answer = self.post("/api/v1/commands/email.test", **params)
        if status != 202:
            return status, answer
        job = wait("the test ends", lambda: (lambda job: job["state"] != "running" and job)(
            self.get(f"/api/v1/jobs/{answer['id']}")))
        return job["status"], job["result"] or job["error"]

    def letters(self, state=None):
        return [letter for letter in self.get("/api/email/letters", limit=1000)["items"]
                if state in (None, letter["state"])]

    def queue(self):
        if not self.series("email.queue"):
            return None
        rows = self.rows("email.queue", 30)
        return rows[max(rows)] if rows else None

    def waiting(self):
        return (self.queue() or {}).get("waiting")


def folder():
    return tempfile.mkdtemp(prefix="gnswatch-email-", dir=os.environ.get("TMPDIR"))
