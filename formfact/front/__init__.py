"""The two public nouns: `Knowledge` and `Pattern`, the verbs of both wings as the user sees them."""

from __future__ import annotations

from formfact.front.knowledge import Knowledge
from formfact.front.pattern import Pattern

__all__ = ["Knowledge", "Pattern"]
