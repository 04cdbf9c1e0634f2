"""Serve the single-page application: files, and what it has to know. Nothing here has a secret or holds a session."""

import json
import os
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
LIBRARY = HERE.parents[1] / "node_modules" / "oidc-client-ts" / "dist" / "browser" / "oidc-client-ts.min.js"
ISSUER = os.environ.get("ISSUER", "http://acme.localhost:8000")
APP_URL = os.environ.get("APP_URL", "http://127.0.0.1:8081")
CONFIG = {"authority": ISSUER, "client_id": os.environ.get("CLIENT_ID", "")}
POLICY = f"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {ISSUER}; frame-ancestors 'none'"


class Files(SimpleHTTPRequestHandler):
    """Four files and the settings. ``/callback`` is the same page: the script looks at where it is."""

    paths = {  # noqa: RUF012
        "/": HERE / "index.html",
        "/callback": HERE / "index.html",
        "/app.js": HERE / "app.js",
        "/app.css": HERE.parent / "relying-app" / "static" / "app.css",
        "/oidc-client-ts.js": LIBRARY,
    }

    def translate_path(self, path: str) -> str:
        return str(self.paths.get(urlsplit(path).path, HERE / "nothing"))

    def do_GET(self) -> None:
        if urlsplit(self.path).path != "/config.json":
            super().do_GET()
            return
        body = json.dumps(CONFIG).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        # Tokens live in the page: what runs in it is said here, and nothing else runs.
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    if not LIBRARY.exists():
        raise SystemExit("oidc-client-ts is missing: run `make node`")
    address = urlsplit(APP_URL)
    ThreadingHTTPServer((address.hostname or "127.0.0.1", address.port or 80), Files).serve_forever()
