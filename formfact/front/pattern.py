"""`Pattern` as the user sees it: the verbs of the patterns wing over one contract and, if tuned, its adapter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

from formfact.errors import Refused
from formfact.front.writers import open_writer
from formfact.models import Writer
from formfact.patterns import tuned
from formfact.patterns.card import Export
from formfact.patterns.conformance import measure
from formfact.patterns.contract import Contract
from formfact.patterns.disk import writing
from formfact.patterns.examples import load_examples
from formfact.patterns.grow import grow
from formfact.patterns.grow.levels import Level, plan
from formfact.patterns.lint import lint
from formfact.patterns.prompt import render
from formfact.patterns.recipe import Recipe
from formfact.patterns.rows import read_rows
from formfact.patterns.shelf import find, names
from formfact.patterns.train import HELD_OUT, train
from formfact.patterns.write import Drafter, Input, Remote, write
from formfact.types import Conformance, Example, Growing, Lint, Problem, TrainingStep, Tree, TunedCard, Writing


class Pattern:
    """A pattern by name, as `Pattern.names` lists them, or in a folder of the user's own or one that `train` wrote.

    `writer` (an address as in `formfact.open_writer`, or a Writer) writes instead of the local model; `base` another
    local base: a hub's name or a folder.
    """

    def __init__(self, name: str | Path, *, writer: str | Writer | None = None, base: str | None = None) -> None:
        self._found = find(name)
        self._base = base or self._found.base
        self._drafter: Drafter | None = None
        if writer:
            self._drafter = Remote(open_writer(writer) if isinstance(writer, str) else writer)
        self._local = writer is None

    def __repr__(self) -> str:
        return f"Pattern({self.contract.name!r})"

    @staticmethod
    def names() -> list[str]:
        """The patterns that ship."""
        return names()

    @property
    def contract(self) -> Contract:
        """What the pattern promises."""
        return self._found.contract

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._found.folder

    @property
    def base(self) -> str | None:
        """The local base that it is written with; None for the default one."""
        return self._base

    @property
    def tuned(self) -> bool:
        """Whether it has an adapter."""
        return self._found.adapter is not None

    def examples(self) -> tuple[Example, ...]:
        """The examples that lie beside its contract."""
        return load_examples(self._found.folder)

    def check(self, text: str, *, schema: Mapping[str, Any] | None = None) -> list[Problem]:
        """How a text breaks the contract, with positions; [] if it keeps it."""
        return (self.contract if schema is None else self.contract.with_schema(schema)).check(text)

    def measure(self, texts: Sequence[str]) -> Conformance:
        """The share of texts that keep the contract, with its interval."""
        return measure(self.contract, texts)

    def lint(self, file: str | Path, *, validation: str | Path | None = None) -> Lint:
        """What is wrong with a training file, and which of its rows teach facts. Raises NotFound, Refused."""
        held = read_rows(Path(validation)) if validation else None
        return lint(read_rows(Path(file)), self.contract, validation=held)

    def train(
        self,
        data: str | Path | None = None,
        out: str | Path | None = None,
        *,
        validation: str | Path | None = None,
        base: str | None = None,
        held_out: int = HELD_OUT,
        recipe: Recipe | None = None,
        report: Callable[[TrainingStep], None] | None = None,
    ) -> TunedCard:
        """Train on a file of rows (without one on the pattern's own examples) and write the result to `out`.

        A run that was killed goes on where it stopped. Raises NotFound, Refused, MissingExtra, ModelError, DiskFull.
        """
        file = Path(data) if data else self._found.folder / "examples.jsonl"
        reading = read_rows(file)
        held = read_rows(Path(validation)) if validation else None
        return train(
            self.contract, reading, Path(out or f"{self.contract.name}-tuned"), base=base or self._base,
            validation=held, held_out=held_out, recipe=recipe, report=report,
        )  # fmt: skip

    def write(
        self, text: str, *, schema: Mapping[str, Any] | None = None, masked: bool = True, limit: int | None = None
    ) -> Writing:
        """One text in the pattern's form. `limit` is the budget in tokens. Raises Refused, MissingExtra, ModelError."""
        return self.write_all([Input(text, schema)], masked=masked, limit=limit)[0]

    def write_all(
        self, inputs: Sequence[Input], *, masked: bool = True, limit: int | None = None,
        apart: Sequence[str] | None = None,
    ) -> list[Writing]:  # fmt: skip
        """One text an input, in their order, many at once; a local model repeats neither `apart` nor one in another."""
        if not inputs:
            return []
        self.check_schemas(inputs)
        shots = self._shots()
        return write(self.contract, inputs, self.open(), examples=shots, masked=masked, limit=limit, apart=apart)

    def count(self, text: str, *, schema: Mapping[str, Any] | None = None) -> int:
        """The tokens that the model reads for one input, all that is put around it included. Raises as `write` does."""
        asked = self.contract if schema is None else self.contract.with_schema(schema)
        return self.open().count(render(asked, text, examples=self._shots()))

    def export(self, to: str | Path, *, form: str = "merged") -> Export:
        """Write a tuned pattern to a new folder for other programs: as PEFT's `adapter`, as `merged` safetensors, or as
        `gguf` with an Ollama Modelfile.

        What was written is loaded again and measured again on the held-out inputs. Raises Refused, MissingExtra,
        DiskFull, ModelError where conformance was lost.
        """
        target = Path(to).expanduser()
        if not self.tuned:
            what = f"{self.contract.name!r} was not tuned: there is nothing to export"
            raise Refused(what, hint="name the folder that `formfact pattern train` wrote")
        if target.exists():
            raise Refused(f"{target} exists already", hint="name a folder that does not exist yet")
        with writing(target):
            done: Export = tuned.load("export")(self._found, target, form=form)
        return done

    def grow(
        self,
        text: str,
        folder: str | Path,
        *,
        words: int | None = None,
        counts: Mapping[str, int] | None = None,
        tuned: Mapping[str, str | Path] | None = None,
        masked: bool = True,
        report: Callable[[Growing], None] | None = None,
    ) -> Tree:
        """Write a text, from its parts the children's texts, and so on down; all of it lies in `folder` as files.

        `counts` sets the lines of a level by its name; `words` chooses the others so that there are at least so many
        words at the ends; `tuned` gives a level a folder that `train` wrote. A run that was stopped goes on where it
        was; with "" as text, from the text it began with. Raises Refused, NotFound, MissingExtra, ModelError.
        """
        if tuned and not self._local:
            raise Refused(
                "levels that were tuned are written on this machine, not by an endpoint", hint="give one of them"
            )
        top = plan(
            self._found, words=words, counts=counts, tuned={name: Path(at) for name, at in (tuned or {}).items()}
        )
        writers: dict[str, Pattern] = {}

        def write_level(level: Level, inputs: Sequence[str], apart: Sequence[str] | None) -> list[Writing]:
            if level.name not in writers:
                # Levels come one after the other: one model of a level's own is open at a time.
                writers.clear()
                writers[level.name] = self._for(level)
            return writers[level.name].write_all([Input(one) for one in inputs], masked=masked, apart=apart)

        return grow(top, text, Path(folder), write=write_level, report=report)

    def _for(self, level: Level) -> Pattern:
        """What writes a level: the adapter that was tuned for it, else what writes here."""
        one = copy(self)
        one._found = level.found
        if level.found.adapter == self._found.adapter or not self._local:
            one._drafter = self.open()
        else:
            one._base, one._drafter = level.found.base or self._base, None
        return one

    def check_schemas(self, inputs: Sequence[Input]) -> None:
        """Raise Refused, before any model is opened, where an input has no schema and the pattern asks for one."""
        if self.contract.lacks_schema and any(one.schema is None for one in inputs):
            raise Refused(f"{self.contract.name} writes JSON by a schema of yours", hint="give one: --schema FILE")

    def _shots(self) -> tuple[Example, ...]:
        """What was not trained is shown what is wanted."""
        return () if self._local and self.tuned else self.examples()[: self.contract.prompt.few_shot]

    def by(self, drafter: Drafter) -> Pattern:
        """The same pattern, written by a model that is open already."""
        found = copy(self)
        found._drafter = drafter
        return found

    def shaped(self, schema: Mapping[str, Any]) -> Pattern:
        """The same model, writing JSON of a schema whatever form the pattern has. Raises Refused."""
        found = copy(self)
        contract = replace(self.contract, shape="json", output={"schema": dict(schema)}, repeat=0)
        contract.open()
        found._found = replace(self._found, contract=contract)
        return found

    def open(self) -> Drafter:
        """What writes, opened by the first who asks. Raises MissingExtra, ModelError."""
        if self._drafter is None:
            if self._base is None and any(self.folder.glob("*.gguf")):
                raise Refused(
                    f"{self.folder} holds a model for Ollama or llama.cpp, which nothing here reads",
                    hint="serve it there and give --writer http://localhost:11434/v1#NAME; or export --form merged",
                )
            network = tuned.load("network")(self._base, adapter=self._found.adapter)
            self._drafter = tuned.load("decoder")(network)
        return self._drafter
