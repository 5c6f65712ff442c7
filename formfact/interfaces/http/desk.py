"""What a server has at hand: its settings, the knowledge bases that are open, the patterns, and who may do what."""

from __future__ import annotations

import tempfile
import threading
from collections import OrderedDict
from pathlib import Path

from formfact.errors import Busy, Forbidden, NotFound, Unauthorized
from formfact.front import Knowledge
from formfact.front.writers import LOCAL, open_writer
from formfact.interfaces.http.jobs import Jobs
from formfact.interfaces.http.known import KnownPatterns
from formfact.interfaces.http.limits import Rates
from formfact.interfaces.http.metrics import Metrics
from formfact.interfaces.http.placeless import Places
from formfact.interfaces.http.scribe import Scribe
from formfact.interfaces.http.settings import Settings
from formfact.interfaces.http.tokens import EVERYTHING, Grant, read_tokens
from formfact.models import Writer

OPEN = 64
"""Knowledge bases kept open."""
TRUTH = "knowledge.sqlite"


class Desk:
    """One for a server. Safe to use from several threads.

    Raises Refused and NotFound for settings that cannot be served, among them a writer's address that is none.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.places = Places(_folders(settings, self.home))
        self.jobs = Jobs(self.places)
        self.scribe = Scribe(settings.limits.writing)
        self.metrics = Metrics()
        self.rates = Rates(settings.rate)
        self.nobody = Grant("nobody", "read", frozenset())
        self.tokens = read_tokens(settings.token, settings.tokens)
        self.patterns = KnownPatterns(
            settings.patterns or self.home / "patterns", base=settings.base, opens=self.scribe.opens
        )
        self.default = settings.kb.resolve().name.lstrip(".") or "default"
        self._lent: set[str] = set()
        # An endpoint costs nothing to open and may be misspelt; a model on this machine waits for the first who asks.
        at_once = settings.writer and not settings.writer.startswith(LOCAL)
        self._writer: Writer | None = open_writer(settings.writer) if at_once else None
        self._open: OrderedDict[str, Knowledge] = OrderedDict()
        self._mutex = threading.Lock()

    def authorise(self, header: str | None, client: str) -> Grant:
        """What the client at an address with this Authorization header may do. Raises Unauthorized, TooMany.

        Clients with a token share its rate, those without one that of their address: guessing is slow too.
        """
        scheme, _, token = (header or "").partition(" ")
        grant = self.tokens.grant(token.strip()) if scheme.lower() == "bearer" else None
        self.rates.take(f"token {grant.name}" if grant else client)
        if not self.tokens:
            return EVERYTHING
        if grant is None:
            raise Unauthorized("a token is needed here", hint="send it: Authorization: Bearer TOKEN")
        return grant

    def permit(self, grant: Grant, kb: str, *, write: bool) -> None:
        """Raise NotFound for a knowledge base that the client may not know of, Forbidden where it may only read."""
        if kb and not grant.sees(kb):
            raise self._missing(kb)
        if write and grant.may != "write":
            raise Forbidden("this token may only read", hint="use one that may write")
        if write and not kb and grant.bases is not None:
            raise Forbidden("this token is limited to knowledge bases", hint="use one without `bases`")

    def names(self, grant: Grant) -> list[str]:
        """The knowledge bases that the client may see, the default one first."""
        return [name for name in self._places() if grant.sees(name)]

    def place(self, kb: str) -> Path:
        """Where a knowledge base lies; the name is looked up, never joined to a path. Raises NotFound."""
        places = self._places()
        if kb not in places:
            raise self._missing(kb)
        return places[kb]

    def knowledge(self, kb: str = "") -> Knowledge:
        """The open knowledge base of that name, the default one for "". Raises NotFound, Busy."""
        name = kb or self.default
        with self._mutex:
            if name in self._lent:
                raise Busy(f"{name!r} is being given other vectors", hint="GET /jobs says how far it has come")
            if name not in self._open:
                self._open[name] = Knowledge(self.place(name), local_paths=False)
            self._open.move_to_end(name)
            while len(self._open) > OPEN:
                self._open.popitem(last=False)[1].close()
            return self._open[name]

    def lend(self, kb: str) -> None:
        """Close a knowledge base to a process that nobody may disturb."""
        with self._mutex:
            self._lent.add(kb)
            held = self._open.pop(kb, None)
        if held is not None:
            held.close()

    def take_back(self, kb: str) -> None:
        """Open it again to those who ask."""
        with self._mutex:
            self._lent.discard(kb)

    @property
    def writer(self) -> Writer | None:
        """What says answers in words, if there is something; a local one is opened here. Raises ModelError."""
        with self._mutex:
            if self._writer is None and self.settings.writer:
                self._writer = open_writer(self.settings.writer)
            return self._writer

    def opened(self) -> dict[str, Knowledge]:
        """The knowledge bases that are open, by name."""
        with self._mutex:
            return dict(self._open)

    @property
    def home(self) -> Path:
        """The server's own folder, beside the default knowledge base: training files, jobs, patterns that it tuned."""
        place = self.settings.kb.absolute()
        return place.with_name(f"{place.name}.server")

    def uploads(self, kb: str) -> Path:
        """The folder beside a knowledge base that keeps what was uploaded to it. Raises NotFound."""
        place = self.place(kb).absolute()
        return place.with_name(f"{place.name}.uploads")

    def close(self) -> None:
        """Close all knowledge bases, and end the process that writes."""
        self.scribe.close()
        with self._mutex:
            while self._open:
                self._open.popitem()[1].close()

    def _places(self) -> dict[str, Path]:
        folder = self.settings.bases
        places = {self.default: self.settings.kb}
        if folder is not None and folder.is_dir():
            places |= {one.parent.name: one.parent for one in sorted(folder.glob(f"*/{TRUTH}"))} | places
        return places

    def _missing(self, kb: str) -> NotFound:
        return NotFound(f"there is no knowledge base called {kb!r}", hint="GET /bases lists them")


def _folders(settings: Settings, home: Path) -> list[Path]:
    """What is not to be told to clients: where the bases, the patterns, the server's own files and its user's lie."""
    uploads = settings.kb.absolute().with_name(f"{settings.kb.absolute().name}.uploads")
    mine = [settings.kb, home, uploads, Path.home(), Path.cwd(), Path(tempfile.gettempdir())]
    return [*mine, *(one for one in (settings.bases, settings.patterns, settings.tokens) if one)]
