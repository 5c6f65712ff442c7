"""Regular expressions as trees: read from Python's notation, printed for the decoding mask, and their shortest texts.

Covered: characters, classes, groups, alternatives, repeats, the flags i, s and x, and anchors at the two ends, which
say nothing where a match is whole. Refused: look-around, back references, word boundaries, atomic groups.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from re import _parser
from typing import Any

from formfact.patterns.settings import refuse

LARGEST = 20_000
"""Characters and repeats, written out, that one expression may have."""
LAST = 0x10FFFF
PREFERRED = "aeinorstbcdfghjklmpquvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,-?!"
"""Characters of a shortest text, the first that is allowed."""
CATEGORIES: dict[str, Callable[[str], bool]] = {
    "digit": str.isdecimal,
    "space": str.isspace,
    "word": lambda char: char.isalnum() or char == "_",
}
UNDER = {"digit": "0-9", "space": r"\s", "word": r"[\p{L}\p{Nd}_&&\p{Age=14.0}]"}
"""Classes of the mask's dialect that hold nothing but characters of the category, in Unicode from version 14 on."""
OVER = {"digit": r"\p{Nd}", "space": r"\s\x1c-\x1f", "word": r"\p{L}\p{N}_"}
"""Classes that hold all of them: they stand where a category is excluded."""
HINT = "no look-around, back references, word boundaries or anchors but at the ends: the mask knows none"


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of a set: `ranges` of code points and `categories` ("word", or "-word" for all others)."""

    ranges: tuple[tuple[int, int], ...]
    categories: tuple[str, ...] = ()
    negated: bool = False
    without: str = ""

    def __contains__(self, char: str) -> bool:
        if char in self.without:
            return False
        code = ord(char)
        found = any(low <= code <= high for low, high in self.ranges) or any(
            CATEGORIES[name.lstrip("-")](char) != name.startswith("-") for name in self.categories
        )
        return found != self.negated


@dataclass(frozen=True, slots=True)
class Row:
    """Expressions one after another."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of several expressions."""

    ways: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """An expression `least` to `most` times; None is without end."""

    node: Node
    least: int
    most: int | None


Node = Chars | Row | Either | Repeat
ANY = Chars(((0, LAST),))
ANYTHING = Repeat(ANY, 0, None)


@lru_cache(maxsize=256)
def read(pattern: str, where: str, *, searched: bool = False) -> Node:
    """The tree of a pattern that is matched as a whole, or `searched` for within a text. Raises Refused."""
    try:
        re.compile(pattern)
        parsed = _parser.parse(pattern)
        parts, flags = list(parsed), parsed.state.flags
        begins = bool(parts) and _is_at(parts[0], "AT_BEGINNING", "AT_BEGINNING_STRING")
        ends = bool(parts) and _is_at(parts[-1], "AT_END", "AT_END_STRING")
        node: Node = _row(parts[begins : len(parts) - ends], flags)
        if _size(node) > LARGEST:
            raise ValueError("it is too large: its repeats, written out, are more than a mask can hold")
    except (re.error, ValueError, RecursionError, OverflowError) as error:
        said = str(error) or "it is nested too deeply"
        raise refuse(where, f"{pattern[:80]!r} is no regular expression here: {said}", HINT) from error
    if searched:
        node = Row((*(() if begins else (ANYTHING,)), node, *(() if ends else (ANYTHING,))))
    return node


def _is_at(part: tuple[Any, Any], *names: str) -> bool:
    return str(part[0]) == "AT" and str(part[1]) in names


def _row(parts: Any, flags: int) -> Node:
    found = tuple(_node(str(name), value, flags) for name, value in parts)
    return found[0] if len(found) == 1 else Row(found)


def _node(name: str, value: Any, flags: int) -> Node:
    if name in ("LITERAL", "NOT_LITERAL"):
        return Chars(tuple(_cases(value, value, flags)), negated=name == "NOT_LITERAL")
    if name == "ANY":
        return ANY if flags & re.DOTALL else Chars(((10, 10),), negated=True)
    if name == "IN":
        return _class(value, flags)
    if name == "BRANCH":
        return Either(tuple(_row(way, flags) for way in value[1]))
    if name == "SUBPATTERN":
        _, added, removed, inner = value
        return _row(inner, (flags | added) & ~removed)
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, inner = value
        return Repeat(_row(inner, flags), int(least), None if most is _parser.MAXREPEAT else int(most))
    raise ValueError(f"it uses {name.lower().replace('_', ' ')}")


