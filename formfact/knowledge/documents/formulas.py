"""Formulas of Office and of web pages -> one line of text that says the same: `√2`, `(a+b)/(2c)`, `x^(2n)`.

Read letter by letter, without fraction bars, roots and brackets, a formula says another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

SIMPLE = re.compile(r".?|[-+−–]?[\d.,%]+|[^\W\d]+['′]*|\([^()]*\)")
"""What needs no brackets around it."""
UNSEEN = ("del", "moveFrom", "Fallback", "annotation", "annotation-xml", "mphantom")
INVISIBLE = re.compile("[\u2061-\u2064]")
"""Signs of multiplication and the like that no page shows."""
DEPTH = 60
"""Levels below which a formula is read as its letters alone."""
SCRIPTS = {
    "sSup": "^",
    "sSub": "_",
    "sSubSup": "_^",
    "limLow": "_",
    "limUpp": "^",
    "msup": "^",
    "msub": "_",
    "msubsup": "_^",
    "munder": "_",
    "munderover": "_^",
}
"""An element with small parts -> what stands before each of them."""


def of_office(element: Any, depth: int = 0) -> str:
    """A formula of Word or PowerPoint (`m:oMath`), or an element of it."""
    name = _kind(element)
    if name == "t":
        return str(element.text or "")
    if not name or name in UNSEEN or name.endswith("Pr"):
        return ""
    if depth > DEPTH:
        return "".join(text.text or "" for text in element.iter("{*}t"))
    inner = [(_kind(child), of_office(child, depth + 1)) for child in element]
    parts = {key: text for key, text in inner if text}
    if name == "rad":
        return _root(parts.get("e", ""), parts.get("deg", ""))
    if name == "nary":
        limits = _with_scripts(_told(element, "chr", "∫"), [parts.get("sub", ""), parts.get("sup", "")], "_^")
        return f"{limits} {parts.get('e', '')}"
    if name == "d":
        between = _told(element, "sepChr", "|").join(text for key, text in inner if key == "e")
        return f"{_told(element, 'begChr', '(')}{between}{_told(element, 'endChr', ')')}"
    if name == "func":
        return f"{parts.get('fName', '')} {parts.get('e', '')}"
    return _put(name, [text for key, text in inner if not key.endswith("Pr")])


def of_page(node: Any, depth: int = 0) -> str:
    """A formula of a web page (`math`), or an element of it."""
    if not node.is_element_node:
        return INVISIBLE.sub("", " ".join((node.text_content or "").split())) if node.is_text_node else ""
    name = node.tag or ""
    if name in UNSEEN:
        return ""
    if depth > DEPTH:
        return str(node.text(deep=True))
    if name == "mspace":
        return " "
    parts = [of_page(child, depth + 1) for child in _children(node, leaf=name in ("mi", "mn", "mo", "mtext", "ms"))]
    if name == "msqrt":
        return _root("".join(parts))
    if name == "mroot":
        return _root(*parts[:2])
    if name == "mfenced":
        told = node.attributes
        return f"{told.get('open', '(')}{', '.join(parts)}{told.get('close', ')')}"
    return _put(name, parts)


def _children(node: Any, *, leaf: bool) -> Iterator[Any]:
    """What lies in an element; between elements, white space is none of the formula's parts."""
    return (child for child in node.iter(include_text=True) if leaf or not child.is_text_node or child.text().strip())


def _put(name: str, parts: Sequence[str]) -> str:
    if name in ("f", "mfrac"):
        return "/".join(map(_grouped, parts))
    if name in SCRIPTS:
        return _with_scripts(parts[0] if parts else "", parts[1:], SCRIPTS[name])
    if name in ("m", "mtable", "eqArr"):
        return f"[{'; '.join(parts)}]" if name != "eqArr" else "; ".join(parts)
    return (", " if name in ("mr", "mtr") else "").join(parts)


def _grouped(text: str) -> str:
    return text if SIMPLE.fullmatch(text) else f"({text})"


def _root(inner: str = "", degree: str = "") -> str:
    return f"{f'({degree})' if degree not in ('', '2') else ''}√{_grouped(inner)}"


def _with_scripts(text: str, small: Sequence[str], marks: str) -> str:
    return text + "".join(f"{mark}{_grouped(part)}" for mark, part in zip(marks, small, strict=False) if part)


def _kind(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _told(element: Any, name: str, otherwise: str) -> str:
    """A sign that the properties of an element tell; `otherwise` where they tell none."""
    found = next((one for child in element if _kind(child).endswith("Pr") for one in child if _kind(one) == name), None)
    if found is None:
        return otherwise
    return next((value for key, value in found.attrib.items() if key.rpartition("}")[2] == "val"), "")
