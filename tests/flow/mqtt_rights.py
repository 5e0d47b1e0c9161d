#!/usr/bin/env python3
"""Passwords, ACLs and TLS: what is right works, and what is wrong is said so that a person knows
what to do."""
from mqtt_lab import Broker, Lab, Listener, conf, need_programs, run, said, wait

USERS = {"gnswatch": "a pass word", "all": "x"}
ACL = ("user all\ntopic readwrite #\n\n"
       "user gnswatch\ntopic write gnswatch/status\ntopic write gnswatch/events/chatter/#\n"
       "topic write gnswatch/objects/chatter.thing/free\n")
LOGIN = "user: gnswatch\npassword: a pass word\n"


def why(lab):
    return str(lab.broker()["why"])


def a_wrong_password_is_said_and_the_right_one_works():
    for version in ("5", "3.1.1"):
        with Broker(users=USERS) as broker:
            with Lab(conf(broker, f"version: {version}\n")) as lab:
                wait("no user", lambda: "it refused us" in why(lab) and "`password`" in why(lab))
                lab.say(3)
                lab.stop()
                lab.write("mqtt", conf(broker, f"version: {version}\nuser: gnswatch\n"
                                               "password: wr0ng-Secret\n"))
                lab.start()
                wait("wrong password", lambda: "it refused us" in why(lab))
                assert "wr0ng-Secret" not in lab.log()
                lab.stop()
                lab.write("mqtt", conf(broker, f"version: {version}\n{LOGIN}"))
                lab.start()
                lab.connected()
                assert "a pass word" not in lab.log()


def what_an_acl_forbids_dies_with_the_reason_and_the_rest_goes_on():
    with Broker(users=USERS, acl=ACL) as broker, \
            Lab(conf(broker, LOGIN + "objects: [chatter.thing]\nevents: [chatter.*]\n")) as lab, \
            Listener(broker, "gnswatch/#", user="all") as listener:
        lab.connected()
        lab.must("mqtt.send", notification={"id": "n1", "title": "x"})
        dead = wait("it is dead", lab.dead)[0]
        assert dead["topic"] == "gnswatch/notifications", dead
        assert "Not authorized" in dead["why"], dead
        wait("mqtt.failed", lambda: lab.events("mqtt.failed"))
        status, answer = lab.call("mqtt.test")
        assert status == 502 and "Not authorized" in answer["detail"], answer
        lab.say(5)
        wait("events come", lambda: len(said(listener)[0]) == 5)
        lab.must("chatter.put", id="free", thing={})
        lab.must("chatter.put", id="forbidden", thing={})
        wait("the free one", lambda: listener.on("gnswatch/objects/chatter.thing/free"))
        lab.says("the broker refused 'gnswatch/objects/chatter.thing/forbidden': Not authorized")
        assert lab.broker()["state"] == "connected"


def tls_checks_who_answers():
    with Broker(tls=True) as broker:
        ca = f"tls: yes\nca_file: {broker.folder}/ca.pem\n"
        for version in ("5", "3.1.1"):
            with Lab(conf(broker, f"version: {version}\n{ca}", host="localhost")) as lab, \
                    Listener(broker, "gnswatch/#") as listener:
                lab.connected()
                lab.say(300)
                wait("events come", lambda: len(said(listener)[0]) == 300)
        with Lab(conf(broker, ca)) as lab:  # 127.0.0.1 is not in the certificate
            wait("another name", lambda: "verification failed" in why(lab))
        with Lab(conf(broker, "tls: yes\n", host="localhost")) as lab:
            wait("an unknown authority", lambda: "certificate verify failed" in why(lab))
        with Lab(conf(broker, "tls: yes\ninsecure: yes\n")) as lab:
            lab.connected()
        with Lab(conf(broker, "timeout: 2s\n")) as lab:  # plain text to a TLS port
            wait("no TLS", lambda: lab.broker()["state"] == "away")


def a_certificate_of_ours_is_asked_for_and_shown():
    """The broker takes our name from it: the ACL below names nobody else."""
    acl = "user gnswatch\ntopic readwrite #\n"
    with Broker(tls=True, certificates=True, acl=acl) as broker:
        broker.make_ca("strange")
        broker.make_certificate("stranger", "gnswatch", ca="strange")
        broker.make_certificate("other", "somebody")
        ca = f"tls: yes\nca_file: {broker.folder}/ca.pem\ntimeout: 2s\n"

        def shown(name):
            return f"{ca}cert_file: {broker.folder}/{name}.pem\nkey_file: {broker.folder}/{name}.key\n"
        for version in ("5", "3.1.1"):
            with Lab(conf(broker, f"version: {version}\n{shown('client')}", host="localhost")) as lab, \
                    Listener(broker, "gnswatch/#") as listener:
                lab.connected()
                lab.say(20)
                wait("events come", lambda: len(said(listener)[0]) == 20)
        for name in ("", "stranger"):  # none, and one of another CA
            with Lab(conf(broker, shown(name) if name else ca, host="localhost")) as lab:
                wait(f"it refuses {name or 'none'}", lambda: lab.broker()["state"] == "away" and
                     why(lab) != "None")
                lab.say(2)
                wait("events wait", lambda: len(lab.waiting()) >= 2)
        with Lab(conf(broker, shown("other"), host="localhost")) as lab:
            lab.connected()  # whom the broker knows, but lets say nothing
            lab.must("mqtt.send", notification={"id": "n1", "title": "x"})
            assert "Not authorized" in wait("it is dead", lab.dead)[0]["why"]
        with Lab(conf(broker, f"{ca}cert_file: {broker.folder}/client.pem\n"
                              f"key_file: {broker.folder}/other.key\n", host="localhost")) as lab:
            wait("the key is of another", lambda: "key values mismatch" in why(lab))


def a_broker_without_tls_is_said_to_be_none():
    with Broker() as broker, Lab(conf(broker, "tls: yes\ninsecure: yes\ntimeout: 2s\n")) as lab:
        wait("it is no TLS", lambda: lab.broker()["state"] == "away")
        assert why(lab) != "None", lab.broker()


def wrong_settings_are_said_at_the_start():
    wrong = {"prefix: a/#/b\n": "`prefix` must be", "password: x\n": "`password` needs a `user`",
             "cert_file: /etc/hostname\n": "belong together",
             "ca_file: /etc/hostname\n": "needs `tls: yes`",
             "tls: yes\nca_file: /nowhere.pem\n": "`ca_file`: /nowhere.pem"}
    for text, words in wrong.items():
        with Lab(f"host: 127.0.0.1\nport: 1\n{text}") as lab:
            lab.says(words)


def without_a_host_nothing_happens_and_nothing_complains():
    with Lab("{}\n") as lab:
        lab.say(3)
        status, answer = lab.call("mqtt.send", notification={"id": "a"})
        assert status == 400 and "`host`" in answer["detail"], answer
        assert lab.instances()["mqtt"]["errors"] == 0
        assert not lab.waiting() and not lab.events("mqtt.*")
        assert "mqtt:" not in lab.log(), lab.log()


if __name__ == "__main__":
    need_programs()
    run([a_wrong_password_is_said_and_the_right_one_works,
         what_an_acl_forbids_dies_with_the_reason_and_the_rest_goes_on,
         tls_checks_who_answers,
         a_certificate_of_ours_is_asked_for_and_shown,
         a_broker_without_tls_is_said_to_be_none,
         wrong_settings_are_said_at_the_start,
         without_a_host_nothing_happens_and_nothing_complains])
