"""Record formats: what a row becomes, and that a bad row costs itself and no other."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.errors import Unreadable
from formfact.knowledge.documents.records import read_csv, read_json, read_jsonl
from formfact.types import Document, Skipped

Reader = Callable[[BinaryIO, str], Iterator[Document | Skipped]]


def read(reader: Reader, content: str | bytes, name: str = "rows") -> list[Document | Skipped]:
    data = content.encode() if isinstance(content, str) else content
    return list(reader(io.BytesIO(data), name))


def only(reader: Reader, content: str | bytes, name: str = "rows") -> Document:
    (document,) = read(reader, content, name)
    assert isinstance(document, Document)
    return document


def documents(found: list[Document | Skipped]) -> list[Document]:
    return [one for one in found if isinstance(one, Document)]


def reasons(found: list[Document | Skipped]) -> dict[str, str]:
    return {one.path: one.reason for one in found if isinstance(one, Skipped)}


def refused(reader: Reader, content: str | bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read(reader, content)
    return caught.value.reason


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


def test_jsonl_id_text_title_metadata() -> None:
    row = {
        "_id": "a7",
        "id": 9,
        "title": "On  wings",
        "text": "One.\n\nTwo.",
        "year": 1958,
        "tags": ["x", {"y": 1}],
        "no": None,
    }
    document = only(read_jsonl, json.dumps(row))
    assert (document.id, document.title, document.text, document.format) == ("a7", "On wings", "One.\n\nTwo.", "jsonl")
    assert blocks(document) == [("paragraph", "One."), ("paragraph", "Two.")]
    assert document.metadata == {"id": 9, "year": 1958, "tags": '["x",{"y":1}]'}
    assert document.source == ""


def test_jsonl_rows_are_numbered_as_an_editor_shows_them() -> None:
    found = read(read_jsonl, '\n{"text": "one"}\n  \n{"text": "two", "id": ""}\n')
    assert [document.id for document in documents(found)] == ["2", "4"]


def test_jsonl_a_bad_row_costs_itself() -> None:
    lines = [
        b'{"text": "ok"}',
        b'{"text": ',
        b"[1]",
        b'{"text": "caf\xe9"}',
        b'{"text": " "}',
        b'{"id": {}, "text": "x"}',
    ]
    lines += [b'{"id": "7", "text": "seven"}', b'{"text": "number seven", "id": 7}', b"[" * 100_000]
    found = read(read_jsonl, b"\r\n".join(lines), "folder/rows.jsonl")
    assert [document.id for document in documents(found)] == ["1", "7"]
    assert reasons(found) == {
        "folder/rows.jsonl:2": "not JSON: Expecting value (character 9)",
        "folder/rows.jsonl:3": "not an object",
        "folder/rows.jsonl:4": "not UTF-8",
        "folder/rows.jsonl:5": "empty",
        "folder/rows.jsonl:6": "its id is neither text nor a number",
        "folder/rows.jsonl:8": "duplicate id '7' (first at row 7)",
        "folder/rows.jsonl:9": "nested too deeply",
    }


def test_jsonl_marks_numbers_and_surrogates() -> None:
    document = only(
        read_jsonl, b'\xef\xbb\xbf{"text": "a\\u0000b\\ud800c\\r\\nd", "n": NaN, "big": 1e400, "k\\ud800": 1}'
    )
    assert document.text == "abc\nd"
    assert document.metadata == {"k": 1}
    assert refused(read_jsonl, "text".encode("utf-16")) == "not UTF-8"


def test_jsonl_a_row_too_long_is_passed_over() -> None:
    found = read(read_jsonl, b'{"text": "' + b"x" * (17 << 20) + b'"}\n{"text": "next"}')
    assert reasons(found) == {"rows:1": "longer than 16 MB"}
    assert [document.text for document in documents(found)] == ["next"]


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_jsonl_empty(content: str) -> None:
    assert refused(read_jsonl, content) == "empty"


def test_jsonl_without_text_is_one_row_that_can_be_quoted() -> None:
    document = only(
        read_jsonl, '{"id": "p1", "name": "Pump", "price": 12.5, "sizes": [1, 2], "at": {"city": "Ulm"}, "off": null}'
    )
    assert blocks(document) == [("row", "id: p1 | name: Pump | price: 12.5 | sizes: 1, 2 | at.city: Ulm")]
    assert document.metadata == {"name": "Pump", "price": 12.5, "sizes": "[1,2]", "at": '{"city":"Ulm"}'}


def test_jsonl_long_fields_stand_apart() -> None:
    document = only(read_jsonl, json.dumps({"name": "Pump", "about": "It pumps. " * 60, "price": 3}))
    assert blocks(document) == [
        ("row", "name: Pump | price: 3"),
        ("paragraph", "about: " + ("It pumps. " * 60).strip()),
    ]
    assert document.metadata == {"name": "Pump", "price": 3}


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)


@given(st.lists(st.tuples(texts, texts, st.integers(), st.booleans()), min_size=1, max_size=5))
def test_jsonl_round_trip(rows: list[tuple[str, str, int, bool]]) -> None:
    lines = [json.dumps({"text": text, "title": title, "n": n, "b": b}) for text, title, n, b in rows]
    found = read(read_jsonl, "\n".join(lines))
    for (text, title, n, b), one in zip(rows, found, strict=True):
        if isinstance(one, Skipped):
            assert not text.strip("\0\ufeff").strip() or not text.replace("\0", "").replace("\ufeff", "").strip()
            continue
        said, named = (
            told.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
            for told in (text, title)
        )
        assert one.text == (said if said.strip() else named)  # a row without a text is found by its title
        assert one.title == " ".join(title.removeprefix("\ufeff").replace("\0", "").split())
        assert one.metadata == {"n": n, "b": b}
        end = 0
        for block in one.blocks:
            part = one.text[block.start : block.end]
            assert block.start >= end
            assert part
            assert part == part.strip()
            assert not one.text[end : block.start].strip()
            end = block.end
        assert not one.text[end:].strip()


def test_jsonl_speed() -> None:
    row = {"_id": "", "title": "A title of some words", "text": "word " * 60, "year": 1999, "lang": "en"}
    content = "\n".join(json.dumps({**row, "_id": f"d{i}"}) for i in range(20_000)).encode()
    start = time.process_time()  # what other programs take does not count
    assert sum(1 for _ in read_jsonl(io.BytesIO(content), "rows")) == 20_000
    assert 20_000 / (time.process_time() - start) > 10_000


def test_csv_rows_are_records() -> None:
    found = read(read_csv, 'ID;Name;Price\n17;Pump;12,50\n\n18;"Hose; long";3,00\n', "list.csv")
    first, second = documents(found)
    assert (first.id, first.text, first.format) == ("17", "id: 17 | Name: Pump | Price: 12,50", "csv")
    assert (second.id, second.text) == ("18", "id: 18 | Name: Hose; long | Price: 3,00")
    assert first.metadata == {"Name": "Pump", "Price": "12,50"}
    assert [block.kind for block in first.blocks] == ["row"]


def test_a_title_too_long_for_a_context_is_text_too() -> None:
    title = "On the " + "very " * 60 + "last swallow"
    document = only(read_jsonl, json.dumps({"title": title, "text": "It left."}))
    assert blocks(document) == [("paragraph", title), ("paragraph", "It left.")]
    assert document.title == title


def test_csv_text_and_title_columns() -> None:
    document = only(read_csv, 'Title,Text,lang\nWings,"They lift.\n\nThey do.",en\n')
    assert (document.id, document.title, document.metadata) == ("2", "Wings", {"lang": "en"})
    assert blocks(document) == [("paragraph", "They lift."), ("paragraph", "They do.")]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_csv_separators(separator: str) -> None:
    rows = [["city", "people", "note"], ["Ulm", "126,000"[:3], "a minster"], ["Bonn", "330", "a river, wide"]]
    text = "\n".join(separator.join(f'"{cell}"' if separator in cell else cell for cell in row) for row in rows)
    assert documents(read(read_csv, text))[1].text == "city: Bonn | people: 330 | note: a river, wide"


def test_tsv_by_name() -> None:
    assert documents(read(read_csv, "a, b\tc\n1, 2\t3\n", "x.TSV"))[0].text == "a, b: 1, 2 | c: 3"


def test_csv_without_names() -> None:
    found = documents(read(read_csv, "1,Ulm\n2,Bonn,extra\n"))
    assert [document.text for document in found] == [
        "column1: 1 | column2: Ulm",
        "column1: 2 | column2: Bonn | column3: extra",
    ]


def test_csv_years_and_repeated_words_are_names() -> None:
    (found,) = documents(read(read_csv, "Region,2019,2020\nNorth,5,6\n"))
    assert (found.text, found.metadata["Region"]) == ("Region: North | 2019: 5 | 2020: 6", "North")
    assert only(read_csv, "Region,2019,2020\nNorth,1500,1700\n").text == "Region: North | 2019: 1500 | 2020: 1700"
    found = only(read_csv, "Name,Value,Value 2,Value,Value\na,1,2,3,4\n")
    assert found.text == "Name: a | Value: 1 | Value 2: 2 | Value 3: 3 | Value 4: 4"


@pytest.mark.parametrize(
    "content",
    [
        "Pump,2019\nHose,2021\n",
        "Ann,1950,1990\nBob,1960,2001\n",
        "Ark,2019,2020\nBee,2020,2021\n",
        "a,yes,yes\nb,yes,no\n",
        "2019,2020\n5,6\n",
        "Pump,99\nHose,5\n",
        "Pump,2019\n",
    ],
)
def test_csv_values_in_the_first_row(content: str) -> None:
    first = content.splitlines()[0].split(",")
    expected = " | ".join(f"column{at}: {cell}" for at, cell in enumerate(first, 1))
    assert documents(read(read_csv, content))[0].text == expected


@pytest.mark.parametrize("line", ["sep=;\n", '"sep=;"\r\n', "\ufeffSEP=;\r\n"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_csv_a_line_for_excel_tells_the_separator(line: str, name: str) -> None:
    found = only(read_csv, line + "city;note, in short\nUlm;a, b, c\n", name)
    assert (found.text, found.id) == ("city: Ulm | note, in short: a, b, c", "3")
    assert only(read_csv, "sep=\t\na\tb\n1\t2\n").text == "a: 1 | b: 2"


def test_csv_many_repeated_words_cost_no_time() -> None:
    start = time.process_time()
    (found,) = documents(read(read_csv, "name" + ",x" * 20_000 + "\nAnn" + ",1" * 20_000))
    assert len(found.metadata) == 20_001
    assert time.process_time() - start < 10


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_csv_encodings(encoding: str) -> None:
    text = "Straße,Größe\nMünsterplatz,groß und schön\nHauptstraße,für Fußgänger geöffnet\n" * 20
    assert documents(read(read_csv, text.encode(encoding)))[0].text == "Straße: Münsterplatz | Größe: groß und schön"


def test_csv_shift_jis_that_begins_late() -> None:
    text = "name,city\n" + "Ann,Tokyo\n" * 30_000 + "佐藤太郎,東京都千代田区の住所\n" * 50
    assert documents(read(read_csv, text.encode("shift_jis")))[-1].text == "name: 佐藤太郎 | city: 東京都千代田区の住所"


def test_csv_leaves_the_file_open_and_allows_long_fields() -> None:
    file = io.BytesIO(b"name,essay\nAnn," + b"word " * 100_000 + b"\n")
    (document,) = list(read_csv(file, "x.csv"))
    assert not file.closed
    assert isinstance(document, Document)
    assert len(document.text) > 499_000


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_a_row_of_which_only_the_title_is_known_is_found_by_it(text: str) -> None:
    (found,) = documents(read(read_jsonl, json.dumps({"_id": "a", "title": "On tides", "text": text, "year": 1901})))
    assert (found.text, found.title, found.metadata) == ("On tides", "On tides", {"year": 1901})
    assert reasons(read(read_jsonl, json.dumps({"_id": "a", "title": " ", "text": text}))) == {"rows:1": "empty"}


def test_csv_empty_and_binary() -> None:
    assert refused(read_csv, b"") == "empty"
    assert refused(read_csv, b"\n,\n") == "empty"
    assert refused(read_csv, b"a,b\n\0\0\0\0") == "not text"


def test_json_list_of_objects_is_records() -> None:
    found = read(read_json, '[{"text": "one"}, {"id": "b", "text": "two"}, {"text": ""}]')
    assert [(document.id, document.text, document.format) for document in documents(found)] == [
        ("1", "one", "json"),
        ("b", "two", "json"),
    ]
    assert reasons(found) == {"rows:3": "empty"}


def test_json_records_under_one_name_keep_what_stands_beside_them() -> None:
    found = documents(read(read_json, '{"version": "1.1", "data": [{"text": "one"}, {"text": "two"}]}'))
    assert [(document.text, document.metadata) for document in found] == [
        ("one", {"version": "1.1"}),
        ("two", {"version": "1.1"}),
    ]


def test_json_of_another_kind_is_one_document() -> None:
    value = {
        "title": "Setup",
        "server": {"port": 80, "on": True, "hosts": ["a", "b"]},
        "staff": [{"n": "Ann", "age": 3}],
    }
    document = only(read_json, json.dumps(value), "conf/setup.json")
    assert (document.id, document.title) == ("conf/setup.json", "Setup")
    assert blocks(document) == [
        ("row", "title: Setup"),
        ("row", "server.port: 80"),
        ("row", "server.on: true"),
        ("row", "server.hosts: a, b"),
        ("row", "staff[0]: n: Ann | age: 3"),
    ]


@pytest.mark.parametrize("content", ["{}", "[]", "null", '""', " "])
def test_json_empty(content: str) -> None:
    assert refused(read_json, content) == "empty"


def test_json_scalars_and_marks() -> None:
    assert only(read_json, '"just a string"').text == "just a string"
    assert only(read_json, '{"a": "ü"}'.encode("utf-16")).text == "a: ü"


def test_json_damaged() -> None:
    assert refused(read_json, '{"a": 1,\n "b": 2,\n "c": }') == "damaged: not JSON (line 3)"
    assert refused(read_json, '[{"text": "one"}, {"text": "tw') == "damaged: not JSON (line 1)"
    assert refused(read_json, b'{"a": "caf\xe9"}') == "damaged: not UTF-8"
    assert refused(read_json, "[" * 200_000) == "damaged: nested too deeply"


def test_json_as_deep_as_the_parser_allows() -> None:
    for depth in (100, 900):
        found = read(read_json, '{"a":' * depth + "1" + "}" * depth)
        assert documents(found)[0].text.endswith(".a: 1")


def test_tsv_with_quotation_marks_that_are_only_marks() -> None:
    rows = 'name\tnote\n"Hello\tone\nBob\ttwo "x"\n'
    assert [one.text for one in documents(read(read_csv, rows, "a.tsv"))] == [
        'name: "Hello | note: one',
        'name: Bob | note: two "x"',
    ]
    quoted = 'name\tnote\n"Ann\nB."\t"one ""x"""\nBob\ttwo\n'
    assert [one.text for one in documents(read(read_csv, quoted, "a.tsv"))] == [
        'name: Ann B. | note: one "x"',
        "name: Bob | note: two",
    ]


