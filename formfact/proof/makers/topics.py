"""What to ask where no sentence can be turned into a question: a passage's names, its rarest words, its headings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from formfact.knowledge.words import question_terms
from formfact.proof.makers.frames import Draft

NAME = re.compile(r"(?<![.!?:] )(?<!^)(?<!\n)\b[A-Z][\w’'-]+(?:\s(?:of\s)?[A-Z][\w’'-]+){0,3}")
WORD = re.compile(r"[^\W\d_][\w’'-]{3,}")
COMMON = frozenset(
    "about above after again also although among another around because been before being below between both"
    " cannot could does doing done down during each either else even ever every first from further given gives"
    " have having here however into itself just kind last less like made make makes many more most much must need"
    " never next none only other others over same second shall should since some still such take takes than that"
    " their them then there these they thing this those three through time used uses using very want well were"
    " what when where which while whole whose will with within without would your years".split()
)


def drafts(context: str, text: str) -> Iterator[Draft]:
    """Questions by keyword, the best first: two things that the passage names together, or one under its heading."""
    found = keywords(text)
    heading = context.split(" > ")[-1].strip() if context else ""
    if heading and found:
        yield Draft(f"{heading}: what about {found[0]}?", "topic", 0.9)
    if len(found) >= 3:
        yield Draft(f"What is said about {found[0]}, {found[1]} and {found[2]}?", "topic", 0.7)
    if len(found) >= 2:
        yield Draft(f"How are {found[0]} and {found[1]} connected?", "topic", 0.8)
    elif found:
        yield Draft(f"What is said about {found[0]}?", "topic", 0.4)


def keywords(text: str) -> list[str]:
    """Names first, then long words that come more than once, then the other long ones."""
    names = Counter(name for name in NAME.findall(text) if question_terms(name))
    words = Counter(word.lower() for word in WORD.findall(text) if word.lower() not in COMMON)
    ranked = sorted(words, key=lambda word: (-min(words[word], 3) - len(word) / 6, text.lower().find(word)))
    found = [name for name, _ in names.most_common(3)]
    known = {part.lower() for name in found for part in name.split()}
    return found + [word for word in ranked if word not in known][: 6 - len(found)]
