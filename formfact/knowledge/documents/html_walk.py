"""Goes through a parsed page without recursion, so that depth costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from selectolax.lexbor import LexborNode

Event = Literal["open", "close", "text", "whole"]


def walk(root: LexborNode, *, whole: Callable[[LexborNode], bool]) -> Iterator[tuple[Event, LexborNode]]:
    """What lies below an element, in the order of the page; comments are passed over.

    An element for which `whole` holds is one event, and nothing below it is visited.
    """
    node = root.child
    depth = 0
    while node is not None:
        inner = None
        if node.is_text_node:
            yield "text", node
        elif node.is_element_node:
            if whole(node):
                yield "whole", node
            else:
                yield "open", node
                inner = node.child
                if inner is None:
                    yield "close", node
        if inner is not None:
            node = inner
            depth += 1
            continue
        following = node.next
        while following is None and depth:
            parent = node.parent
            assert parent is not None
            node = parent
            depth -= 1
            yield "close", node
            following = node.next
        node = following
