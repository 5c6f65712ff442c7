"""Other wordings of a question by rules, for facts that come with one wording alone. English."""

from __future__ import annotations

FRAMES = (
    "Can you tell me: {question}",
    "I would like to know: {question}",
    "{plain}, please?",
    "Do you know the answer to this: {question}",
    "A colleague asks: {question}",
    "{question} Answer in a few words.",
    "Quick question: {question}",
    "Please answer: {question}",
)


def wordings(question: str, count: int) -> list[str]:
    """At most `count` wordings other than the question's own; there are no more than FRAMES."""
    plain = question.rstrip(" ?.!")
    return [frame.format(question=question, plain=plain) for frame in FRAMES[:count]]
