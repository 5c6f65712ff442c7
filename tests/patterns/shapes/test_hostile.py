"""Texts that are meant to break a check: each is answered in bounded time, with places within the text."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formfact.errors import Refused
from formfact.patterns.shapes import open_shape
from formfact.patterns.shapes.perl import check_perl, harmless
from tests.patterns.shapes.contracts import SHAPES

LONG = 100_000
TEXTS = {
    "empty": "", "long": "a" * LONG, "spaces": "a" + " " * LONG + "a", "lines": "\n" * LONG, "words": "so it " * 17_000,
    "short lines": "a\n" * 50_000, "question marks": "?" * LONG, "nul": "\0" * 1000, "surrogates": "\ud800" * 1000,
    "returns": "x\r" * 50_000, "brackets": "(" * LONG, "square": "[" * LONG, "braces": '{"a":' * 20_000,
    "quotes": "'" * (LONG + 1), "escaped quotes": "\\'" * 50_000, "digits": "1" * LONG, "minus": "-" * LONG + "1",
    "exponent": "1e999999", "semicolons": "SELECT 1;" * 11_000, "quoted semicolons": "SELECT '" + ";" * LONG,
    "open tags": "<p>" * 33_000, "paragraphs": "<article>" + "<p>a</p>" * 12_000 + "</article>", "less": "<" * LONG,
    "wrong ends": "<b></i>" * 14_000, "attributes": "<p " + "a=1 " * 25_000 + ">", "entities": "&a;" * 33_000,
    "bomb": '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><r-1>&b;&b;</r-1>',
    "statements": "x\n" * 50_000, "calls": "f" + "()" * 50_000, "sums": "a" + "+a" * 49_999, "ifs": "if x:\n" * 20_000,
    "elifs": "if x:\n pass\n" + "elif x:\n pass\n" * 7_000, "headings": "## a\n" * 20_000,
    "turns": "Guide: x\n" * 11_000, "pairs": "a=b\n" * 25_000, "repeated": "my $x = 'a' x 9999999999;",
    "comments": "/**/" * 25_000 + "x",
}  # fmt: skip
SECONDS = 30
"""Of processor time for one text, on a machine that does other things too; most take a hundredth."""


@pytest.mark.parametrize("name", [name for name in SHAPES if name.split(", ")[-1] not in ("one", "any", "several")])
def test_no_text_keeps_a_check_busy_or_breaks_it(name: str) -> None:
    shape = open_shape(*SHAPES[name])
    for kind, text in TEXTS.items():
        started = time.process_time()
        found = shape.check(text)
        assert time.process_time() - started < SECONDS, kind
        for problem in found:
            assert problem.message
            assert problem.start is not None
            assert problem.end is not None
            assert 0 <= problem.start <= problem.end <= len(text), (kind, problem)


@pytest.mark.parametrize("name", SHAPES)
def test_the_empty_text_is_a_problem(name: str) -> None:
    for text in ("", " ", "\n"):
        assert open_shape(*SHAPES[name]).check(text), repr(text)


@pytest.mark.parametrize("name", SHAPES)
@settings(max_examples=30, deadline=None)
@given(text=st.text(max_size=40))
def test_any_text_gets_an_answer(name: str, text: str) -> None:
    for problem in open_shape(*SHAPES[name]).check(text):
        assert problem.start is not None
        assert problem.end is not None
        assert 0 <= problem.start <= problem.end <= len(text)


def test_what_perl_runs_while_it_compiles_never_runs(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    run = f'system("touch {mark}")'
    attacks = [
        f"BEGIN {{ {run} }}", f"m/'/; BEGIN {{ {run} }}; m/'/", f"q#'#; BEGIN {{ {run} }} #'", f"sub CHECK {{ {run} }}",
        f'my $x = "${{\\ do {{ BEGIN {{ {run} }} 1 }} }}";', f"s/'/'/; UNITCHECK {{ {run} }}", f"1BEGIN {{ {run} }}",
        f"sub MODIFY_SCALAR_ATTRIBUTES {{ {run}; () }} our $x : Foo;", f"#!perl -x\n BEGIN {{ {run} }}",
        f"sub IsFoo {{ {run}; '41' }} my $r = 'a' =~ /\\p{{IsFoo}}/;", f"sub UNIVERSAL::can {{ {run} }} our $x : Foo;",
        f"sub UNIVERSAL'can {{ {run} }} our $x : Foo;", f"package UNIVERSAL; sub can {{ {run} }} our $x : Foo;",
        f"package Errno; sub TIEHASH {{ {run}; bless {{}} }} package main; my $e = $!{{ENOENT}};",
        f"sub Errno'TIEHASH {{ {run} }} my $e = $!{{A}};",
        f"sub f {{\n=pod\n'\n=cut\n BEGIN {{ {run} }} \n=pod\n'\n=cut\n}}",
    ]  # fmt: skip
    for attack in attacks:
        check_perl(attack)
        assert not mark.exists(), attack
        assert len(harmless(attack)) == len(attack)


@pytest.mark.parametrize(
    "text",
    [
        "sub f {\n    die 'no use' unless @_;\n}", 'sub f { my %h = (use => 1, no => 2); return $h{use} + $h{no}; }',
        "package Foo;\nsub new { my $class = shift; return bless {}, $class; }\n1;", "package Foo { sub x { 1 } }",
        "sub f { local $_ = shift; my $r = eval { Foo::Bar->new(1) }; return $r; }", "# BEGIN { it's\nsub f { 1 }",
        'sub f { my $x = shift; return $x ? 1 : length($x); }', "sub f { my $use = 1; return $_[0]->no($use); }",
    ],
)  # fmt: skip
def test_perl_that_runs_nothing_is_compiled_as_it_stands(text: str) -> None:
    assert check_perl(text) == []


def lark(source: str) -> tuple[str, dict[str, object]]:
    return "grammar", {"lark": source}


def schema(**said: object) -> tuple[str, dict[str, object]]:
    return "json", {"schema": said}


INNER = {"type": "array", "minItems": 1000, "items": {"type": "array", "minItems": 1000}}
DOUBLED = "".join(f"t{at}: t{at + 1} t{at + 1}\n" for at in range(40))
LARGE = {
    "repeated alternatives": (*lark('start: ("A"|"B"|"C"|"D")~8'), "'start'"),
    "more of them": (*lark('start: x\nx: ("A"|"B"|"C"|"D")~0..30'), "'x'"),
    "repeats of repeats": (*lark('start: (((("A"|"B")~49)~49)~49)~49'), "'start'"),
    "alternatives in a row": (*lark("start: " + " ".join('("a"|"b")' for _ in range(30))), "'start'"),
    "what may be left out": (*lark("start: " + " ".join(f'["{char}"]' for char in "abcdefghijklmnopqrst")), "'start'"),
    "repeats beyond any budget": (*lark('start: "a"~1000000000'), "shortest text"),
    "rules that double": (*lark(f'start: t0\n{DOUBLED}t40: "a"'), "shortest text"),
    "a long string": (*schema(type="string", minLength=10**9), "minLength"),
    "a longer string": (*schema(type="string", minLength=10**400), "minLength"),
    "a long array": (*schema(type="array", minItems=10**6), "minItems"),
    "a long string within": (*schema(properties={"a": {"items": {"minLength": 10**7}}}), "minLength"),
    "arrays of arrays": (*schema(**INNER), "shortest record"),
    "long strings in an array": (
        *schema(type="array", minItems=1000, items={"type": "string", "minLength": 1000}), "shortest record",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_a_contract_that_asks_for_too_much_is_refused_at_once(name: str) -> None:
    shape, said, what = LARGE[name]
    started = time.process_time()
    with pytest.raises(Refused, match="more than 100,000") as refused:
        open_shape(shape, said)
    assert time.process_time() - started < SECONDS / 10
    assert what in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize(
    ("shape", "shortest"),
    [
        (lark('start: x~8\nx: "A"|"B"|"C"|"D"'), 8), (lark('start: ("A"|"B")~50..100 "c"?'), 50),
        (lark('start: ("A"|"B")~6'), 6), (lark('start: "a"~20000'), 20_000),
        (lark('start: pair{"a"}~3\npair{x}: x x'), 6),
        (lark('start: "a"~0..1000000 ["c"] "d"+ -> one\n | "e" "f" -> two'), 1),
        (schema(type="string", minLength=2.0), 4), (schema(type="array", minItems=2.0), 11),
        (schema(type="string", minLength=50_000), 50_002), (schema(type="number", minimum=3, multipleOf=1e299), None),
    ],
)  # fmt: skip
def test_what_a_budget_can_hold_is_read(shape: tuple[str, dict[str, object]], shortest: int | None) -> None:
    found = open_shape(*shape).grammar().shortest
    assert shortest is None or len(found) == shortest
