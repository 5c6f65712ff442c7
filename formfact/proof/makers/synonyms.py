"""Everyday words that mean nearly the same: people seldom ask with the very words of a text.

A word of a set stands for each other word of it. Verbs are only looked for where a question has its verb, because many
are spelt like a noun; words of programs only in code. A wrong word makes a worse question than the same one.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from functools import cache

from formfact.proof.makers import english

VERBS = """
begin start commence|buy purchase acquire|help assist|show display demonstrate|get obtain receive
make create produce|need require|use employ utilise|repair mend|finish conclude complete|stop halt cease
keep retain preserve|allow permit let|choose select pick|send dispatch transmit|give provide supply
change alter modify|find discover locate|happen occur|build construct erect|delete remove erase|check verify
compute calculate determine|convert transform|reach attain|leave depart|say claim assert|announce declare proclaim
try attempt|contain include hold|reduce lower decrease|increase raise boost|improve enhance|believe think
want desire wish|explain describe clarify|reply respond answer|win gain|lose forfeit|destroy ruin demolish
attack assault|defend protect guard|kill slay murder|move relocate|travel journey|live reside dwell|stay remain
close shut|grow expand|climb ascend|speak talk|teach instruct|learn understand|publish release|establish found
appoint assign|divide split separate|connect link join|replace substitute exchange|approve accept endorse
reject refuse|prevent avert|cause trigger|carry transport|control manage govern|organize arrange
gather collect assemble|examine inspect investigate|affect influence|encourage promote foster|design devise
perform execute|appear emerge|disappear vanish|hide conceal|follow pursue|meet encounter|marry wed|fight battle
throw toss hurl|pull drag|push shove|take grab|bring fetch|see observe|eat consume|cry weep|beg plead|promise vow
save rescue|merge combine|append add|retrieve fetch|generate produce|write compose|open unlock|celebrate honour
compete contend|cover span|decide resolve|develop evolve|dislike hate|ensure guarantee|estimate guess|exceed surpass
identify recognize|invite ask|notice spot|oppose resist|predict forecast|prove demonstrate|recover regain
rely depend|renew extend|report tell|request ask|reveal disclose|settle resolve|shine glow|suggest propose
surround enclose|threaten menace|wait pause|warn alert|inhibit block|induce cause|bind attach|parse read
filter screen|load read|print output|store save|update refresh|initialize start|iterate loop
"""
NOUNS = """
error mistake fault|task job|salary wage|employee worker|customer client buyer|company firm corporation|child kid
doctor physician|illness disease sickness|drug medicine|car vehicle automobile|house home|town city settlement
method technique approach|research investigation|outcome finding result|effect impact consequence|goal aim objective
idea concept notion|problem difficulty|response answer|fee charge|money cash|document file|leader chief|film movie
song tune|author writer|war conflict|battle combat|king ruler monarch|government administration|law statute
country nation|person individual|area region zone|speed velocity|size dimension|location site|component piece part
machine device apparatus|agreement contract treaty|picture image photo|number count amount|road street route
mountain peak|ship boat vessel|school academy|teacher instructor|student pupil|member participant|group band team
army military|soldier fighter|language tongue|religion faith|food meal|animal creature beast|forest wood|sea ocean
island isle|wife spouse|husband spouse|father dad|mother mum|friend companion|enemy foe opponent|palace castle
trip voyage journey|story tale|event occasion|reason cause|regulation rule|tool instrument|treatment therapy
revenue income|profit earnings|deficit loss|tax levy|loan credit|item product|building structure|citizen inhabitant
resident inhabitant|population people|capital centre|border frontier|century age|era period|daughter girl|son boy
brother sibling|sister sibling|prince noble|witch sorceress|giant ogre|farmer peasant|market bazaar|village hamlet
garden yard|door entrance|window opening|bed couch|clothing garment|colour hue|color hue|weather climate
temperature heat|weight mass|height elevation|depth distance|width breadth|quantity amount|portion share
percentage proportion|password secret|tumor cancer|infection disease|symptom sign|therapy treatment
surgery operation|mortality death|lawyer attorney|court tribunal|crime offence|criminal offender|prison jail
election vote|candidate contender|parliament legislature|minister secretary|economy finances|industry sector
factory plant|worker labourer|manager supervisor|owner holder|shareholder investor|expense cost|dividend payment
acquisition purchase
"""
ADJECTIVES = """
big large huge|small little tiny|fast quick rapid|important significant major|famous renowned celebrated|old ancient
new recent modern|main chief primary principal|first initial earliest|final last|beautiful pretty lovely|poor needy
rich wealthy|happy glad joyful|sad unhappy|angry furious|clever smart wise|strong powerful|weak feeble
difficult tough|easy simple|common frequent typical|rare uncommon|different distinct|similar alike|annual yearly
overall total|maximum highest|minimum lowest|often frequently|usually normally typically|approximately roughly
nearly almost|quickly rapidly|originally initially|mainly mostly chiefly|currently presently|correct accurate
wrong incorrect|empty blank|whole entire complete|necessary essential|possible feasible|former previous
several various multiple|official formal|dangerous risky|popular beloved|successful thriving|entire full
private personal|public common|ancient old|early first|late recent|nearby close|distant far|safe secure
available accessible|extra additional|additional further|useful helpful|valid acceptable|invalid unacceptable
quiet silent|loud noisy|cold chilly|hot warm
"""
CODE = """
string text|directory folder|index position|element item|column field|row line|function routine|parameter argument
variable value|class type|object thing|dictionary mapping|list array|path location|url link|server host
option choice|file document|image picture
"""
WORD = re.compile(r"[\w’'-]+")
AHEAD = frozenset("do does did can could may might must shall should will would to i you".split())
"""Behind one of these a question has its verb."""


def swap(question: str, share: float, drawn: random.Random, *, code: bool = False) -> str:
    """Words exchanged for another of their set, each with that chance; names and what begins the question stay."""
    verb_ahead, before = False, ""
    parts: list[str] = []
    at = 0
    for place, match in enumerate(WORD.finditer(question)):
        word = match.group()
        verbal = (
            place == 1 or before == "to" or (verb_ahead and before not in english.DETERMINERS | english.PREPOSITIONS)
        )
        known = _known(word, verbal=verbal, code=code) if place else ()
        if known and drawn.random() < share:
            parts += (question[at : match.start()], drawn.choice(known))
            at = match.end()
        before = word.lower()
        verb_ahead = verb_ahead or before in AHEAD
    return "".join([*parts, question[at:]])


def _known(word: str, *, verbal: bool, code: bool) -> tuple[str, ...]:
    found = _verbs().get(word, ()) if verbal else ()
    return found or _names().get(word, ()) or (_code().get(word, ()) if code else ())


@cache
def _verbs() -> Mapping[str, tuple[str, ...]]:
    return _table(
        *(list(map(form, words)) for form in (str, english.third_of, english.past_of) for words in _sets(VERBS))
    )


@cache
def _names() -> Mapping[str, tuple[str, ...]]:
    return _table(*_sets(NOUNS), *_plurals(NOUNS), *_sets(ADJECTIVES))


@cache
def _code() -> Mapping[str, tuple[str, ...]]:
    return _table(*_sets(CODE), *_plurals(CODE))


def _plurals(table: str) -> Iterator[list[str]]:
    """A noun's plural is spelt as a verb's third person."""
    yield from ([english.third_of(word) for word in words] for words in _sets(table))


def _sets(table: str) -> Iterator[list[str]]:
    yield from (words.split() for words in table.strip().replace("\n", "|").split("|"))


def _table(*sets: list[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for words in sets:
        for word in words:
            found.setdefault(word, tuple(other for other in words if other != word))
    return found
