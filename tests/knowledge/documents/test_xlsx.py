"""Workbooks, made on the spot with openpyxl."""

from __future__ import annotations

import io
import time
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl
import pytest

from formfact.knowledge.documents import xlsx
from formfact.knowledge.documents.figures import figure
from formfact.knowledge.documents.sheets import named_rows
from formfact.types import Document
from tests.knowledge.documents.reading import LAUGHS, changed, read_all, read_one, refused, shown

SHEET = "xl/worksheets/sheet1.xml"


def workbook(*rows: list[Any]) -> Any:
    made = openpyxl.Workbook()
    made.active.title = "Stock"
    for row in rows:
        made.active.append(row)
    return made


def saved(made: Any) -> bytes:
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def of(made: Any) -> Document:
    return read_one(saved(made), "a.xlsx")


def rows_of(*rows: list[Any]) -> list[str]:
    return [text for kind, text in shown(of(workbook(*rows))) if kind == "row"]


def small() -> bytes:
    return saved(workbook(["part", "price", "city"], ["wheel", 3, "Ulm"], ["hose", None, "Bonn"]))


def test_sheets_are_headings_and_rows_name_their_columns() -> None:
    made = workbook(["part", "price", "city"], ["wheel", 3, "Ulm"], ["hose", None, "Bonn"])
    made.create_sheet("Empty")
    made.create_sheet("Notes").append(["Only a remark."])
    made.properties.creator = "Ann"
    document = of(made)
    assert shown(document) == [
        ("heading1", "Stock"),
        ("row", "part: wheel | price: 3 | city: Ulm"),
        ("row", "part: hose | city: Bonn"),
        ("heading1", "Notes"),
        ("row", "Only a remark."),
    ]
    assert (document.title, document.format, document.metadata) == ("", "xlsx", {"author": "Ann"})


def test_values_as_they_are_shown() -> None:
    values = [2.0, 0.1 + 0.2, 12345678901234, True, date(2024, 2, 29), datetime(2024, 2, 29, 8, 30), timedelta(hours=2)]
    assert rows_of([*values, "#N/A", "  two\nlines "]) == [
        "2 | 0.3 | 12345678901234 | TRUE | 2024-02-29 | 2024-02-29 08:30 | 2:00:00 | two lines"
    ]


def test_percentages() -> None:
    made = workbook(["rate", "share", "year"], [0.125, 0.5, 2024])
    made.active["A2"].number_format, made.active["B2"].number_format = "0.0%", "0%"
    assert shown(of(made))[1] == ("row", "rate: 12.5% | share: 50% | year: 2024")


def test_captions_and_several_tables_on_a_sheet() -> None:
    assert rows_of(
        ["Report 2024"],
        ["month", "sales"],
        ["Jan", 10],
        [],
        ["Total", 30],
        [],
        ["city", "people", "river"],
        ["Ulm", 126, "Danube"],
        ["a remark", None, None, "far to the right", "and further"],
        ["Bonn", 330, "Rhine"],
    ) == [
        "Report 2024",
        "month: Jan | sales: 10",
        "month: Total | sales: 30",
        "city: Ulm | people: 126 | river: Danube",
        "a remark | far to the right | and further",
        "Bonn | 330 | Rhine",
    ]


def test_pairs_are_not_taken_for_a_table() -> None:
    assert rows_of(["Name:", "Ann"], ["Town:", "Ulm"]) == ["Name: | Ann", "Town: | Ulm"]
    assert rows_of(["Name", "Ann"], ["Town", "Ulm"]) == ["Name | Ann", "Town | Ulm"]
    assert rows_of(["Size", 3], ["Weight", 4]) == ["Size | 3", "Weight | 4"]


def test_words_alone_and_words_that_come_again_name_nothing() -> None:
    assert rows_of(["Warranty", "Two years"], ["Shipping", "3 days"])[0] == "Warranty | Two years"
    assert rows_of(["Company", "Acme"], ["Founded", 1950], ["City", "Ulm"])[0] == "Company | Acme"
    assert rows_of(["Monday", "Open", "Ann"], ["Tuesday", "Closed", "Bob"], ["Friday", "Open", "Eve"]) == [
        "Monday | Open | Ann",
        "Tuesday | Closed | Bob",
        "Friday | Open | Eve",
    ]
    assert rows_of(["name", "city", "river"], ["Ann", "Ulm", "Danube"]) == ["name: Ann | city: Ulm | river: Danube"]


