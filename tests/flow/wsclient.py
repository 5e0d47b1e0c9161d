"""A WebSocket client on the standard library (RFC 6455): enough to test a server with."""
import base64
import hashlib
import json
import os
import socket
import struct
import time


class Refused(Exception):
    """The server did not upgrade; has .status and .body."""

    def __init__(self, status, body):
        super().__init__(f"status {status}: {body[:200]}")
        self.status, self.body = status, body


class WebSocket:
    def __init__(self, port, path="/api/v1/live", headers=None, host="127.0.0.1", timeout=10,
                 receive_buffer=None):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect((host, port))
        self.buffer = b""
        self.closed = None
        key = base64.b64encode(os.urandom(16)).decode()
        lines = {"Host": f"{host}:{port}", "Upgrade": "websocket", "Connection": "Upgrade",
                 "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13", **(headers or {})}
        head = f"GET {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items())
        self.socket.sendall(head.encode() + b"\r\n")
        answer = self._until(b"\r\n\r\n").decode()
        status = int(answer.split(" ", 2)[1])
        if status != 101:
            body = self.buffer
            try:
                while piece := self.socket.recv(65536):
                    body += piece
            except OSError:
                pass
            self.socket.close()
            raise Refused(status, body.decode(errors="replace"))
        accept = base64.b64encode(hashlib.sha1(
            (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        assert accept in answer, "the server's Sec-WebSocket-Accept is wrong"

    def _fill(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the server hung up")
        self.buffer += piece

    def _until(self, mark):
        while mark not in self.buffer:
            self._fill()
        head, _, self.buffer = self.buffer.partition(mark)
        return head

    def _take(self, count):
        while len(self.buffer) < count:
            self._fill()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def frame(self, opcode, payload, final=True):
        mask = os.urandom(4)
        head = bytes([opcode | (0x80 if final else 0)])
        if len(payload) < 126:
            head += bytes([0x80 | len(payload)])
        elif len(payload) < 65536:
            head += bytes([0x80 | 126]) + struct.pack(">H", len(payload))
        else:
            head += bytes([0x80 | 127]) + struct.pack(">Q", len(payload))
        masked = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
        self.socket.sendall(head + mask + masked)

    def send(self, message):
        self.frame(1, json.dumps(message).encode())

    def read(self):
        """The next JSON message; None after a close, whose code is then in .closed."""
        text = b""
        while True:
            first, second = self._take(2)
            length = second & 0x7F
            if length == 126:
                length = struct.unpack(">H", self._take(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", self._take(8))[0]
            payload = self._take(length)
            opcode = first & 0x0F
            if opcode == 8:
                self.closed = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
                return None
            if opcode == 9:
                self.frame(10, payload)
            elif opcode in (0, 1):
                text += payload
                if first & 0x80:
                    return json.loads(text)

    def until(self, wanted, seconds=10):
        """Reads until `wanted(message)` holds; returns all that was read."""
        seen = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            message = self.read()
            if message is None:
                raise ConnectionError(f"closed with {self.closed}")
            seen.append(message)
            if wanted(message):
                return seen
        raise TimeoutError(f"not seen in {seconds} s; last: {seen[-3:]}")

    def close(self):
        self.socket.close()
