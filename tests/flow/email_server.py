"""A mail server for tests, by python3-aiosmtpd: TLS by a CA of its own, AUTH, and faults on demand.
Everything that arrives is in `mails`, as (recipients, parsed mail)."""
import asyncio
import email
import email.policy
import logging
import os
import ssl
import subprocess
import threading
import time

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

for name in ("mail.log", "asyncio"):  # what a test does to it is no news
    logging.getLogger(name).setLevel(logging.CRITICAL)
USER, PASSWORD = "watcher", "correct horse"


def make_certificates(folder, names="DNS:localhost,IP:127.0.0.1"):
    """A CA and a certificate for localhost: folder/ca.pem, server.pem, server.key."""
    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, cwd=folder, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test CA",
            "-days", "2")
    openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    with open(os.path.join(folder, "extensions"), "w") as file:
        file.write(f"subjectAltName={names}\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-out", "server.pem", "-days", "2", "-extfile", "extensions")


class Handler:
    def __init__(self, server):
        self.server = server

    async def handle_MAIL(self, smtp, session, envelope, address, options):
        reply = self.server.answer("MAIL", address)
        if reply:
            return reply
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, smtp, session, envelope, address, options):
        reply = self.server.answer("RCPT", address)
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, smtp, session, envelope):
        await self.server.delay()
        reply = self.server.answer("DATA", envelope.rcpt_tos[0])
        if reply == "DROP":
            smtp.transport.abort()
            return "421 gone"
        if reply:
            return reply
        mail = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        with self.server.lock:
            self.server.raw.append(envelope.original_content)
            self.server.times.append(time.monotonic())
            self.server.mails.append((list(envelope.rcpt_tos), mail))
            self.server.encrypted.append(session.ssl is not None)
        self.server.kept.wait(self.server.keep_words_s)
        return "250 taken, number 7"


class Server:
    """tls: None or a folder of make_certificates; auth: AUTH is required. `rules` are functions
    (command, address) that answer a reply or None, asked in turn."""

    def __init__(self, tls=None, auth=False, port=0):
        self.tls, self.auth, self.port = tls, auth, port
        self.lock = threading.Lock()
        self.mails, self.raw, self.encrypted, self.times = [], [], [], []
        self.rules, self.logins = [], []
        self.slow_s = 0
        self.kept, self.keep_words_s = threading.Event(), 0
        self.connections = 0
        self.start()

    # ---- what it does ----

    def answer(self, command, address):
        for rule in list(self.rules):
            reply = rule(command, address)
            if reply:
                return reply
        return None

    async def delay(self):
        if self.slow_s:
            await asyncio.sleep(self.slow_s)

    def check(self, server, session, envelope, mechanism, data):
        good = isinstance(data, LoginPassword) and data.login == USER.encode() and \
            data.password == PASSWORD.encode()
        self.logins.append((mechanism, good))
        return AuthResult(success=good, handled=good)

    def protocol(self):
        self.connections += 1
        context = None
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(os.path.join(self.tls, "server.pem"),
                                    os.path.join(self.tls, "server.key"))
        return SMTP(Handler(self), hostname="mail.test", tls_context=context,
                    authenticator=self.check, auth_required=self.auth,
                    auth_require_tls=bool(self.tls), loop=self.loop)

    # ---- life ----

    def start(self):
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()

        def run():
            asyncio.set_event_loop(self.loop)
            self.listener = self.loop.run_until_complete(
                self.loop.create_server(self.protocol, "127.0.0.1", self.port))
            self.port = self.listener.sockets[0].getsockname()[1]
            ready.set()
            self.loop.run_forever()
            self.loop.close()
        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()
        assert ready.wait(10), "the mail server does not listen"

    def stop(self):
        """As if the machine was gone: no listener, connections cut."""
        def end():
            self.listener.close()
            for task in asyncio.all_tasks(self.loop):
                task.cancel()
            self.loop.call_later(0.1, self.loop.stop)
        self.loop.call_soon_threadsafe(end)
        self.thread.join(10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.thread.is_alive():
            self.stop()

    # ---- what came ----

    def ids(self):
        with self.lock:
            return [mail["Message-ID"] for _, mail in self.mails]

    def subjects(self):
        with self.lock:
            return [str(mail["Subject"]) for _, mail in self.mails]
