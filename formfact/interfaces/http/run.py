"""Run the application with uvicorn until it is told to stop."""

from __future__ import annotations

import asyncio
import ctypes
import resource
import socket
import sys
from contextlib import suppress

import uvicorn

from formfact.errors import Refused
from formfact.interfaces.http.app import App, make_app
from formfact.interfaces.http.connection import timed
from formfact.interfaces.http.settings import Settings
from formfact.interfaces.http.watch import log_to

BACKLOG = 1024
CONNECTIONS = 1000
"""At a time; whoever comes then is told to come again."""
OPEN_FILES = 4096
SWITCH = 0.001
"""Seconds that a thread may compute while the loop waits its turn; Python's own 0.005 costs a tenth of all searches."""
TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8
MEMORY = {ARENA_MAX: 2, MMAP_THRESHOLD: 1 << 22, TRIM_THRESHOLD: 1 << 23}
"""How glibc is to hold memory (bytes; see mallopt(3)): of few heaps, and what is large is given back at once. By itself
it gives each thread a heap of its own, and keeps blocks of a size that was freed once: with as many threads as answer
here that looks like a leak."""
GRACE = 5
"""Seconds that answers under way are given when the server is to end, and then to be broken off."""


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. Raises Refused where it would be open to everybody, or the port is taken."""
    if not settings.loopback and not settings.token and settings.tokens is None:
        raise Refused(
            f"listening on {settings.host} needs a token: whoever reaches this machine could read your documents",
            hint="set FORMFACT_TOKEN, or name a file with --tokens",
        )
    _give_memory_back()
    app = make_app(settings)
    sys.setswitchinterval(SWITCH)
    log_to(quiet=settings.quiet)
    _raise_open_files()
    with _listening(settings) as listener:
        print(f"serving {settings.kb} on {_address(settings, listener)}; Ctrl-C ends it", file=sys.stderr, flush=True)
        with suppress(KeyboardInterrupt):  # which is how one ends it
            Server(app).run(sockets=[listener])


class Server(uvicorn.Server):
    """uvicorn, told to mind slow clients, and to end jobs first so that nobody who watches one holds it up."""

    def __init__(self, app: App) -> None:
        self._app = app
        config = uvicorn.Config(
            app, http=timed(app.desk.settings.limits.stalled), loop="asyncio", ws="none", log_config=None,
            access_log=False, server_header=False, proxy_headers=False, limit_concurrency=CONNECTIONS,
            timeout_graceful_shutdown=GRACE,
        )  # fmt: skip
        super().__init__(config)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        await self._app.desk.jobs.close()
        tasks = set(self.server_state.tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=GRACE)
            for task in late:
                task.cancel()
            # What is broken off still closes what it had open; uvicorn would not wait for that.
            await asyncio.wait(tasks, timeout=GRACE)
        await super().shutdown(sockets)


def _give_memory_back() -> None:
    """Has to come before there are threads; does nothing where the C library is another."""
    with suppress(AttributeError, OSError, TypeError):
        for option, value in MEMORY.items():
            ctypes.CDLL(None).mallopt(option, value)


def _raise_open_files() -> None:
    """Every connection takes a file; a process is often given 1024, and may have more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


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
