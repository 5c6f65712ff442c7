"""Where patterns are found: the catalogue that ships, a user's folders, and what training wrote."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tomli_w

from formfact.errors import NotFound, Refused
from formfact.patterns.contract import FILES, Contract, load_contract, parse_contract, print_contract
from formfact.patterns.derive import derive, unfold
from formfact.patterns.disk import writing
from formfact.patterns.examples import write_examples
from formfact.types import Row

CATALOGUE = Path(__file__).parent / "catalogue"


@dataclass(frozen=True, slots=True)
class Found:
    """A pattern's folder with its contract; `adapter` and `base` where it was tuned."""

    folder: Path
    contract: Contract
    adapter: Path | None = None
    base: str | None = None


def names() -> list[str]:
    """The patterns of the catalogue, by name."""
    return sorted(folder.name for folder in CATALOGUE.iterdir() if any((folder / file).is_file() for file in FILES))


def find(name: str | Path) -> Found:
    """The pattern of this name in the catalogue, or in this folder. Raises NotFound, Refused."""
    folder = Path(name).expanduser()
    if not folder.is_dir() and str(name) in names():
        folder = CATALOGUE / str(name)
    if not folder.is_dir():
        known = ", ".join(names())
        raise NotFound(f"no pattern is called {str(name)!r}, and no folder", hint=f"name a folder, or one of: {known}")
    contract = load_contract(folder)
    if not (folder / "adapter").is_dir():
        return _exported(folder, contract)
    try:
        base = json.loads((folder / "card.json").read_text("utf-8"))["base"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"{folder} holds an adapter, and no card.json that says which base it is for"
        raise Refused(what, hint="copy the whole folder that `formfact pattern train` wrote") from error
    return Found(folder, contract, folder / "adapter", base)


def _exported(folder: Path, contract: Contract) -> Found:
    """A folder without a training's adapter: what `export` wrote is written with its own weights, not the base's."""
    adapter = folder / "adapter_config.json"
    if adapter.is_file():
        return Found(folder, contract, folder, json.loads(adapter.read_text("utf-8"))["base_model_name_or_path"])
    return Found(folder, contract, base=str(folder) if (folder / "config.json").is_file() else None)


STARTS = {
    "lines": "line = '[^\\n]{1,200}'\ncount = [1, 10]\ndistinct = true",
    "text": "words = [20, 200]\nparagraphs = [1, 5]",
    "regex": "pattern = '[A-Z]{2}-[0-9]{4}'",
    "dialogue": 'parties = ["Guide"]\nturns = [1, 1]\nlength = [1, 500]',
    "outline": "",
    "json": '[output.schema]\ntype = "object"\nrequired = ["title"]\nadditionalProperties = false\n'
    '[output.schema.properties.title]\ntype = "string"',
    "xml": 'root = "record"\n[output.elements]\nrecord = "title fact+"',
    "html": 'root = "article"\n[output.elements]\narticle = "h1 p+"',
    "python": "functions = 1\ntyped = true\ndocstring = true",
    "grammar": 'lark = \'start: "yes" | "no"\'',
}
"""A shape -> settings to begin with."""


def start(name: str, folder: Path, *, shape: str = "lines") -> Contract:
    """Write a contract to begin with into a new folder. Raises Refused."""
    _check_new(folder)
    if shape not in STARTS:
        raise Refused(f"no shape is called {shape!r}", hint=f"use one of: {', '.join(STARTS)}")
    top = {"name": name, "describes": "What goes in, and what comes out."}
    head = tomli_w.dumps({**top, "prompt": {"user": f"{{text}}\n\n{name.upper()}:"}})
    text = f'{head}\n[output]\nshape = "{shape}"\ntokens = 200\n{STARTS[shape]}\n'
    contract = parse_contract(text)
    with writing(folder):
        folder.mkdir(parents=True)
        (folder / "pattern.toml").write_text(print_contract(contract), encoding="utf-8")
        (folder / "examples.jsonl").touch()
    return contract


def start_from(name: str, folder: Path, *, rows: Sequence[Row]) -> Contract:
    """Write the contract that these rows keep into a new folder, and the rows as its examples. Raises Refused."""
    _check_new(folder)
    contract = derive(rows, name=name)
    with writing(folder):
        folder.mkdir(parents=True)
        (folder / "pattern.toml").write_text(print_contract(contract), encoding="utf-8")
        write_examples(tuple(unfold(rows, contract.prompt.system)), folder / "examples.jsonl")
    return contract


def _check_new(folder: Path) -> None:
    if folder.exists():
        raise Refused(f"{folder} exists already", hint="name a folder that does not exist yet")