def test_json_figures_keep_their_zeros() -> None:
    assert only(read_json, '{"small": 0.00001, "large": 123456789012345680000.5, "one": 1.0}').text == (
        "small: 0.00001\nlarge: 123456789012345680000\none: 1.0"
    )


@pytest.mark.parametrize("above", ["Report for May\n\n", "Report for May;;\n;;\n", "Report for May\n"])
def test_csv_a_caption_above_the_names_is_a_document_of_its_own(above: str) -> None:
    found = read(read_csv, f"{above}ID;Payee;Amount\n1;Harbour;12,50\n2;Baker;3,20\n")
    assert [(one.id, one.text) for one in documents(found)] == [
        ("caption1", "Report for May"),
        ("1", "id: 1 | Payee: Harbour | Amount: 12,50"),
        ("2", "id: 2 | Payee: Baker | Amount: 3,20"),
    ]
    assert not reasons(found)


def test_csv_what_a_bank_tells_above_the_names() -> None:
    above = '"Account";"DE12 3456"\n"From";"01.05.2026"\n"Balance";"1.200,50 EUR"\n\n'
    found = documents(read(read_csv, above + '"Date";"Payee";"Purpose";"Amount"\n"02.05.2026";"Harbour";"Fee";"-12"\n'))
    assert [one.text for one in found] == [
        "Account: DE12 3456",
        "From: 01.05.2026",
        "Balance: 1.200,50 EUR",
        "Date: 02.05.2026 | Payee: Harbour | Purpose: Fee | Amount: -12",
    ]
    found = documents(read(read_csv, "Category: All\n\nWeek,boats: (Worldwide)\n2026-01-04,45\n"))
    assert [one.text for one in found] == ["Category: All", "Week: 2026-01-04 | boats: (Worldwide): 45"]


