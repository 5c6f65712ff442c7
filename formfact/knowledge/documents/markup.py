"""XML from strangers, parsed without resolving entities, loading a DTD or touching the network."""

from __future__ import annotations

from typing import Any

from lxml import etree


def parse_xml(content: bytes, *, recover: bool = False) -> Any:
    """The root element. Raises lxml's XMLSyntaxError for what is no XML, less often with `recover`."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=recover)
    root = etree.fromstring(content, parser)
    if root is None:
        raise etree.XMLSyntaxError("no element", 0, 0, 0)
    return root
