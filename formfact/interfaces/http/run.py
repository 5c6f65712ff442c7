"""Run the application with uvicorn until it is told to stop."""

from __future__ import annotations

import socket
import sys

import uvicorn

from formfact.errors import Refused
from formfact.interfaces.http.app import make_app
from formfact.interfaces.http.settings import Settings

BACKLOG = 1024


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. Raises Refused where it would be open to everybody, or the port is taken."""
    if not settings.loopback and not settings.token and settings.tokens is None:
        raise Refused(
            f"listening on {settings.host} needs a token: whoever reaches this machine could read your documents",
            hint="set FORMFACT_TOKEN, or name a file with --tokens",
        )
    app = make_app(settings)
    with _listening(settings) as listener:
        config = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, proxy_headers=False, ws="none",
            timeout_graceful_shutdown=5,
        )  # fmt: skip
        print(f"serving {settings.kb} on {_address(settings, listener)}; Ctrl-C ends it", file=sys.stderr, flush=True)
        uvicorn.Server(config).run(sockets=[listener])


def _listening(settings: Settings) -> socket.socket:
    """The socket, open before anything is promised."""
    try:
        if not 0 <= settings.port <= 65535:  # what is larger would be cut to sixteen bits in silence
            raise OverflowError("a port is 0 to 65535")
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Refused(
            f"cannot listen on {settings.host} port {settings.port}: {(reason or str(error)).lower()}",
            hint="choose another with --port; 0 takes a free one",
        ) from error


def _address(settings: Settings, listener: socket.socket) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{listener.getsockname()[1]}"
