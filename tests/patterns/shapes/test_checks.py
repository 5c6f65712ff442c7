"""What each shape lets through, and where it says that a text breaks it."""

from __future__ import annotations

import pytest

from formfact.errors import Refused
from formfact.patterns.contract import parse_contract, print_contract
from formfact.patterns.shapes import Shape, open_shape

PERSON = {"type": "object", "required": ["name"], "additionalProperties": False, "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}  # fmt: skip # noqa: E501
XML = {"root": "r", "elements": {"r": "title? (p | list)+", "list": "item*"}}
HTML = {"root": "article", "elements": {"article": "h1 (p | ul)+", "ul": "li+"}}
PYTHON = {"functions": 1, "typed": True, "docstring": True}
SQL, PERL = ({"lark": name, "parser": name} for name in ("sql", "perl"))

KEPT = [
    ("json", {"schema": PERSON}, '{"name": "Ann", "age": 3}'),
    ("json", {}, '{"anything": [1, null]}'),
    ("xml", XML, "<r><title>a &amp; b</title><p>x</p><list/></r>"),
    ("html", HTML, "<article><h1>a</h1>\n<ul><li>b</li></ul></article>"),
    ("python", PYTHON, 'def f(x: int) -> int:\n    """Give x."""\n    return x'),
    ("grammar", SQL, "SELECT a, COUNT(*) FROM nowhere WHERE b > 3 GROUP BY a;"),
    ("grammar", SQL, "SELECT a FROM t; -- done"),
    ("grammar", SQL, "-- a; b\nSELECT a FROM t; /* done */ -- yes\n"),
    ("grammar", SQL, "SELECT a FROM t;\n/* not closed; SQLite asks for no end"),
    ("json", {"schema": {"type": "number", "multipleOf": 0.01}}, "19.99"),
    ("json", {"schema": {"type": "number", "multipleOf": 0.1}}, "-0.3"),
    ("grammar", PERL, "sub add {\n    my ($x, $y) = @_;\n    return $x + $y;\n}"),
    ("grammar", {"lark": 'start: "a"+ "b"'}, "aab"),
    ("outline", {"sections": [1, 2], "points": [1, 2]}, "## One\n- a\n- b\n## Two\n- c"),
    ("regex", {"pattern": "[a-z]+"}, "abc"),
    ("text", {"words": [2, 4], "paragraphs": [1, 2]}, "one two\n\nthree"),
    ("dialogue", {"parties": ["Ann"]}, "Ann: yes"),
]
BROKEN = [
    ("json", {"schema": PERSON}, '{"name": "Ann", "age": "3"}', "schema", '"age"'),
    ("json", {"schema": PERSON}, '{"name": "Ann",}', "json", None),
    ("json", {}, '{"a": 1, "a": 2}', "json", None),
    ("json", {}, '{"a": NaN}', "json", None),
    ("xml", XML, "<r><p>x</r>", "xml", None),
    ("xml", XML, "<r><q>x</q></r>", "content", "<r>"),
    ("xml", XML, "<r><p a='1'>x</p></r>", "attribute", "<p a='1'>"),
    ("xml", XML, '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><p>&x;</p></r>', "xml", "<!"),
    ("html", HTML, "<article><h1>a<p>b</p></article>", "html", None),
    ("html", HTML, "<article><p>b</p></article>", "content", None),
    ("python", PYTHON, "def f(x: int) -> int:\n    return x", "docstring", None),
    ("python", PYTHON, 'def f(x) -> int:\n    """Give x."""\n    return x', "typed", None),
    ("python", PYTHON, "def f(:", "python", None),
    ("python", PYTHON, 'def f(a: int, a: int) -> int:\n    """Twice."""\n    return a', "python", None),
    ("python", PYTHON, 'import os\ndef f() -> None:\n    """No."""', "only", "import os"),
    ("grammar", SQL, "SELECT FROM WHERE;", "sql", "FROM"),
    ("grammar", SQL, "SELECT a FROM t; done -- yes", "sql", " done"),
    ("grammar", SQL, "-- SELECT a FROM t;", "sql", None),
    ("json", {"schema": {"type": "number", "multipleOf": 0.01}}, "19.995", "schema", "19.995"),
    ("json", {"schema": {"type": "number", "multipleOf": 0.5}}, "1e-300", "schema", None),
    ("grammar", SQL, "ATTACH 'x' AS y;", "sql", None),
    ("grammar", PERL, "sub f { BEGIN { system('touch /tmp/no') } }", "perl", "BEGIN"),
    ("grammar", PERL, "sub f {\n    my $x = ;\n", "perl", None),
    ("grammar", {"lark": 'start: "a"+ "b"'}, "aac", "grammar", "c"),
    ("outline", {}, "## One\n- a\n## one\n- b", "distinct", "## one"),
    ("regex", {"pattern": "[a-z]+"}, "ab1", "regex", "1"),
    ("lines", {"line": "[a-z]+", "count": [1, 2]}, "ab\ncd3f", "line", "3f"),
    ("lines", {"line": "[a-z]+", "count": [1, 2], "numbered": True}, "1. ab\n2. 3f", "line", "3f"),
    ("text", {"words": [2, 4]}, "one", "words", "one"),
    ("dialogue", {"parties": ["Ann"]}, "Bob: no", "party", "Bob: no"),
]


def shape(name: str, settings: dict[str, object]) -> Shape:
    return open_shape(name, settings)


@pytest.mark.parametrize(("name", "settings", "text"), KEPT, ids=[f"{one[0]}-{at}" for at, one in enumerate(KEPT)])
def test_a_text_of_the_shape_has_no_problems(name: str, settings: dict[str, object], text: str) -> None:
    assert shape(name, settings).check(text) == []


@pytest.mark.parametrize(
    ("name", "settings", "text", "rule", "at"), BROKEN, ids=[f"{one[0]}-{one[3]}-{at}" for at, one in enumerate(BROKEN)]
)
def test_what_breaks_it_is_named_with_its_place(
    name: str, settings: dict[str, object], text: str, rule: str, at: str | None
) -> None:
    found = shape(name, settings).check(text)
    assert rule in [one.rule for one in found]
    problem = next(one for one in found if one.rule == rule)
    assert problem.start is not None
    assert problem.end is not None
    assert 0 <= problem.start <= problem.end <= len(text)
    if at is not None:
        assert text[problem.start : problem.end].startswith(at)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("json", {"schema": {"type": "nothing"}}),
        ("json", {"schema": {"$ref": "https://example.org/schema.json"}}),
        ("xml", {"root": "r", "elements": {"r": "r"}}),
        ("xml", {"root": "r", "elements": {"r": "(a"}}),
        ("grammar", {"lark": "start: ("}),
        ("grammar", {"lark": "sql", "parser": "cobol"}),
        ("regex", {"pattern": "(?=a)b"}),
        ("python", {"functions": 1, "colour": "red"}),
    ],
)
def test_settings_that_make_no_sense_are_refused(name: str, settings: dict[str, object]) -> None:
    with pytest.raises(Refused):
        shape(name, settings)


@pytest.mark.parametrize(("name", "settings", "text"), KEPT, ids=[f"{one[0]}-{at}" for at, one in enumerate(KEPT)])
def test_a_contract_is_printed_and_read_again(name: str, settings: dict[str, object], text: str) -> None:
    import tomli_w

    made = {"name": "x", "describes": "y", "output": {"shape": name, **settings}}
    contract = parse_contract(tomli_w.dumps(made))
    assert parse_contract(print_contract(contract)) == contract
    assert contract.check(text) == []
