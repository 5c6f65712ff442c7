"""What little English the question maker knows: verbs and their forms, closed classes of words."""

from __future__ import annotations

from functools import cache

AUXILIARIES = frozenset(
    "is are was were am can could may might must shall should will would has have had do does did".split()
)
COPULAS = frozenset("is are was were".split())
PREPOSITIONS = frozenset(
    "in on at by for from with without of to into onto over under between through during after before since until"
    " about against along across around behind below above beneath beside near off out up down per within as than"
    " towards toward upon via among inside outside".split()
)
DETERMINERS = frozenset(
    "the a an this that these those its his her their our your my each every no any some all both either another such"
    " many much few several most more less".split()
)
PRONOUNS = frozenset("i you he she it we they one this that these those there who which what everyone nobody".split())
CONNECTIVES = frozenset(
    "and or but so yet because although though however therefore thus hence moreover furthermore then also instead"
    " otherwise meanwhile while whereas nevertheless similarly finally additionally consequently".split()
)
RELATIVES = frozenset("which who whom whose that where when".split())
NUMBER_WORDS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
    " nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion half"
    " dozen".split()
)
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

VERBS = """
accept achieve act adapt add adjust adopt affect agree aim allow announce answer appear apply appoint approach approve
argue arrange arrive ask assess assign assume attach attack attempt attend attract avoid award base bear beat become
begin believe belong bind block borrow break bring build burn buy calculate call carry cast catch cause celebrate
change charge check choose claim clean clear climb close collect combine come command commit compare compete complete
compose compute concern conclude conduct confirm connect consider consist contain continue contribute control convert
convince cool correct cost cover create cross cure cut damage deal decide declare decline decrease define deliver
demand deny depend derive describe design destroy detect determine develop die differ direct disappear discover
discuss display divide do dominate draw drive drop earn eat edit elect emerge employ enable encourage end engage
enhance enjoy ensure enter escape establish estimate evaluate evolve examine exceed exchange exclude execute exist
expand expect experience explain explore export express extend extract face fail fall feature feed feel fight file
fill find finish fit fix float flow focus fold follow force forget form found free freeze fund gain gather generate
get give go govern grant grow guard guide handle hang happen hate head hear heat help hide hire hit hold host hunt
identify ignore illustrate implement import impose improve include increase indicate induce influence inform inherit
inhibit initiate inject insert inspect inspire install intend interpret introduce invade invent invest investigate
invite involve issue join judge jump keep kill know lack land last launch lay lead learn leave lend let lie lift light
like limit link list listen live load lock look lose love lower maintain make manage manufacture map mark marry match
mean measure meet melt mention merge mind miss mix modify monitor move multiply name need note notice obtain occupy
occur offer open operate oppose order organize originate own paint participate pass pay perform permit pick place plan
plant play point possess post pour practise predict prefer prepare present preserve prevent print process produce
prohibit project promote propose protect prove provide publish pull pump purchase push put raise range rank rate reach
read realize receive recognize recommend record recover reduce refer reflect refuse regard register regulate reject
relate release rely remain remember remove rename repair repeat replace replay reply report represent request require
rescue reset resign resist resolve respond rest restore result retain retire retrieve return reveal rise risk rotate
rule run sail satisfy save say score search see seek select sell send separate serve set settle shape share shift
shine ship shoot show shut sign signal simulate sing sink sit sleep slip slow solve sound speak specify spend spin
split spread stand start state stay steal step stick stop store strengthen stretch strike study submit succeed suffer
suggest suit supply support surround survive suspend swim switch take talk teach tell tend terminate test thank think
threaten throw tie touch trace track trade train transfer transform translate transmit transport travel treat trigger
try turn type understand undergo unite update upgrade urge use validate vary verify view visit vote wait wake walk
want warn wash watch wear weigh widen win wind withdraw work worry wrap write yield
"""
"""Base forms; their regular forms are derived."""

