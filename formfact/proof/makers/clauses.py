"""A sentence -> its subject, verb and the rest, where that can be told without a parser; None where it cannot.

Covered: English statements whose subject stands before a verb that `english` knows. A sentence that begins with a
pronoun says nothing by itself; one with a relative clause or a comma inside its subject is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from formfact.proof.makers import english

TOKEN = re.compile(r"[^\W_][\w'’./%-]*[\w%]|\w|[^\w\s]")
LONGEST_SUBJECT, LONGEST_LEAD = 9, 16
ABOUT_SPEAKERS = {"we": "you", "i": "you", "you": "you"}
STANDING_IN = frozenset("it he she they".split())
DANGLING = english.PREPOSITIONS | english.DETERMINERS | english.CONNECTIVES | english.RELATIVES | english.AUXILIARIES
BREAK = re.compile(
    r"[;:(\[—–]|,(?!\d)|\s-\s|--|\s(?:which|because|so that|although|while|whereas|but|if|when|unless"
    r"|and (?:it|they|he|she|you|we|is|was|are|were|had|has|then))\s"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """`lead` is what stands before the subject ("In 1999"), `rest` what follows the finite verb.

    `person`: the subject was he or she.
    """

    lead: str
    subject: str
    verb: str
    rest: str
    person: bool = False

    @property
    def auxiliary(self) -> bool:
        """Whether the verb goes before the subject in a question by itself."""
        verb, following = self.verb.lower(), self.rest.split(" ", 1)[0].lower()
        if verb in ("has", "have", "had"):
            return following in ("been", "not", "never", "also", "already", "now") or _participle(following)
        return verb in english.AUXILIARIES and not (verb in ("do", "does", "did") and following not in english.bases())


def parse(sentence: str, topic: str = "") -> Clause | None:
    """The parts of a statement; `topic` stands in for a pronoun that is its whole subject."""
    text = " ".join(sentence.split()).rstrip(".!;: ")
    tokens = list(TOKEN.finditer(text))
    if len(tokens) < 4 or text.endswith("?"):
        return None
    words = [token.group() for token in tokens]
    start, lead_end = _subject_start(words)
    at = _verb(words, start)
    if at is None:
        return None
    subject = text[tokens[start].start() : tokens[at].start()].strip()
    person = subject.lower() in ("he", "she")
    subject = ABOUT_SPEAKERS.get(subject.lower(), topic if subject.lower() in STANDING_IN else subject)
    if not subject or subject.split()[0].lower() in english.PRONOUNS - {"you"}:
        return None
    lead = text[: tokens[lead_end].start()].strip() if lead_end else ""
    return Clause(lead, _lowered(subject), words[at], text[tokens[at].end() :].strip(), person)


def inverted(clause: Clause, rest: str) -> str:
    """Verb before subject, as a question has it, with another rest."""
    if clause.auxiliary:
        return " ".join(filter(None, (clause.verb.lower(), clause.subject, rest)))
    helper = "do" if clause.subject == "you" else english.tense_of(clause.verb)
    base = {"has": "have", "had": "have", "does": "do", "did": "do"}.get(clause.verb.lower())
    helper = {"has": "does", "had": "did", "does": "does", "did": "did"}.get(clause.verb.lower(), helper)
    return " ".join(filter(None, (helper, clause.subject, base or english.base_of(clause.verb), rest)))


def short(text: str, words: int) -> str:
    """The beginning of a text: to its first break, at most so many words, not ending with a word that leans on more."""
    found = BREAK.search(f"{text} ")
    kept = (text[: found.start()] if found else text).split()[:words]
    while kept and kept[-1].lower() in DANGLING:
        kept.pop()
    return re.sub(r"[\"“”]", "", " ".join(kept)).strip(" ,.;:'")


def _subject_start(words: Sequence[str]) -> tuple[int, int]:
    """Where the subject begins, and where what stands before it ends (0 where nothing does)."""
    first = words[0].lower()
    begin = 0
    if first in english.CONNECTIVES:
        begin = 2 if len(words) > 1 and words[1] == "," else 1
    if begin < len(words) and words[begin].lower() in english.LEADS and "," in words[begin : begin + LONGEST_LEAD]:
        end = words.index(",", begin)
        return end + 1, end
    return begin, 0


def _verb(words: Sequence[str], start: int) -> int | None:
    for at in range(start + 1, min(len(words) - 1, start + LONGEST_SUBJECT + 1)):
        word = words[at].lower()
        if word in english.RELATIVES or words[at] in ",;:()[]—–|=" or (at == start + 1 and word in ("and", "or")):
            return None
        if word in english.AUXILIARIES or _is_verb(words, at):
            return at
    return None


def _is_verb(words: Sequence[str], at: int) -> bool:
    """Whether a word that has the form of a verb is one here, by its neighbours."""
    word, before, after = words[at].lower(), words[at - 1].lower(), words[at + 1].lower()
    if word not in english.verbs() or before in english.DETERMINERS | english.PREPOSITIONS | english.AUXILIARIES:
        return False
    opens = (
        after in english.DETERMINERS | english.PREPOSITIONS | english.PRONOUNS | english.LEADS
        or after.endswith("ly")
        or after[:1].isdigit()
        or after in english.NUMBER_WORDS
        or words[at + 1][:1].isupper()
    )
    if word.endswith("ed") and after in ("by", "in", "on", "as", "from", "at", "with", "for", "to"):
        # "the gauge fitted by ..." is more often a participle behind its noun than a verb.
        return words[at - 1][:1].isupper() and at - 1 > 0
    if english.base_of(word) == word:
        return opens and (before in ABOUT_SPEAKERS or (before.endswith("s") and not before.endswith("ss")))
    return opens


def _participle(word: str) -> bool:
    return word.endswith(("ed", "en", "wn", "ung", "ought", "aught")) or word in (
        "made", "set", "put", "kept", "left", "led", "met", "paid", "said", "sold", "told", "won", "found", "held",
        "built", "become", "come", "run", "done", "gone", "lost", "sent", "spent", "had", "read", "cut",
    )  # fmt: skip


def _lowered(subject: str) -> str:
    """Without the capital that only begins a sentence."""
    first = subject.split(" ", 1)[0]
    known = english.DETERMINERS | english.PREPOSITIONS | english.PRONOUNS
    return subject[0].lower() + subject[1:] if first.lower() in known else subject
