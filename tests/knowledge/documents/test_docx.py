"""Word documents, made on the spot with python-docx and, where it has no words for it, raw XML."""

from __future__ import annotations

import io
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from formfact.types import Document
from tests.knowledge.documents.reading import LAUGHS, changed, read_one, refused, shown

W = nsdecls("w")


def paragraph(inner: str, properties: str = "") -> Any:
    return parse_xml(f"<w:p {W}><w:pPr>{properties}</w:pPr>{inner}</w:p>")


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def saved(made: Any) -> bytes:
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def of(content: bytes, name: str = "a.docx") -> Document:
    return read_one(content, name)


def blocks(content: bytes) -> list[tuple[str, str]]:
    return shown(of(content))


def texts(*elements: Any) -> list[str]:
    made = docx.Document()
    for element in elements:
        made.element.body.insert(len(made.element.body) - 1, element)
    return [text for _, text in blocks(saved(made))]


def test_the_order_and_kind_of_everything() -> None:
    made = docx.Document()
    made.core_properties.author = "Ann"
    made.add_paragraph("The Pump", style="Title")
    made.add_heading("Parts", 1)
    made.add_paragraph("It has  two parts.")
    made.add_paragraph("a wheel", style="List Bullet")
    made.add_paragraph("a hose", style="List Number 2")
    table = made.add_table(3, 2)
    for row, cells in zip(table.rows, (("part", "price"), ("wheel", "3"), ("hose", "")), strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    made.add_heading("Use", 2)
    made.add_paragraph("Turn it.")
    content = saved(made)
    assert blocks(content) == [
        ("heading1", "The Pump"),
        ("heading1", "Parts"),
        ("paragraph", "It has two parts."),
        ("item", "a wheel"),
        ("item", "a hose"),
        ("row", "part: wheel | price: 3"),
        ("row", "part: hose"),
        ("heading2", "Use"),
        ("paragraph", "Turn it."),
    ]
    document = of(content, "folder/a.docx")
    assert (document.id, document.title, document.format, document.metadata) == (
        "folder/a.docx",
        "The Pump",
        "docx",
        {"author": "Ann"},
    )


def test_a_title_in_the_properties_wins_unless_it_is_a_file_name() -> None:
    made = docx.Document()
    made.add_paragraph("Shown", style="Title")
    made.core_properties.title = "Told"
    assert of(saved(made)).title == "Told"
    made.core_properties.title = "draft_3.docx"
    assert of(saved(made)).title == "Shown"


def test_tracked_changes_are_accepted() -> None:
    who = 'w:id="1" w:author="Ann" w:date="2024-01-01T00:00:00Z"'
    deleted = '<w:r><w:delText xml:space="preserve">never </w:delText></w:r>'
    one = paragraph(
        f"{run('It may ')}<w:del {who}>{deleted}</w:del><w:ins {who}>{run('always ')}</w:ins>{run('rain.')}"
        f"<w:moveFrom {who}>{run(' Gone.')}</w:moveFrom><w:moveTo {who}>{run(' Come.')}</w:moveTo>"
    )
    gone = paragraph(f"<w:del {who}>{deleted}</w:del>", f"<w:rPr><w:del {who}/></w:rPr>")
    cell = f"<w:tc>{'<w:p>' + run('cell') + '</w:p>'}</w:tc>"
    table = parse_xml(
        f"<w:tbl {W}><w:tr><w:trPr><w:del {who}/></w:trPr>{cell}{cell}</w:tr><w:tr>{cell}{cell}</w:tr></w:tbl>"
    )
    assert texts(one, gone, table) == ["It may always rain. Come.", "cell | cell"]


def test_all_that_a_run_can_stand_in() -> None:
    field = "<w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText> PAGE </w:instrText></w:r>"
    link = f'<w:hyperlink w:anchor="x">{run("a link")}</w:hyperlink>'
    control = f"<w:sdt><w:sdtContent>{run('a control')}</w:sdtContent></w:sdt>"
    simple = f'<w:fldSimple w:instr="REF x">{run("a field")}</w:fldSimple>'
    hidden = run("hidden", "<w:vanish/>")
    shown = run("shown", '<w:vanish w:val="0"/>')
    inner = ", ".join(["{}"] * 5).format(link, control, simple, hidden, shown).replace(", ", run(", "))
    assert texts(paragraph(field + inner)) == ["a link, a control, a field, , shown"]


def test_breaks_and_tabs() -> None:
    inner = (
        f"{run('one')}<w:r><w:tab/></w:r>{run('two')}<w:r><w:br/></w:r>{run('three')}<w:r><w:br w:type='page'/></w:r>"
    )
    assert texts(paragraph(inner + "<w:r><w:noBreakHyphen/></w:r>" + run("four"))) == ["one two\nthree\n-four"]


@pytest.mark.parametrize("told", ["", "w:type='page'", "w:type='column'", "w:type='textWrapping'"])
def test_words_on_both_sides_of_a_break_stay_apart(told: str) -> None:
    inner = f"{run('first page')}<w:r><w:br {told}/></w:r>{run('second page')}"
    assert texts(paragraph(inner)) == ["first page\nsecond page"]


def test_equations_keep_their_text() -> None:
    m = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    half = "<m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>"
    assert texts(paragraph(f"{run('x=')}<m:oMath {m}>{half}</m:oMath>")) == ["x=1/2"]


def test_headings_by_outline_and_by_style_in_any_language() -> None:
    made = docx.Document()
    style = made.styles.add_style("Kapitelkopf", 1)
    style.base_style = made.styles["Heading 2"]
    made.add_paragraph("By base", style="Kapitelkopf")
    made.add_paragraph("By letter", style=made.styles.add_style("HeadC", 1))
    made.element.body.insert(2, paragraph(run("By outline"), '<w:outlineLvl w:val="3"/>'))
    made.element.body.insert(3, paragraph(run("Body"), '<w:outlineLvl w:val="9"/>'))
    assert blocks(saved(made)) == [
        ("heading2", "By base"),
        ("heading3", "By letter"),
        ("heading4", "By outline"),
        ("paragraph", "Body"),
    ]


def test_lists_by_number_and_contents_left_out() -> None:
    made = docx.Document()
    made.styles.add_style("toc 1", 1)
    made.add_paragraph("Parts\t3", style="toc 1")
    made.element.body.insert(1, paragraph(run("one"), '<w:numPr><w:numId w:val="4"/></w:numPr>'))
    made.element.body.insert(2, paragraph(run("none"), '<w:numPr><w:numId w:val="0"/></w:numPr>'))
    assert blocks(saved(made)) == [("item", "one"), ("paragraph", "none")]


def test_code_is_one_block_with_its_blank_lines_and_indentation() -> None:
    made = docx.Document()
    made.styles.add_style("Code", 1)
    for line in ("fn main() {", "", "    go();", "}"):
        made.add_paragraph(line, style="Code")
    made.add_paragraph("Done.")
    typed = made.add_paragraph()
    typed.add_run("ls  -l").font.name = "Courier New"
    assert blocks(saved(made)) == [
        ("code", "fn main() {\n\n    go();\n}"),
        ("paragraph", "Done."),
        ("code", "ls  -l"),
    ]


def test_merged_cells_and_tables_in_tables() -> None:
    made = docx.Document()
    table = made.add_table(3, 3)
    for at, text in enumerate(["name", "size", "price", "pump", "small", "3", "pump", "large", "5"]):
        table.cell(at // 3, at % 3).text = text
    table.cell(2, 0).text = ""
    table.cell(1, 0).merge(table.cell(2, 0))
    box = made.add_table(1, 1)
    box.cell(0, 0).text = "In a box."
    inner = box.cell(0, 0).add_table(2, 2)
    for at, text in enumerate("ab12"):
        inner.cell(at // 2, at % 2).text = text
    assert [text for _, text in blocks(saved(made))] == [
        "name: pump | size: small | price: 3",
        "name: pump | size: large | price: 5",
        "In a box.",
        "a: 1 | b: 2",
    ]


WARRANTY = [["Warranty", "Two years"], ["Shipping", "3 days"], ["Returns", "By post"]]
DAYS = [["Monday", "Closed", "Ann"], ["Tuesday", "Open", "Bob"], ["Friday", "Open", "Eve"]]
SHIPS = [["Ship", "Home"], ["Ark", "Ulm"], ["Bee", "Bonn"]]
NAMED = ["Ship: Ark | Home: Ulm", "Ship: Bee | Home: Bonn"]


def table_of(cells: list[list[str]], style: str | None = None) -> tuple[Any, Any]:
    made = docx.Document()
    table = made.add_table(len(cells), len(cells[0]), style=style)
    for row, line in zip(table.rows, cells, strict=True):
        for cell, text in zip(row.cells, line, strict=True):
            cell.paragraphs[0].add_run(text)
    return made, table


def rows_of(made: Any) -> list[str]:
    return [text for _, text in blocks(saved(made))]


@pytest.mark.parametrize("style", [None, "Table Grid"])
@pytest.mark.parametrize("cells", [WARRANTY, DAYS, [["Founded", "1950"], ["Staff", "30"]]])
def test_a_table_of_words_alone_names_no_columns(cells: list[list[str]], style: str | None) -> None:
    assert rows_of(table_of(cells, style)[0]) == [" | ".join(row) for row in cells]


def test_figures_below_words_tell_names() -> None:
    prices = [["part", "made", "price"], ["wheel", "here", "3 marks"], ["hose", "there", "4 marks"]]
    assert rows_of(table_of(prices)[0])[0] == "part: wheel | made: here | price: 3 marks"
    sales = [["Region", "2019", "2020"], ["North", "5", "6"]]
    assert rows_of(table_of(sales)[0]) == ["Region: North | 2019: 5 | 2020: 6"]
    assert rows_of(table_of([["Ship", "Built"], ["Ark", "3 May 1950"]])[0]) == ["Ship: Ark | Built: 3 May 1950"]


def test_a_repeated_first_row_and_a_style_for_it_tell_names() -> None:
    made, table = table_of(SHIPS)
    table.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {W}/>"))
    assert rows_of(made) == NAMED
    made, table = table_of(SHIPS, "Light Shading Accent 1")
    assert rows_of(made) == NAMED
    look = table._tbl.tblPr.find("{*}tblLook")
    look.attrib.clear()
    assert rows_of(made)[0] == "Ship | Home"
    look.set(look.tag.replace("tblLook", "val"), "0020")
    assert rows_of(made) == NAMED


def test_bold_and_coloured_first_rows_tell_names() -> None:
    made, table = table_of(SHIPS)
    for cell in table.rows[0].cells:
        cell.paragraphs[0].runs[0].bold = True
    assert rows_of(made) == NAMED
    for row in table.rows:
        row.cells[0].paragraphs[0].runs[0].style = "Strong"
    assert rows_of(made) == NAMED
    table.cell(0, 1).paragraphs[0].runs[0].bold = False
    assert rows_of(made)[0] == "Ship | Home"
    for cell in table.rows[0].cells:
        cell._tc.get_or_add_tcPr().append(parse_xml(f'<w:shd {W} w:val="clear" w:fill="D9D9D9"/>'))
    assert rows_of(made) == NAMED


def test_rows_that_are_all_marked_or_by_turns_name_nothing() -> None:
    made, table = table_of([*SHIPS, ["Cod", "Ulm"]])
    for row in table.rows[::2]:
        for cell in row.cells:
            cell._tc.get_or_add_tcPr().append(parse_xml(f'<w:shd {W} w:val="clear" w:fill="D9D9D9"/>'))
    assert rows_of(made)[0] == "Ship | Home"


def test_a_table_in_a_cell_below_a_name_leaves_the_row_whole() -> None:
    made, table = table_of([["Ship", "Home", "Crew"], ["Ark", "Ulm", "At sea:"], ["Bee", "Bonn", "none"]])
    inner = table.cell(1, 2).add_table(3, 2)
    for at, text in enumerate(["name", "age", "Ann", "31", "Bob", "52"]):
        inner.cell(at // 2, at % 2).text = text
    apart = ["name: Ann | age: 31", "name: Bob | age: 52"]
    assert rows_of(made) == ["Ship", "Home", "Crew", "Ark", "Ulm", "At sea:", *apart, "Bee", "Bonn", "none"]
    for cell in table.rows[0].cells:
        cell.paragraphs[0].runs[0].bold = True
    assert rows_of(made) == [
        "Ship: Ark | Home: Ulm | Crew: At sea: name: Ann, age: 31; name: Bob, age: 52",
        "Ship: Bee | Home: Bonn | Crew: none",
    ]
    inner.cell(1, 0).text = "Ann " * 100
    assert "Ark" in rows_of(made)


def test_text_boxes_stand_behind_their_paragraph_once() -> None:
    v = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    box = f"<v:textbox><w:txbxContent><w:p>{run('In the box.')}</w:p></w:txbxContent></v:textbox>"
    both = f"<mc:Choice Requires='wps'>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
    both = f"<mc:AlternateContent>{both}</mc:AlternateContent>"
    element = parse_xml(f"<w:p {W} {v}>{run('Before')}<w:r>{both}</w:r>{run(' and after.')}</w:p>")
    assert texts(element) == ["Before and after.", "In the box."]


def test_footnotes_stand_behind_the_paragraph_that_refers_to_them() -> None:
    made = docx.Document()
    note = run("See") + '<w:r><w:footnoteReference w:id="2"/></w:r>'
    made.element.body.insert(0, paragraph(note))
    made.element.body.insert(1, paragraph(run("Next.")))
    inner = f"<w:p><w:r><w:footnoteRef/></w:r>{run('the note.')}</w:p>"
    notes = f'<w:footnotes {W}><w:footnote w:id="2">{inner}</w:footnote></w:footnotes>'
    content = with_part(saved(made), "footnotes", notes)
    assert [text for _, text in blocks(content)] == ["See", "the note.", "Next."]


def with_part(content: bytes, name: str, xml: str) -> bytes:
    """The document with one more part, related to it."""
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    changes = {
        "word/_rels/document.xml.rels": (
            "</Relationships>",
            f'<Relationship Id="rId99" Type="{relation}/{name}" Target="{name}.xml"/></Relationships>',
        ),
        "[Content_Types].xml": (
            "</Types>",
            f'<Override PartName="/word/{name}.xml" ContentType="{kind}.{name}+xml"/></Types>',
        ),
    }
    return changed(content, changes, {f"word/{name}.xml": xml})


def small() -> bytes:
    made = docx.Document()
    made.add_paragraph("Some words.")
    return saved(made)


def test_macros_and_the_strict_kind_are_read_too() -> None:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    macro = "application/vnd.ms-word.document.macroEnabled.main+xml"
    assert of(changed(small(), {"[Content_Types].xml": (kind, macro)}), "a.docm").text == "Some words."
    strict = {
        "word/document.xml": (
            "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
            "http://purl.oclc.org/ooxml/wordprocessingml/main",
        ),
        "_rels/.rels": (
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument",
            "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument",
        ),
    }
    assert of(changed(small(), strict)).text == "Some words."


def test_headers_and_comments_are_no_text() -> None:
    made = docx.Document()
    commented = made.add_paragraph("Some words.")
    made.add_comment(commented.runs, text="a remark", author="Ann")
    made.sections[0].header.paragraphs[0].text = "every page"
    assert of(saved(made)).text == "Some words."


def test_entities_are_not_expanded() -> None:
    bomb = changed(small(), {"word/document.xml": ("Some words.", "Some words. &i;")})
    bomb = changed(bomb, {"word/document.xml": ("<w:document", LAUGHS + "]><w:document")})
    assert "entity" in refused(bomb, "a.docx").lower()


@pytest.mark.parametrize("part", [0.05, 0.5, 0.95])
def test_cut_off(part: float) -> None:
    content = small()
    assert refused(content[: int(len(content) * part)], "a.docx").startswith("damaged: ")


def test_refused() -> None:
    assert refused(b"", "a.docx") == "empty"
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.docx") == "encrypted"
    assert refused(saved(docx.Document()), "a.docx") == "empty"
    other = changed(small(), {"_rels/.rels": ("relationships/officeDocument", "relationships/other")})
    assert refused(other, "a.docx") == "damaged: not a Word document"
