"""`diagnose` as the user calls it: answers and files in, what is seen of them judged, the advice out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from formfact.errors import Refused
from formfact.front.knowledge import Knowledge
from formfact.front.seen import read_questions, see_documents, see_questions, see_rows
from formfact.proof import diagnose as proof
from formfact.proof.diagnosis import Diagnosis, SeenQuestions
from formfact.proof.interview import read_answers
from formfact.types import Advance


def diagnose(
    answers: Mapping[str, object] | None = None,
    *,
    rows: str | Path | None = None,
    documents: str | Path | Sequence[str | Path] = (),
    questions: str | Path | None = None,
    kb: Knowledge | None = None,
    progress: Callable[[Advance], None] | None = None,
) -> Diagnosis:
    """Whether a problem needs search, a pattern, both or neither, with the evidence for it and the next two commands.

    `answers` are those of the interview (`formfact.proof.interview.QUESTIONS`) by name; `rows` a training file,
    `documents` files and folders, `questions` a file with a question a line: they are put to the documents, in a base
    that ends with the call, or without documents to `kb`. Raises Refused where nothing is given, NotFound.
    """
    said = read_answers(answers or {})
    paths = [documents] if isinstance(documents, str | Path) else list(documents)
    if not (said.said or rows or paths or questions):
        raise Refused("there is nothing to judge", hint="answer the interview, or give rows, documents or questions")
    if questions and not paths and kb is None:
        raise Refused("questions need documents to be put to", hint="give documents, or a knowledge base")
    seen_rows = see_rows(rows) if rows else None
    seen = see_documents(paths, progress) if paths else None
    asked = None
    if questions and (seen is None or seen.documents):
        asked = _asked(questions, paths, kb, progress)
    return proof.diagnose(said, rows=seen_rows, documents=seen, questions=asked)


def _asked(
    questions: str | Path,
    paths: Sequence[str | Path],
    kb: Knowledge | None,
    progress: Callable[[Advance], None] | None,
) -> SeenQuestions:
    every = read_questions(questions)
    if not paths:
        assert kb is not None
        return see_questions(kb, every, progress)
    with Knowledge("memory:") as made:
        made.add(*paths)
        return see_questions(made, every, progress)
