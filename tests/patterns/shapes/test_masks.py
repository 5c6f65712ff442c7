"""What the mask of a shape lets through, its check accepts."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formfact.patterns.shapes import Limits, Shape, open_shape
from formfact.patterns.shapes.schemas import FORMATS
from tests.patterns.shapes.contracts import SHAPES
from tests.patterns.shapes.masked import refusal, sample

FEW = {"perl": 6, "python": 12, "python, several": 12}
"""Samples of shapes that take long; the others get more."""


def opened(name: str) -> Shape:
    return open_shape(*SHAPES[name])


def keeps(limits: Limits, text: str) -> bool:
    """Whether a text keeps what is held beside the mask."""
    lines = [re.sub(r"^\d+\. ", "", " ".join(line.casefold().split())) for line in text.split("\n")]
    return (
        not (limits.distinct and len(set(lines)) < len(lines))
        and not (limits.words and not limits.words[0] <= len(text.split()) <= limits.words[1])
        and not (limits.never and re.search(limits.never, text))
    )


@pytest.mark.parametrize("name", SHAPES)
def test_texts_drawn_from_the_mask_pass_the_check(name: str) -> None:
    shape = opened(name)
    grammar = shape.grammar()

    @settings(max_examples=FEW.get(name, 25), deadline=None)
    @given(st.integers(0, 10**6), st.sampled_from([10, 60, 150]), st.sampled_from([0.02, 0.4]))
    def holds(seed: int, length: int, wild: float) -> None:
        text = sample(grammar, Random(seed), length=length, wild=wild)
        if text is not None and keeps(shape.limits(), text):
            assert shape.check(text) == [], text

    holds()


@pytest.mark.parametrize("name", SHAPES)
def test_the_short_text_of_a_grammar_is_one_that_conforms(name: str) -> None:
    shape = opened(name)
    short = shape.grammar().shortest
    assert short
    assert shape.check(short) == []
    assert refusal(shape.grammar(), short) == ""


@pytest.mark.parametrize("name", SHAPES)
def test_samples_are_not_all_alike(name: str) -> None:
    grammar = opened(name).grammar()
    found = {sample(grammar, Random(seed), length=60, wild=0.02) for seed in range(12)} - {None}
    assert len(found) >= 3


def test_a_mask_that_is_no_whole_language_says_what_it_lacks() -> None:
    for name in ("python", "perl", "sql", "xml", "html"):
        assert len(opened(name).grammar().lacks) > 40, name
    for name in ("lines", "regex", "json", "dialogue", "outline", "grammar"):
        assert opened(name).grammar().lacks == "", name


WIDE = {
    "xml": '<r-1><p id="1" kind="b">a <Em x="y">b</Em> c<br/></p><list></list></r-1>',
    "html": (
        '<article><h1>a</h1><p>see <a href="x">y</a> &amp; z</p><hr>'
        "<table><tbody><tr><td>1</td></tr></tbody></table></article>"
    ),
    "text": "one two\nthree\n\nfour five",
    "python": '''
def count(least: int, *more: str) -> dict[str, int]:
    """Count.

    Twice.
    """
    # A remark.
    try:
        return {f"{one:>02} {least.z}": len(one) for one in sorted(more, key=lambda one: -len(one))}
    except ValueError as error:
        raise KeyError("no\\n") from error
''',
    "perl": r"""
sub count_up {
    my ($x, %in) = @_;
    # A remark.
    foreach my $y (sort { $in{$a} <=> $in{$b} || $a cmp $b } keys %in) {
        push @{$x->{$y}[0]}, "$y\n" unless $y =~ /^(a|[^b-z\d]+)$/i;
    }
    return map { $_ => 1 } @{$x->{all}};
}
""",
    "sql": """
