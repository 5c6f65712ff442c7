"""Text -> terms, the same for every BM25 in the house: the tantivy shadow, its unwritten tail, and the memory store.

Terms are runs of letters and digits, lower-cased, folded to ASCII and stemmed (Snowball, English). Code identifiers
also give their parts and their whole: `getUserName` gives get, user, name and getusername, `user_name` gives user,
name and username.
"""

from __future__ import annotations

import re
from functools import cache

import tantivy

IDENTIFIER = re.compile(
    r"\b(?:[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+\b"
    # A run of letters that turns out not to end with a word must not be tried hump by hump: that is quadratic.
    r"|(?=[A-Za-z0-9]++\b)(?:[A-Za-z]*[a-z0-9][A-Z][A-Za-z0-9]*+|[A-Z]{2,}[a-z][A-Za-z0-9]*+))"
)
HUMP = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
LONGEST_TERM = 60


def spell_out(text: str) -> str:
    """The text with the parts of every camelCase and snake_case identifier set behind it, for indexing and asking.

    An identifier of one hump and no underscore is an ordinary word and adds nothing.
    """
    extra = [more for name in IDENTIFIER.findall(text) for more in _parts(name)]
    return f"{text}\n{' '.join(extra)}" if extra else text


def _parts(name: str) -> list[str]:
    if "_" in name:
        # The analyzer splits at underscores by itself; camel humps inside the pieces are still to be split.
        humps = [hump for piece in name.split("_") for hump in _humps(piece)]
        return [*humps, name.replace("_", "")]
    return _humps(name)


def _humps(name: str) -> list[str]:
    humps = HUMP.findall(name)
    return humps if len(humps) > 1 else []


@cache
def analyzer() -> tantivy.TextAnalyzer:
    """The one analyzer; the tantivy shadow registers this very object."""
    return _built(tantivy.Filter.lowercase())


@cache
def _question_analyzer() -> tantivy.TextAnalyzer:
    return _built(tantivy.Filter.lowercase(), tantivy.Filter.stopword("english"))


def _built(*filters: tantivy.Filter) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(tantivy.Filter.remove_long(LONGEST_TERM))
    for each in (*filters, tantivy.Filter.ascii_fold(), tantivy.Filter.stemmer("english")):
        builder = builder.filter(each)
    return builder.build()


def terms(text: str) -> list[str]:
    """The terms of a text in order, repeated as often as they stand there, identifiers spelt out."""
    found: list[str] = analyzer().analyze(spell_out(text))
    return found


def question_terms(question: str) -> list[str]:
    """The terms that BM25 looks for: without Snowball's English stop words, unless there is nothing else.

    A stop word is in almost every passage: it weighs next to nothing and costs most of the time.
    """
    found: list[str] = _question_analyzer().analyze(spell_out(question))
    return found or terms(question)
