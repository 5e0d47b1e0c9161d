"""The email plugin against aiosmtpd: what arrives, once, over TLS and AUTH, and what is told when it
does not."""
import os
import shutil
import sys

try:
    import email_server
    from email_server import PASSWORD, USER, Server, make_certificates
except ImportError as error:
    print(f"skipped: python3-aiosmtpd is not installed ({error})")
    sys.exit(77)

from email_daemon import Mailer, ask, folder, run, wait, yaml


def a_notification_arrives_with_text_html_and_its_thread():
    with Server() as server, Mailer(yaml(server)) as daemon:
        alert = {"id": "a1", "rule": "disk", "state": "firing", "severity": "critical",
                 "labels": {"node": "PC1", "severity": "critical"}, "summary": "Disk <PC1> is full",
                 "description": "91 %", "value": 91.25, "unit": "%", "threshold": "> 90 %",
                 "since": 1794999000000, "url": "http://127.0.0.1/#/alerts/a1"}
        answer = daemon.must_send(1, alerts=[alert], to=["A <a@example.org>", "b@example.org"])
        assert answer["duplicate"] is False, answer
        assert daemon.must_send(1, to=["b@example.org", "A <a@example.org>"]) == {"duplicate": True}
        daemon.must_send(2, kind="resolved", status="resolved")
        wait("both are there", lambda: len(server.mails) == 2)
        (to, first), (_, second) = server.mails
        assert to == ["a@example.org", "b@example.org"], to
        assert first["Subject"] == "[Critical] Disk of PC1 is full", first["Subject"]
        assert second["Subject"] == "[Resolved] Disk of PC2 is full", second["Subject"]
        assert first["References"] == second["References"] == first["In-Reply-To"]
        assert first["Message-ID"] != second["Message-ID"]
        assert first["Auto-Submitted"] == "auto-generated"
        assert first["X-Gnswatch-Notification"] == "n1"
        assert str(first["From"]) == "gnswatch <watch@example.org>", str(first["From"])
        text = first.get_body(("plain",)).get_content()
        html = first.get_body(("html",)).get_content()
        assert "Disk <PC1> is full" in text and "91.25 %" in text, text
        assert "Disk &lt;PC1&gt; is full" in html and "node=<b>PC1</b>" in html, html
        wait("it is counted", lambda: daemon.waiting() == 0 and not daemon.letters())


def over_starttls_with_a_ca_of_ones_own_and_a_password():
    tls = folder()
    try:
        make_certificates(tls)
        secret = os.path.join(tls, "password")
        with open(secret, "w") as file:
            file.write(PASSWORD + "\n")
        os.chmod(secret, 0o600)
        more = f"ca_file: {tls}/ca.pem\nuser: {USER}\npassword_file: {secret}\n"
        for host in ("localhost", "127.0.0.1"):
            with Server(tls=tls, auth=True) as server, \
                    Mailer(yaml(server, more, host=host, security="required")) as daemon:
                daemon.must_send(1)
                wait("it is there", lambda: len(server.mails) == 1)
                assert server.encrypted == [True] and server.logins[-1][1], server.logins
                assert PASSWORD not in daemon.log()
    finally:
        shutil.rmtree(tls)


def told(daemon, server, words):
    """email.test says these words, and a letter waits with them; nothing arrives."""
    status, answer = daemon.test(to=["a@example.org"])
    assert status == 502 and words in str(answer), (words, status, answer)
    daemon.must_send(1)
    letter = wait("it waits with a reason", lambda: [x for x in daemon.letters() if x["why"]])[0]
    assert words in letter["why"] and letter["state"] == "waiting", letter
    event = wait("email.down", lambda: daemon.events("email.down"))[0]
    assert words in event["text"] and event["severity"] == "error", event
    assert not server.mails and PASSWORD not in daemon.log()


def a_wrong_password_is_told_in_the_servers_words_and_the_letter_waits():
    tls = folder()
    try:
        make_certificates(tls)
        more = f"ca_file: {tls}/ca.pem\nuser: {USER}\npassword: wrong\n"
        with Server(tls=tls, auth=True) as server, \
                Mailer(yaml(server, more, security="required")) as daemon:
            told(daemon, server, "535")
    finally:
        shutil.rmtree(tls)


def a_certificate_of_strangers_or_for_another_name_is_refused():
    tls, others = folder(), folder()
    try:
        make_certificates(tls, "DNS:elsewhere.example.org")
        make_certificates(others)
        for ca, words in ((others, "certificate is not trusted"), (tls, "mismatch")):
            with Server(tls=tls) as server, \
                    Mailer(yaml(server, f"ca_file: {ca}/ca.pem\n", security="required")) as daemon:
                told(daemon, server, words)
    finally:
        shutil.rmtree(tls)
        shutil.rmtree(others)


