"""Word documents: figures that would run together, old forms, and paragraphs whose end is deleted."""

from __future__ import annotations

import time

import docx
import pytest

from tests.knowledge.documents.test_docx import paragraph, run, texts

RAISED, STRUCK = '<w:vertAlign w:val="superscript"/>', "<w:strike/>"


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([("10", ""), ("6", RAISED), (" units", "")], "10^6 units"),
        ([("10", ""), ("1", RAISED), ("2", RAISED)], "10^12"),
        ([("1", ""), ("1/2", RAISED), (" cups", "")], "1 1/2 cups"),
        ([("5 m", ""), ("2", RAISED)], "5 m2"),
        ([("on the 5", ""), ("th", RAISED)], "on the 5th"),
        ([("€15", STRUCK), ("€12", "")], "€15 €12"),
        ([("15", STRUCK), ("20", '<w:strike w:val="0"/>')], "15 20"),
        ([("10", ""), ("20", "")], "1020"),
    ],
)
def test_figures_that_stand_apart_on_the_page_are_no_one_number(runs: list[tuple[str, str]], text: str) -> None:
    assert texts(paragraph("".join(run(words, properties) for words, properties in runs))) == [text]


def field(data: str, result: str = "") -> str:
    begin = f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{data}</w:ffData></w:fldChar></w:r>'
    middle = f'<w:r><w:instrText>FORM</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>{result}'
    return f'{begin}{middle}<w:r><w:fldChar w:fldCharType="end"/></w:r>'


CHOICES = '<w:ddList>{}<w:listEntry w:val="Red"/><w:listEntry w:val="Blue"/></w:ddList>'


@pytest.mark.parametrize(
    ("data", "result", "text"),
    [
        ("<w:checkBox><w:checked/></w:checkBox>", "", "☒"),
        ('<w:checkBox><w:default w:val="1"/></w:checkBox>', "", "☒"),
        ('<w:checkBox><w:default w:val="1"/><w:checked w:val="0"/></w:checkBox>', "", "☐"),
        (CHOICES.format('<w:result w:val="1"/>'), "", "Blue"),
        (CHOICES.format(""), "", "Red"),
        (CHOICES.format('<w:result w:val="1"/>'), run("Blue"), "Blue"),
        (CHOICES.format('<w:result w:val="9"/>'), "", ""),
        ("<w:textInput/>", run("Ann Smith"), "Ann Smith"),
    ],
)
def test_what_is_ticked_or_chosen_in_an_old_form(data: str, result: str, text: str) -> None:
    assert texts(paragraph(f"{run('Paint:')}{field(data, result)}{run('.')}")) == [f"Paint:{text}."]


def test_a_paragraph_whose_end_is_deleted_goes_on_in_the_next_one() -> None:
    deleted = '<w:rPr><w:del w:id="1" w:author="Ann"/></w:rPr>'
    first, second = paragraph(run("The pump stands "), deleted), paragraph(run("in the cellar."))
    assert texts(first, second, paragraph(run("It is old."))) == ["The pump stands in the cellar.", "It is old."]
    typed = '<w:rFonts w:ascii="Consolas"/>'
    lines = [paragraph(run("one", typed)), paragraph(run("two ", typed), deleted), paragraph(run("three", typed))]
    assert texts(*lines) == ["one\ntwo three"]
    table = docx.Document().add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "a", "b"
    assert texts(paragraph(run("Before."), deleted), table._tbl, paragraph(run("Last."), deleted)) == [
        "Before.",
        "a | b",
        "Last.",
    ]


def test_a_deleted_end_in_a_cell_or_box_does_not_reach_beyond_it() -> None:
    deleted = '<w:rPr><w:del w:id="1" w:author="Ann"/></w:rPr>'
    table = docx.Document().add_table(2, 1)
    for row, words in zip(table.rows, ("one", "two"), strict=True):
        row.cells[0]._tc.append(paragraph(run(words), deleted))
    assert texts(table._tbl, paragraph(run("three"))) == ["one", "two", "three"]
    box = (
        f"<w:r><w:pict><w:txbxContent><w:p><w:pPr>{deleted}</w:pPr>{run('inside')}</w:p></w:txbxContent></w:pict></w:r>"
    )
    assert texts(paragraph(run("outside") + box), paragraph(run("after"))) == ["outside", "inside", "after"]


def test_thousands_of_empty_runs_cost_no_time() -> None:
    start = time.perf_counter()
    assert texts(paragraph(run("10") + "<w:r/>" * 20_000 + run("6", RAISED))) == ["10^6"]
    assert time.perf_counter() - start < 2
