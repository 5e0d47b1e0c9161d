"""The email plugin in bad times: the server away, slow, mute, hanging up; the daemon killed. Each
notification arrives once, counted by Message-ID."""
import socket
import sys
import threading

try:
    from email_server import Server
except ImportError as error:
    print(f"skipped: python3-aiosmtpd is not installed ({error})")
    sys.exit(77)

from email_daemon import Mailer, run, wait, yaml


def once_each(server, numbers):
    """All of them are there, and each once."""
    def there():
        with server.lock:
            return [mail["X-Gnswatch-Notification"] for _, mail in server.mails]
    wait(f"all {len(numbers)} arrive", lambda: set(there()) == {f"n{i}" for i in numbers})
    assert len(server.ids()) == len(set(server.ids())) == len(numbers), (there(), numbers)


def a_server_that_goes_and_comes_back_gets_everything_once():
    server = Server()
    with Mailer(yaml(server)) as daemon:
        daemon.must_send(0)
        wait("the first", lambda: len(server.mails) == 1)
        server.stop()
        for i in range(1, 21):
            daemon.must_send(i)
        wait("email.down", lambda: daemon.events("email.down"))
        waiting = wait("they are shown", lambda: len(daemon.letters("waiting")) == 20 and
                       daemon.letters("waiting"))
        assert all(x["tries"] == 0 and "cannot be reached" in x["why"] for x in waiting), waiting[0]
        with Server(port=server.port) as back:
            once_each(back, range(1, 21))
            wait("email.up", lambda: daemon.events("email.up"))
            wait("nothing is left", lambda: not daemon.letters())
            wait("the row says so", lambda: daemon.waiting() == 0)
            assert not daemon.events("email.failed")


def a_killed_daemon_goes_on_where_it_was():
    with Server() as server:
        server.stop()
        with Mailer(yaml(server)) as daemon:
            for i in range(10):
                daemon.must_send(i)
            daemon.kill()
            daemon.start()
            assert daemon.must_send(3) == {"duplicate": True}
            with Server(port=server.port) as back:
                back.slow_s = 0.05
                wait("some are there", lambda: len(back.mails) >= 3)
                daemon.kill()
                daemon.start()
                wait("all are there", lambda: {m["X-Gnswatch-Notification"] for _, m in back.mails}
                     == {f"n{i}" for i in range(10)})
                wait("nothing is left", lambda: not daemon.letters())
                # The one the kill met between the server's word and the disk may be there twice:
                # as the same Message-ID, which is how a mailbox knows it.
                assert len(set(back.ids())) == 10 and len(back.ids()) <= 11, back.ids()
                assert daemon.must_send(3) == {"duplicate": True}


def a_stopped_daemon_loses_and_doubles_nothing():
    with Server() as server, Mailer(yaml(server)) as daemon:
        server.slow_s = 0.1
        for i in range(8):
            daemon.must_send(i)
        wait("one is there", lambda: server.mails)
        daemon.stop()
        daemon.start()
        once_each(server, range(8))


def hanging_up_in_the_middle_costs_a_try_and_no_letter():
    with Server() as server, Mailer(yaml(server)) as daemon:
        left = [2]

        def hang_up(command, address):
            if command == "DATA" and left[0]:
                left[0] -= 1
                return "DROP"
            return None
        server.rules.append(hang_up)
        daemon.must_send(1)
        once_each(server, [1])
        assert not daemon.events("email.failed")


def a_mute_server_is_given_up_after_the_timeout_and_blocks_nobody():
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        held = []
        threading.Thread(target=lambda: [held.append(mute.accept()) for _ in range(2)],
                         daemon=True).start()

        class Nothing:
            port = mute.getsockname()[1]
        text = yaml(Nothing).replace("timeout: 5s", "timeout: 1s")
        with Mailer(text, load="plugin: load\nevery: 1s\n") as daemon:
            daemon.must_send(1)
            wait("it is told", lambda: daemon.events("email.down"))
            letter = daemon.letters()[0]
            assert "did not answer in time" in letter["why"], letter
            wait("others go on", lambda: daemon.series("load.system") and
                 len(daemon.rows("load.system", 30)) >= 2)
            assert daemon.instances()["load"]["state"] == "running", daemon.instances()
            daemon.must_send(2)
            assert daemon.stop() == 0


def a_pile_becomes_a_digest():
    server = Server()
    server.stop()
    with Mailer(yaml(server).replace("digest: 0", "digest: 3")) as daemon:
        for i in range(6):
            daemon.must_send(i)
        daemon.must_send(7, to=["b@example.org"])
        with Server(port=server.port) as back:
            wait("two mails", lambda: len(back.mails) == 2)
            wait("nothing is left", lambda: not daemon.letters())
            digest = next(mail for to, mail in back.mails if to == ["a@example.org"])
            assert digest["X-Gnswatch-Notification"] == "n0 n1 n2 n3 n4 n5"
            assert "[6 notifications]" in digest["Subject"], digest["Subject"]
            text = digest.get_body(("plain",)).get_content()
            assert all(f"Disk of PC{i} is full" in text for i in range(6)), text
            wait("all are counted", lambda: daemon.waiting() == 0)


def no_more_mails_a_minute_than_the_file_says():
    with Server() as server:
        text = yaml(server).replace("rate: 6000\nburst: 1000", "rate: 60\nburst: 2")
        with Mailer(text) as daemon:
            for i in range(5):
                daemon.must_send(i)
            once_each(server, range(5))
            took = server.times[4] - server.times[0]
            assert 2.5 < took < 10, server.times  # two at once, then one a second


def a_full_queue_refuses_and_says_so():
    server = Server()
    server.stop()
    with Mailer(yaml(server, "waiting_max: 10\n")) as daemon:
        for i in range(10):
            daemon.must_send(i)
        status, answer = daemon.send(10)
        assert status == 409 and "full" in answer["detail"], (status, answer)
        with Server(port=server.port) as back:
            once_each(back, range(10))
            daemon.must_send(10)
            once_each(back, range(11))


if __name__ == "__main__":
    run([a_server_that_goes_and_comes_back_gets_everything_once,
         a_killed_daemon_goes_on_where_it_was,
         a_stopped_daemon_loses_and_doubles_nothing,
         hanging_up_in_the_middle_costs_a_try_and_no_letter,
         a_mute_server_is_given_up_after_the_timeout_and_blocks_nobody,
         a_pile_becomes_a_digest,
         no_more_mails_a_minute_than_the_file_says,
         a_full_queue_refuses_and_says_so])
