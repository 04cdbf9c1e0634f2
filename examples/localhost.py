"""Let a Python program find ``*.localhost``: ``python examples/localhost.py PROGRAM``.

RFC 6761, section 6.3, gives these names to one's own machine and browsers know that, but many resolvers do not. This
runs PROGRAM as it is, with such names leading to 127.0.0.1 in that one process. /etc/hosts is not touched. In
production there is nothing to map, and nothing of this is needed. ``localhost.mjs`` does the same for Node.
"""

import os
import runpy
import socket
import sys
from pathlib import Path
from typing import Any

_resolve = socket.getaddrinfo


def _getaddrinfo(host: Any, *args: Any, **options: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else host
    own = isinstance(name, str) and name.lower().rstrip(".").endswith(".localhost")
    return _resolve("127.0.0.1" if own else host, *args, **options)


def install() -> None:
    socket.getaddrinfo = _getaddrinfo
    # A proxy that the environment names knows nothing of this machine.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(
        filter(None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), ".localhost", "127.0.0.1"])
    )


if __name__ == "__main__":
    install()
    sys.argv = sys.argv[1:]
    if not sys.argv:
        sys.exit(__doc__)
    sys.path[0] = str(Path(sys.argv[0]).resolve().parent)
    runpy.run_path(sys.argv[0], run_name="__main__")
