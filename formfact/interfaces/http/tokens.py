"""Tokens: who may read or change which knowledge base."""

from __future__ import annotations

import hashlib
import hmac
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from formfact.errors import NotFound, Refused

May = Literal["read", "write"]

EXAMPLE = '[[token]] with name = "reader", token = "...", bases = ["handbook"] and may = "read" or "write"'


@dataclass(frozen=True, slots=True)
class Grant:
    """What a client may do: `bases` are the knowledge bases that it may see (None: all, and patterns and jobs too)."""

    name: str
    may: May = "write"
    bases: frozenset[str] | None = None

    def sees(self, kb: str) -> bool:
        """Whether it may know of a knowledge base."""
        return self.bases is None or kb in self.bases


OWNER = "owner"
EVERYTHING = Grant("local")
"""Who reaches a server without tokens sits at its machine."""


class Tokens:
    """Known tokens by their SHA-256; which of them a text is takes the same time for any of them and for none."""

    def __init__(self, grants: dict[bytes, Grant]) -> None:
        self._grants = grants

    def __bool__(self) -> bool:
        return bool(self._grants)

    def grant(self, text: str) -> Grant | None:
        """What a token grants, or None for one that is not known."""
        digest, found = _digest(text), None
        for known, grant in self._grants.items():
            if hmac.compare_digest(known, digest):
                found = grant
        return found


def read_tokens(token: str, file: Path | None) -> Tokens:
    """The one token that opens everything, and those of a file. Raises NotFound, Refused for a file that is amiss."""
    grants = {_digest(token): Grant(OWNER)} if token else {}
    for entry in _entries(file) if file else ():
        grants[_digest(entry["token"])] = _grant(file, entry)
    return Tokens(grants)


def _entries(file: Path) -> list[dict[str, Any]]:
    try:
        found = tomllib.loads(file.read_text("utf-8")).get("token")
    except OSError as error:
        raise NotFound(f"{file} cannot be read: {error.strerror}", hint="name a file with --tokens") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused(f"{file} is no TOML: {error}", hint=f"it holds {EXAMPLE}") from error
    if not isinstance(found, list) or not all(isinstance(one, dict) and _is_text(one.get("token")) for one in found):
        raise Refused(f"{file} holds no list of tokens", hint=f"it holds {EXAMPLE}")
    return found


def _grant(file: Path | None, entry: dict[str, Any]) -> Grant:
    name, may, bases = entry.get("name", ""), entry.get("may", "read"), entry.get("bases")
    listed = bases is None or (isinstance(bases, list) and all(_is_text(one) for one in bases))
    unknown = set(entry) - {"name", "token", "may", "bases"}
    if name in (OWNER, EVERYTHING.name):
        raise Refused(f"{file} has a token named {name!r}, which names who may do everything", hint="name it otherwise")
    if may not in ("read", "write") or not _is_text(name) or not listed or unknown:
        raise Refused(f"{file} has a token that says something else than it may", hint=f"it holds {EXAMPLE}")
    return Grant(name, may, None if bases is None else frozenset(bases))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
