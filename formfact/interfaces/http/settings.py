"""What a server is told when it is started."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from pathlib import Path

from formfact.errors import Refused

PUBLIC_RATE = 50.0
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
SAID = {"body": "--max-body", "upload": "--max-upload", "rate": "--rate", "seconds": "--timeout"}
"""Limits by the options that set them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may ask of the server.

    `body` is the most bytes of a request, `upload` of one with documents; `rate` requests a second and client, with
    bursts of twice as many (None: no limit on loopback, else PUBLIC_RATE); `seconds` the longest that an answer may
    take to begin, `writing` one that a model writes; `stalled` the longest that a client may neither send nor read.
    Raises Refused for one that is not above 0: it would let nothing through.
    """

    body: int = 4_000_000
    upload: int = 2_000_000_000
    rate: float | None = None
    seconds: float = 60.0
    writing: float = 600.0
    stalled: float = 30.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None and not 0 < value < math.inf:  # which is how a NaN fails, too
                raise Refused(f"the limit {SAID.get(field.name, field.name)} is {value:g}", hint="give one above 0")


@dataclass(frozen=True, slots=True)
class Settings:
    """How to serve. `kb` is the default knowledge base, `bases` a folder of others; `patterns` holds tuned patterns.

    `base` is the local model that patterns are written with and trained on, where it is not the default one; `writer`
    the address of what says answers in words, `embedders` those of other models that a client may choose: no address
    ever comes from a client. `token` opens everything; `tokens` is a file of limited ones. `origins` are those of
    other sites that may call from a browser, `hosts` the names besides its own under which the server is reached.
    `quiet` logs no single requests.
    """

    kb: Path
    bases: Path | None = None
    patterns: Path | None = None
    base: str | None = None
    writer: str = ""
    embedders: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    port: int = 8000
    token: str = ""
    tokens: Path | None = None
    origins: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    limits: Limits = Limits()
    quiet: bool = False

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in LOOPBACK or self.host.startswith("127.")

    @property
    def rate(self) -> float | None:
        """Requests a second that a client may send, None without limit."""
        return PUBLIC_RATE if self.limits.rate is None and not self.loopback else self.limits.rate
