#!/usr/bin/env python3
"""What is published on a real mosquitto: events, notifications, retained states, series."""
import json

from mqtt_lab import Broker, Lab, Listener, conf, need_programs, run, said, wait


def birth_is_retained_and_a_stop_says_offline():
    for version in ("5", "3.1.1"):
        with Broker() as broker, Lab(conf(broker, f"version: {version}\n")) as lab:
            lab.connected()
            wait("online", lambda: broker.retained("gnswatch/status") ==
                 {"gnswatch/status": "online"})
            lab.stop()
            assert broker.retained("gnswatch/status") == {"gnswatch/status": "offline"}


def a_killed_daemon_is_said_to_be_offline_by_its_will():
    with Broker() as broker, Lab(conf(broker)) as lab, \
            Listener(broker, "gnswatch/status") as listener:
        lab.connected()
        wait("online", lambda: broker.retained("gnswatch/status"))
        lab.kill()
        wait("offline", lambda: [m for m in listener.on("gnswatch/status")
                                 if m["payload"] == "offline"])
        lab.start()
        lab.connected()
        wait("online again", lambda: listener.on("gnswatch/status")[-1]["payload"] == "online")


def events_come_once_each_with_an_id():
    for version in ("5", "3.1.1"):
        with Broker() as broker, Lab(conf(broker, f"version: {version}\n")) as lab, \
                Listener(broker, "gnswatch/events/#", version=version) as listener:
            lab.connected()
            lab.say(500)
            wait("all", lambda: len(said(listener)[0]) >= 500)
            numbers, sequences = said(listener)
            assert numbers == list(range(500)), numbers[:10]
            assert len(set(sequences)) == 500
            if version == "5":
                message = listener.on("gnswatch/events/chatter/said")[0]
                assert message["properties"]["user-properties"] == {
                    "id": f"event-{sequences[0]}"}, message
                assert message["properties"]["content-type"] == "application/json", message
            wait("nothing waits", lambda: lab.last("mqtt.queue").get("waiting") == 0)


def only_events_of_the_patterns_are_published():
    with Broker() as broker, Lab(conf(broker, "events: [other.*, chatter.danger]\n")) as lab, \
            Listener(broker, "gnswatch/events/#") as listener:
        lab.connected()
        lab.say(3)
        lab.must("chatter.danger")
        wait("it comes", lambda: listener.on("gnswatch/events/chatter/danger"))
        assert not listener.on("gnswatch/events/chatter/said")


def a_notification_is_published_once_and_a_test_tells_how_long_it_took():
    with Broker() as broker, Lab(conf(broker)) as lab, \
            Listener(broker, "gnswatch/notifications", "team/#") as listener:
        lab.connected()
        note = {"id": "n1", "kind": "firing", "title": "T", "alerts": []}
        assert lab.must("mqtt.send", notification=note)["duplicate"] is False
        assert lab.must("mqtt.send", notification=note) == {"duplicate": True}
        assert lab.must("mqtt.send", notification=note, topic="team/a")["duplicate"] is False
        wait("both", lambda: len(listener.all()) == 2)
        assert listener.json("gnswatch/notifications") == [note]
        assert listener.on("team/a")[0]["properties"]["user-properties"] == {"id": "n1"}
        assert lab.must("mqtt.test")["took_ms"] >= 0
        wait("the test", lambda: len(listener.json("gnswatch/notifications")) == 2)
        status, answer = lab.call("mqtt.send", notification=note, topic="team/#")
        assert status == 400 and "no +, #" in answer["detail"], answer
        status, answer = lab.call("mqtt.send", notification={"title": "x"})
        assert status == 400, answer


