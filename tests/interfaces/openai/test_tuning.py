"""Files and fine-tuning jobs by the official client: the code that used the hosted ones trains here."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai as sdk
import pytest
from openai import OpenAI

from formfact.interfaces.http.settings import Settings
from tests.interfaces.http.serving import serving
from tests.interfaces.openai.conftest import client_of

WORDS = "apple stone river lamp door cloud paper metal green horse winter road glass salt wood rope".split()
PATIENCE = 400.0
"""Seconds: a child process has to load torch, on a machine that may have other things to do."""
pytestmark = pytest.mark.timeout(900)
QUICK: Any = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2, "batch_size": 4}}}


def chat_rows(answers: list[str], *, system: str = "Answer in one word.") -> bytes:
    rows = [
        {"messages": [
            {"role": "system", "content": system},
            {"role": "user", "content": f"Is {word} heavy?"},
            {"role": "assistant", "content": answer},
        ]}
        for word, answer in zip(WORDS, answers, strict=True)
    ]  # fmt: skip
    return "".join(json.dumps(one) + "\n" for one in rows).encode()


YES_NO = chat_rows(["yes", "no"] * 8)


@pytest.fixture
def settings(tmp_path: Path, tiny: Path) -> Settings:
    return Settings(tmp_path / "kb", base=str(tiny))


@pytest.fixture
def client(settings: Settings) -> Iterator[OpenAI]:
    with serving(settings) as server, client_of(server.port) as opened:
        yield opened


def uploaded(client: OpenAI, content: bytes, name: str = "rows.jsonl") -> str:
    return client.files.create(file=(name, content), purpose="fine-tune").id


def waited(client: OpenAI, name: str, seconds: float = PATIENCE) -> Any:
    until = time.monotonic() + seconds
    while (job := client.fine_tuning.jobs.retrieve(name)).status not in ("succeeded", "failed", "cancelled"):
        assert time.monotonic() < until, job
        time.sleep(0.1)
    return job


def messages(client: OpenAI, name: str) -> list[str]:
    """All events' messages, the oldest first."""
    return [one.message for one in client.fine_tuning.jobs.list_events(name, limit=5)][::-1]


# Files ------------------------------------------------------------------------------------------------------------


def test_files_are_kept_listed_read_and_deleted(client: OpenAI, tmp_path: Path) -> None:
    first = client.files.create(file=("../../evil.jsonl", YES_NO), purpose="fine-tune")
    assert (first.filename, first.bytes, first.purpose, first.status) == (
        "evil.jsonl", len(YES_NO), "fine-tune", "processed",
    )  # fmt: skip
    second = uploaded(client, YES_NO)
    assert {one.id for one in client.files.list()} == {first.id, second}
    assert [one.id for one in client.files.list(purpose="fine-tune-results")] == []
    assert client.files.content(second).read() == YES_NO
    assert client.files.retrieve(second).id == second
    assert not (tmp_path / "evil.jsonl").exists()
    assert client.files.delete(second).deleted
    for wrong in (second, "file-none", "..%2F..%2Fjobs"):
        with pytest.raises(sdk.NotFoundError, match=r"there is no file|not found"):
            client.files.retrieve(wrong)


@pytest.mark.parametrize("purpose", ["assistants", "batch", "user_data"])
def test_only_training_files_are_kept(client: OpenAI, tmp_path: Path, purpose: Any) -> None:
    with pytest.raises(sdk.BadRequestError) as wrong:
        client.files.create(file=("a.txt", b"x"), purpose=purpose)
    assert wrong.value.param == "purpose"
    assert list((tmp_path / "kb.server" / "files").iterdir()) == []


def test_files_of_one_second_come_in_the_order_they_were_made(client: OpenAI) -> None:
    names = [uploaded(client, YES_NO) for _ in range(6)]
    assert [one.id for one in client.files.list(limit=2)] == names[::-1]
    assert [one.id for one in client.files.list(order="asc", after=names[1])] == names[2:]
    for limit in (0, -1):
        with pytest.raises(sdk.BadRequestError, match="less than the minimum"):
            client.files.list(limit=limit)