def test_years_and_repeated_words_are_names() -> None:
    assert rows_of(["Region", 2019, 2020], ["North", 5, 6]) == ["Region: North | 2019: 5 | 2020: 6"]
    assert rows_of(["Region", 2019, 2020], ["North", 1500, 1700]) == ["Region: North | 2019: 1500 | 2020: 1700"]
    assert rows_of(["Name", "Value", "Value"], ["a", 1, 2]) == ["Name: a | Value: 1 | Value 2: 2"]
    assert rows_of(["Founded", 1950], ["Staff", 30]) == ["Founded | 1950", "Staff | 30"]
    assert rows_of(["Pump", "Ulm", 2019], ["Hose", "Bonn", 2021]) == ["Pump | Ulm | 2019", "Hose | Bonn | 2021"]


def test_a_first_column_without_a_name_and_names_without_rows() -> None:
    assert rows_of([None, "Q1", "Q2", "Q3"], ["North", 1, 2, 3]) == ["North | Q1: 1 | Q2: 2 | Q3: 3"]
    assert rows_of(["a", "b", "c"]) == ["a | b | c"]
    assert list(named_rows([["a", "b", "c"], ["", "", ""], ["d", "e", "f"]])) == [["a", "b", "c"], ["d", "e", "f"]]


def test_formulas_say_what_was_saved() -> None:
    made = workbook(["part", "price", "sum"], ["wheel", 3, "=B2*2"])
    content = changed(saved(made), {SHEET: ("<v></v>", "<v>6</v>")})
    assert shown(read_one(content, "a.xlsx"))[1] == ("row", "part: wheel | price: 3 | sum: 6")


def test_formulas_without_a_saved_value_are_told() -> None:
    made = workbook(["part", "price", "sum"], ["wheel", 3, "=B2*2"], ["hose", 4, "=B3*2"])
    document, (told,) = read_all(saved(made), "a.xlsx")
    assert document.text.endswith("part: wheel | price: 3\npart: hose | price: 4")
    assert (told.path, told.reason) == (
        "a.xlsx:2",
        "2 formulas without a saved value in the sheet 'Stock': open it in Excel and save it",
    )
    empty = {SHEET: ('<c r="C2"><f>B2*2</f><v></v>', '<c r="C2" t="str"><f>B2*2</f><v></v>')}
    _, (told,) = read_all(changed(saved(made), empty), "a.xlsx")
    assert told.reason.startswith("a formula without a saved value")


def test_a_format_longer_than_any_costs_no_time() -> None:
    start = time.perf_counter()
    assert figure(12.5, "[" * 100_000) == "12.5"
    assert time.perf_counter() - start < 1


def test_what_only_looks_like_cells_is_looked_at_once() -> None:
    comment = f"<!--{'<c ' * 30_000}--></sheetData>"
    start = time.perf_counter()
    assert len(shown(read_one(changed(small(), {SHEET: ("</sheetData>", comment)}), "a.xlsx"))) == 3
    assert time.perf_counter() - start < 20


def test_a_sheet_that_lies_about_its_size() -> None:
    far = "".join(f'<row r="{i}"><c r="A{i}"/><c r="XFD{i}"/></row>' for i in range(4, 30_000))
    content = changed(small(), {SHEET: ("</sheetData>", far + '<row r="1048576"/></sheetData>')})
    content = changed(content, {SHEET: ('ref="A1:C3"', 'ref="A1:A2"')})
    start = time.perf_counter()
    assert len(shown(read_one(content, "a.xlsx"))) == 3
    assert time.perf_counter() - start < 20


def test_a_sheet_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "ROWS", 3)
    made = workbook(["part", "price", "city"], *(["wheel", i, "Ulm"] for i in range(5)))
    document, skipped = read_all(saved(made), "a.xlsx")
    assert len(document.blocks) == 4
    assert [(one.path, one.reason) for one in skipped] == [("a.xlsx:4", "only the first 3 rows of the sheet 'Stock'")]


