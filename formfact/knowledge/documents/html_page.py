"""Which elements of a page are its content, and which surround it.

A mark of the element itself decides: its tag, role or class, or that it is hidden. The classes are those of widely
used generators (MediaWiki, Sphinx, GitHub), not of single sites.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

UNSEEN = frozenset(
    (
        "script style noscript template head title meta link svg iframe object embed audio video canvas map area "
        "select option datalist button input textarea progress meter annotation annotation-xml rt rp frameset"
    ).split()
)
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
NOISE = frozenset(
    (
        "mw-editsection mw-jump-link mw-cite-backlink mw-indicators navbox toc printfooter catlinks headerlink "
        "anchorjs-link linenos linenodiv lineno gutter blob-num breadcrumb breadcrumbs"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What is left out beside all that nobody sees: tags, and values of `role`."""

    tags: frozenset[str]
    roles: frozenset[str]
    frame: bool
    """Whether the page's own header and footer go."""


STRICT = Rule(
    frozenset(("nav", "aside", "form")),
    frozenset(("navigation", "search", "menu", "menubar", "banner", "contentinfo", "complementary", "dialog")),
    frame=True,
)
LENIENT = Rule(frozenset(("nav",)), frozenset(("navigation", "search", "menu", "menubar")), frame=False)
EVERYTHING = Rule(frozenset(), frozenset(), frame=False)


def left_out(node: LexborNode, rule: Rule) -> bool:
    """Whether an element and all below it is no content under a rule."""
    tag = node.tag or ""
    if tag in UNSEEN or tag in rule.tags:
        return True
    told = node.attributes
    if told and (_is_hidden(told) or (told.get("role") or "").lower() in rule.roles):
        return True
    if told and "class" in told and _is_noise(tag, told["class"] or ""):
        return True
    return rule.frame and tag in ("header", "footer") and not _in_section(node)


def _is_hidden(told: dict[str, str | None]) -> bool:
    if "hidden" in told or told.get("aria-hidden") == "true":
        return True
    return "style" in told and bool(HIDDEN.search(told["style"] or ""))


def _is_noise(tag: str, classes: str) -> bool:
    names = classes.split()
    return not NOISE.isdisjoint(names) or (tag == "sup" and "reference" in names)


def _in_section(node: LexborNode) -> bool:
    """Whether a header belongs to an article or section, and so is not the page's."""
    above = node.parent
    while above is not None:
        if above.tag in ("article", "main", "section", "blockquote"):
            return True
        above = above.parent
    return False