# Jobs -------------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore")
def test_the_hosted_code_trains_here(client: OpenAI, tmp_path: Path, tiny: Path) -> None:
    job = client.fine_tuning.jobs.create(
        model="gpt-4o-mini-2024-07-18", training_file=uploaded(client, YES_NO), suffix="Heavy or not", seed=7,
        method=QUICK, metadata={"for": "a test"},
    )  # fmt: skip
    assert job.status == "validating_files"
    assert job.fine_tuned_model is None
    done = waited(client, job.id)
    told = messages(client, job.id)
    assert done.status == "succeeded", told
    assert done.fine_tuned_model == f"ft:{tiny.name}:formfact:heavy-or-not:{job.id[-8:]}"
    assert (done.hyperparameters.n_epochs, done.hyperparameters.batch_size, done.seed) == (2, 4, 7)
    assert done.metadata == {"for": "a test"}
    assert done.trained_tokens
    assert done.finished_at
    assert done.estimated_finish is None

    order = [
        "Created fine-tuning job",
        f"gpt-4o-mini-2024-07-18 is not on this machine: {tiny.name} is trained instead",
        "Validating training file",
        "Knowledge lint:",
        "The rows name no contract; what they have in common is promised: one of a few answers.",
        "Files validated",
        "Fine-tuning job started",
        "Step 1/",
        "New fine-tuned model created",
        "The job has successfully completed",
    ]
    places = [next(at for at, one in enumerate(told) if one.startswith(start)) for start in order]
    assert places == sorted(places)
    (lint,) = [one for one in client.fine_tuning.jobs.list_events(job.id, limit=50) if "Knowledge" in one.message]
    assert isinstance(lint.data, dict)
    assert lint.data["verdict"] == "structure"

    every = json.dumps([one.to_dict() for one in client.fine_tuning.jobs.list_events(job.id, limit=50)])
    assert str(tmp_path) not in every
    assert str(tiny.parent) not in every

    (log,) = done.result_files
    lines = client.files.content(log).text.splitlines()
    assert lines[0] == "step,train_loss,conformance"
    assert len(lines) == 1 + done.hyperparameters.n_epochs * 4
    checkpoints = list(client.fine_tuning.jobs.checkpoints.list(job.id))
    assert checkpoints[0].step_number == len(lines) - 1
    assert checkpoints[0].metrics.train_loss

    # The model can be used at once, by its name, and keeps what the rows have in common.
    assert done.fine_tuned_model in [one.id for one in client.models.list()]
    asked: Any = [{"role": "system", "content": "Answer in one word."}, {"role": "user", "content": "Is iron heavy?"}]
    found = client.chat.completions.create(model=done.fine_tuned_model, messages=asked)
    assert found.choices[0].message.content in ("yes", "no")
    assert found.usage
    assert found.usage.completion_tokens > 0
    assert found.usage.prompt_tokens > 15
    schema: Any = {"type": "object", "properties": {"heavy": {"type": "boolean"}}, "required": ["heavy"],
                   "additionalProperties": False}  # fmt: skip
    form: Any = {"type": "json_schema", "json_schema": {"name": "weight", "schema": schema, "strict": True}}
    record = client.chat.completions.create(model=done.fine_tuned_model, messages=asked, response_format=form)
    assert isinstance(json.loads(record.choices[0].message.content or "")["heavy"], bool)
    with client.chat.completions.create(model=done.fine_tuned_model, messages=asked, stream=True) as stream:
        assert "".join(one.choices[0].delta.content or "" for one in stream) in ("yes", "no")
    # A cap is no wish for more, and does not choose among the answers: cut short, the shortest would win.
    for cap in (1, 2, 16_384):
        capped = client.chat.completions.create(model=done.fine_tuned_model, messages=asked, max_tokens=cap)
        assert capped.choices[0].message.content == found.choices[0].message.content
    with pytest.raises(sdk.BadRequestError, match="shortest text") as small:
        client.chat.completions.create(model=done.fine_tuned_model, messages=asked, response_format=form, max_tokens=2)
    assert small.value.param == "max_completion_tokens"
    # Hosted, weights that were tuned are gone on with. Here they are not, and that is said.
    second = client.fine_tuning.jobs.create(
        model=done.fine_tuned_model, training_file=uploaded(client, YES_NO), method=QUICK
    )
    assert any("the weights are trained anew" in one for one in messages(client, second.id))
    client.fine_tuning.jobs.cancel(second.id)
    assert client.models.delete(done.fine_tuned_model).deleted
    with pytest.raises(sdk.NotFoundError):
        client.chat.completions.create(model=done.fine_tuned_model, messages=asked)


def test_a_validation_file_that_measures_nothing_fails_the_job(client: OpenAI) -> None:
    held = uploaded(client, chat_rows(["perhaps, who knows"] * 16))
    job = client.fine_tuning.jobs.create(
        model="gpt-4o-mini", training_file=uploaded(client, YES_NO), validation_file=held, method=QUICK
    )
    done = waited(client, job.id)
    assert (done.status, done.error.param) == ("failed", "validation_file")
    assert "no validation row keeps the contract" in done.error.message


SHOUT = """name = "shout"
describes = "A word in, a line of it."
[prompt]
user = "{text} ->"
few_shot = 1
[output]
shape = "lines"
line = '[A-Z]+!'
count = [1, 2]
tokens = 12
"""


