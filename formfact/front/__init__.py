"""The two public nouns: `Knowledge` and `Pattern`, the verbs of both wings as the user sees them.

Each is imported when it is first used: who searches does not wait for the patterns' wing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from formfact import plugins

if TYPE_CHECKING:
    from formfact.front.knowledge import Knowledge
    from formfact.front.pattern import Pattern

NOUNS = {"Knowledge": "formfact.front.knowledge:Knowledge", "Pattern": "formfact.front.pattern:Pattern"}

__all__ = ["Knowledge", "Pattern"]


def __getattr__(name: str) -> Any:
    if name not in NOUNS:
        raise AttributeError(f"module 'formfact.front' has no attribute {name!r}")
    return plugins.load(NOUNS, name, what="noun")
