"""The rows of the patterns that write code and records: each passes its mask, and what can be run gives the result."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree

import pytest

import formfact as ff
from formfact.types import Example
from tests.patterns.shapes.masked import refusal

PATTERNS = ("html", "json-record", "perl", "python", "sql", "xml")
LEAST = 50


def examples(name: str) -> dict[str, Example]:
    """The rows of a pattern by the name of what they define, else by their input."""
    found = {}
    for example in ff.Pattern(name).examples():
        defined = re.match(r"(?:def|sub) (\w+)", example.output)
        found[defined[1] if defined else example.text] = example
    return found


@pytest.mark.parametrize("name", PATTERNS)
def test_there_are_enough_rows_of_many_kinds_and_no_two_say_the_same(name: str) -> None:
    rows = ff.Pattern(name).examples()
    assert len(rows) >= LEAST
    assert len({row.output for row in rows}) == len(rows)
    assert len({row.kind for row in rows}) >= 6


@pytest.mark.parametrize("name", PATTERNS)
def test_the_lint_finds_nothing(name: str) -> None:
    pattern = ff.Pattern(name)
    found = pattern.lint(pattern.folder / "examples.jsonl")
    assert found.problems == ()
    assert found.verdict == "structure"


@pytest.mark.parametrize("name", PATTERNS)
def test_the_mask_lets_every_row_through(name: str) -> None:
    pattern = ff.Pattern(name)
    for example in pattern.examples():
        asked = pattern.contract if example.schema is None else pattern.contract.with_schema(example.schema)
        assert refusal(asked.open().grammar(), example.output) == "", example.text


CALLS: dict[str, tuple[tuple[Any, ...], Any]] = {
    "count_vowels": (("Aeon, my dear",), 5),
    "running_totals": (([2, 5, 1],), [2, 7, 8]),
    "is_leap": ((1900,), False),
    "group_by_initial": ((["oak", "", "elm", "olive"],), {"o": ["oak", "olive"], "e": ["elm"]}),
    "split_bill": ((1001, 3), [334, 334, 333]),
    "binary_search": (([1, 4, 9, 16], 9), 2),
    "reverse_words": (("the tide turns",), "turns tide the"),
    "to_fahrenheit": ((36.6,), 97.9),
    "transpose": (([[1.0, 2.0], [3.0, 4.0]],), [[1.0, 3.0], [2.0, 4.0]]),
    "overlap": (((540, 600), (600, 660)), False),
    "primes_below": ((20,), [2, 3, 5, 7, 11, 13, 17, 19]),
    "password_problems": (("Short1",), ["shorter than ten characters"]),
    "shorten": (("a long sentence", 9), "a long..."),
    "median": (([4.0, 1.0, 3.0, 2.0],), 2.5),
    "score_dice": (([3, 5, 2, 4, 6],), 25),
    "merge_stock": (({"nail": 3}, {"nail": 4, "bolt": 1}), {"nail": 7, "bolt": 1}),
    "log_level": (("2031-04-09 ERROR disk full",), "ERROR"),
    "unique": ((["b", "a", "b"],), ["b", "a"]),
    "greatest_divisor": ((84, 36), 12),
    "caesar": (("xyz, abc!", 3), "abc, def!"),
    "distance": (((0.0, 0.0), (3.0, 4.0)), 5.0),
    "parse_setting": (("width = 80",), ("width", "80")),
    "commonest_word": (("The bee and the flower and",), "and"),
    "clock": ((3909,), "1:05:09"),
    "oldest_first": (([("Ann", 30), ("Bo", 41), ("Cy", 8)],), [("Bo", 41), ("Ann", 30), ("Cy", 8)]),
    "people_below": (("Ada", {"Ada": ["Bo", "Cy"], "Bo": ["Dee"]}), 3),
    "years_to_goal": ((100.0, 0.5, 220.0), 2),
    "balanced": (("(a[1] + [2)]",), False),
    "chunks": (([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]),
    "majority": (({"Roe": 4, "Poe": 3},), "Roe"),
    "trees_around": ((["T.T", ".T.", "..T"], 1, 1), 3),
    "roman": ((1994,), "MCMXCIV"),
    "merge_ranges": (([(8, 9), (1, 3), (3, 5)],), [(1, 5), (8, 9)]),
    "run_lengths": (("aaab",), [("a", 3), ("b", 1)]),
    "is_card_number": (("4539578763621486",), True),
    "moving_average": (([1.0, 3.0, 5.0], 2), [1.0, 2.0, 4.0]),
    "edit_distance": (("kitten", "sitting"), 3),
    "order_tasks": (({"paint": ["sand"], "sand": [], "hang": ["paint"]},), ["sand", "paint", "hang"]),
    "slug": (("some Title, with Signs!",), "some-title-with-signs"),
    "totals": (([("nail", 10, 0.05), ("gift", 1, 0.0)],), {"nail": 0.5}),
    "is_anagram": (("Dirty Room", "dormitory"), True),
    "weekday": ((2024, 2, 29), 3),
    "fill_gaps": (([None, 4.0, None, 5.0],), [None, 4.0, 4.0, 5.0]),
    "pad_rows": (([["a"], ["b", "c"]],), [["a", ""], ["b", "c"]]),
    "opposite": ((["Ann", "Bo", "Cy", "Dee"], "Cy"), "Ann"),
    "bits_set": ((29,), 4),
    "load_vans": (([4.0, 5.0, 2.0, 8.0], 9.0), [[4.0, 5.0], [2.0], [8.0]]),
    "transpose_note": (("A#", 3), "C#"),
    "water_held": (([3, 0, 2, 1, 4],), 6),
    "complete": (("ha", ["hat", "harbour", "hay", "oak"]), "hat"),
    "lap_milliseconds": (("1:04.250",), 64250),
    "heating": (([17.0, 20.0, 23.0, 20.0], 18.0, 22.0), [True, True, False, False]),
}


@pytest.mark.parametrize("name", CALLS)
def test_python_rows_give_what_is_asked_for(name: str) -> None:
    scope: dict[str, Any] = {}
    exec(examples("python")[name].output, scope)
    arguments, result = CALLS[name]
    assert scope[name](*arguments) == result


def test_every_python_row_is_called() -> None:
    assert set(CALLS) == set(examples("python"))


PERL_CALLS = {
    "sum_up": ("sum_up(2, 5, 1)", "8"),
    "greet": ("greet('Ilse')", "Good morning, Ilse!"),
    "has_error": ("has_error('12:04 ERROR disk') . has_error('fine')", "10"),
    "largest": ("largest(-4, -2, -9)", "-2"),
    "count_words": ("count_words('The bee the fly')->{the}", "2"),
    "trim": ("'<' . trim('  a b ') . '>'", "<a b>"),
    "miles_to_km": ("miles_to_km(26.2)", "42.2"),
    "is_order_number": ("is_order_number('QK 4471') . is_order_number('qk 4471')", "10"),
    "extension": ("extension('report.final.PDF') . ',' . extension('Makefile')", "pdf,"),
    "top": ("join(',', top(2, 3, 11, 7))", "11,7"),
    "parse_record": ("parse_record('name=Ada;junk;born=1815')->{born}", "1815"),
    "looks_like_mail": ("looks_like_mail('ada\\@mill.org') . looks_like_mail('ada.org')", "10"),
    "german_date": ("german_date('2031-04-09')", "09.04.2031"),
    "unique": ("join(',', unique(qw(b a b c a)))", "b,a,c"),
    "price": ("price(5)", "0,05 EUR"),
    "factorial": ("factorial(6)", "720"),
    "by_price": ("join(' ', by_price({ pear => 3, fig => 9, apple => 3 }))", "apple pear fig"),
    "is_palindrome": ("is_palindrome('Never odd, or even') . is_palindrome('tide')", "10"),
    "fibonacci": ("join(',', fibonacci(6))", "1,1,2,3,5,8"),
    "csv_line": ("csv_line('Roe, Ann', 'say \"hi\"', 'x')", '"Roe, Ann","say ""hi""",x'),
    "count_levels": ("count_levels('WARN a', 'INFO b', 'WARN c')->{WARN}", "2"),
    "numbers_in": ("join(',', numbers_in('7 boats, 12 oars and 3 men'))", "7,12,3"),
    "clock": ("clock(1505)", "01:05"),
    "title_case": ("title_case('THE house of the rising sun')", "The House of the Rising Sun"),
    "find_sorted": ("find_sorted([1, 4, 9, 16], 16) . find_sorted([1, 4], 3)", "3-1"),
    "mean": ("mean(1, 2, 6) . ' ' . mean()", "3 0"),
    "shorten": ("shorten('a long sentence', 9)", "a long..."),
    "distance": ("distance(0, 0, 3, 4)", "5"),
    "roman": ("roman(1994)", "MCMXCIV"),
    "merge_stock": ("merge_stock({ nail => 3 }, { nail => 4, bolt => 1 })->{nail}", "7"),
    "rot_thirteen": ("rot_thirteen('Hello, tide!')", "Uryyb, gvqr!"),
    "slug": ("slug('  Tides & Times! ')", "tides-times"),
    "deep_sum": ("deep_sum(1, [2, [3, 4]], 5)", "15"),
    "turn_round": ("join(',', @{turn_round({ a => 1, b => 2, c => 1 })->{1}})", "a,c"),
    "read_shelf": (
        "join('/', read_shelf('shelf 12: 40 boxes, 3 damaged')) . scalar(my @none = read_shelf('x'))",
        "12/40/30",
    ),
    "is_prime": ("join('', map { is_prime($_) } (1, 2, 9, 13))", "0101"),
    "reverse_words": ("reverse_words('the tide turns')", "turns tide the"),
    "neighbours": ("join(',', neighbours(1, 2, 4))", "3,6"),
    "is_postcode": ("is_postcode('4021') . is_postcode('0421')", "10"),
    "overlay": ("join(',', map { overlay({ a => 1, b => 2 }, { b => 3 })->{$_} } qw(a b))", "1,3"),
    "to_fahrenheit": ("to_fahrenheit(36.6)", "98"),
    "count_sentences": ("count_sentences('Well... Go. Now.') . count_sentences('tide')", "30"),
    "is_leap": ("is_leap(1900) . is_leap(2000) . is_leap(2024)", "011"),
    "split_bill": ("join(',', split_bill(1001, 3))", "334,334,333"),
    "mask_cards": ("mask_cards('card 4539578763621486 ok')", "card ************1486 ok"),
    "by_length": ("join(' ', by_length(qw(pear fig apple oak)))", "fig oak pear apple"),
    "run_lengths": ("run_lengths('aaab')", "a3b1"),
    "greatest_divisor": ("greatest_divisor(84, 36)", "12"),
    "longer_than": (
        "join(',', longer_than(8, { name => 'Tern', length => 9 }, { name => 'Gull', length => 7 }))",
        "Tern",
    ),
    "fill_in": ("fill_in('Dear [name] and [other] come', { name => 'Ilse' })", "Dear Ilse and come"),
    "is_closed": ("is_closed('f(g(x))') . is_closed(')(')", "10"),
}