def no_password_goes_over_an_open_line():
    more = f"user: {USER}\npassword: {PASSWORD}\n"
    with Server() as server:
        with Mailer(yaml(server, more, security="required")) as daemon:
            told(daemon, server, "STARTTLS")
        with Mailer(yaml(server, more, security="offered")) as daemon:
            told(daemon, server, "STARTTLS")
        assert not server.logins, server.logins


def the_test_command_says_what_the_server_said():
    with Server() as server, Mailer(yaml(server, "to: [x@example.org]\n")) as daemon:
        status, answer = daemon.test()
        assert status == 200 and "250 taken, number 7" in str(answer), answer
        assert server.mails[0][0] == ["x@example.org"]
        server.rules.append(lambda command, address: "550 5.1.1 nobody of this name"
                            if command == "RCPT" else None)
        status, answer = daemon.test(to=["y@example.org"])
        assert status == 502 and "nobody of this name" in str(answer), (status, answer)
        for bad in ("a b@c", "x@example.org\r\nRCPT TO:<y@example.org>", ""):
            status, answer = daemon.test(to=[bad])
            assert status == 400, (bad, status, answer)


def only_the_refused_recipient_dies():
    with Server() as server, Mailer(yaml(server)) as daemon:
        server.rules.append(lambda command, address: "550 5.1.1 no such user"
                            if (command, address) == ("RCPT", "gone@example.org") else None)
        busy = [2]

        def greylist(command, address):
            if (command, address) != ("RCPT", "grey@example.org") or not busy[0]:
                return None
            busy[0] -= 1
            return "451 4.7.1 come back later"
        server.rules.append(greylist)
        daemon.must_send(1, to=["a@example.org", "gone@example.org", "grey@example.org"])
        wait("two mails", lambda: len(server.mails) == 2)
        assert [to for to, _ in server.mails] == [["a@example.org"], ["grey@example.org"]]
        dead = wait("one is dead", lambda: daemon.letters("dead"))
        assert dead[0]["to"] == ["gone@example.org"] and "no such user" in dead[0]["why"], dead
        wait("nothing waits", lambda: not daemon.letters("waiting"))
        event = wait("email.failed", lambda: daemon.events("email.failed"))[0]
        assert event["severity"] == "warning" and "no such user" in event["text"], event

        server.rules.clear()
        status, answer = daemon.post(f"/api/email/letters/{dead[0]['id']}/retry")
        assert status == 200, answer
        wait("it lives again", lambda: len(server.mails) == 3 and not daemon.letters())
        assert server.mails[2][0] == ["gone@example.org"]


def what_is_refused_for_ever_dies_at_once_and_what_is_not_after_its_tries():
    with Server() as server, Mailer(yaml(server, "tries: 3\n")) as daemon:
        asked = []

        def refuse(command, address):
            asked.append(command)
            return {"DATA": "554 5.7.1 looks like spam"}.get(command)
        server.rules.append(refuse)
        daemon.must_send(1)
        dead = wait("dead", lambda: daemon.letters("dead"))
        assert "looks like spam" in dead[0]["why"] and asked.count("DATA") == 1, (dead, asked)
        asked.clear()
        server.rules[:] = [lambda command, address: asked.append(command) or
                           {"MAIL": "452 4.3.1 no room"}.get(command)]
        daemon.must_send(2)
        wait("two dead", lambda: len(daemon.letters("dead")) == 2)
        assert asked.count("MAIL") == 3, asked
        assert any("no room" in x["why"] and "3 of 3" in x["why"] for x in daemon.letters("dead"))
        status, answer = daemon.post(f"/api/email/letters/{dead[0]['id']}/retry")
        assert status == 200

        def throw_away():  # one that is being sent just now says so
            for letter in daemon.letters():
                ask(f"{daemon.base}/api/email/letters/{letter['id']}", "DELETE")
            return not daemon.letters()
        wait("all are deleted", throw_away)


if __name__ == "__main__":
    run([a_notification_arrives_with_text_html_and_its_thread,
         over_starttls_with_a_ca_of_ones_own_and_a_password,
         a_wrong_password_is_told_in_the_servers_words_and_the_letter_waits,
         a_certificate_of_strangers_or_for_another_name_is_refused,
         no_password_goes_over_an_open_line,
         the_test_command_says_what_the_server_said,
         only_the_refused_recipient_dies,
         what_is_refused_for_ever_dies_at_once_and_what_is_not_after_its_tries])
