"""A tuned pattern written for other programs: loaded again, the same model; what lost conformance is an error."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import formfact as ff
from formfact.errors import ModelError, Refused
from formfact.interfaces.cli import main
from formfact.patterns import tuned
from formfact.patterns.contract import parse_contract
from formfact.patterns.prompt import render
from formfact.patterns.recipe import Recipe

pytestmark = pytest.mark.filterwarnings("ignore")
ROWS = "apple stone river lamp door cloud paper metal green horse winter road glass salt".split()
TEXTS = ("Pears ripen.", 'Größe “x” 12,345\n\n\tdef f():\n    return {"a": None}', "🙂 中文 end")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that has few words, as a GGUF file is read word by word."""
    pytest.importorskip("torch", reason="needs the extra: pip install 'formfact[train]'")
    from tests.patterns.tuned.tiny import make_tiny

    return make_tiny(tmp_path_factory.mktemp("tiny"), merges=2000)


@pytest.fixture(scope="module")
def shout(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pattern's folder that training wrote."""
    home = tmp_path_factory.mktemp("shout")
    (home / "pattern").mkdir()
    (home / "pattern" / "pattern.toml").write_text(
        'name = "shout"\ndescribes = "A word in, a line of it."\n[prompt]\nsystem = "Shout."\nuser = "{text} ->"\n'
        "[output]\nshape = \"lines\"\nline = '[A-Z]+!'\ncount = [1, 2]\ntokens = 12\n"
    )
    rows = [json.dumps({"text": word, "output": f"{word.upper()}!"}) for word in ROWS]
    (home / "pattern" / "examples.jsonl").write_text("\n".join(rows) + "\n")
    recipe = Recipe(steps=3, look=3, tokens=256, looked_at=2, rank=4)
    ff.Pattern(home / "pattern").train(out=home / "tuned", base=str(tiny), held_out=3, recipe=recipe)
    return home / "tuned"


@pytest.fixture(scope="module")
def network(shout: Path, tiny: Path) -> Any:
    return tuned.load("network")(str(tiny), adapter=shout / "adapter")


def scores(network: Any, text: str) -> Any:
    import torch

    ids = torch.tensor([network.prompt(render(parse_contract(CONTRACT), text))])
    with torch.inference_mode():
        return network.model(input_ids=ids).logits[0]


CONTRACT = 'name = "x"\ndescribes = "x"\n[output]\nshape = "text"\n'


@pytest.mark.parametrize("form", ["adapter", "merged", "gguf"])
def test_what_was_written_is_the_same_model(form: str, shout: Path, network: Any, tiny: Path, tmp_path: Path) -> None:
    done = ff.Pattern(shout).export(tmp_path / "out", form=form)
    assert done.before == done.after
    assert done.after.checked == 2
    assert all((tmp_path / "out" / file).is_file() for file in done.files)
    if form == "gguf":
        again = tuned.load("gguf network")(tmp_path / "out" / "shout.gguf")
    elif form == "merged":
        again = tuned.load("network")(str(tmp_path / "out"))
    else:
        again = tuned.load("network")(str(tiny), adapter=tmp_path / "out")
    if form != "gguf":  # the folder is a pattern too, and is written with the weights that lie in it
        drafter: Any = ff.Pattern(tmp_path / "out").open()
        assert (scores(drafter.network, "a") - scores(again, "a")).abs().max() < 1e-6
    for text in TEXTS:
        assert again.tokenizer(text).input_ids == network.tokenizer(text).input_ids
        assert again.text(again.target(text)) == text
        difference = (scores(again, text) - scores(network, text)).abs().max()
        assert difference < 0.005 * scores(network, text).abs().max()
    assert not list(tmp_path.glob(".out*"))


def test_the_merged_weights_are_not_those_of_the_base(network: Any, tiny: Path) -> None:
    base = tuned.load("network")(str(tiny))
    assert (scores(base, TEXTS[0]) - scores(network, TEXTS[0])).abs().max() > 1e-4


def test_an_adapter_names_the_base_as_others_find_it(shout: Path, tiny: Path, tmp_path: Path) -> None:
    ff.Pattern(shout).export(tmp_path / "out", form="adapter")
    config = json.loads((tmp_path / "out" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == str(tiny)
    assert (tmp_path / "out" / "tokenizer.json").is_file()


def test_the_modelfile_writes_the_prompt_that_was_trained_on(shout: Path, network: Any, tmp_path: Path) -> None:
    ff.Pattern(shout).export(tmp_path / "out", form="gguf")
    exported = ff.Pattern(tmp_path / "out")
    assert exported.check("LOUD") == ff.Pattern(shout).check("LOUD")
    with pytest.raises(Refused, match="for Ollama"):  # the base would write in its place, untuned
        exported.write("so quiet")
    written = (tmp_path / "out" / "Modelfile").read_text()
    assert "FROM ./shout.gguf" in written
    template, system = (re.search(f'{key} """(.*?)"""', written, re.DOTALL)[1] for key in ("TEMPLATE", "SYSTEM"))  # type: ignore[index]
    filled = template.replace("{{ .System }}", system).replace("{{ .Prompt }}", "apple")
    assert filled == network.conversation(render(ff.Pattern(shout).contract, "apple"))
    assert 'PARAMETER stop "<|im_end|>"' in written
    assert "PARAMETER temperature 0" in written
    assert "PARAMETER num_predict 12" in written


def test_what_a_template_could_mistake_is_quoted(network: Any) -> None:
    asked = parse_contract(CONTRACT + '[prompt]\nuser = "{text} {{ .Evil }}"\n')
    assert "{text}".join(["", ' {{ "{{" }} .Evil }}']).removeprefix("{text}") in tuned.load("modelfile")(
        network, asked, "x"
    )


def test_a_loss_beyond_chance_is_an_error(shout: Path) -> None:
    check = tuned.load("loss")
    check("gguf", [True] * 20 + [False] * 4, [False] * 3 + [True] * 17 + [True] * 2 + [False] * 2)
    with pytest.raises(ModelError, match="20 of 24 held-out inputs before, 14 after") as caught:
        check("gguf", [True] * 20 + [False] * 4, [True] * 14 + [False] * 10)
    assert "adapter" in caught.value.hint


def test_what_cannot_be_exported_is_refused(shout: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="was not tuned"):
        ff.Pattern("questions").export(tmp_path / "out")
    with pytest.raises(Refused, match="no form of export is called 'onnx'"):
        ff.Pattern(shout).export(tmp_path / "out", form="onnx")
    (tmp_path / "there").mkdir()
    with pytest.raises(Refused, match="exists already"):
        ff.Pattern(shout).export(tmp_path / "there")


def test_without_held_out_inputs_nothing_is_measured(shout: Path, tmp_path: Path) -> None:
    held = shout / "held-out.jsonl"
    kept = held.read_bytes()
    held.unlink()
    try:
        with pytest.raises(Refused, match="no held-out inputs"):
            ff.Pattern(shout).export(tmp_path / "out")
    finally:
        held.write_bytes(kept)
    assert not (tmp_path / "out").exists()


def test_the_command_line_exports(shout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out")
    assert main(["pattern", "export", str(shout), out, "--form", "gguf", "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert set(done) == {"form", "to", "files", "before", "after"}
    assert {"Modelfile", "shout.gguf"} <= set(done["files"])
    assert main(["pattern", "export", str(shout), out]) == 1
    assert "exists already" in capsys.readouterr().err
