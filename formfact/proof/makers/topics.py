"""What to ask where no sentence can be turned into a question: a passage's names, its rarest words, its headings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from formfact.proof.makers import english
from formfact.proof.makers.frames import Draft

NAME = re.compile(r"\b[A-Z][\w-]+(?:[’']s)?(?:\s(?:of\s(?:the\s)?)?[A-Z][\w-]+){0,3}")
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
    """Questions by keyword: what the passage says that its headings do not, under the last of them."""
    said = context.lower()
    found = [word for word in keywords(text) if word.lower() not in said]
    heading = context.split(" > ")[-1].strip() if context else ""
    under = f"{heading}: what" if heading else "What"
    for number, worth in ((2, 0.9), (3, 0.6)):
        if len(found) >= number + (not heading):
            yield Draft(f"{under} is said about {_listed(found[: number + (not heading)])}?", "topic", worth)
    if found and heading:
        yield Draft(f"{heading}: what about {found[-1]}?", "topic", 0.5)


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def topic(context: str, text: str) -> str:
    """What a passage is about: the name that it says most often, or else its last heading; "" where neither tells."""
    best = names(text).most_common(1)
    heading = context.split(" > ")[-1].strip() if context else ""
    if best and (best[0][1] > 1 or not heading):
        return best[0][0]
    return heading if len(heading.split()) <= 8 else ""


def names(text: str) -> Counter[str]:
    """Names and how often they stand there; a capital that only begins a sentence makes none."""
    found: Counter[str] = Counter()
    for match in NAME.finditer(text):
        words = match.group().removesuffix("'s").removesuffix("’s").split()
        while words and (words[0].lower() in english.CLOSED | COMMON or words[0].lower() in english.verbs()):
            words = words[1:]
        begins = match.start() == 0 or text[: match.start()].rstrip(" \"'“‘(")[-1:] in ".!?:\n*-|"
        if words and (len(words) > 1 or not begins or f" {words[0].lower()}" not in text):
            found[" ".join(words)] += 1
    return found


def keywords(text: str) -> list[str]:
    """The two commonest names, then the words that come most often and are longest: at most six."""
    named = [name for name, _ in names(text).most_common(2)]
    known = {part.lower() for name in named for part in name.split()}
    words = Counter(word.lower() for word in WORD.findall(text) if word.lower() not in COMMON)
    ranked = sorted(words, key=lambda word: (-min(words[word], 3) - len(word) / 4, text.lower().find(word)))
    return named + [word for word in ranked if word not in known][: 6 - len(named)]