IRREGULAR = """
bear bore borne|beat beat beaten|become became become|begin began begun|bind bound bound|break broke broken
bring brought brought|build built built|buy bought bought|cast cast cast|catch caught caught|choose chose chosen
come came come|cost cost cost|cut cut cut|deal dealt dealt|do did done|draw drew drawn|drive drove driven|eat ate eaten
fall fell fallen|feed fed fed|feel felt felt|fight fought fought|find found found|forget forgot forgotten
freeze froze frozen|get got got|give gave given|go went gone|grow grew grown|hang hung hung|hear heard heard
hide hid hidden|hit hit hit|hold held held|keep kept kept|know knew known|lay laid laid|lead led led|leave left left
lend lent lent|let let let|lie lay lain|light lit lit|lose lost lost|make made made|mean meant meant|meet met met
pay paid paid|put put put|read read read|rise rose risen|run ran run|say said said|see saw seen|seek sought sought
sell sold sold|send sent sent|set set set|shine shone shone|shoot shot shot|show showed shown|shut shut shut
sing sang sung|sink sank sunk|sit sat sat|sleep slept slept|speak spoke spoken|spend spent spent|spin spun spun
split split split|spread spread spread|stand stood stood|steal stole stolen|stick stuck stuck|strike struck struck
swim swam swum|take took taken|teach taught taught|tell told told|think thought thought|throw threw thrown
understand understood understood|undergo underwent undergone|wake woke woken|wear wore worn|win won won
wind wound wound|withdraw withdrew withdrawn|write wrote written
"""

LEADS = frozenset(
    "in on at after when if for since during by from with while although until to as before under unless because once"
    " despite through within over among between without where".split()
)
"""What may stand before a subject."""
CLOSED = (
    PREPOSITIONS
    | DETERMINERS
    | PRONOUNS
    | CONNECTIVES
    | RELATIVES
    | AUXILIARIES
    | LEADS
    | frozenset(
        "not no yes now here why how just only even still too very well oh ah today tomorrow yesterday please"
        " thus first next last finally suddenly soon later once never always often maybe perhaps such both let me"
        " us him them myself himself herself itself themselves something everything nothing someone".split()
    )
)
"""Words that name nothing, also where a sentence begins with them."""
VAGUE = frozenset(
    "thing things way ways kind kinds part parts time times year years day days lot number amount case cases example"
    " examples fact result results use order course page figure table note section chapter following".split()
)


@cache
def verbs() -> dict[str, str]:
    """Each finite form -> its base form. A form that two verbs share belongs to the commoner reading."""
    forms: dict[str, str] = {}
    for base in VERBS.split():
        forms |= dict.fromkeys((base, third_of(base), past_of(base)), base)
    return forms


@cache
def _irregular() -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in IRREGULAR.strip().replace("\n", "|").split("|")}


@cache
def bases() -> frozenset[str]:
    """The base forms alone."""
    return frozenset(VERBS.split())


def base_of(form: str) -> str:
    """The base form of a finite verb, itself where it is not known."""
    return verbs().get(form.lower(), form)


def third_of(base: str) -> str:
    """`read` -> `reads`."""
    return "has" if base == "have" else _third(base)


def past_of(base: str) -> str:
    """`write` -> `wrote`."""
    return _irregular()[base][0] if base in _irregular() else _past(base)


def tense_of(form: str) -> str:
    """Which form of `do` asks for what this verb says: do, does or did."""
    base, lower = base_of(form), form.lower()
    if lower == base:
        return "do"
    return "does" if lower == _third(base) else "did"


def _third(base: str) -> str:
    if base.endswith(("s", "sh", "ch", "x", "z", "o")):
        return f"{base}es"
    if base.endswith("y") and base[-2] not in "aeiou":
        return f"{base[:-1]}ies"
    return f"{base}s"


DOUBLED = frozenset(
    "stop drop drag grab beg nod rob skip trap trim plan fit map slip step ship wrap tie commit submit permit"
    " occur prefer refer admit control travel rebel transfer transmit".split()
)


def _past(base: str) -> str:
    if base.endswith("e"):
        return f"{base}d"
    if base.endswith("y") and base[-2] not in "aeiou":
        return f"{base[:-1]}ied"
    if base in DOUBLED and base[-1] not in "aeiou":
        return f"{base}{base[-1]}ed"
    return f"{base}ed"
