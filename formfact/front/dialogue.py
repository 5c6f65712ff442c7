"""`Dialogue`: questions that follow one another, each understood in the context of those before it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from formfact.errors import FormfactError
from formfact.front.schemas import by_schema
from formfact.knowledge import ground
from formfact.knowledge.answer import HITS, Gathered, gather_for
from formfact.knowledge.dialogue import Context, Understood, follow, is_courtesy, replay, understand
from formfact.knowledge.ground.check import Holds
from formfact.knowledge.history import History
from formfact.knowledge.search import embed_question, make_probe
from formfact.knowledge.stores import Probe, Store
from formfact.models import Embedder, Writer
from formfact.types import Answer, Claim, Message, Turn

RECALLED = 12
"""Questions of a dialogue that is opened again from which its context is made."""
REWRITTEN_FROM = 4
"""Turns that a Writer is shown."""
LONGEST_REWRITING = 300
"""Characters; a longer reply is no question."""
COURTESY = "You're welcome. Ask me about your documents."
SYSTEM = (
    "You rewrite the last question of a conversation so that it can be understood without the conversation: put what "
    "its pronouns and omissions stand for in their place. Keep its meaning and its language. Answer nothing. "
    "Write the one question and no more."
)

Open = Callable[[], tuple[Store, Embedder]]


class Dialogue:
    """One dialogue with a knowledge base; see `Knowledge.chat`. Safe to use from several threads, turn by turn."""

    def __init__(
        self,
        opened: Open,
        history: History,
        *,
        name: str = "",
        turns: Sequence[Turn] = (),
        writer: Writer | None = None,
        strict: bool = True,
    ) -> None:
        self.name = name
        self._open, self._history, self._writer, self._strict = opened, history, writer, strict
        self._turns = history.turns(name) if name else list(turns)
        self._context: Context | None = None
        self._mutex = threading.Lock()

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What was said so far, oldest first."""
        return tuple(self._turns)

    def say(self, text: str, *, schema: Mapping[str, Any] | None = None) -> Answer:
        """The answer to a turn, understood in its context: see `Answer.carried` and `Answer.shifted`.

        A greeting or thanks is answered without a search. With a `schema` it is JSON as in `ask`. Raises Refused for an
        empty or overlong text.
        """
        *_, given = self._said(text, schema, whole=True)
        assert isinstance(given, Answer)
        return given

    def say_stream(self, text: str) -> Iterator[Claim | Answer]:
        """The sentences of a Writer's answer to a turn, each as soon as it is checked, and the Answer behind them.

        An Answer with a `fallback` takes the place of the sentences before it. Close the iterator to stop the Writer:
        a turn that was broken off was never said. Raises as `say` does, before the first sentence.
        """
        return self._said(text, None, whole=False)

    def _said(self, text: str, schema: Mapping[str, Any] | None, *, whole: bool) -> Iterator[Claim | Answer]:
        if is_courtesy(text):
            return iter([Answer(text, COURTESY, False, 1.0, quotes=(), nearest=(), milliseconds=0.0)])
        _, embedder = self._open()
        return self._turn(make_probe(embedder, text.strip(), k=HITS), text.strip(), schema, whole=whole)

    def _turn(
        self, probe: Probe, text: str, schema: Mapping[str, Any] | None, *, whole: bool
    ) -> Iterator[Claim | Answer]:
        with self._mutex:
            before, after = self._context, None
            try:
                for one in self._answered(probe, text, schema, whole=whole):
                    if isinstance(one, Answer):
                        after = self._context
                        self._keep(Turn(one.question, one.answer, one.abstained, one.quotes))
                    yield one
            finally:
                self._context = after or before

    def _keep(self, turn: Turn) -> None:
        if self.name:
            self._history.add(self.name, turn)
        self._turns.append(turn)

    def _answered(
        self, probe: Probe, text: str, schema: Mapping[str, Any] | None, *, whole: bool
    ) -> Iterator[Claim | Answer]:
        store, embedder = self._open()
        context = self._recalled(embedder)
        with store.snapshot() as view:
            carried = list(context.words)
            rarity = dict(zip(carried, view.rarity(carried), strict=True))
        read = understand(probe.question, probe.vector, context, rarity=rarity)
        self._context = follow(probe.question, probe.vector, context, shifted=read.shifted)
        standalone = "" if read.shifted else self._rewritten(text)
        if standalone:
            asked = make_probe(embedder, standalone, k=HITS)
        else:
            asked = replace(probe, vector=read.vector, words=read.words)
        found = gather_for(store, embedder, asked, standalone or text)
        for one in self._worded(found, ground.holds_in(store), schema, whole=whole):
            yield _told(one, text, standalone, read) if isinstance(one, Answer) else one

    def _worded(
        self, found: Gathered, holds: Holds, schema: Mapping[str, Any] | None, *, whole: bool
    ) -> Iterator[Claim | Answer]:
        if schema is not None:
            return iter([by_schema(found, self._writer, holds, schema=schema, strict=self._strict)])
        if self._writer is None:
            return iter([found.answer])
        return ground.stream(found, self._writer, holds, strict=self._strict, whole=whole)

    def _recalled(self, embedder: Embedder) -> Context:
        """The context so far; of a dialogue that was opened again it is made of its last questions, once."""
        if self._context is None:
            asked = [turn.question for turn in self._turns[-RECALLED:]]
            self._context = replay([(one, embed_question(embedder, one)) for one in asked])
        return self._context

    def _rewritten(self, text: str) -> str:
        """The turn as a question that stands alone, in the Writer's words; empty where there is none to trust."""
        if self._writer is None or not self._turns:
            return ""
        try:
            reply = self._writer.complete(_asked(self._turns[-REWRITTEN_FROM:], text), tokens=100)
        except FormfactError:
            return ""  # the carried context is what a question without a Writer has, too
        line = " ".join(reply.text.split()).strip("\"“”' ")
        return line if 0 < len(line) <= LONGEST_REWRITING else ""


def _asked(turns: Sequence[Turn], text: str) -> list[Message]:
    said = [f"User: {turn.question}\nAnswer: {turn.answer[:300]}" for turn in turns]
    return [Message("system", SYSTEM), Message("user", "\n".join([*said, f"User: {text}", "", "The question alone:"]))]


def _told(given: Answer, text: str, standalone: str, read: Understood) -> Answer:
    return replace(
        given, question=text, carried=() if standalone else read.carried, rewritten=standalone, shifted=read.shifted
    )
