"""The web application: ``granian --interface wsgi wsgi:app`` or ``portico web``."""

import os

from app import create_app
from app.logs import configure
from app.settings import load
from app.wiring import real_ports, wire

settings = load(os.environ)
configure(level=settings.log_level, plain=settings.env == "development")
services = wire(
    settings, real_ports(settings, application="portico-web", connections=min(settings.web_threads, 10) + 2)
)
app = create_app(services)
