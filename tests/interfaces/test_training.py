"""The display of a training: what goes on, in one line that fits a terminal."""

from __future__ import annotations

import io
import json

from formfact.interfaces.training import TrainingMeter, line
from formfact.types import TrainingStep

LATE = TrainingStep(150, 150, 12.34, 1234.5, 5999.0, 5999.0, 1.0)
STAGE = TrainingStep(0, 150, 0.0, 0.0, 1.0, 0.0, stage="the base writes for 24 held-out inputs, twice")


def test_the_longest_line_fits_a_terminal() -> None:
    assert len(line(LATE, 1.0, bar=True)) <= 79
    assert len(line(STAGE, None, bar=True)) <= 79


def test_elsewhere_stages_and_looks_are_lines() -> None:
    stream = io.StringIO()
    meter = TrainingMeter(stream)
    steps = [TrainingStep(at, 3, 0.5, 100.0, at, 3.0 - at, 0.5 if at == 2 else None) for at in (1, 2, 3)]
    for one in (STAGE, *steps):
        meter.step(one)
    assert stream.getvalue().splitlines() == [
        STAGE.stage,
        "step 2/3  loss 0.50  conforming 50%  100 tokens/s  0:01 left",
    ]


def test_programs_that_watch_get_every_step() -> None:
    stream = io.StringIO()
    meter = TrainingMeter(stream, as_json=True)
    meter.step(STAGE)
    meter.step(LATE)
    told = [json.loads(one)["progress"] for one in stream.getvalue().splitlines()]
    assert [one["stage"] for one in told] == [STAGE.stage, ""]
    assert told[1]["conformance"] == 1.0
