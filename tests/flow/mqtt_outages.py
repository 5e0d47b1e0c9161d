#!/usr/bin/env python3
"""The broker taken away and given back, the daemon killed, floods, silence: nothing is lost, and
nothing comes twice but with the same sequence."""
import os
import signal
import socket
import threading

from mqtt_lab import Broker, Lab, Listener, conf, need_programs, run, said, wait


def once_each(listener, count):
    wait(f"all {count}", lambda: len(set(said(listener)[0])) >= count)
    pairs = set(zip(*said(listener)))  # what a kill met comes again, with its sequence
    assert {number for number, _ in pairs} == set(range(count)), len(pairs)
    assert len({sequence for _, sequence in pairs}) == len(pairs) == count, "under two sequences"


def a_broker_that_goes_and_comes_back_gets_everything_once():
    with Broker() as broker, Lab(conf(broker)) as lab, \
            Listener(broker, "gnswatch/events/chatter/said", "gnswatch/notifications") as listener:
        lab.connected()
        lab.say(10)
        wait("the first", lambda: len(said(listener)[0]) == 10)
        wait("we know that it has them", lambda: not lab.waiting())
        broker.stop()
        wait("the outage is seen", lambda: lab.broker()["state"] == "away")
        lab.say(200, 10)
        lab.must("mqtt.send", notification={"id": "n1", "title": "x"})
        wait("mqtt.down", lambda: lab.events("mqtt.down"))
        wait("why is said", lambda: "Connection refused" in lab.broker()["why"])
        waiting = wait("they are shown", lambda: len(lab.waiting()) >= 201 and lab.waiting())
        assert all(m["tries"] == 0 for m in waiting), waiting[0]
        lab.kill()
        lab.start()
        lab.say(50, 210)
        broker.start()
        once_each(listener, 260)
        wait("the notification", lambda: len(listener.on("gnswatch/notifications")) == 1)
        wait("nothing waits", lambda: not lab.waiting())
        wait("mqtt.up is known", lambda: lab.events("mqtt.up"))
        assert lab.last("mqtt.connection")["events_dropped"] == 0


def kills_of_both_in_the_middle_lose_nothing():
    """Counted against the store: each event that it has is published. What a kill meets between the
    broker's word and the disk comes again, with the same sequence."""
    with Broker(safe=True) as broker, Lab(conf(broker)) as lab, \
            Listener(broker, "gnswatch/events/chatter/said") as listener:
        lab.connected()
        for turn in range(3):
            lab.say(400, turn * 1000)
            wait("some", lambda: len(said(listener)[0]) >= turn * 600 + 20)
            lab.kill()
            lab.start()
            lab.say(200, turn * 1000 + 400)
            wait("it goes on", lambda: len(set(said(listener)[1])) >= turn * 600 + 100)
            broker.stop(kill=turn == 2)
            broker.start()
        stored = []
        for turn in range(6):
            lab.say(1, 5000 + turn)

        def all_there():
            stored[:] = lab.stored("chatter.said")
            return set(stored) <= set(said(listener)[1]) and not lab.waiting()
        wait("all that the store has", all_there)
        numbers, sequences = said(listener)
        assert len(set(numbers)) == len(set(sequences)), "one event under two sequences"
        assert len(stored) >= 1000


def a_broker_that_has_forgotten_everything_gets_the_states_again():
    with Broker() as broker, Lab(conf(broker, "objects: [chatter.thing]\n")) as lab:
        lab.connected()
        for i in range(300):
            lab.must("chatter.put", id=f"t{i}", thing={"n": i})
        wait("all", lambda: len(broker.retained("gnswatch/objects/#")) == 300)
        broker.stop()
        os.unlink(f"{broker.folder}/mosquitto.db")
        broker.start()
        wait("all again", lambda: len(broker.retained("gnswatch/objects/#")) == 300)
        assert broker.retained("gnswatch/status") == {"gnswatch/status": "online"}


def a_flood_is_published_and_blocks_nobody():
    """Ten thousand at once overrun the plugin's queue of 1,024, which is then filled again from the
    store; the store's own holds 8,192, so no more are ahead of us at any time."""
    with Broker() as broker, Lab(conf(broker)) as lab, \
            Listener(broker, "gnswatch/events/chatter/said") as listener:
        lab.connected()
        for turn in range(20):
            wait("it keeps up", lambda: len(said(listener)[0]) >= turn * 500 - 6000)
            lab.say(500, turn * 500)
        once_each(listener, 10000)
        about = lab.instances()["mqtt"]
        # A busy machine may keep any thread waiting for a second, but not turn after turn.
        assert 2 * about["late"] < about["ticks"] and about["state"] == "running", about
        wait("nothing waits", lambda: lab.last("mqtt.queue").get("waiting") == 0)


def what_does_not_fit_into_the_queue_is_counted_and_notifications_have_room():
    with Broker() as broker:
        broker.stop()
        with Lab(conf(broker, "queue_max: 100\n")) as lab:
            wait("it is away", lambda: lab.broker()["state"] == "away")
            lab.say(300)
            lab.says("an event is not published: too many wait")
            assert lab.must("mqtt.send", notification={"id": "n"})["duplicate"] is False
            broker.start()
            wait("all that fitted has gone", lambda: not lab.waiting())


def a_broker_that_accepts_and_says_nothing_is_given_up_in_time():
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        held = []

        def hold():
            try:
                while True:
                    held.append(mute.accept())
            except OSError:
                pass
        threading.Thread(target=hold, daemon=True).start()

        class Nothing:
            port = mute.getsockname()[1]
        for tls in ("", "tls: yes\n"):
            with Lab(conf(Nothing, f"timeout: 1s\n{tls}")) as lab:
                wait("it is given up", lambda: "said nothing within 1 s" in
                     str(lab.broker()["why"]))
                status, answer = lab.call("mqtt.test")
                assert status == 502 and "127.0.0.1" in answer["detail"], answer
                lab.say(5)
                wait("events wait", lambda: len(lab.waiting()) >= 5)
                assert lab.instances()["mqtt"]["late"] == 0
        mute.shutdown(socket.SHUT_RDWR)


def a_broker_that_stops_to_answer_is_left_after_the_keepalive():
    with Broker() as broker, Lab(conf(broker)) as lab:
        lab.connected()
        broker.process.send_signal(signal.SIGSTOP)
        try:
            lab.say(3)
            wait("it is left", lambda: lab.broker()["state"] != "connected")
        finally:
            broker.process.send_signal(signal.SIGCONT)
        lab.connected()
        wait("nothing waits", lambda: not lab.waiting())


if __name__ == "__main__":
    need_programs()
    run([a_broker_that_goes_and_comes_back_gets_everything_once,
         kills_of_both_in_the_middle_lose_nothing,
         a_broker_that_has_forgotten_everything_gets_the_states_again,
         a_flood_is_published_and_blocks_nobody,
         what_does_not_fit_into_the_queue_is_counted_and_notifications_have_room,
         a_broker_that_accepts_and_says_nothing_is_given_up_in_time,
         a_broker_that_stops_to_answer_is_left_after_the_keepalive], at_once=2)
