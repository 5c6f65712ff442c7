"""The process that `scribe` starts: questions as lines of JSON on standard input, answers on standard output.

What libraries print goes nowhere: standard output is kept for answers alone.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from formfact.errors import FormfactError
from formfact.front import Pattern
from formfact.interfaces.http.child import NICE, end_with_the_server
from formfact.patterns.contract import Child, Contract, Prompt
from formfact.patterns.write import Draft, Drafter
from formfact.types import Message

OPEN = 2
"""Models kept open: each takes half a gigabyte or more."""


class Pen:
    """Models by the folder of their pattern, the last ones used kept open."""

    def __init__(self) -> None:
        self._open: OrderedDict[tuple[str, float, str], Drafter] = OrderedDict()

    def answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """What `scribe` is told."""
        drafter = self._drafter(Path(question["folder"]), question["base"])
        if "count" in question:
            return {"tokens": drafter.count(_chat(question["count"]))}
        asked = question["write"]
        contract, masked, limit = _contract(asked["contract"]), asked["masked"], asked["limit"]
        chats = [_chat(chat) for chat in asked["chats"]]
        written = drafter.write(chats, contract, masked=masked, limit=limit, apart=asked["apart"])
        return {"written": [_told(one) for one in written]}

    def _drafter(self, folder: Path, base: str | None) -> Drafter:
        pattern = Pattern(folder, base=base)
        # All that were not tuned share their base; one that is tuned anew lies in a folder that is new.
        key = (str(folder), folder.stat().st_mtime, "") if pattern.tuned else ("", 0.0, base or "")
        if key not in self._open:
            self._open[key] = pattern.open()
        self._open.move_to_end(key)
        while len(self._open) > OPEN:
            self._open.popitem(last=False)
        return self._open[key]


def _told(draft: Draft) -> dict[str, Any]:
    """A text, and whether it ends only because the budget made it."""
    return {"text": draft.text, "tokens": draft.tokens, "seconds": draft.seconds, "cut": draft.cut}


def _chat(messages: list[dict[str, str]]) -> list[Message]:
    return [Message(**one) for one in messages]


def _contract(values: dict[str, Any]) -> Contract:
    children = tuple(Child(**one) for one in values["children"])
    return Contract(**{**values, "prompt": Prompt(**values["prompt"]), "children": children})


def run(fd: int) -> None:
    """Answer until there are no more questions, or the server is gone."""
    threading.Thread(target=end_with_the_server, args=(fd,), daemon=True).start()
    os.nice(NICE)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    pen = Pen()
    for line in sys.stdin:
        try:
            found = pen.answer(json.loads(line))
        except FormfactError as error:
            found = {"error": {"type": type(error).__name__, "message": error.message, "hint": error.hint}}
        answers.write(json.dumps(found) + "\n")
        answers.flush()


if __name__ == "__main__":
    run(int(sys.argv[1]))
