"""Who knocks: a browser that keeps its cookies, and an API client that keeps nothing."""

import re

from tests.cast import PASSWORD

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
API = "/api/v1"


class Browser:
    """A browser at one tenant. It posts as a page does: with the CSRF token of its session."""

    def __init__(self, app, origin, **environ):
        self.client = app.test_client()
        self.origin = origin
        self.environ = environ

    def get(self, path, **more):
        return self.open("GET", path, **more)

    def post(self, path, data=None, *, csrf=True, **more):
        fields = {**({"csrf_token": self.csrf()} if csrf else {}), **(data or {})}
        return self.open("POST", path, data=fields, **more)

    def open(self, method, path, **more):
        environ = {**self.environ, **more.pop("environ", {})}
        return self.client.open(
            path,
            method=method,
            base_url=more.pop("base_url", self.origin),
            environ_overrides=environ,
            buffered=True,
            **more,
        )

    def csrf(self):
        """The token that stands in the forms of this browser's pages."""
        return _TOKEN.search(self.get("/logout", follow_redirects=True).text)[1]

    def sign_in(self, person, password=PASSWORD, **more):
        return self.post("/login", {"email": person.email, "password": password, **more})

    def cookie(self, name):
        """The value of a cookie, or ``None``."""
        return next((c.value for c in self.client._cookies.values() if c.key == name), None)

    def plant(self, name, value):
        """Put a cookie into the browser."""
        host = self.origin.partition("://")[2].partition(":")[0]
        self.client.set_cookie(name, value, domain=host, secure=self.origin.startswith("https"))


class Api:
    """A program that talks to ``/api/v1`` of one tenant."""

    def __init__(self, app, origin, **environ):
        self.client = app.test_client(use_cookies=False)
        self.origin = origin
        self.environ = environ

    def call(self, method, path, *, token=None, headers=None, environ=None, base_url=None, **more):
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        return self.client.open(
            API + path,
            method=method,
            base_url=base_url or self.origin,
            headers={**bearer, **(headers or {})},
            environ_overrides={**self.environ, **(environ or {})},
            **more,
        )

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, json=None, **more):
        return self.call("POST", path, json={} if json is None else json, **more)

    def raw(self, path, body, content_type="application/json", **more):
        return self.call("POST", path, data=body, content_type=content_type, **more)

    def login(self, person, password=PASSWORD, *, headers=None, **more):
        return self.post("/auth/login", {"email": person.email, "password": password, **more}, headers=headers)

    def tokens(self, person, **more):
        answer = self.login(person, **more)
        assert answer.status_code == 200, answer.text
        return answer.json