@pytest.mark.filterwarnings("ignore")
def test_a_pattern_is_trained_by_its_own_contract(client: OpenAI, tmp_path: Path) -> None:
    (tmp_path / "kb.server" / "patterns" / "shout").mkdir(parents=True)
    (tmp_path / "kb.server" / "patterns" / "shout" / "pattern.toml").write_text(SHOUT)
    rows = [json.dumps({"prompt": word, "completion": f"{word.upper()}!"}) for word in WORDS]
    file, held = uploaded(client, "\n".join(rows).encode()), uploaded(client, "\n".join(rows[:3]).encode())
    job = client.fine_tuning.jobs.create(model="pattern:shout", training_file=file, validation_file=held, method=QUICK)
    done = waited(client, job.id)
    assert done.status == "succeeded", messages(client, job.id)
    assert (done.model, done.validation_file) == ("pattern:shout", held)
    asked: Any = [{"role": "system", "content": "Be good."}, {"role": "user", "content": "table"}]
    text = client.chat.completions.create(model=done.fine_tuned_model, messages=asked).choices[0].message.content or ""
    assert all(line.isupper() and line.endswith("!") for line in text.splitlines())


def test_facts_are_told_before_training_starts(client: OpenAI) -> None:
    facts = [f"The {word} was found in 18{at:02} by Dr. Edda Varro of Skagen, who sold it for {at * 37} marks."
             for at, word in enumerate(WORDS)]  # fmt: skip
    job = client.fine_tuning.jobs.create(
        model="gpt-4.1-mini", training_file=uploaded(client, chat_rows(facts, system="")), method=QUICK
    )
    until = time.monotonic() + PATIENCE
    while not any(one.startswith("Files validated") for one in messages(client, job.id)):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert client.fine_tuning.jobs.cancel(job.id).status == "cancelled"
    events = list(client.fine_tuning.jobs.list_events(job.id, limit=50))[::-1]
    at = next(at for at, one in enumerate(events) if one.message.startswith("Knowledge lint: "))
    assert events[at].level == "warn"
    assert isinstance(events[at].data, dict)
    assert events[at].data["verdict"] == "knowledge"
    assert len(events[at].data["rows"]) > 8
    assert not any(one.message.startswith("Step") for one in events[:at])


def test_jobs_are_listed_and_cancelled(client: OpenAI, tmp_path: Path) -> None:
    file = uploaded(client, YES_NO)
    slow: Any = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 5000}}}
    create = client.fine_tuning.jobs.create
    names = [
        create(model="gpt-4o-mini", training_file=file, method=slow, metadata=about).id
        for about in (None, {"team": "a b", "run": "1"}, {"team": "a b", "run": "2"})
    ]
    assert [one.id for one in client.fine_tuning.jobs.list(limit=2)] == names[::-1]
    assert client.fine_tuning.jobs.list(limit=2).has_more
    assert [one.id for one in client.fine_tuning.jobs.list(metadata={"team": "a b"})] == names[:0:-1]
    assert [one.id for one in client.fine_tuning.jobs.list(metadata={"team": "a b", "run": "1"})] == [names[1]]
    assert [one.id for one in client.fine_tuning.jobs.list(metadata={"team": "b"})] == []
    assert [one.id for one in client.fine_tuning.jobs.list(extra_query={"metadata": "null"})] == [names[0]]
    with pytest.raises(sdk.BadRequestError, match="has not ended") as used:
        client.files.delete(file)
    assert (used.value.code, used.value.param) == ("file_in_use", "file_id")
    until = time.monotonic() + PATIENCE
    while client.fine_tuning.jobs.retrieve(names[0]).status != "running":
        assert time.monotonic() < until
        time.sleep(0.1)
    for name in names:
        assert client.fine_tuning.jobs.cancel(name).status == "cancelled"
        assert messages(client, name)[-1] == "The job was cancelled"
    with pytest.raises(sdk.BadRequestError, match="has cancelled already"):
        client.fine_tuning.jobs.cancel(names[0])
    assert client.files.delete(file).deleted
    with pytest.raises(sdk.NotFoundError, match="no fine-tuning job"):
        client.fine_tuning.jobs.retrieve("ftjob-none")


