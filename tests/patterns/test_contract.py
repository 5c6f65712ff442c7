"""Contracts: TOML and YAML say the same, and what makes no sense is refused with the next step, before writing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import tomli_w
import yaml

import formfact as ff
from formfact.errors import FormfactError, Refused
from formfact.interfaces.cli import main
from formfact.patterns.contract import load_contract, parse_contract, print_contract
from formfact.patterns.shapes import open_shape
from formfact.patterns.shelf import find, names
from formfact.patterns.write import Input, write
from formfact.types import Message
from tests.patterns.shapes.contracts import SHAPES


def made(name: str, **more: Any) -> dict[str, Any]:
    """A contract's tables for one of the tests' shapes."""
    shape, settings = SHAPES[name]
    return {"name": "made", "describes": "A test.", "output": {"shape": shape, **settings}, **more}


@pytest.mark.parametrize("name", names())
def test_the_catalogue_in_yaml_is_the_catalogue(name: str, tmp_path: Path) -> None:
    contract = find(name).contract
    values = yaml.safe_load(yaml.safe_dump(__import__("tomllib").loads(print_contract(contract))))
    (tmp_path / "pattern.yaml").write_text(yaml.safe_dump(values, allow_unicode=True), "utf-8")
    assert load_contract(tmp_path) == contract


@pytest.mark.parametrize("name", SHAPES)
def test_a_pattern_in_yaml_checks_as_one_in_toml_does(name: str, tmp_path: Path) -> None:
    for ending, text in (
        ("toml", tomli_w.dumps(_without_null(made(name)))),
        ("yaml", yaml.safe_dump(_without_null(made(name)))),
    ):
        folder = tmp_path / ending
        folder.mkdir()
        (folder / f"pattern.{ending}").write_text(text, "utf-8")
    toml, yml = ff.Pattern(tmp_path / "toml"), ff.Pattern(tmp_path / "yaml")
    assert toml.contract == yml.contract
    short = toml.contract.open().grammar().shortest
    for sample in (short, f"{short}\n\n?", ""):
        assert toml.check(sample) == yml.check(sample)


def _without_null(value: Any) -> Any:
    """TOML knows no null."""
    if isinstance(value, dict):
        return {key: _without_null(one) for key, one in value.items()}
    return [_without_null(one) for one in value if one is not None] if isinstance(value, list) else value


def test_yaml_is_checked_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    (tmp_path / "pattern.yaml").write_text(
        "name: codes\ndescribes: Codes.\noutput:\n  shape: lines\n  line: '[A-Z]{2}-[0-9]+'\n  count: [1, 3]\n"
    )
    monkeypatch.setattr("sys.stdin", __import__("io").StringIO("AB-1\nab-2"))
    assert main(["pattern", "check", str(tmp_path)]) == 0
    assert "line 2" in capsys.readouterr().out


NONSENSE = {
    "count the wrong way round": ("lines", {"line": "a", "count": [5, 2]}),
    "count of nothing": ("lines", {"line": "a", "count": [0, 2]}),
    "count of one number": ("lines", {"line": "a", "count": [2]}),
    "count without end": ("lines", {"line": "a", "count": [1, 5000]}),
    "a line of nothing": ("lines", {"line": ""}),
    "a line that may be empty": ("lines", {"line": "[a-z]*"}),
    "a line that no line can be": ("lines", {"line": "a\\nb"}),
    "an empty regex": ("regex", {"pattern": ""}),
    "a regex that is none": ("regex", {"pattern": "a("}),
    "a regex that nothing matches": ("regex", {"pattern": "[^\\s\\S]"}),
    "more paragraphs than words": ("text", {"words": [1, 3], "paragraphs": [5, 9]}),
    "words the wrong way round": ("text", {"words": [9, 3]}),
    "nobody speaks": ("dialogue", {"parties": []}),
    "a party twice": ("dialogue", {"parties": ["Ann", "Ann"]}),
    "a party with a colon": ("dialogue", {"parties": ["Ann:"]}),
    "one party in turns": ("dialogue", {"parties": ["Ann"], "turns": [2, 2]}),
    "turns without end": ("dialogue", {"parties": ["Ann", "Bo"], "turns": [1, 100000]}),
    "a schema that is none": ("json", {"schema": {"type": "nothing"}}),
    "a schema from elsewhere": ("json", {"schema": {"$ref": "https://example.org/schema.json"}}),
    "a file as schema": ("json", {"schema": {"properties": {"a": {"$ref": "other.json#/a"}}}}),
    "a schema in a circle": ("json", {"schema": {"anyOf": [{"type": "null"}, {"$ref": "#"}]}}),
    "a schema that is not there": ("json", {"schema": {"$ref": "#/$defs/none"}}),
    "a schema with look-around": ("json", {"schema": {"pattern": "(?=a)b"}}),
    "an element that never ends": ("xml", {"root": "r", "elements": {"r": "r"}}),
    "a model that is none": ("xml", {"root": "r", "elements": {"r": "(a"}}),
    "a root without a model": ("xml", {"root": "r", "elements": {"q": "a"}}),
    "an element nobody holds": ("xml", {"root": "r", "elements": {"r": "a", "q": "a"}}),
    "text in the middle": ("xml", {"root": "r", "elements": {"r": "#text a"}}),
    "a name with a space": ("xml", {"root": "a b"}),
    "an attribute that is none": ("xml", {"root": "r", "attributes": {"r": "x=?"}}),
    "a list in a paragraph": ("html", {"root": "p", "elements": {"p": "ul", "ul": "li"}}),
    "a row without a body": ("html", {"root": "table", "elements": {"table": "tr", "tr": "td"}}),
    "capitals in HTML": ("html", {"root": "Div"}),
    "an image with content": ("html", {"root": "img", "elements": {"img": "p"}}),
    "functions the wrong way round": ("python", {"functions": [3, 1]}),
    "a colour of functions": ("python", {"functions": 1, "colour": "red"}),
    "a grammar that is none": ("grammar", {"lark": "start: ("}),
    "a grammar without start": ("grammar", {"lark": 'begin: "a"'}),
    "a grammar without end": ("grammar", {"lark": 'start: "a" start'}),
    "a grammar of nothing": ("grammar", {"lark": 'start: "a"*'}),
    "a parser nobody has": ("grammar", {"lark": "sql", "parser": "cobol"}),
    "a grammar without its parser": ("grammar", {"lark": "sql"}),
    "a broken regex in a grammar": ("grammar", {"lark": "start: /a(/"}),
    "a schema without values": ("json", {"schema": {"enum": []}}),
    "a bound of 400 digits": ("json", {"schema": {"type": "number", "minimum": 10**400, "maximum": 5}}),
    "a bound without end": ("json", {"schema": {"type": "number", "maximum": float("inf")}}),
    "a day in a schema": ("json", {"schema": {"const": date(2024, 1, 1)}}),
}  # fmt: skip


@pytest.mark.parametrize("name", NONSENSE)
def test_what_makes_no_sense_is_refused_with_the_next_step(name: str) -> None:
    shape, settings = NONSENSE[name]
    with pytest.raises(Refused) as refused:
        open_shape(shape, settings)
    assert refused.value.hint
    assert "[output]" in refused.value.message


@pytest.mark.parametrize(
    "name", ["lines", "text", "dialogue", "outline", "json", "xml", "html", "python", "perl", "sql"]
)
def test_a_budget_that_is_too_small_is_refused_before_anything_is_written(name: str) -> None:
    fine = parse_contract(tomli_w.dumps(_without_null(made(name))))
    few = _without_null(made(name))
    few["output"]["tokens"] = 1
    with pytest.raises(Refused, match="shortest text") as refused:
        parse_contract(tomli_w.dumps(few))
    assert "raise [output] tokens" in refused.value.hint

    class Nobody:
        """A writer that must not be asked."""

        def write(self, *given: object, **more: object) -> list[Any]:
            raise AssertionError("it was asked to write")

        def count(self, chat: list[Message]) -> int:
            return len(chat)

    with pytest.raises(Refused, match="shortest text"):
        write(fine, [Input("x")], Nobody(), limit=1)


@pytest.mark.parametrize("name", names())
def test_the_budgets_of_the_catalogue_have_room(name: str) -> None:
    contract = find(name).contract
    contract.check_budget(max(contract.output_tokens // 2, 1))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("name = ", "pattern.toml"),
        ("- a\n- b", "pattern.yaml"), ("a: [", "pattern.yaml"), ("a: &a [*a]", "pattern.yaml"),
        ('name = "x"', "pattern.toml"), ('name = "x"\ndescribes = "y"\nchildren = ["z"]', "pattern.toml"),
        ("name: 5\ndescribes: y", "pattern.yaml"), ("[" * 5000, "pattern.yaml"), ("", "pattern.toml"),
        ("a = " + "[" * 5000, "pattern.toml"),
        ('name = "x"\ndescribes = "y"\n[output]\nshape = "cube"', "pattern.toml"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_contract_is_said_to_be_none(text: str, where: str) -> None:
    with pytest.raises(FormfactError) as refused:
        parse_contract(text, where=where)
    assert refused.value.hint


HEAD = "name: x\ndescribes: y\n"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (f"{HEAD}output: {{shape: lines, line: a}}\n1: z", "1"),
        (f"{HEAD}output: {{shape: lines, line: a}}\n2024-01-01: z", "2024"),
        (f"{HEAD}output:\n  shape: json\n  schema:\n    properties:\n      no: {{type: string}}", "False"),
        (f"{HEAD}output:\n  shape: json\n  schema:\n    anyOf:\n    - {{yes: 1}}", "output.schema.anyOf"),
        ("name: x\ndescribes: 2024-13-45", "describes"),
        (f"{HEAD}version: !!int z", "version"),
        (f"{HEAD}version: !!bool z", "version"),
        (f"{HEAD}output:\n  shape: json\n  schema: {{enum: []}}", "enum"),
        (f"{HEAD}output:\n  shape: json\n  schema: {{type: number, maximum: 1{'0' * 400}}}", "maximum"),
        (f"{HEAD}output:\n  shape: json\n  schema: {{const: 2024-01-01}}", "schema"),
    ],
)
def test_a_value_that_yaml_reads_otherwise_is_named_with_its_file(text: str, key: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_contract(text, where="mine/pattern.yaml")
    assert refused.value.message.startswith("mine/pattern.yaml")
    assert key in refused.value.message
    assert refused.value.hint


def test_a_setting_that_is_no_text_is_named() -> None:
    with pytest.raises(Refused, match="nobody knows 1, b"):
        open_shape("text", {"b": 1, 1: 2})  # type: ignore[dict-item]


def test_a_number_of_more_digits_than_python_reads_is_refused() -> None:
    with pytest.raises(Refused, match=r"pattern\.toml: cannot be read"):
        parse_contract(f"version = {'9' * 5000}")


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "pattern.toml").write_bytes('name = "é"'.encode("latin-1"))
    with pytest.raises(Refused, match="UTF-8"):
        load_contract(tmp_path)
