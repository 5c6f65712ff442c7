"""Texts that grow side by side grow as each would alone, whatever kind of memory the model has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs the extra: pip install 'formfact[train]'")

from transformers import AutoModelForCausalLM, AutoTokenizer, MistralConfig, MistralForCausalLM  # noqa: E402

from formfact.patterns.bases import Base  # noqa: E402
from formfact.patterns.tuned import growing  # noqa: E402
from formfact.patterns.tuned.growing import Growing  # noqa: E402
from formfact.patterns.tuned.layout import laid_out  # noqa: E402
from formfact.patterns.tuned.network import Network  # noqa: E402

PROMPTS = [list(range(5, 5 + length)) for length in (3, 9, 10, 40, 300)]
STEPS = growing.ROOM + 6


def usual(tiny: Path) -> Network:
    return Network(
        AutoModelForCausalLM.from_pretrained(tiny).eval(), AutoTokenizer.from_pretrained(tiny), Base(str(tiny))
    )


def sliding(tiny: Path) -> Network:
    """A model that forgets what lies further back than 8 tokens."""
    tokenizer = AutoTokenizer.from_pretrained(tiny)
    torch.manual_seed(0)
    config = MistralConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, sliding_window=8, max_position_embeddings=1024,
    )  # fmt: skip
    return Network(MistralForCausalLM(config).eval(), tokenizer, Base("sliding"))


def grown(network: Network, prompts: Sequence[Sequence[int]], leave: dict[int, int]) -> list[list[float]]:
    """The best score of each step of each text; the text at a place leaves after so many steps."""
    best: list[list[float]] = [[] for _ in prompts]
    living = list(range(len(prompts)))
    with torch.inference_mode():
        texts = Growing(network, prompts)
        for step in range(STEPS):
            values, tokens = texts.scores.max(-1)
            for place, at in enumerate(living):
                best[at].append(float(values[place]))
            stay = [place for place, at in enumerate(living) if leave.get(at, STEPS) > step]
            living = [living[place] for place in stay]
            texts.take(tokens.tolist(), stay)
    return best


@pytest.mark.parametrize("opened", [usual, sliding])
def test_a_text_grows_beside_others_as_it_does_alone(opened: object, tiny: Path) -> None:
    network = opened(tiny)  # type: ignore[operator]
    leave = {1: 4, 4: 20}
    together = grown(network, PROMPTS, leave)
    for at, prompt in enumerate(PROMPTS):
        [alone] = grown(network, [prompt], {})
        assert len(together[at]) == leave.get(at, STEPS - 1) + 1
        assert together[at] == pytest.approx(alone[: len(together[at])], abs=1e-3)


def test_weights_that_are_laid_out_say_the_same_and_are_put_back(tiny: Path) -> None:
    network = usual(tiny)
    before = grown(network, PROMPTS, {})
    with laid_out(network.model):
        changed = [one for one in network.model.modules() if "forward" in one.__dict__]
        within = grown(network, PROMPTS, {})
    assert len(changed) >= 7
    assert not [one for one in network.model.modules() if "forward" in one.__dict__]
    for one, other in zip(before, within, strict=True):
        assert one == pytest.approx(other, abs=1e-3)


def test_what_is_read_at_once_is_bounded() -> None:
    groups = list(growing._groups(PROMPTS))
    assert [one for group in groups for one in group] == PROMPTS
    assert all(len(group) == 1 or len(group) * max(map(len, group)) <= growing.ENOUGH for group in groups)
    assert len(groups) == 2
