"""A text -> the parts of it that feed a child, and a part with its surroundings -> what the child is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from formfact.patterns.contract import Child

NUMBER = re.compile(r"^\d+[.)] +")


def parts(text: str, each: str) -> list[str]:
    """The parts of a text, none of them empty. Only a line feed ends a line."""
    if each == "whole":
        return [text]
    if each == "line":
        return [line.strip() for line in text.split("\n") if line.strip()]
    found = (match.group(1) if match.re.groups else match.group() for match in re.finditer(each, text, re.MULTILINE))
    return [part.strip() for part in found if part and part.strip()]


def fill(child: Child, values: Mapping[str, Callable[[], str]]) -> str:
    """A child's input; only what stands in it is worked out. One pass, so that a text with "{next}" stays as it is."""
    return re.sub(r"\{(\w+)\}", lambda match: values[match.group(1)](), child.input)


def is_ordered(child: Child | None) -> bool:
    """Whether siblings wait for each other: each reads the one before it."""
    return child is not None and ("{before}" in child.input or "{names}" in child.input)


def unnumbered(part: str) -> str:
    """A line of a numbered list without its number."""
    return NUMBER.sub("", part)
