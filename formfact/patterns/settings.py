"""Values read out of a contract's tables: each of the right kind, and none that nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from formfact.errors import Refused


def refuse(where: str, what: str, hint: str = "") -> Refused:
    """The error for a contract that says something that it cannot say."""
    return Refused(f"{where}: {what}", hint=hint or "docs/patterns.md lists what a contract may say")


class Settings:
    """One table of a contract. Every value is taken once; `done` refuses those that were not asked for."""

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self._left = dict(values)
        self._known: list[str] = []
        self.where = where

    def take(self, key: str, kind: type | tuple[type, ...], default: Any, *, what: str) -> Any:
        """The value of a key, `default` where it is missing; Refused where it is of another kind."""
        self._known.append(key)
        value = self._left.pop(key, default)
        truth = isinstance(value, bool) and kind is not bool
        if value is not default and (truth or not isinstance(value, kind)):
            raise refuse(self.where, f"{key} = {value!r} is not {what}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        value = self.take(key, str, default, what="a text")
        if value is None:
            raise refuse(self.where, f"{key} is missing")
        return str(value)

    def whole(self, key: str, default: int, *, least: int = 0) -> int:
        value = self.take(key, int, default, what="a whole number")
        if value < least:
            raise refuse(self.where, f"{key} = {value} is less than {least}")
        return int(value)

    def yes(self, key: str, default: bool = False) -> bool:
        return bool(self.take(key, bool, default, what="true or false"))

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        values = self.take(key, (list, tuple), default, what="a list of texts")
        if not all(isinstance(value, str) for value in values):
            raise refuse(self.where, f"{key} = {values!r} is not a list of texts")
        return tuple(values)

    def between(self, key: str, default: tuple[int, int], *, least: int = 0) -> tuple[int, int]:
        """A range of whole numbers, both ends included."""
        values = self.take(key, (list, tuple), default, what="a range [least, most]")
        whole = len(values) == 2 and all(isinstance(v, int) and not isinstance(v, bool) for v in values)
        if not whole or not least <= values[0] <= values[1]:
            raise refuse(self.where, f"{key} = {values!r} is not a range [least, most] from {least} on")
        return int(values[0]), int(values[1])

    def table(self, key: str) -> Mapping[str, Any]:
        return dict(self.take(key, dict, {}, what="a table"))

    def rest(self) -> Mapping[str, Any]:
        """All that was not taken yet; nothing is left afterwards."""
        left, self._left = self._left, {}
        return left

    def done(self) -> None:
        if self._left:
            known = ", ".join(self._known)
            raise refuse(self.where, f"nobody knows {', '.join(sorted(map(str, self._left)))}", f"it may say: {known}")
