"""Errors as clients may read them: where anything lies on this machine is left out, its last name stays."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from formfact.errors import FormfactError
from formfact.interfaces.wording import for_http
from formfact.types import Answer

Error = TypeVar("Error", bound=FormfactError)

NAME = r"[^\s/\\'\"<>|:,;()]"
PATH = re.compile(
    r"(?<![\w.:/\\~-])(?<!GET )(?<!HEAD )(?<!POST )(?<!DELETE )"  # routes stay, and addresses of other machines
    rf"(?:~|[A-Za-z]:)?[/\\](?:{NAME}+[/\\]+)+({NAME}*)"
)
"""Two names or more from the root on. A name with a blank in it ends there, so folders that are known go first."""
QUOTED = re.compile(r"(?<=['\"])(?:~|[A-Za-z]:)?[/\\][^'\"\n]*[/\\](?=[^/\\'\"\n]+['\"])")
"""All of a path between quotation marks but its last name."""


class Places:
    """The folders that a server knows of."""

    def __init__(self, folders: Iterable[Path]) -> None:
        known = {str(one) for folder in folders for one in (folder, folder.absolute(), folder.resolve())}
        longest = sorted((one for one in known if len(Path(one).parts) > 1), key=len, reverse=True)
        self._known = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, longest))})((?:[/\\]+{NAME}+)*)(?!\w)[/\\]?")

    def hide(self, text: str) -> str:
        """The text with a last name for each path in it."""
        text = self._known.sub(lambda found: Path(found[0]).name, QUOTED.sub("", text))
        return PATH.sub(lambda found: found[1] or "…", text)

    def answer(self, given: Answer) -> Answer:
        """An answer whose writer and fallback name no path."""
        return replace(given, writer=self.hide(given.writer), fallback=self.hide(given.fallback))

    def hidden(self, error: Error) -> Error:
        """The error, in words that name no path and no command."""
        error.message, error.hint = self.hide(error.message), self.hide(for_http(error.hint))
        return error
