"""A heading as it stands in a text -> its words."""

from __future__ import annotations

import re

ADORNMENT = re.compile(r"^\s*([=\-~`'\"^_*+#:.<>])\1{2,}\s*$", re.MULTILINE)
LINK = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
MARKS = re.compile(r"[*`]+|<[^>]+>|\s*\{#[^}]*\}\s*$")


def heading_text(raw: str) -> str:
    """The words of a heading: no marks of level, quotation, emphasis or code, no lines of adornment, links or tags."""
    text = ADORNMENT.sub("", raw).strip()
    text = re.sub(r"^(?:>\s*)*#{1,6}\s+|^(?:>\s*)+|\s+#+$", "", text)
    text = MARKS.sub("", LINK.sub(r"\1", text))
    return " ".join(text.split())
