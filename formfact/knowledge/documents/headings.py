"""A heading as it stands in a text -> its words."""

from __future__ import annotations

import re

ADORNMENT = re.compile(r"(?:\s*>)*+\s*(?:([!-/:-=?@\[-`{-~])\1*\s*)?")
"""A line over or under a title, however short."""
LINK = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
MARKS = re.compile(r"[*`]+|<[^>]+>|\s*\{#[^}]*\}\s*$")


def heading_text(raw: str) -> str:
    """The words of a heading: no marks of level, quotation, emphasis or code, no lines of adornment, links or tags."""
    lines = raw.strip().split("\n")
    if len(lines) > 1:
        lines = [line for line in lines if not ADORNMENT.fullmatch(line)]
    text = "\n".join(lines).strip()
    text = re.sub(r"^(?:>\s*)*#{1,6}\s+|^(?:>\s*)+|\s+#+$", "", text)
    text = MARKS.sub("", LINK.sub(r"\1", text))
    return " ".join(text.split())
