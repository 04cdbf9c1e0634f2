"""A program that talks to the endpoints of OAuth at one tenant."""

import base64
from urllib.parse import quote_plus


class Program:
    """It keeps nothing. ``application`` is whom it says it is (as ``an_application`` has it), with its secret."""

    def __init__(self, app, origin, application=None):
        self.client = app.test_client(use_cookies=False)
        self.origin = origin
        self.application = application

    def get(self, path, *, token=None, scheme="Bearer", headers=None, **more):
        return self.open("GET", path, token=token, scheme=scheme, headers=headers, **more)

    def post(self, path, data=None, *, token=None, scheme="Bearer", headers=None, **more):
        return self.open("POST", path, token=token, scheme=scheme, headers=headers, data=data or {}, **more)

    def open(self, method, path, *, token=None, scheme="Bearer", headers=None, **more):
        shown = {"Authorization": f"{scheme} {token}"} if token else {}
        return self.client.open(path, method=method, base_url=self.origin, headers={**shown, **(headers or {})}, **more)

    def ask(self, path, **fields):
        """As the client that it is."""
        if self.application.secret is None:
            return self.post(path, {"client_id": self.application.client_id, **fields})
        return self.post(path, fields, headers={"Authorization": basic(self.application)})


def basic(application, secret=None):
    """RFC 6749, section 2.3.1."""
    pair = f"{quote_plus(application.client_id)}:{quote_plus(secret or application.secret)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"
