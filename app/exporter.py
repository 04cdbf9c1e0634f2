"""Metrics on a port of their own, for networks where that is simpler than a token."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from app import metrics
from app.wiring import Services


def serve(services: Services) -> None:
    """Answer GET /metrics on ``METRICS_PORT`` until the process is ended."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/metrics":
                self.send_error(404)
                return
            page = metrics.exposition(services.health.facts, processes=metrics.in_several_processes())
            self.send_response(200)
            self.send_header("Content-Type", metrics.CONTENT_TYPE)
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """Scrapes are no news."""

    ThreadingHTTPServer((services.settings.host, services.settings.metrics_port), Page).serve_forever()
