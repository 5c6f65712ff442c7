"""What a model said, whichever it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Self

from formfact.interfaces.http.routes import Json


@dataclass(frozen=True, slots=True)
class Citation:
    """A span of the text, `text[start:end]`, and where it comes from."""

    start: int
    end: int
    title: str
    url: str

    def json(self) -> Json:
        """As the API's annotation; its end is that of a half open span, as slices have it."""
        cited = {"start_index": self.start, "end_index": self.end, "title": self.title, "url": self.url}
        return {"type": "url_citation", "url_citation": cited}


@dataclass(frozen=True, slots=True)
class Said:
    """A text, its tokens read and written, why it ended, its citations (None for what cites nothing), what is said
    instead where the form that was asked for cannot be given, and what is told beside the API's own fields.
    """

    text: str
    read: int
    wrote: int
    finish: Literal["stop", "length"] = "stop"
    citations: tuple[Citation, ...] | None = None
    refusal: str | None = None
    more: Json = field(default_factory=dict)

    def until(self, stops: Sequence[str]) -> Self:
        """The same up to the first of these texts."""
        at = min((place for stop in stops if stop and (place := self.text.find(stop)) >= 0), default=-1)
        if at < 0:
            return self
        kept = tuple(one for one in self.citations if one.end <= at) if self.citations is not None else None
        return replace(self, text=self.text[:at], citations=kept, finish="stop")