def _class(items: Any, flags: int) -> Chars:
    ranges: list[tuple[int, int]] = []
    categories: list[str] = []
    negated = False
    if flags & (re.ASCII | re.LOCALE):
        raise ValueError("it uses the flag a or L")
    for name, value in items:
        if str(name) == "NEGATE":
            negated = True
        elif str(name) == "CATEGORY":
            category = str(value).removeprefix("CATEGORY_").lower()
            categories.append(f"-{category.removeprefix('not_')}" if category.startswith("not_") else category)
        else:
            low, high = (value, value) if str(name) == "LITERAL" else value
            ranges += _cases(low, high, flags)
    return Chars(tuple(ranges), tuple(categories), negated)


def _cases(low: int, high: int, flags: int) -> Iterator[tuple[int, int]]:
    """A range and, where case is ignored, the other cases of its characters."""
    yield low, high
    if flags & re.IGNORECASE:
        for code in range(low, min(high, low + 512) + 1):
            yield from ((ord(other), ord(other)) for other in {chr(code).lower(), chr(code).upper()} if len(other) == 1)


def _size(node: Node) -> int:
    if isinstance(node, Chars):
        return 1
    if isinstance(node, Repeat):
        return _size(node.node) * max(node.least + 1 if node.most is None else node.most, 1) + 1
    return 1 + sum(map(_size, node.parts if isinstance(node, Row) else node.ways))


def excluding(node: Node, chars: str) -> Node:
    """The expression of those texts that hold none of these characters."""
    if isinstance(node, Chars):
        return replace(node, without=node.without + chars)
    if isinstance(node, Repeat):
        return replace(node, node=excluding(node.node, chars))
    if isinstance(node, Row):
        return Row(tuple(excluding(part, chars) for part in node.parts))
    return Either(tuple(excluding(way, chars) for way in node.ways))


def shortest(node: Node, *, other: int = 0) -> str | None:
    """A shortest text, None where no text matches; `other` gives others of the same length where there are such."""
    return _shortest(node, [other])


def _shortest(node: Node, other: list[int]) -> str | None:
    if isinstance(node, Chars):
        liked = _liked(node)
        if not liked:
            return None
        other[0], chosen = divmod(other[0], len(liked))
        return liked[chosen]
    if isinstance(node, Either):
        # The shortest way is looked for first, so that the others do not take their share of `other`.
        ways = [(len(found), at) for at, one in enumerate(node.ways) if (found := _shortest(one, [0])) is not None]
        return _shortest(node.ways[min(ways)[1]], other) if ways else None
    parts = node.parts if isinstance(node, Row) else (node.node,) * node.least
    texts = [_shortest(part, other) for part in parts]
    return None if None in texts else "".join(text or "" for text in texts)


def _liked(chars: Chars) -> list[str]:
    """Likely characters of a set; of a letter's two cases there is one, as lines are compared without case."""
    liked = [
        char
        for char in PREFERRED
        if char in chars and (char.islower() or char.lower() not in chars or not char.isalpha())
    ]
    if liked:
        return liked
    codes = [code for low, high in chars.ranges for code in (low, high)] + [33, 0x100, 0x4E00, 0x1F600]
    return [chr(code) for code in codes if not 0xD800 <= code <= 0xDFFF and chr(code) in chars]


def printed(node: Node) -> str:
    """The expression in the mask's dialect (that of Rust's regex), where it matches no text that `node` does not."""
    if isinstance(node, Chars):
        return _printed_chars(node)
    if isinstance(node, Repeat):
        bounds = f"{{{node.least},{'' if node.most is None else node.most}}}"
        return f"(?:{printed(node.node)}){bounds}"
    if isinstance(node, Row):
        return "".join(f"(?:{printed(part)})" if isinstance(part, Either) else printed(part) for part in node.parts)
    return "|".join(f"(?:{printed(way)})" for way in node.ways)


def _printed_chars(chars: Chars) -> str:
    inside = "".join(_printed_range(low, high) for low, high in chars.ranges)
    for name in chars.categories:
        category, inverted = name.lstrip("-"), name.startswith("-")
        # What is taken away must be at least the category, what is let through at most.
        body = (OVER if chars.negated != inverted else UNDER)[category]
        inside += f"[^{body}]" if inverted else body
    without = "".join(_printed_range(ord(char), ord(char)) for char in chars.without)
    if chars.negated:
        return f"[^{inside}{without}]" if inside + without else f"[{_printed_range(0, LAST)}]"
    return f"[{inside}&&[^{without}]]" if without else f"[{inside}]"


def _printed_range(low: int, high: int) -> str:
    """A range without surrogates, which are no characters of a text."""
    low = 0xE000 if 0xD800 <= low <= 0xDFFF else low
    high = 0xD7FF if 0xD800 <= high <= 0xDFFF else high
    if low > high:
        return ""
    return rf"\x{{{low:x}}}" if low == high else rf"\x{{{low:x}}}-\x{{{high:x}}}"