@pytest.mark.filterwarnings("ignore")
def test_a_job_survives_a_restart_and_goes_on(settings: Settings) -> None:
    some: Any = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 6, "batch_size": 4}}}
    with serving(settings) as server, client_of(server.port) as client:
        name = client.fine_tuning.jobs.create(
            model="gpt-4o-mini", training_file=uploaded(client, YES_NO), method=some
        ).id
        until = time.monotonic() + PATIENCE
        while not any(one.startswith("Step 3") for one in messages(client, name)):
            assert time.monotonic() < until
            time.sleep(0.05)
    with serving(settings) as server, client_of(server.port) as client:
        done = waited(client, name)
        told = messages(client, name)
        assert done.status == "succeeded", told
        assert "The server was started again: the job goes on where it stopped" in told
        steps = [int(one.split("/")[0].removeprefix("Step ")) for one in told if one.startswith("Step")]
        assert steps == list(range(1, 25))


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"this is no JSON\n" * 12, "rows.jsonl", "no row has an assistant's message"),
        (YES_NO[:400], "rows.jsonl", "rows are too few to train on"),
        (b'{"messages": "\xe4"}', "rows.jsonl", "rows.jsonl is not UTF-8 (line 1)"),
    ],
)
def test_a_file_that_cannot_be_trained_on_fails_the_job(
    client: OpenAI, content: bytes, name: str, message: str
) -> None:
    job = client.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=uploaded(client, content, name))
    done = waited(client, job.id)
    assert done.status == "failed"
    assert done.error
    assert message in done.error.message
    assert "kb.server" not in done.error.message
    assert done.error.param == "training_file"
    last = next(iter(client.fine_tuning.jobs.list_events(job.id)))
    assert (last.level, last.message) == ("error", done.error.message)


def test_half_a_surrogate_pair_does_not_stop_a_job_for_good(client: OpenAI) -> None:
    """JSON may hold it, UTF-8 does not; and of twelve rows that answer alike none alone teaches facts."""
    rows = chat_rows([f"half \ud800 {word}" for word in WORDS], system="")
    assert b"\\ud800" in rows
    job = client.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=uploaded(client, rows), method=QUICK)
    until = time.monotonic() + PATIENCE
    while not any(one.startswith("Files validated") for one in messages(client, job.id)):
        assert client.fine_tuning.jobs.retrieve(job.id).status != "failed"
        assert time.monotonic() < until
        time.sleep(0.05)
    client.fine_tuning.jobs.cancel(job.id)
    assert not any("(rows )" in one for one in messages(client, job.id))


def test_a_job_that_breaks_off_unforeseen_has_failed(client: OpenAI, tmp_path: Path) -> None:
    file = uploaded(client, YES_NO)
    (tmp_path / "kb.server" / "patterns").write_text("where a folder should be")
    done = waited(client, client.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=file).id)
    assert (done.status, done.error.code) == ("failed", "Internal")
    assert "something went wrong here" in done.error.message


def test_without_the_training_extra_the_job_says_how_to_get_it(
    client: OpenAI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "torch.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "none"), prepend=":")
    job = client.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=uploaded(client, YES_NO), method=QUICK)
    done = waited(client, job.id)
    assert done.status == "failed"
    assert done.error
    assert "pip install 'formfact[train]'" in done.error.message
    assert done.error.code == "MissingExtra"


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"model": "my-own-model"}, "model"),
        ({"training_file": "file-none"}, "training_file"),
        ({"validation_file": "file-none"}, "validation_file"),
        ({"method": {"type": "dpo"}}, "method.type"),
        ({"method": {"type": "supervised", "supervised": "x"}}, "method.supervised"),
        ({"hyperparameters": {"n_epochs": 10**9}}, "n_epochs"),
        ({"hyperparameters": {"n_epochs": 0}}, "n_epochs"),
        ({"hyperparameters": {"beta": 1}}, "beta"),
        ({"integrations": [{"type": "wandb", "wandb": {"project": "x"}}]}, "integrations"),
    ],
)
def test_what_cannot_be_trained_is_refused(client: OpenAI, more: Any, param: str) -> None:
    asked = {"model": "gpt-4o-mini", "training_file": uploaded(client, YES_NO)} | more
    with pytest.raises(sdk.APIStatusError) as wrong:
        client.fine_tuning.jobs.create(**asked)
    assert wrong.value.param == param
    assert list(client.fine_tuning.jobs.list()) == []


def test_keys_limited_to_a_base_do_not_train(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "t.toml").write_text('[[token]]\nname = "one"\ntoken = "one"\nbases = ["kb"]\nmay = "write"\n')
    limited = Settings(settings.kb, tokens=tmp_path / "t.toml", base=settings.base)
    with serving(limited) as server, client_of(server.port, "one") as client:
        for call in (
            lambda: client.files.list(),
            lambda: client.files.create(file=("a.jsonl", YES_NO), purpose="fine-tune"),
            lambda: client.fine_tuning.jobs.list(),
            lambda: client.fine_tuning.jobs.create(model="gpt-4o-mini", training_file="file-x"),
        ):
            with pytest.raises(sdk.PermissionDeniedError, match="limited to knowledge bases"):
                call()
