"""The words that tell what a prompt asks for, who speaks and in which language: cues.toml, read once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files

_READ = tomllib.loads(files("formfact.patterns.facts").joinpath("cues.toml").read_text(encoding="utf-8"))

LANGUAGES: Mapping[str, str] = _READ["languages"]
"""Language -> its commonest words."""
VOICES: Mapping[str, str] = _READ["voices"]
"""Voice -> the words that it speaks with."""


def verbs(name: str) -> frozenset[str]:
    """Verbs that requests of a kind begin with."""
    return frozenset(_READ["verbs"][name].split())


def people(name: str) -> str:
    """Words of a role, as one group of a regular expression."""
    return "(?:" + "|".join(_READ["people"][name].split()) + ")"


def phrases(name: str) -> str:
    """Phrases of a kind, as one group of a regular expression."""
    return "(?:" + "|".join(_READ["phrases"][name].split("\n")) + ")"


def expression(text: str) -> re.Pattern[str]:
    """A regular expression for which case does not count and lines are lines."""
    return re.compile(text, re.IGNORECASE | re.MULTILINE)
