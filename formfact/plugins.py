"""A name -> a class or function, imported when asked for.

Heavy packages are imported by the one file that wraps them; that file is reached through here alone, so that
`import formfact` stays light and a missing extra is one clear error instead of a traceback.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from formfact.errors import MissingExtra, Refused


def load(table: Mapping[str, str], name: str, *, what: str) -> Any:
    """Import what `table[name]` points at (`"package.module:attribute"`).

    Raises Refused for a name the table does not have, MissingExtra where a needed package is not installed.
    """
    if name not in table:
        raise Refused(f"no {what} is called {name!r}", hint=f"use one of: {', '.join(sorted(table))}")
    module, _, attribute = table[name].partition(":")
    try:
        return getattr(import_module(module), attribute)
    except ModuleNotFoundError as missing:
        if missing.name and missing.name.split(".")[0] == "formfact":
            raise
        raise MissingExtra(
            f"the {what} {name!r} needs the package {missing.name!r}, which is not installed",
            hint=f"pip install {missing.name}",
        ) from missing
