"""Which elements of a page are its content, and which surround it.

A mark of the element itself decides: its tag, role or class, or that it is hidden. The classes are those of widely
used generators (MediaWiki, Sphinx, GitHub), not of single sites.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

UNSEEN = frozenset(
    (
        "script style noscript template head title meta link svg iframe object embed audio video canvas map area "
        "select option datalist button input textarea progress meter annotation annotation-xml rt rp frameset"
    ).split()
)
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
NAMED = ("h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary")
"""Where a button that folds a section is the section's name."""
OWNERS = {
    "header": ("article", "main", "section", "blockquote"),
    "footer": ("article", "main", "section", "blockquote"),
    "aside": ("article", "main"),
}
"""What frames a page -> the elements in which it belongs to them, and is no frame; there, an aside is a callout."""
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
    """Whether the page's own header, footer and asides go."""


STRICT = Rule(
    frozenset(("nav", "form")),
    frozenset(("navigation", "search", "menu", "menubar", "banner", "contentinfo", "complementary", "dialog")),
    frame=True,
)
LENIENT = Rule(frozenset(("nav",)), frozenset(("navigation", "search", "menu", "menubar")), frame=False)
EVERYTHING = Rule(frozenset(), frozenset(), frame=False)


def left_out(node: LexborNode, rule: Rule) -> bool:
    """Whether an element and all below it is no content under a rule."""
    tag = node.tag or ""
    if tag in UNSEEN or tag in rule.tags:
        return not (tag == "button" and _is_name(node))
    told = node.attributes
    if told and (_is_hidden(told) or (told.get("role") or "").lower() in rule.roles):
        return True
    if told and "class" in told and _is_noise(tag, told["class"] or ""):
        return True
    return rule.frame and tag in OWNERS and not lies_in(node, OWNERS[tag])


def _is_name(button: LexborNode) -> bool:
    """Whether a button is all that the name of a section says."""
    above = button.parent
    while above is not None and above.tag not in NAMED:
        above = above.parent
    return above is not None and above.text(deep=True).strip() == button.text(deep=True).strip()


def _is_hidden(told: dict[str, str | None]) -> bool:
    if told.get("hidden", "until-found") != "until-found" or told.get("aria-hidden") == "true":
        return True
    return "style" in told and bool(HIDDEN.search(told["style"] or ""))


def _is_noise(tag: str, classes: str) -> bool:
    names = classes.split()
    return not NOISE.isdisjoint(names) or (tag == "sup" and "reference" in names)


def lies_in(node: LexborNode, tags: Collection[str]) -> bool:
    """Whether an element is below one of these."""
    above = node.parent
    while above is not None:
        if above.tag in tags:
            return True
        above = above.parent
    return False
