#!/usr/bin/env python3
"""Commands that come as messages: which are run, which are refused, and where the answers go."""
import json
import subprocess

from mqtt_lab import Broker, Lab, Listener, conf, need_programs, run, said, wait

ALLOW = "commands: [chatter.*, 'gnswatch.*']\n"


def answer(listener, topic, count=1):
    return wait(f"an answer on {topic}", lambda: len(listener.json(topic)) >= count and
                listener.json(topic))[-1]


def a_command_is_run_and_answered_by_its_correlation():
    for version in ("5", "3.1.1"):
        with Broker() as broker, Lab(conf(broker, f"version: {version}\n{ALLOW}")) as lab, \
                Listener(broker, "gnswatch/#", version=version) as listener:
            lab.connected()
            broker.publish("gnswatch/command/chatter.say/c1", '{"count": 2, "first": 7}')
            assert answer(listener, "gnswatch/result/c1") == {
                "command": "chatter.say", "ok": True, "result": {}}
            wait("it was run", lambda: said(listener)[0] == [7, 8])
            broker.publish("gnswatch/command/chatter.say/c1", '{"count": 2, "first": 7}')
            broker.publish("gnswatch/command/chatter.say/c2", '{"count": "x"}')
            wrong = answer(listener, "gnswatch/result/c2")
            assert wrong["ok"] is False and "count" in wrong["detail"], wrong
            broker.publish("gnswatch/command/chatter.say", '{"first": 20}')
            wait("without a correlation too, and none twice", lambda: said(listener)[0] == [7, 8, 20])


def a_session_keeps_commands_while_we_are_away_and_none_is_run_twice():
    for version in ("5", "3.1.1"):
        more = f"version: {version}\nsession: 10m\n{ALLOW}"
        with Broker() as broker, Lab(conf(broker, more)) as lab, \
                Listener(broker, "gnswatch/#", version=version) as listener:
            lab.connected()
            for first, end in ((10, lab.stop), (30, lab.kill)):
                end()
                broker.publish(f"gnswatch/command/chatter.say/away{first}",
                               f'{{"first": {first}, "count": 2}}')
                broker.stop()  # its own memory of us is on the disk
                broker.start()
                lab.start()
                lab.connected()
                assert answer(listener, f"gnswatch/result/away{first}")["ok"] is True
            wait("all was run", lambda: {10, 11, 30, 31} <= set(said(listener)[0]))
            lab.stop()
            lab.start()
            lab.connected()
            lab.say(1, 99)
            wait("what comes after", lambda: 99 in said(listener)[0])
            # The kill may have met an event before its PUBACK was kept: it has its sequence again.
            events = {sequence: number for number, sequence in zip(*said(listener))}
            assert list(events.values()) == [10, 11, 30, 31, 99], said(listener)


def without_a_session_nothing_waits_for_us():
    with Broker() as broker, Lab(conf(broker, ALLOW)) as lab, \
            Listener(broker, "gnswatch/#") as listener:
        lab.connected()
        lab.stop()
        broker.publish("gnswatch/command/chatter.say/away", '{"first": 10}')
        lab.start()
        lab.connected()
        broker.publish("gnswatch/command/chatter.say/here", '{"first": 20}')
        answer(listener, "gnswatch/result/here")
        wait("it was run", lambda: said(listener)[0] == [20])
        assert not listener.on("gnswatch/result/away")


def version_five_answers_on_the_response_topic():
    with Broker() as broker, Lab(conf(broker, ALLOW)) as lab, \
            Listener(broker, "me/#", "gnswatch/#") as listener:
        lab.connected()
        subprocess.run(["mosquitto_pub", "-h", "localhost", "-p", str(broker.port), "-V", "5", "-q",
                        "1", "-t", "gnswatch/command/chatter.say", "-m", "{}", "-D", "publish",
                        "response-topic", "me/answers", "-D", "publish", "correlation-data", "k42"],
                       check=True, timeout=20)
        assert answer(listener, "me/answers")["ok"] is True
        properties = listener.on("me/answers")[0]["properties"]
        assert properties["correlation-data"] == "k42", properties
        subprocess.run(["mosquitto_pub", "-h", "localhost", "-p", str(broker.port), "-V", "5", "-q",
                        "1", "-t", "gnswatch/command/chatter.say/c9", "-m", "{}", "-D", "publish",
                        "response-topic", "gnswatch/status"], check=True, timeout=20)
        answer(listener, "gnswatch/result/c9")
        assert [m["payload"] for m in listener.on("gnswatch/status")] in ([], ["online"])


def what_is_not_allowed_is_refused_with_a_reason():
    with Broker() as broker, Lab(conf(broker, "commands: [chatter.danger, chatter.none]\n")) as lab, \
            Listener(broker, "gnswatch/#") as listener:
        lab.connected()
        for name, words in (("chatter.say", "not in `commands`"),
                            ("chatter.danger", "needs the role admin"),
                            ("chatter.none", "no such command")):
            broker.publish(f"gnswatch/command/{name}/{name}", "{}")
            said_no = answer(listener, f"gnswatch/result/{name}")
            assert said_no["ok"] is False and words in said_no["detail"], said_no
        assert not lab.events("chatter.*")
        lab.write("mqtt", conf(broker, "commands: [chatter.*]\ncommands_role: admin\n"))
        lab.stop()
        lab.start()
        lab.connected()
        for payload in ("not JSON", "[1]", '{"a":1'):
            broker.publish("gnswatch/command/chatter.danger/bad", payload)
        broker.publish("gnswatch/command/chatter.danger/kept", "{}", "-r")
        wait("refusals", lambda: len(listener.json("gnswatch/result/bad")) >= 1)
        assert all(not a["ok"] for a in listener.json("gnswatch/result/bad"))
        broker.publish("gnswatch/command/chatter.danger/c1", "{}")
        assert answer(listener, "gnswatch/result/c1")["ok"] is True


def without_the_option_no_command_is_run():
    with Broker() as broker, Lab(conf(broker)) as lab, Listener(broker, "gnswatch/#") as listener:
        lab.connected()
        broker.publish("gnswatch/command/chatter.say/c1", "{}")
        lab.say(1, 99)
        wait("ours", lambda: said(listener)[0] == [99])
        assert "Received SUBSCRIBE from gnswatch-" not in broker.log()


def a_broker_that_forbids_the_commands_is_said():
    acl = "user all\ntopic readwrite #\n\nuser gnswatch\ntopic write gnswatch/#\n"
    with Broker(users={"all": "x", "gnswatch": "y"}, acl=acl) as broker, \
            Lab(conf(broker, f"user: gnswatch\npassword: y\n{ALLOW}")) as lab:
        lab.connected()
        broker.publish("gnswatch/command/chatter.say/c1", json.dumps({"first": 5}), user="all")
        lab.say(1, 6)
        wait("it is not run", lambda: lab.events("chatter.said"))
        assert [e["data"]["n"] for e in lab.events("chatter.said")] == [6]


if __name__ == "__main__":
    need_programs()
    run([a_session_keeps_commands_while_we_are_away_and_none_is_run_twice,
         without_a_session_nothing_waits_for_us,
         a_command_is_run_and_answered_by_its_correlation,
         version_five_answers_on_the_response_topic,
         what_is_not_allowed_is_refused_with_a_reason,
         without_the_option_no_command_is_run,
         a_broker_that_forbids_the_commands_is_said])