@pytest.mark.parametrize(
    ("member", "root", "before", "after"),
    [
        (SHEET, "<worksheet", "</sheetData>", '<row r="4"><c r="A4" t="str"><v>&i;</v></c></row></sheetData>'),
        ("xl/workbook.xml", "<workbook", "<sheets>", "&i;<sheets>"),
        ("xl/styles.xml", "<styleSheet", "</styleSheet>", "&i;</styleSheet>"),
    ],
)
def test_entities_are_not_expanded(member: str, root: str, before: str, after: str) -> None:
    bomb = changed(changed(small(), {member: (before, after)}), {member: (root, f"{LAUGHS}]>{root}")})
    start = time.perf_counter()
    assert refused(bomb, "a.xlsx").startswith("damaged: ")
    assert time.perf_counter() - start < 20


@pytest.mark.parametrize("part", [0.05, 0.5, 0.95])
def test_cut_off(part: float) -> None:
    content = small()
    assert refused(content[: int(len(content) * part)], "a.xlsx").startswith("damaged: ")


def test_refused() -> None:
    assert refused(b"", "a.xlsx") == "empty"
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xlsx") == "encrypted"
    assert refused(saved(openpyxl.Workbook()), "a.xlsx") == "empty"


@pytest.mark.parametrize(
    ("value", "shown_as", "text"),
    [
        (12345678901.12, "General", "12345678901.12"),
        (1234567890123.45, "General", "1234567890123.45"),
        (0.1 + 0.2, "General", "0.3"),
        (1e15, "0", "1000000000000000"),
        (0.07, "0.0%;[Red]-0.0%", "7.0%"),
        (0.333, "0.00%_);\\(0.00%\\)", "33.30%"),
        (5, "0\\%", "5"),
        (5, '0.0"%"', "5"),
        (12.5, '"€"#,##0.00', "€12.50"),
        (12.5, "#,##0.00\\ [$€-407];[Red]-#,##0.00\\ [$€-407]", "12.50 €"),
        (-1234.5, '_("$"* #,##0.00_);_("$"* (#,##0.00)', "-$1234.50"),
        (1234.567, "$#,##0", "$1234.567"),
        (12.5, "[$-409]0.00", "12.5"),
        (5, "00000", "00005"),
        (123456789, "000-00-0000", "123-45-6789"),
        (5.5, "00000", "5.5"),
    ],
)
def test_figures_keep_the_digits_that_count(value: float, shown_as: str, text: str) -> None:
    made = workbook(["part", "n", "city"], ["wheel", value, "Ulm"])
    made.active["B2"].number_format = shown_as
    assert f"n: {text} |" in of(made).text


def test_cells_merged_downwards_say_their_text_in_each_row() -> None:
    made = workbook(
        ["region", "year", "sum"], ["North", 2020, 1], [None, 2021, 2], ["South", 2020, 3], [None, 2021, None]
    )
    made.active.merge_cells("A2:A3")
    made.active.merge_cells("A6:C9")
    made.active["A6"] = "The end"
    assert [text for kind, text in shown(of(made)) if kind == "row"] == [
        "region: North | year: 2020 | sum: 1",
        "region: North | year: 2021 | sum: 2",
        "region: South | year: 2020 | sum: 3",
        "year: 2021",
        "region: The end",
    ]


def test_characters_that_a_workbook_writes_by_number() -> None:
    assert rows_of(["part", "n", "note"], ["wheel", 1, "one_x000D_\ntwo _x005F_x0041_"]) == [
        "part: wheel | n: 1 | note: one two _x0041_"
    ]


def test_a_strict_workbook_says_how_to_save_it() -> None:
    kinds = "schemas.openxmlformats.org/officeDocument/2006", "purl.oclc.org/ooxml/officeDocument"
    cells = "schemas.openxmlformats.org/spreadsheetml/2006/main", "purl.oclc.org/ooxml/spreadsheetml/main"
    strict = changed(small(), {"_rels/.rels": kinds, "xl/_rels/workbook.xml.rels": kinds, SHEET: cells})
    strict = changed(strict, {"xl/workbook.xml": cells})
    assert "Strict" in refused(changed(strict, {"xl/workbook.xml": kinds}), "a.xlsx")
