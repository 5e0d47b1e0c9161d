#!/usr/bin/env python3
"""Runs a program against a TLS server with a certificate of its own making.
usage: gns3_client_tls.py PROGRAM. Ends with 77 (skipped) without the openssl command."""
import http.server, os, shutil, ssl, subprocess, sys, tempfile, threading


class Gns3(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        good = self.path == "/v2/version"
        body = b'{"local": false, "version": "2.2.59"}' if good else b'{"message": "none"}'
        self.send_response(200 if good else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        pass  # a client that refuses our certificate is what is tested


def main():
    if not shutil.which("openssl"):
        print("skipped: no openssl command")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        key, cert = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=lab", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", key, "-out", cert], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        server = Server(("127.0.0.1", 0), Gns3)
        server.socket = context.wrap_socket(server.socket, server_side=True,
                                            do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"https://127.0.0.1:{server.server_address[1]}"
        return subprocess.run([sys.argv[1], url, cert], timeout=60).returncode


if __name__ == "__main__":
    sys.exit(main() if len(sys.argv) == 2 else __doc__)