@pytest.mark.parametrize("name", PERL_CALLS)
def test_perl_rows_give_what_is_asked_for(name: str) -> None:
    perl = shutil.which("perl")
    if perl is None:
        pytest.skip("no perl here")
    call, result = PERL_CALLS[name]
    program = f"use strict; use warnings;\n{examples('perl')[name].output}\nprint scalar({call});"
    done = subprocess.run([perl, "-e", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (result, "")


def test_every_perl_row_is_called() -> None:
    assert set(PERL_CALLS) == set(examples("perl"))


TABLE = re.compile(r"(\w+)\(([^)]*)\)")


def base_of(example: Example) -> sqlite3.Connection:
    """A base with the tables that a row's input names in its first line."""
    base = sqlite3.connect(":memory:")
    for name, columns in TABLE.findall(example.text.split("\n")[0]):
        base.execute(f"CREATE TABLE {name} ({columns})")
    return base


@pytest.mark.parametrize("at", range(len(ff.Pattern("sql").examples())))
def test_sql_rows_run_on_the_tables_of_their_input(at: int) -> None:
    example = ff.Pattern("sql").examples()[at]
    base = base_of(example)
    base.execute(example.output)
    base.close()


FILLED: dict[str, tuple[dict[str, list[tuple[Any, ...]]], str, list[tuple[Any, ...]]]] = {
    "Which boats lie in Kessing": (
        {"boats": [(1, "Gull", 7, 1), (2, "Tern", 9, 1), (3, "Auk", 8, 2)], "harbours": [(1, "Kessing"), (2, "Pell")]},
        "", [("Tern", 9), ("Gull", 7)],
    ),
    "whom we have no book": ({"authors": [(1, "Roe"), (2, "Poe")], "books": [(1, "Sea", 1)]}, "", [("Poe",)]),
    "Rank the runners": (
        {"results": [("mile", "Ann", 300), ("mile", "Bo", 290)]}, "", [("mile", "Bo", 1), ("mile", "Ann", 2)],
    ),
    "closed more tickets": (
        {"tickets": [(1, "a", "b", "Ann"), (2, "a", "b", "Ann"), (3, "a", "b", "Bo"), (4, "a", None, "Bo")]},
        "", [("Ann", 2)],
    ),
    "Remove the sessions": (
        {"sessions": [("x", 1, "d"), ("y", 2, "d")], "users": [(1, 1), (2, 0)]}, "SELECT token FROM sessions", [("y",)],
    ),
    "smallest id of each": (
        {"addresses": [(1, "Mill", 2, "Pell"), (2, "Mill", 2, "Pell"), (3, "Sea", 1, "Pell")]},
        "SELECT id FROM addresses", [(1,), (3,)],
    ),
    "share of all votes": ({"votes": [("n", "A", 3), ("s", "A", 3), ("n", "B", 2)]}, "", [("A", 75.0), ("B", 25.0)]),
    "both 'Optics' and 'Botany'": (
        {
            "students": [(1, "Ann"), (2, "Bo")], "courses": [(1, "Optics"), (2, "Botany"), (3, "Law")],
            "enrolments": [(1, 1), (1, 2), (2, 1), (2, 3)],
        },
        "", [("Ann",)],
    ),
    "from one reading to the next": (
        {"readings": [(1, "a", 10), (1, "b", 14)]}, "", [(1, "a", None), (1, "b", 4)],
    ),
    "didn't come": ({"invited": [("Ann",), ("Bo",)], "came": [("Bo",)]}, "", [("Ann",)]),
    "below 30 metres": (
        {"dives": [(1, "Ann", "a", 31), (2, "Ann", "b", 40), (3, "Bo", "a", 35), (4, "Bo", "a", 36)]}, "", [("Ann",)],
    ),
    "latest price": ({"prices": [("fig", "a", 2), ("fig", "b", 3), ("date", "a", 4)]}, "", [("date", 4), ("fig", 3)]),
    "How many altos": (
        {
            "singers": [(1, "Ann", "alto"), (2, "Bo", "bass")], "choirs": [(1, "Hall"), (2, "Mill")],
            "members": [(1, 1), (2, 1), (2, 2)],
        },
        "", [("Hall", 1), ("Mill", 0)],
    ),
    "Throw away the drafts": (
        {"drafts": [(1, "Ann", "2029-01-01"), (2, "Bo", "2029-01-01"), (3, "Cy", "2031-01-01")], "published": [(2,)]},
        "SELECT id FROM drafts", [(2,), (3,)],
    ),
    "The best player": (
        {"scores": [("red", "Ann", 3), ("red", "Bo", 5), ("blue", "Cy", 1)]}, "", [("blue", "Cy"), ("red", "Bo")],
    ),
    "Minutes of standstill": (
        {"machines": [(1, "A"), (2, "A"), (3, "B")], "stops": [(1, 3), (1, 4)]}, "", [("A", 3.5), ("B", 0.0)],
    ),
    "free on the night": (
        {"rooms": [(1, 12, 2), (2, 14, 1), (3, 15, 3)], "bookings": [(1, 3, "Roe", "2031-08-10", "2031-08-13")]},
        "", [(12, 2)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("part", FILLED)
def test_sql_rows_give_what_is_asked_for(part: str) -> None:
    """On tables with something in them; where a row changes them, a question afterwards shows what is left."""
    (example,) = [one for one in ff.Pattern("sql").examples() if part in one.text]
    rows, after, result = FILLED[part]
    base = base_of(example)
    for table, values in rows.items():
        base.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values[0]))})", values)
    found = base.execute(example.output).fetchall()
    assert (base.execute(after).fetchall() if after else found) == result
    base.close()


def test_each_record_has_a_schema_of_its_own_and_they_are_of_many_kinds() -> None:
    rows = ff.Pattern("json-record").examples()
    schemas = [json.dumps(row.schema) for row in rows]
    assert len(set(schemas)) >= LEAST
    for part in ('"boolean"', '"integer"', '"number"', '"null"', '"array"', '"enum"', '"pattern"', '"$ref"', '"anyOf"'):
        assert any(part in schema for schema in schemas), part
    assert any('"properties"' in json.dumps(one["properties"]) for row in rows if (one := row.schema))
    assert any(
        set(one["properties"]) > set(one["required"]) for row in rows if row.schema for one in objects(row.schema)
    )


def objects(schema: Any) -> Iterator[Mapping[str, Any]]:
    """Every object within a schema."""
    if isinstance(schema, Mapping):
        if schema.get("type") == "object":
            yield schema
        for part in schema.values():
            yield from objects(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from objects(part)


@pytest.mark.parametrize("name", ["xml", "html"])
def test_markup_is_read_by_another_parser_and_printed_again_as_it_stands(name: str) -> None:
    for example in ff.Pattern(name).examples():
        top = ElementTree.fromstring(example.output)
        assert ElementTree.tostring(top, "unicode", short_empty_elements=False) == example.output


def test_the_people_dates_and_places_of_a_record_stand_in_its_text() -> None:
    for example in ff.Pattern("xml").examples():
        top = ElementTree.fromstring(example.output)
        for tag in ("person", "date", "place"):
            assert [one.text for one in top.iter(tag) if (one.text or "") not in example.text] == []