@pytest.mark.parametrize(
    ("caption", "heads"),
    [
        ("Report,harbour,draft,", "Boat,Berth,Days,Fee"),
        ("Report,harbour,2026-05-01", "Boat,Berth,Days,Fee"),
        ("Report,harbour,1 May 2026", "Boat,Berth,Days,Fee"),
        ("Report,harbour,draft", "Boat,Berth,Days,Fee,Sum"),
    ],
)
def test_csv_a_caption_of_three_cells(caption: str, heads: str) -> None:
    rows = ["Otter,north,3,30,90", "Heron,south,4,40,160"]
    names = heads.split(",")
    found = documents(
        read(read_csv, "\n".join([caption, heads, *(",".join(row.split(",")[: len(names)]) for row in rows)]))
    )
    assert [one.text for one in found] == [
        ": ".join(filter(None, caption.split(","))),
        *(" | ".join(map(": ".join, zip(names, row.split(","), strict=False))) for row in rows),
    ]


@pytest.mark.parametrize(
    ("content", "first"),
    [
        ("Name,City\n\nAnn,Ulm\nBob,Bonn\n", "Name: Ann | City: Ulm"),
        ("city\n\nUlm\nBonn\n", "city: Ulm"),
        ("note\nhello, world, all\nbye, all, now\n", "note: hello | column2: world | column3: all"),
        ("First,Last\nAnn,Smith,Ulm,DE\nBob,Jones,Bonn,DE\n", "First: Ann | Last: Smith | column3: Ulm | column4: DE"),
        ("Name,Amount\nAnn,3\nTotal,,5\n", "Name: Ann | Amount: 3"),
        ("A,B\n1,2\nC,D,E\n3,4,5\n6,7,8\n", "A: 1 | B: 2"),
        (
            "sail,mast,crew\nOtter,NA,NA,NA\nHeron,1,2,3\nTern,4,5,6\n",
            "sail: Otter | mast: NA | crew: NA | column4: NA",
        ),
        ("id,boat,text\nx,Otter,red, old, slow\ny,2,3,4,5\nz,2,3,4,5\n", "red"),
    ],
)
def test_csv_names_in_the_first_row_are_no_caption(content: str, first: str) -> None:
    assert documents(read(read_csv, content))[0].text == first


def test_json_that_is_json_lines() -> None:
    found = read(read_json, '{"text": "one"}\n{"text": "two"}\n[3]\n')
    assert [(one.id, one.text) for one in documents(found)] == [("1", "one"), ("2", "two")]
    assert reasons(found) == {"rows:3": "not an object"}
    assert refused(read_json, '{"a": 1}\n{"b": 2') == "damaged: not JSON (line 2)"


def test_json_outlines_on_a_map_are_left_out() -> None:
    corners = [[[10.1, 50.2], [10.3, 50.4], [10.1, 50.2]]]
    places = [
        {"type": "Feature", "geometry": {"type": kind, "coordinates": at}, "properties": {"name": name}}
        for kind, at, name in (("Polygon", corners, "Moll"), ("Point", [10.5, 50.6], "Kessing"))
    ]
    found = documents(read(read_json, json.dumps({"type": "FeatureCollection", "features": places})))
    assert [one.text for one in found] == [
        "type: Feature | geometry.type: Polygon | properties.name: Moll",
        "type: Feature | geometry.type: Point | geometry.coordinates: 10.5, 50.6 | properties.name: Kessing",
    ]