def objects_are_retained_and_removed_when_they_go():
    with Broker() as broker, Lab(conf(broker, "objects: [chatter.thing]\n")) as lab:
        lab.connected()
        hostile = "a/+/#/%\u0001$ \u00e9"
        level = "a%2F%2B%2F%23%2F%25%01$ \u00e9"
        lab.must("chatter.put", id="$x", thing={"name": "x"})
        lab.must("chatter.put", id=hostile, thing={"name": "h"})
        topics = {"gnswatch/objects/chatter.thing/%24x",
                  f"gnswatch/objects/chatter.thing/{level}"}
        wait("both", lambda: set(broker.retained("gnswatch/objects/#")) == topics)
        lab.must("chatter.put", id="$x", thing={"name": "y"})
        wait("the change", lambda: json.loads(broker.retained("gnswatch/objects/#").get(
            "gnswatch/objects/chatter.thing/%24x", "{}")) == {"id": "$x", "name": "y"})
        lab.must("chatter.remove", id="$x")
        wait("it has gone", lambda: len(broker.retained("gnswatch/objects/#")) == 1)
        wait("and is counted", lambda: lab.last("mqtt.connection").get("topics") == 1)


def what_went_while_the_broker_or_we_were_away_is_removed():
    broker = Broker()
    with broker, Lab(conf(broker, "objects: [chatter.thing]\n")) as lab:
        lab.connected()
        for name in ("a", "b", "c"):
            lab.must("chatter.put", id=name, thing={"name": name})
        wait("three", lambda: len(broker.retained("gnswatch/objects/#")) == 3)
        broker.stop()
        lab.must("chatter.remove", id="a")
        lab.must("chatter.put", id="b", thing={"name": "other"})
        lab.stop()
        lab.start()
        broker.start()

        def kept():
            return {k: json.loads(v)["name"] for k, v in
                    broker.retained("gnswatch/objects/#").items()}
        wait("a is gone, b is new", lambda: kept() == {
            "gnswatch/objects/chatter.thing/b": "other", "gnswatch/objects/chatter.thing/c": "c"})
        lab.stop()
        lab.write("mqtt", conf(broker, "objects: [chatter.thing]\nprefix: other/place\n"))
        lab.start()
        wait("the new prefix", lambda: len(broker.retained("other/place/objects/#")) == 2)
        wait("the old one is empty", lambda: not broker.retained("gnswatch/objects/#"))


def a_lab_is_there_with_series_a_measurement_or_a_series():
    for batch in ("measurement", "series"):
        more = f"series_batch: {batch}\nseries: [gns3.compute, 'gns3.*']\n"
        with Broker() as broker, Lab(conf(broker, more), sim=True) as lab, \
                Listener(broker, "gnswatch/series/#") as listener:
            lab.connected()
            kinds = ("server", "project", "node", "compute")
            wait("the lab's objects", lambda: all(broker.retained(
                f"gnswatch/objects/gns3.{kind}/#") for kind in kinds))
            base = "gnswatch/series/gns3.node"
            topic = base if batch == "measurement" else base + "/"
            message = wait("nodes", lambda: listener.json(topic))[-1]
            assert message["measurement"] == "gns3.node", message
            one = message["series"][0] if batch == "measurement" else message
            assert set(one["labels"]) == {"server", "project", "node"}, one
            assert set(one["rows"][0]["values"]) == {"started", "suspended", "state_seconds"}, one
            wait("computes", lambda: listener.json("gnswatch/series/gns3.compute" +
                                                   ("" if batch == "measurement" else "/")))
            times = []
            for message in listener.json("gnswatch/series/gns3.server" +
                                         ("" if batch == "measurement" else "/lab")):
                for series in message.get("series", [message]):
                    times += [row["time"] for row in series["rows"]]
            assert len(times) == len(set(times)) and times == sorted(times), times
            wait("rows are counted", lambda: lab.last("mqtt.connection").get("rows", 0) > 0)


if __name__ == "__main__":
    need_programs()
    run([birth_is_retained_and_a_stop_says_offline,
         a_killed_daemon_is_said_to_be_offline_by_its_will,
         events_come_once_each_with_an_id,
         only_events_of_the_patterns_are_published,
         a_notification_is_published_once_and_a_test_tells_how_long_it_took,
         objects_are_retained_and_removed_when_they_go,
         what_went_while_the_broker_or_we_were_away_is_removed,
         a_lab_is_there_with_series_a_measurement_or_a_series])
