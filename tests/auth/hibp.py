"""A stand-in for Have I Been Pwned: the range API as it is documented, strict about how it is asked."""

import hashlib
import random
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_OTHERS = [f"{random.Random(number).getrandbits(140):035X}" for number in range(800)]  # noqa: S311 - always the same


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        hibp = self.server.hibp
        hibp.asked.append((self.path, dict(self.headers)))
        answer = getattr(self, f"_{hibp.mood}")
        asked = re.fullmatch(r"/range/([0-9A-F]{5})", self.path)
        if not asked or self.headers.get("Add-Padding") != "true" or not self.headers.get("User-Agent"):
            self._say(400, b"The hash prefix was not in a valid format")
        else:
            answer(asked[1])

    def _well(self, prefix):
        self._say(200, self.server.hibp.body(prefix))

    def _slow(self, prefix):
        time.sleep(3)
        self._well(prefix)

    def _dripping(self, prefix):
        """A byte every 0.4 s: no single wait is long."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(8):
            self.wfile.write(b"0")
            time.sleep(0.4)

    def _failing(self, _):
        self._say(503, b"")

    def _forbidding(self, _):
        self._say(403, b"")

    def _redirecting(self, prefix):
        self._say(302, self.server.hibp.body(prefix), Location=f"/elsewhere/{prefix}")

    def _captive(self, _):
        self._say(200, b"<html>Please sign in to this network</html>")

    def _empty(self, _):
        self._say(200, b"")

    def _cut_off(self, prefix):
        self._say(200, self.server.hibp.body(prefix)[:-20] + b":")

    def _endless(self, _):
        self._say(200, b"0" * (2 << 20))

    def _not_ascii(self, _):
        self._say(200, "é".encode())

    def _say(self, status, body, **headers):
        self.send_response(status)
        for name, value in {"Content-Type": "text/plain", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, *_):
        """Whoever asked has gone."""


class StandIn:
    """Answers in a thread. ``mood`` says how; ``asked`` remembers what came."""

    def __init__(self):
        self.mood, self.asked, self._leaked = "well", [], {}
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.hibp = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def leak(self, password, *, times=7):
        """``times``: 0 makes it padding, as the real one does it."""
        self._leaked[hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()] = times

    def body(self, prefix):
        """Some that share the prefix, and some that are not there at all, with a count of 0."""
        rest = {name: number % 7 for number, name in enumerate(_OTHERS)}
        rest |= {sha1[5:]: times for sha1, times in self._leaked.items() if sha1[:5] == prefix}
        return "\r\n".join(f"{name}:{times}" for name, times in sorted(rest.items())).encode()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