WITH t AS (SELECT a, COUNT(*) AS n FROM u GROUP BY a)
SELECT t.a, RANK() OVER (PARTITION BY b ORDER BY n DESC) AS place
FROM t
LEFT JOIN v AS w ON w.a = t.a AND w.b <> 'it''s'
WHERE NOT EXISTS (SELECT * FROM x WHERE x.a = t.a)
UNION ALL
SELECT a, 1
FROM z
ORDER BY a
LIMIT 3 OFFSET 2;
""",
}


@pytest.mark.parametrize("name", WIDE)
def test_the_subset_is_not_needlessly_small(name: str) -> None:
    text = WIDE[name].strip()
    shape = opened(name)
    assert shape.check(text) == []
    assert refusal(shape.grammar(), text) == ""


@pytest.mark.parametrize(
    ("text", "forbidden"),
    [
        ("def f(a: int, a:", True),
        ("def f(b: str, a: int, *a:", True),
        ("def f(a: int, a", False),
        ("def f(a: int, ab:", False),
        (f"def f({'a' * 31}: int, {'a' * 31}", True),
        (f"def f(b: int, _{'a' * 31}: int, _{'a' * 31}", True),
        (f"def f({'a' * 31}: int, {'a' * 30}", False),
    ],
)
def test_two_parameters_of_one_name_are_forbidden_while_another_is_possible(text: str, *, forbidden: bool) -> None:
    assert bool(re.search(opened("python").limits().never, text)) is forbidden


def apart(**second: Any) -> dict[str, Any]:
    """A cat or a dog, each by reference, as classes told apart by a field are written down."""
    kinds = {name: {"type": "object", "properties": {"kind": {"const": name}}} for name in ("cat", "dog")}
    owner = {"owner": {"oneOf": [{"$ref": "#/$defs/cat"}, {"type": "null"}]}}
    kinds["cat"] |= {"required": ["kind", "owner"], "properties": {"kind": {"const": "cat"}, **owner}}
    kinds["dog"] |= {"required": ["kind"], **second}
    return {"$defs": kinds, "oneOf": [{"$ref": "#/$defs/cat"}, {"$ref": "#/$defs/dog"}]}


@pytest.mark.parametrize(
    ("schema", "text", "not_so"),
    [
        (apart(), '{"kind":"cat","owner":null}', '{"kind":"cow"}'),
        ({"$defs": {"n": {"type": "integer"}}, "oneOf": [{"$ref": "#/$defs/n"}, {"type": "null"}]}, "7", '"7"'),
        ({"type": "string", "format": "phone"}, '"0190"', "5"),
        ({"type": "array", "items": {"type": "integer"}, "uniqueItems": False, "minContains": 2}, "[1,1]", "{}"),
        ({"type": "object", "unevaluatedProperties": True, "propertyNames": {"type": "string"}}, '{"a":1}', "[]"),
    ],
)
def test_the_mask_takes_what_asks_for_nothing_and_ways_that_are_plainly_apart(
    schema: dict[str, Any], text: str, not_so: str
) -> None:
    shape = open_shape("json", {"schema": schema})
    assert shape.check(text) == []
    assert refusal(shape.grammar(), text) == ""
    assert shape.check(not_so)
    assert refusal(shape.grammar(), not_so)


@pytest.mark.parametrize(
    "ways",
    [
        [{"type": "integer"}, {"type": "number"}],
        apart(properties={"kind": {"enum": ["cat", "dog"]}})["oneOf"],
        [{"type": "object", "properties": {"a": {"const": name}}} for name in "xy"],
    ],
)
def test_ways_that_one_value_may_go_both_of_stay_what_they_are(ways: list[Any]) -> None:
    """As `anyOf` the mask would let through what the check refuses."""
    schema = {**apart(properties={"kind": {"enum": ["cat", "dog"]}}), "oneOf": ways}
    assert "oneOf" in json.loads(open_shape("json", {"schema": schema}).grammar().source)


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_has_a_short_text(name: str) -> None:
    """Without one, a text of it might end before it began."""
    schema = {"type": "object", "properties": {"a": {"type": "string", "format": name}}, "required": ["a"]}
    grammar = open_shape("json", {"schema": schema}).grammar()
    assert FORMATS[name] in grammar.shortest
    assert refusal(grammar, grammar.shortest) == ""
