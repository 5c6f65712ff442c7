"""What `diagnose` asks: eight questions in plain words, each with why it is asked and what may be answered."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, fields

from formfact.errors import Refused


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible answer: `word` is how a program says it."""

    word: str
    about: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, why it is asked, and its choices in order."""

    name: str
    question: str
    why: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Interview:
    """What was answered, each by a choice's word; "" where nothing was."""

    goal: str = ""
    source: str = ""
    amount: str = ""
    changes: str = ""
    form: str = ""
    examples: str = ""
    tried: str = ""
    often: str = ""

    @property
    def said(self) -> dict[str, str]:
        """What was answered, by question."""
        return {one.name: getattr(self, one.name) for one in fields(self) if getattr(self, one.name)}


def _asked(name: str, question: str, why: str, **choices: str) -> Asked:
    return Asked(name, question, why, tuple(Choice(word, about) for word, about in choices.items()))


QUESTIONS = (
    _asked(
        "goal", "What should come out?",
        "Answers are found, texts of a form are learnt; a calculation is neither.",
        answers="answers to questions, from what is written somewhere",
        texts="new texts or records, all of one kind",
        both="answers, and each in the same fixed form",
        reasoning="calculations, plans or decisions",
    ),
    _asked(
        "source", "Where is what it has to know?",
        "Search finds only what is written; fine-tuning does not put it in reliably.",
        documents="in documents or files",
        heads="in people's heads, or not written down",
        live="in a system whose figures change by the hour, such as stock or bookings",
        input="in each input itself: nothing else is needed",
    ),
    _asked(
        "amount", "How much text is that?",
        "A few pages fit into the prompt of any model.",
        page="a few pages",
        more="more than that",
    ),
    _asked(
        "changes", "Does what is true change?",
        "A document can be replaced; what lies in a model's weights cannot be corrected.",
        rarely="hardly ever",
        often="every month or oftener",
    ),
    _asked(
        "form", "Must what comes out keep a form?",
        "A form can be taught, and checked in every output.",
        free="no, any words will do",
        style="a tone or house style, seen rather than described",
        fixed="yes: fields, a length, a list, a layout that could be checked",
    ),
    _asked(
        "examples", "How many good examples do you have, an input with its output?",
        "Form is learnt from examples: 50 to 500 are usual.",
        none="none",
        few="fewer than 50",
        enough="50 or more",
    ),
    _asked(
        "tried", "Has a model been tried with a prompt alone, and what went wrong?",
        "Wrong facts call for search, a broken form for a pattern.",
        untried="not tried",
        facts="what it said was wrong or invented",
        form="what it said was right, but not in the form",
        both="both went wrong",
        works="nothing: it does what is wanted",
    ),
    _asked(
        "often", "How often will it be done?",
        "What is done once is done sooner by hand.",
        once="once",
        often="again and again",
    ),
)  # fmt: skip
"""In the order in which they are asked."""
CHOICES: Mapping[str, tuple[str, ...]] = {one.name: tuple(c.word for c in one.choices) for one in QUESTIONS}


def read_answers(given: Mapping[str, object]) -> Interview:
    """Answers by the names of their questions. Raises Refused for a question or a choice that there is not."""
    for name, word in given.items():
        if name not in CHOICES:
            raise Refused(f"there is no question {name!r}", hint=f"the questions are {', '.join(CHOICES)}")
        if not isinstance(word, str) or (word and word not in CHOICES[name]):
            near = difflib.get_close_matches(str(word), CHOICES[name], 1)
            meant = f"did you mean {near[0]!r}? " if near else ""
            raise Refused(
                f"{word!r} is no answer to {name!r}", hint=f"{meant}the answers are {', '.join(CHOICES[name])}"
            )
    return Interview(**{name: str(word) for name, word in given.items()})
