"""`diagnose` over HTTP: the interview, and the advice that answers, training rows and questions come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated

from formfact.errors import Refused
from formfact.front.seen import MOST_QUESTIONS, see_questions, see_rows
from formfact.interfaces import diagnosing as wire
from formfact.interfaces.http import answers as shape
from formfact.interfaces.http.knowledge import Question
from formfact.interfaces.http.patterns import Form, rows_file
from formfact.interfaces.http.routes import Call, Json, Nothing, Route
from formfact.interfaces.http.schema import Within, schema_of
from formfact.proof.diagnose import diagnose as advise
from formfact.proof.diagnosis import Diagnosis, Evidence, Step
from formfact.proof.interview import Asked, Choice, read_answers

TRAINING = "a training file as text: chat JSONL, prompt and completion, Alpaca, ShareGPT or CSV"


@dataclass(frozen=True, slots=True)
class Diagnose:
    """Answers to the interview by name, training rows, and questions that are put to the knowledge base; one of them
    at least.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    rows: Annotated[str, TRAINING] = ""
    form: Form = "jsonl"
    questions: Annotated[tuple[Question, ...], Within(most=MOST_QUESTIONS)] = ()


def interview(call: Call, asked: Nothing) -> Json:
    return wire.wire_interview()


def diagnose(call: Call, asked: Diagnose) -> Json:
    said = read_answers(asked.answers)
    if not (said.said or asked.rows or asked.questions):
        raise Refused("there is nothing to judge", hint="GET /diagnose lists the questions; or send rows or questions")
    rows = None
    if asked.rows:
        with rows_file(asked.rows, asked.form) as file:
            rows = replace(see_rows(file), file=file.name)
    questions = see_questions(call.knowledge, [(one, ()) for one in asked.questions]) if asked.questions else None
    return wire.wire(advise(said, rows=rows, questions=questions))


ASKED = shape.made_of(schema_of(Asked)["properties"] | {"choices": shape.listed(shape.whole(Choice))})
INTERVIEW = shape.made_of({"questions": shape.listed(ASKED)})
EVIDENCE = shape.whole(Evidence)
DIAGNOSIS = shape.made_of(
    schema_of(Diagnosis)["properties"] | {"evidence": shape.listed(EVIDENCE), "steps": shape.listed(shape.whole(Step))}
)

ROUTES = [
    Route("GET", "/diagnose", interview, "the questions of the interview", gives=INTERVIEW, about_kb=False),
    Route(
        "POST", "/diagnose", diagnose, "what a problem needs: search, a pattern, both or neither", Diagnose, DIAGNOSIS,
        large=True, slow=True,
    ),
]  # fmt: skip
