"""The load: wrk, with a script for each operation. One thread of it drives all connections with little CPU."""

import json
import os
import resource
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.people import PASSWORD, SLUG, Credentials

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"

# ``lines`` has what each connection brings. A line is out while its request is: no two connections share a person,
# and a refresh token's successor takes its place. wrk calls request() once without sending: there are spare lines.
_SCRIPT = """
local lines, first, last, said = {}, 1, 0, "%(method)s %(path)s"
local headers = {["Host"] = "%(host)s", ["User-Agent"] = "%(agent)s"}
failures, sample = 0, ""
local threads = {}

function setup(thread) table.insert(threads, thread) end

function init()
  for line in io.lines("%(lines)s") do last = last + 1; lines[last] = line end
  wrk.headers = headers
end

function request()
  local line = lines[first]
  if first < last then lines[first] = nil; first = first + 1 end
  %(prepare)s
  %(keep)s
  return wrk.format("%(method)s", %(address)s, headers, body)
end

function response(status, got, body)
  if status ~= %(expects)s or not (%(proof)s) then
    failures = failures + 1
    if sample == "" then sample = status .. " " .. body:sub(1, 150):gsub('[%%c"\\\\]', " ") end
    return
  end
  %(take)s
end

function done(summary, latency)
  local failed, why = 0, ""
  for _, thread in ipairs(threads) do
    failed = failed + thread:get("failures")
    if why == "" then why = thread:get("sample") end
  end
  local e = summary.errors
  io.write(string.format('\\nRESULT {"requests":%%d,"us":%%d,"failed":%%d,"socket_errors":%%d,"why":"%%s",' ..
    '"p50_ms":%%.3f,"p90_ms":%%.3f,"p99_ms":%%.3f,"max_ms":%%.3f}\\n',
    summary.requests, summary.duration, failed, e.connect + e.read + e.write + e.timeout, why,
    latency:percentile(50) / 1000, latency:percentile(90) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
"""
AGAIN = "last = last + 1; lines[last] = line"
_BEARER = 'headers["Authorization"] = "Bearer " .. line; local body = nil'
_JSON = 'headers["Content-Type"] = "application/json"; local body = '


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One kind of request. ``lines`` picks what it needs; ``prepare`` and ``take`` are Lua.

    So are ``address``, where a line has the path, and ``proof``: what an answer must be beside its status.
    """

    name: str
    method: str
    path: str
    lines: Callable[[Any], list[str]]
    prepare: str = "local body = nil"
    keep: str = AGAIN
    take: str = ""
    expects: int = 200
    bare: bool = False
    host: str = f"{SLUG}.localhost"
    address: str = ""
    proof: str = "true"


OPERATIONS = {
    found.name: found
    for found in (
        Operation(name="bare", method="GET", path="/", lines=lambda _: [""], bare=True),
        Operation(name="select", method="GET", path="/select", lines=lambda _: [""], bare=True),
        Operation(
            name="introspect",
            method="POST",
            path="/api/v1/auth/introspect",
            lines=lambda c: c.access,
            prepare='headers["Authorization"] = "Bearer " .. line; ' + _JSON + """'{"token":"' .. line .. '"}'""",
        ),
        Operation(name="me", method="GET", path="/api/v1/me", lines=lambda c: c.access, prepare=_BEARER),
        Operation(name="login page", method="GET", path="/login", lines=lambda _: [""]),
        Operation(
            name="session page",
            method="GET",
            path="/account/profile",
            lines=lambda c: c.cookies,
            prepare='headers["Cookie"] = "portico_session=" .. line; local body = nil',
        ),
        Operation(name="sessions", method="GET", path="/api/v1/me/sessions", lines=lambda c: c.access, prepare=_BEARER),
        Operation(
            name="reset",
            method="POST",
            path="/api/v1/auth/password-resets",
            lines=lambda c: c.passwords,
            prepare=_JSON + """'{"email":"' .. line .. '"}'""",
            expects=202,
        ),
        Operation(
            name="magic link",
            method="POST",
            path="/api/v1/auth/magic-links",
            lines=lambda c: c.passwords,
            prepare=_JSON + """'{"email":"' .. line .. '"}'""",
            expects=202,
        ),
        Operation(
            name="refresh",
            method="POST",
            path="/api/v1/auth/refresh",
            lines=lambda c: c.refresh,
            prepare=_JSON + """'{"refresh_token":"' .. line .. '"}'""",
            keep="",
            take="""local new = body:match('"refresh_token":"(prt_[^"]+)"'); last = last + 1; lines[last] = new""",
        ),
        Operation(
            name="login",
            method="POST",
            path="/api/v1/auth/login",
            lines=lambda c: c.passwords,
            prepare=_JSON + f"""'{{"email":"' .. line .. '","password":"{PASSWORD}"}}'""",
        ),
    )
}


class Load:
    """A running wrk."""

    def __init__(
        self,
        operation: Operation,
        *,
        port: int,
        credentials: Credentials | None,
        folder: Path,
        connections: int,
        seconds: float,
    ) -> None:
        lines, script = folder / f"{operation.name}.txt", folder / f"{operation.name}.lua"
        lines.write_text("".join(f"{line}\n" for line in operation.lines(credentials)))
        script.write_text(
            _SCRIPT
            % {
                "method": operation.method,
                "path": operation.path,
                "host": operation.host,
                "address": operation.address or f'"{operation.path}"',
                "proof": operation.proof,
                "agent": AGENT,
                "lines": lines,
                "prepare": operation.prepare,
                "keep": operation.keep,
                "take": operation.take,
                "expects": operation.expects,
            }
        )
        options = ["-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", "--latency"]
        self._process = subprocess.Popen(
            ["wrk", *options, "-s", str(script), f"http://127.0.0.1:{port}"], stdout=subprocess.PIPE, text=True
        )

    def result(self) -> dict[str, Any]:
        """What came of it, once it has ended: rates, percentiles, failures, and the CPU that wrk itself took."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        said, _ = self._process.communicate()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found = [line.removeprefix("RESULT ") for line in said.splitlines() if line.startswith("RESULT ")]
        if self._process.returncode or not found:
            raise RuntimeError(f"wrk failed:\n{said}")
        result: dict[str, Any] = json.loads(found[0])
        result["rps"] = result["requests"] / (result["us"] / 1e6)
        result["wrk_cpu_s"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return result


def ensure_wrk() -> str | None:
    """Install wrk where it is missing and we may. What is in the way, if anything, in one line."""
    if shutil.which("wrk"):
        return None
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "wrk"]):
            subprocess.run(["apt-get", *command], capture_output=True, check=False, env=environ)
    return None if shutil.which("wrk") else "wrk is missing: install it (apt-get install wrk)"
