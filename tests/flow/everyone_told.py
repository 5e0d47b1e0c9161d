#!/usr/bin/env python3
"""From a server that is shot to the mail, the MQTT message and the webhook that say so: the mail
server, the broker and the hook are taken away and given back, the daemon is killed; everybody gets
each notice once."""
import shutil
import sys
import tempfile
from collections import Counter

from daemon import Daemon, Sim, gns3_yaml, run, wait
from webhook import Receiver, conf as webhook_conf

try:
    from email_server import Server
except ImportError:
    print("skipped: python3-aiosmtpd is not installed")
    sys.exit(77)
if not shutil.which("mosquitto") and not shutil.which("mosquitto", path="/usr/sbin"):
    print("skipped: mosquitto is not installed")
    sys.exit(77)
from mqtt_lab import Broker, Listener

ALERT = """settle: 2s
group_wait: 1s
group_interval: 2s
receivers:
  - name: everyone
    send:
      - {command: email.send, with: {to: [team@example.org]}}
      - {command: mqtt.send, with: {topic: lab/notices}}
      - {command: webhook.send, with: {hook: ours}}
rules:
  - {name: server down, for: 1s}
  - {name: breaker open, enabled: no}
  - {name: requests failing, enabled: no}
  - {name: server flapping, enabled: no}
  - {name: server slow, enabled: no}
"""


class World:
    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="gnswatch-told-")
        self.sim = Sim(self.folder, "--projects", "1", "--nodes", "3")
        self.hook, self.mail, self.broker = Receiver(), Server(), Broker()
        self.hook.start()
        self.broker.__enter__()
        self.listener = Listener(self.broker, "lab/notices")
        self.listener.__enter__()
        self.daemon = Daemon(
            start=False, gns3=gns3_yaml(self.sim), alert=ALERT,
            webhook=webhook_conf(self.hook.port),
            mqtt=f"host: 127.0.0.1\nport: {self.broker.port}\nretry_longest: 1s\n",
            email=(f"server: 127.0.0.1\nport: {self.mail.port}\nsecurity: none\ncharts: no\n"
                   "from: lab@example.org\nretry_longest: 1s\nrate: 6000\n"))
        self.daemon.__enter__()
        try:
            self.daemon.start()
            wait("all nodes", lambda: len(self.daemon.list("nodes")) == 3)
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, *about):
        self.daemon.__exit__(*about)
        self.listener.__exit__(*about)
        self.broker.__exit__(*about)
        self.mail.__exit__(*about)
        self.hook.stop()
        self.sim.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def shoot(self):
        self.sim.tell("fault", kind="refuse", ms=0)
        wait("the alert", lambda: self.states()["firing"])

    def heal(self):
        self.sim.tell("fault", kind="none", ms=0)
        wait("its end", lambda: not self.states()["firing"], 60)

    def states(self):
        items = self.daemon.get("/api/alert/alerts", rule="server down")["items"]
        return Counter(a["state"] for a in items)

    def kill(self, *ways):
        """Not between a receiver's word and its note on disk: then that notice would come again."""
        for path in ways:
            wait(f"{path} is noted", lambda p=path: not self.daemon.get(f"/api/{p}", state="waiting")
                 ["items"])
        self.daemon.kill()
        self.daemon.start()

    def told(self):
        """Per way: how often each kind of notice came, and whether any came twice."""
        hooks = [(key, doc["kind"]) for key, doc in self.hook.seen]
        messages = [(doc["id"], doc["kind"]) for doc in self.listener.json("lab/notices")]
        mails = list(zip(self.mail.ids(), ("resolved" if s.startswith("[Resolved]") else "firing"
                                           for s in self.mail.subjects())))
        return {name: (Counter(kind for _, kind in set(all)), len(all) - len(set(all)))
                for name, all in (("hook", hooks), ("mqtt", messages), ("mail", mails))}

    def has(self, way, rounds):
        """What ends before it was told is not told at all."""
        wait(f"{way} has it", lambda: self.told()[way][0]["firing"] == rounds, 60)

    def everybody_has(self, rounds):
        want = (Counter(firing=rounds, resolved=rounds), 0)
        try:
            wait(f"{rounds} of each everywhere",
                 lambda: all(told == want for told in self.told().values()), 60)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.told()}") from None


def each_receiver_gets_each_notice_once_whatever_goes_away():
    with World() as world:
        world.shoot()
        world.has("hook", 1)
        world.heal()
        world.everybody_has(1)

        world.mail.stop()
        world.broker.stop()  # killed, it would forget who listens
        world.shoot()
        world.has("hook", 2)
        world.kill("webhook/deliveries")
        world.broker.start()
        world.heal()
        world.mail.start()
        world.everybody_has(2)

        world.hook.stop()
        world.shoot()
        world.has("mail", 3)
        world.kill("email/letters", "mqtt/messages")
        world.heal()
        world.hook.start()
        world.everybody_has(3)


if __name__ == "__main__":
    run([each_receiver_gets_each_notice_once_whatever_goes_away])
