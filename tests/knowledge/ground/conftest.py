from __future__ import annotations

from tests.patterns.conftest import tiny

__all__ = ["tiny"]
