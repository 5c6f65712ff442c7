"""`compare`: knowledge in weights against knowledge by search, on the user's own base and facts or on the handbook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from formfact.errors import Refused
from formfact.front.knowledge import Knowledge
from formfact.front.writers import open_writer
from formfact.knowledge.stores import Store
from formfact.models import Embedder, Writer, open_embedder
from formfact.proof import compare as proof
from formfact.proof.compare.arms import PARAPHRASES
from formfact.proof.compare.facts import SHAPE, Facts, handbook, read_facts
from formfact.proof.compare.made import made_facts
from formfact.proof.comparison import Comparison
from formfact.types import Advance

MADE = "made"


def compare(
    kb: Knowledge | str | Path | None = None,
    facts: str | Path | None = None,
    *,
    quick: bool = False,
    arms: Sequence[str] = (),
    paraphrases: int = PARAPHRASES,
    base: str | None = None,
    writer: str | Writer | None = None,
    prices: str | Path | None = None,
    progress: Callable[[Advance], None] | None = None,
) -> Comparison:
    """The same facts held in weights and found by search: what each way answers, and what a change costs.

    `facts` is a JSONL or CSV file of questions with their answers (see `formfact.proof.compare.facts`), or `made`:
    facts that rules read off the base's own documents. Without a base the invented handbook that ships is asked. A copy
    of the base is worked on. `quick` asks for 15 facts in fewer arms; `arms` names those that are wanted (see
    `formfact.proof.compare.ARMS`); `base` is the model that is trained, `writer` the one that speaks for search.
    Raises NotFound, Refused, Unreadable, MissingExtra, ModelError.
    """
    if paraphrases < 0:
        raise Refused(f"{paraphrases} other wordings are none", hint="0 and more: --paraphrases 4")
    words = open_writer(writer) if isinstance(writer, str) else writer
    table = None if prices is None else Path(prices)

    def run(store: Store | None, embedder: Embedder) -> Comparison:
        given = _facts(store, facts, paraphrases)
        return proof.compare(
            store, embedder, given, quick=quick, arms=arms, base=base, writer=words,
            prices=table, progress=progress,
        )  # fmt: skip

    if kb is None:
        return run(None, open_embedder())
    if isinstance(kb, Knowledge):
        return run(*kb._open())
    with Knowledge(kb) as opened:
        return run(*opened._open())


def _facts(store: Store | None, facts: str | Path | None, paraphrases: int) -> Facts:
    if facts == MADE and store is not None:
        return made_facts(store, wordings_each=paraphrases)
    if facts is not None:
        return read_facts(Path(facts), wordings_each=paraphrases)
    if store is None:
        return handbook(wordings_each=paraphrases)
    raise Refused(
        "it is not said which facts to ask for",
        hint=f"facts: a file, each line {SHAPE}; or {MADE!r}. Without a base the handbook that ships is asked",
    )
