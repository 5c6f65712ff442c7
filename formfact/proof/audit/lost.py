"""Why a passage is lost, and what would help: a function of values.

The reasons are looked at in the order of REASONS; the first that holds is given. Each is a likely cause read off the
passage and the search that lost it, not a proof: what would help says what to try.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from formfact.proof.makers import english

WORD = re.compile(r"[^\W\d_][^\W_]*")
TOKEN = re.compile(r"[^\s|]+")
FEW_WORDS = 8
CROWDED = 3
"""So many near-duplicates above a passage are enough to push it off a first page."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What is known of a lost passage and of the search for its nearest question (`question` is "" where it has none).

    Of the `looked` hits above it `alike` are its near-duplicates and `siblings` stand in its own document. `repeated`
    is the share of its text in lines that stand in at least three documents. The ranks are those of each leg (None:
    not among its candidates). `unknown` is the share of the question's terms that the embedder's tokenizer tears into
    scraps.
    """

    text: str
    context: str
    question: str = ""
    looked: int = 0
    alike: int = 0
    siblings: int = 0
    repeated: float = 0.0
    dense_rank: int | None = None
    bm25_rank: int | None = None
    unknown: float = 0.0


@dataclass(frozen=True, slots=True)
class Reason:
    """A cause by its short name, one sentence of it, and what would help."""

    name: str
    why: str
    help: str
    holds: Callable[[Trace], bool]


def reason(trace: Trace) -> Reason:
    """The first reason that holds; the last always does."""
    return next(one for one in REASONS if one.holds(trace))


def words(text: str) -> int:
    """Words with letters."""
    return len(WORD.findall(text))


def is_wordless(text: str) -> bool:
    """Whether most of it is figures and signs."""
    tokens = TOKEN.findall(text)
    return len(tokens) >= 3 and sum(bool(WORD.match(token)) for token in tokens) < 0.4 * len(tokens)


def is_torn(text: str) -> bool:
    """Whether it begins inside a sentence, or with a word that leans on what stood before."""
    first = WORD.search(text[:60])
    if first is None or text.lstrip()[:1] in "`{<|#/*-•@$([\"'“‘" or "|" in text[:200]:
        return False
    leaning = first.group().lower() in (english.CONNECTIVES | {"it", "they", "this", "these", "such", "he", "she"})
    return text.lstrip()[0].islower() or (leaning and first.start() == len(text[:60]) - len(text[:60].lstrip()))


REASONS = (
    Reason(
        "near-duplicates",
        "near-duplicates of it take the places above it",
        "keep one of them: remove the copies, or search with --path or --where",
        lambda t: t.alike >= CROWDED or 0 < t.looked <= 2 * t.alike,
    ),
    Reason(
        "table without words",
        "it is mostly figures and signs, which neither meaning nor words can tell apart",
        "give its columns names and its table a title, and add the file again",
        lambda t: is_wordless(t.text),
    ),
    Reason(
        "too short",
        "it has too few words to be told from others",
        "let it stand under a heading that says what it is about, or join it with its neighbour",
        lambda t: words(t.text) < FEW_WORDS,
    ),
    Reason(
        "boilerplate",
        "most of it is repeated word for word in other documents",
        "leave it out of the documents, if nobody asks for it",
        lambda t: t.repeated >= 0.5,
    ),
    Reason(
        "cut badly",
        "it begins in the middle of something and does not say what it is about",
        "put headings into the document; a passage is read together with those above it",
        lambda t: is_torn(t.text) and not t.context,
    ),
    Reason(
        "nothing to ask",
        "no question could be made of it: it has no sentence or name that stands by itself",
        "say in a sentence what it is about; code is asked for by its comments and names",
        lambda t: not t.question,
    ),
    Reason(
        "unknown terms",
        "the embedder does not know its terms and reads them as scraps of letters",
        "explain the terms where they are used, or take an embedder that knows the field: formfact re-embed",
        lambda t: t.unknown >= 0.34 and (t.dense_rank is None or t.dense_rank > 10),
    ),
    Reason(
        "other words",
        "the question says it in other words, and its meaning is nearer to other passages",
        "use the words that people ask with, in the text or in a heading",
        lambda t: t.bm25_rank is None or t.bm25_rank > 20,
    ),
    Reason(
        "crowded",
        "other passages of its own document answer to the same words",
        "give its section a heading that tells it from the others",
        lambda t: 0 < t.looked <= 2 * t.siblings,
    ),
    Reason(
        "outranked",
        "other documents match the question better",
        "name the thing that it is about in its heading or first sentence",
        lambda _: True,
    ),
)
"""In the order in which they are looked at."""
