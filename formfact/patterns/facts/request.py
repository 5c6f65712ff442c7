"""What a prompt asks for: to recall, to invent, to work on a given text."""

from __future__ import annotations

import re
from dataclasses import dataclass

EDGE = 400
"""Characters at either end of a prompt that are read for what it asks: instructions stand first or last."""

INVENT = re.compile(
    r"\b(?:write|compose|create|make up|invent|imagine|generate|tell|craft|come up with|continue|draft|pen|give me)\b"
    r"[^.?\n]{0,60}\b(?:story|stories|poem|haiku|limerick|sonnet|song|lyrics|joke|scene|screenplay|fairy ?tale|fable|"
    r"novel|chapter|dialogue|conversation|monologue|slogan|tagline|riddle|metaphor|simile|plot|character|tweet|email|"
    r"letter|advertisement|speech|narrative|rap|caption|motto|diary)\b"
    r"|\b(?:plot outline|story so far|next chunk|next scene|next chapter|story premise|genre|protagonist)\b"
    r"|\bimagine\b|\bpretend\b|\brole-?play\b",
    re.IGNORECASE,
)
TURN = re.compile(
    r"^(?:User|Human|Customer|Student|Q|Question|Person ?[AB12]|Instruction|### ?Instruction)\s*:", re.MULTILINE
)
PERSONAL = re.compile(
    r"\b(?:how are you|your (?:favorite|favourite|name|day|hobb\w+|job)|do you (?:like|have|want|enjoy|think|feel)|"
    r"are you\b|have you\b|what do you|where do you live|tell me about (?:yourself|your))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Request:
    """What a prompt asks for. `last` is its last turn; `asks` whether that is a question."""

    last: str
    asks: bool
    invents: bool
    personal: bool


def read(prompt: str) -> Request:
    """Read a prompt."""
    turns = list(TURN.finditer(prompt))
    last = prompt[turns[-1].start() :] if turns else prompt
    edges = last if len(last) <= 2 * EDGE else f"{last[:EDGE]}\n{last[-EDGE:]}"
    return Request(last, "?" in edges, bool(INVENT.search(edges)), bool(PERSONAL.search(last[-EDGE:])))
