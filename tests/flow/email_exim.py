"""The email plugin against a real mail server: exim4 with a configuration of its own, on loopback,
STARTTLS and AUTH required, delivering into a folder."""
import email
import email.policy
import os
import pwd
import shutil
import socket
import subprocess
import sys

from daemon import free_port
from email_daemon import Mailer, folder, run, wait, yaml

EXIM = shutil.which("exim4", path=os.environ.get("PATH", "") + ":/usr/sbin")
CONFIG = """
primary_hostname = mail.test
spool_directory = {dir}/spool
log_file_path = {dir}/log_%s
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
deliver_drop_privilege = true
exim_user = {user}
exim_group = {group}
never_users =
tls_advertise_hosts = *
tls_certificate = {dir}/server.pem
tls_privatekey = {dir}/server.key
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
acl_smtp_mail = check_mail
acl_smtp_rcpt = check_rcpt
acl_smtp_data = accept
queue_run_max = 1

begin acl
check_mail:
  deny message = authentication required
       !authenticated = *
  accept
check_rcpt:
  deny message = no such person here
       local_parts = nobody
  accept

begin routers
all:
  driver = accept
  transport = folder

begin transports
folder:
  driver = appendfile
  directory = {dir}/mail
  maildir_format
  create_directory
  mode = 0600

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{watcher}}}}{{eq{{$auth3}}{{correct horse}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| Username: | Password:
  server_condition = ${{if and{{{{eq{{$auth1}}{{watcher}}}}{{eq{{$auth2}}{{correct horse}}}}}}}}
  server_set_id = $auth1
"""


class Exim:
    def __init__(self):
        from email_server import make_certificates
        self.dir = folder()
        make_certificates(self.dir)
        user = pwd.getpwnam("Debian-exim")
        self.port = free_port()
        self.config = os.path.join(self.dir, "exim.conf")
        with open(self.config, "w") as file:
            file.write(CONFIG.format(dir=self.dir, port=self.port, user=user.pw_uid,
                                     group=user.pw_gid))
        for name in ("spool", "mail"):
            os.mkdir(os.path.join(self.dir, name))
        os.chmod(self.dir, 0o755)
        for name in (".", "spool", "mail", "server.key", "server.pem"):
            os.chown(os.path.join(self.dir, name), user.pw_uid, user.pw_gid)

    def __enter__(self):
        self.process = subprocess.Popen([EXIM, "-C", self.config, "-bdf"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

        def listens():
            assert self.process.poll() is None, self.process.stderr.read()
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                return False
        wait("exim listens", listens)
        return self

    def __exit__(self, kind, value, trace):
        self.process.terminate()
        self.process.wait(20)
        if kind:
            for name in ("log_main", "log_panic"):
                path = os.path.join(self.dir, name)
                if os.path.exists(path):
                    print(open(path).read()[-2000:], file=sys.stderr)
        shutil.rmtree(self.dir)

    def mails(self):
        new = os.path.join(self.dir, "mail", "new")
        files = [os.path.join(new, name) for name in os.listdir(new)] if os.path.isdir(new) else []
        return [email.message_from_binary_file(open(file, "rb"), policy=email.policy.default)
                for file in files]


def exim_takes_mails_over_tls_with_a_password_and_refuses_one_recipient():
    with Exim() as exim:
        more = f"ca_file: {exim.dir}/ca.pem\nuser: watcher\npassword: correct horse\n"
        with Mailer(yaml(exim, more, security="required")) as daemon:
            for i in range(5):
                daemon.must_send(i, title=f"Débit de PC{i} : « trop » {'x' * 90}",
                                 text=".\n..\nFrom here\n")
            daemon.must_send(9, to=["a@example.org", "nobody@example.org"])
            wait("six mails", lambda: len(exim.mails()) == 6)
            ids = [mail["Message-ID"] for mail in exim.mails()]
            assert len(set(ids)) == 6, ids
            titles = sorted(str(mail["Subject"]) for mail in exim.mails())
            assert titles[1] == f"[Critical] Débit de PC0 : « trop » {'x' * 90}", titles
            text = [m for m in exim.mails() if m["X-Gnswatch-Notification"] == "n1"][0] \
                .get_body(("plain",)).get_content()
            assert "\n.\n..\nFrom here\n" in text, text
            dead = wait("one died", lambda: daemon.letters("dead"))
            assert "no such person here" in dead[0]["why"], dead
            status, answer = daemon.test(to=["a@example.org"])
            assert status == 200 and "OK id=" in answer["words"], answer


def exim_says_what_is_wrong_with_the_password():
    with Exim() as exim:
        more = f"ca_file: {exim.dir}/ca.pem\nuser: watcher\npassword: wrong\n"
        with Mailer(yaml(exim, more, security="required")) as daemon:
            status, answer = daemon.test(to=["a@example.org"])
            assert status == 502 and "535" in str(answer), (status, answer)
            assert not exim.mails()


if __name__ == "__main__":
    if not EXIM or os.geteuid() != 0:
        print("skipped: exim4 is not installed, or this is not root, who may run it")
        sys.exit(77)
    try:
        import email_server  # noqa: F401
    except ImportError as error:
        print(f"skipped: python3-aiosmtpd is not installed ({error})")
        sys.exit(77)
    run([exim_takes_mails_over_tls_with_a_password_and_refuses_one_recipient,
         exim_says_what_is_wrong_with_the_password])
