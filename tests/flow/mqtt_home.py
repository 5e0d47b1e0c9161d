#!/usr/bin/env python3
"""Home Assistant's discovery with a simulated lab, and all messages against their JSON schemas."""
import json
import os

from mqtt_lab import NODES, PROJECTS, Broker, Lab, Listener, conf, need_programs, run, wait

SCHEMAS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "plugins", "mqtt",
                       "schema")


def documents(broker):
    return {topic: json.loads(text) for topic, text in broker.retained("homeassistant/#").items()}


def home_assistant_is_told_what_there_is_and_what_goes():
    with Broker() as broker, Lab(conf(broker, "discovery: yes\n"), sim=True) as lab:
        lab.connected()
        wait("all projects and nodes", lambda: (len(lab.list("projects")), len(lab.list("nodes")))
             == (PROJECTS, PROJECTS * NODES))
        nodes, projects = lab.list("nodes"), lab.list("projects")
        count = len(nodes) + len(projects) + 1 + 3 + 1
        wait("all entities", lambda: len(documents(broker)) == count)
        found = documents(broker)
        ids = {d["unique_id"] for d in found.values()}
        assert len(ids) == count, "ids are unique"
        kept = broker.retained("gnswatch/#")
        for topic, document in found.items():
            assert topic.split("/")[1] in ("sensor", "binary_sensor"), topic
            assert document["availability_topic"] == "gnswatch/status", document
            assert document["device"]["identifiers"] and document["name"], document
            wait("its state is there", lambda d=document: d["state_topic"] in
                 broker.retained("gnswatch/#"))
        server = next(d for d in found.values() if d.get("device_class") == "connectivity")
        assert json.loads(kept[server["state_topic"]])["status"] == "up", server
        cpu = next(d for d in found.values() if d["name"].endswith(" CPU"))
        wait("the compute's load", lambda: isinstance(json.loads(broker.retained("gnswatch/#")[
            cpu["state_topic"]])["cpu"], (int, float)))
        alerts = next(d for d in found.values() if d["name"] == "Alerts")
        assert json.loads(broker.retained("gnswatch/#")[alerts["state_topic"]]) == {
            "firing": 0, "critical": 0}
        gone = next(n for n in nodes if n["status"] != "closed")
        status, answer = lab.call("gns3.node.delete", id=gone["id"])
        assert status == 200, answer
        wait("its entity is gone", lambda: len(documents(broker)) == count - 1)
        lab.stop()
        lab.write("mqtt", conf(broker))
        lab.start()
        wait("without discovery there are none", lambda: not documents(broker))


def all_messages_are_as_their_schemas_say():
    try:
        import jsonschema
    except ImportError:
        print("skipped: python3-jsonschema is not installed")
        return
    checks = {}
    for name in os.listdir(SCHEMAS):
        with open(os.path.join(SCHEMAS, name)) as file:
            schema = json.load(file)
        jsonschema.Draft202012Validator.check_schema(schema)
        checks[name[:-5]] = jsonschema.Draft202012Validator(schema)
    names = {"events": "event", "objects": "object", "alerts": "alert", "series": "series",
             "notifications": "notification", "result": "result"}
    seen = {}
    with Broker() as broker:
        for batch in ("measurement", "series"):
            more = f"commands: [chatter.*]\nseries: ['*']\nseries_batch: {batch}\n"
            with Listener(broker, "gnswatch/#") as listener, \
                    Lab(conf(broker, more), sim=True) as lab:
                lab.connected()
                lab.say(3)
                lab.must("mqtt.test")
                broker.publish("gnswatch/command/chatter.say/c1", "{}")
                broker.publish("gnswatch/command/chatter.danger/c2", "{}")
                wait("of each", lambda: all(listener.on(f"gnswatch/{n}/") or
                                            listener.on(f"gnswatch/{n}")
                                            for n in names if n != "alerts"))
                wait("series of nodes", lambda: [m for m in listener.on("gnswatch/series/")
                                                 if "gns3.node" in m["topic"]])
                for message in listener.on("gnswatch/"):
                    kind = message["topic"].split("/")[1]
                    if kind in names and message["payload"]:
                        checks[names[kind]].validate(json.loads(message["payload"]))
                        seen[kind] = seen.get(kind, 0) + 1
    assert set(seen) >= set(names) - {"alerts"}, seen


if __name__ == "__main__":
    need_programs()
    run([home_assistant_is_told_what_there_is_and_what_goes,
         all_messages_are_as_their_schemas_say])
