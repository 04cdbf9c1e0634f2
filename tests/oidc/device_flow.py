"""A device, as its maker would have it: asks for codes, shows one, asks whether it was allowed."""

import base64
import re

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_GRANT_ID = re.compile(r"/device/([0-9a-f-]{36})")


class Device:
    """The program on the device: no cookies."""

    def __init__(self, app, tenant, application):
        self.client = app.test_client(use_cookies=False)
        self.tenant = tenant
        self.application = application
        self.codes = {}

    def begin(self, **form):
        answer = self.send("/oauth2/device_authorization", form)
        self.codes = answer.json
        return answer

    def poll(self, **form):
        return self.send("/oauth2/token", {"grant_type": GRANT, "device_code": self.codes["device_code"], **form})

    def send(self, path, form, **more):
        application, headers = self.application, {"User-Agent": "TV/3.1"}
        if application.secret:
            basic = base64.b64encode(f"{application.client_id}:{application.secret}".encode()).decode()
            headers["Authorization"] = f"Basic {basic}"
        else:
            form = {"client_id": application.client_id, **form}
        return self.client.post(path, data=form, base_url=self.tenant.origin, headers=headers, **more)


def typed(browser, code):
    """Type a code. Returns the address that it leads to, or ``None``."""
    found = _GRANT_ID.search(browser.post("/device", {"code": code}).location or "")
    return found[0] if found else None


def allow(browser, code, decision="allow"):
    return browser.post(typed(browser, code), {"decision": decision})
