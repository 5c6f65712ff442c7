"""How a page of its own names the inline script and style that its content security policy allows."""

from __future__ import annotations

import base64
import hashlib


def digest(text: str) -> str:
    """As a content security policy names an inline script or style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
