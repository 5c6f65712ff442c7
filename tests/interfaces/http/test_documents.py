"""Documents over HTTP: listed, read by span, uploaded by a job, taken out, copied."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from formfact import Knowledge
from formfact.interfaces.http.settings import Settings
from formfact.interfaces.http.uploads import INCOMING, safe_name
from tests.interfaces.http.conftest import TEXTS
from tests.interfaces.http.serving import Client, Reply, form, serving


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Client]:
    """A server with a base of its own, which tests change."""
    (tmp_path / "first.txt").write_text("The first page is about masts.\n")
    with Knowledge(tmp_path / "kb", embedder="toy:64") as kb:
        kb.add(tmp_path / "first.txt")
    with serving(Settings(tmp_path / "kb")) as client:
        yield client


def upload(client: Client, *files: tuple[str, bytes]) -> Reply:
    body, kind = form(*files)
    return client("POST", "/add", body=body, headers={"Content-Type": kind})


def finished(client: Client, job: str) -> dict[str, object]:
    """The job when it is over, as the last of its events shows it."""
    name, last = client.get(f"/jobs/{job}/events").events[-1]
    assert name == "job"
    assert isinstance(last, dict)
    return last


def test_listed(client: Client) -> None:
    listed = client.get("/documents").json
    assert listed["total"] == 3
    assert {one["document"] for one in listed["documents"]} == {"pump.md", "lamp.txt", "r1"}
    assert [one["document"] for one in client.get("/documents?contains=PUMP").json["documents"]] == ["pump.md"]
    part = client.get("/documents?start=1&limit=1").json
    assert (part["total"], len(part["documents"])) == (3, 1)
    assert client.get("/documents?limit=0").status == 400


def test_read_whole_and_by_span(client: Client) -> None:
    whole = client.get("/document?document=pump.md").json
    assert whole["text"] == TEXTS["pump.md"]
    assert (whole["length"], whole["start"], whole["end"]) == (len(whole["text"]), 0, len(whole["text"]))
    assert [block["kind"] for block in whole["blocks"]][:3] == ["heading", "heading", "paragraph"]
    quote_ = client.post("/ask", {"question": "how do I reset the pump?"}).json["nearest"][0]
    span = f"/document?document={quote_['document']}&source={quote(quote_['source'])}&start={quote_['start']}"
    part = client.get(f"{span}&end={quote_['end']}").json
    assert part["text"] == quote_["text"]
    assert all(block["start"] < part["end"] for block in part["blocks"])
    assert client.get("/document?document=pump.md&start=9999").json["text"] == ""


def test_the_file_that_it_was_read_from(client: Client, docs: Path) -> None:
    found = client.get("/document/file?document=pump.md")
    assert found.body == (docs / "pump.md").read_bytes()
    assert found.headers["content-disposition"].startswith("attachment")
    assert found.headers["content-type"] == "application/octet-stream"


def test_a_file_that_has_changed_is_not_given_out(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text("The page about masts.\n")
    with Knowledge(tmp_path / "kb", embedder="toy:64") as kb:
        kb.add(page)
    page.unlink()
    page.symlink_to("/etc/hostname")
    with serving(Settings(tmp_path / "kb")) as client:
        assert client.get("/document/file?document=page.txt").status == 404
        assert client.get("/document?document=page.txt").status == 200


def test_upload(mine: Client, tmp_path: Path) -> None:
    started = upload(mine, ("oars.md", b"# Oars\n\nThe oars hang in the shed.\n"), ("moll.png", b"\x89PNG"))
    assert started.status == 202
    job = started.json
    assert (job["kind"], job["kb"], job["state"]) == ("add", "kb", "waiting")
    done = finished(mine, job["id"])
    assert done["state"] == "done"
    assert isinstance(done["result"], dict)
    assert done["result"]["added"] == 1
    assert done["result"]["skipped"] == [{"path": "moll.png", "reason": "no reader for .png"}]
    assert mine.get(f"/jobs/{job['id']}").json["state"] == "done"
    assert [one["id"] for one in mine.get("/jobs").json["jobs"]] == [job["id"]]
    assert mine.get("/search?question=oars").json["hits"][0]["document"] == "oars.md"
    assert sorted(path.name for path in (tmp_path / "kb.uploads").iterdir()) == [INCOMING, "moll.png", "oars.md"]
    assert list((tmp_path / "kb.uploads" / INCOMING).iterdir()) == []


def test_the_same_name_again_replaces(mine: Client) -> None:
    finished(mine, upload(mine, ("oars.txt", b"The oars hang in the shed.\n")).json["id"])
    done = finished(mine, upload(mine, ("oars.txt", b"The oars lie on the beach.\n")).json["id"])
    assert isinstance(done["result"], dict)
    assert done["result"]["updated"] == 1
    assert mine.get("/document?document=oars.txt").json["text"] == "The oars lie on the beach.\n"
    both = finished(mine, upload(mine, ("a/b.txt", b"Red sails.\n"), ("c/b.txt", b"Blue sails.\n")).json["id"])
    assert isinstance(both["result"], dict)
    assert both["result"]["added"] == 2
    assert mine.get("/document?document=b (2).txt".replace(" ", "%20")).json["text"] == "Blue sails.\n"


def test_remove_takes_the_upload_too_but_never_a_file_of_the_owner(mine: Client, tmp_path: Path) -> None:
    finished(mine, upload(mine, ("oars.txt", b"The oars hang in the shed.\n")).json["id"])
    assert mine.post("/remove", {"what": ["oars.txt", "first.txt"]}).json == {"removed": 2}
    assert not (tmp_path / "kb.uploads" / "oars.txt").exists()
    assert (tmp_path / "first.txt").exists()
    assert mine.post("/remove", {"what": ["oars.txt"]}).status == 404


def test_a_base_that_is_not_there_yet_is_made_by_its_first_upload(tmp_path: Path) -> None:
    with serving(Settings(tmp_path / "new")) as client:
        assert client.get("/status").status == 404
        done = finished(client, upload(client, ("oars.txt", b"The oars hang in the shed.\n")).json["id"])
        assert done["state"] == "done"
        assert client.get("/status").json["documents"] == 1


def test_copy(client: Client, tmp_path: Path) -> None:
    packed = client.get("/copy")
    assert packed.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(packed.body)) as opened:
        opened.extractall(tmp_path)
    with Knowledge(tmp_path / "kb") as kb:
        assert kb.status().documents == 3


def test_a_copy_leaves_nothing_behind(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for wanted in ("bytes=0-9", "bytes=abc", "bytes=999999999-"):
        assert client("GET", "/copy", headers={"Range": wanted}).status == 200
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("oars.md", "oars.md"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/abs/olute.txt", "olute.txt"),
        (".hidden", "hidden"),
        ("....", "document"),
        ("", "document"),
        ("a\x00b\r\n.txt", "a_b__.txt"),
        ("con<>|?*.txt", "con_____.txt"),
        ("x" * 300 + ".pdf", "x" * 147 + ".pdf"),
        ("漢" * 100 + ".txt", "漢" * 49 + ".txt"),
        ("no-ending-" + "." + "y" * 300, "no-ending-." + "y" * 139),
        ("\u202egpj.exe", "_gpj.exe"),
        ("~root", "~root"),
    ],
)
def test_names_are_made_safe(given: str, kept: str) -> None:
    assert safe_name(given) == kept
    assert safe_name(safe_name(given)) == kept


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x",
        b"--x\r\n\r\n",
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nhalf of it',
        b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\nno file\r\n--x--\r\n',
        b"\x00\xff" * 500,
        b"--x\r\n" + b"A: b\r\n" * 1000 + b"\r\n",
    ],
)
def test_malformed_forms_are_refused_and_leave_nothing(mine: Client, tmp_path: Path, body: bytes) -> None:
    refused = mine("POST", "/add", body=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert refused.status == 400
    assert refused.error["hint"]
    assert [path for path in (tmp_path / "kb.uploads").rglob("*") if path.is_file()] == []
    assert mine.get("/jobs").json == {"jobs": []}


def test_what_is_no_form_is_refused(mine: Client) -> None:
    for kind in ("application/json", "multipart/form-data", "multipart/form-data; boundary=", ""):
        refused = mine("POST", "/add", body=json.dumps({}), headers={"Content-Type": kind})
        assert refused.status == 400
