"""Reads mails as python3's email package does and compares with what went in. One JSON object a
line on stdin, all texts as hex of their bytes; exits 1 with a sentence when one differs, or when
there are not as many as the argument says."""
import codecs
import email.policy
import json
import sys

HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
           "MIME-Version", "Auto-Submitted", "X-Test", "Content-Type"]

codecs.register_error("each", lambda error: ("\ufffd", error.start + 1))


def plain(hexed):
    return bytes.fromhex(hexed).decode("utf-8", "each")


def is_control(c):
    n = ord(c)
    return n < 0x20 or 0x7F <= n < 0xA0 or 0x202A <= n <= 0x202E or 0x2066 <= n <= 0x2069 or \
        n in (0x2028, 0x2029)


def header(hexed):
    return "".join(" " if is_control(c) else c for c in plain(hexed))


def body(hexed):
    lines = plain(hexed).replace("\r\n", "\n").replace("\r", "\n")
    return lines if not lines or lines.endswith("\n") else lines + "\n"


def same(what, got, wanted):
    if got != wanted:
        sys.exit(f"{what}: {got!r} instead of {wanted!r}")


def check_bytes(raw):
    lines = raw.split(b"\r\n")
    same("the last line", lines.pop(), b"")
    for line in lines:
        if len(line) > 998 or b"\r" in line or b"\n" in line or any(c > 126 for c in line):
            sys.exit(f"not a line of a mail: {line!r}")
    for line in lines[:lines.index(b"")]:
        if len(line) > 78 and b"@" not in line:
            sys.exit(f"a header line of {len(line)} bytes: {line!r}")


def check_parts(message, case):
    parts = [part for part in message.walk() if not part.is_multipart()]
    text = parts[0].get_content()
    same("text", text.replace("\r\n", "\n"), body(case["text"]))
    if case["html"] is None:
        same("number of parts", len(parts), 1)
        return
    same("shape", message.get_content_type(), "multipart/alternative")
    same("html", parts[1].get_content().replace("\r\n", "\n"), body(case["html"]))
    if case["png"] is None:
        same("number of parts", len(parts), 2)
        return
    related = message.get_payload()[1]
    same("shape of the second", related.get_content_type(), "multipart/related")
    same("picture", parts[2].get_content(), bytes.fromhex(case["png"]))
    same("its type", parts[2].get_content_type(), "image/png")
    same("its id", parts[2]["Content-ID"], "<c1@example.org>")
    if case["short"]:  # get_filename strips
        same("its name", parts[2].get_filename(), header(case["name"]).strip())


def check(case):
    raw = bytes.fromhex(case["mail"])
    check_bytes(raw)
    message = email.message_from_bytes(raw, policy=email.policy.default)
    same("headers", list(message.keys())[:len(message.keys()) - (case["html"] is None)], HEADERS)
    same("Subject", str(message["Subject"]), header(case["subject"]))
    same("X-Test", str(message["X-Test"]), header(case["subject"]))
    same("To", [a.addr_spec for a in message["To"].addresses], case["to"])
    if case["phrase"]:
        same("name", message["From"].addresses[0].display_name, header(case["name"]))
    same("sender", message["From"].addresses[0].addr_spec, "watch@example.org")
    same("Date", message["Date"].datetime.timestamp() * 1000, case["time"])
    check_parts(message, case)
    same("faults", [str(d) for part in message.walk() for d in part.defects], [])


count = 0
for row in sys.stdin:
    check(json.loads(row))
    count += 1
if count != int(sys.argv[1]):
    sys.exit(f"{count} mails came instead of {sys.argv[1]}")
