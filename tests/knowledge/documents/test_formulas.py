"""Formulas and signs in every format that has them: one line that says the same, and no letter less."""

from __future__ import annotations

import pytest
from docx.oxml import parse_xml as office
from pptx import Presentation
from pptx.oxml import parse_xml

from tests.knowledge.documents.test_docx import W, paragraph, run, texts
from tests.knowledge.documents.test_html import texts as page
from tests.knowledge.documents.test_pptx import of, slide

M = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


def m(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


FORMULAS = [
    (f"<m:f><m:num>{m('a+b')}</m:num><m:den>{m('2c')}</m:den></m:f>", "(a+b)/(2c)"),
    (f"{m('f')}<m:d><m:e>{m('x')}</m:e></m:d>", "f(x)"),
    (f'<m:d><m:dPr><m:begChr m:val="|"/><m:endChr m:val="|"/></m:dPr><m:e>{m("x")}</m:e></m:d>', "|x|"),
    (f"<m:rad><m:deg/><m:e>{m('2')}</m:e></m:rad>", "√2"),
    (f"<m:rad><m:deg>{m('3')}</m:deg><m:e>{m('x+1')}</m:e></m:rad>", "(3)√(x+1)"),
    (f"<m:sSup><m:e>{m('x')}</m:e><m:sup>{m('2n')}</m:sup></m:sSup>", "x^(2n)"),
    (f"<m:sSup><m:e>{m('10')}</m:e><m:sup>{m('-6')}</m:sup></m:sSup>", "10^-6"),
    (
        f'<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{m("i=1")}</m:sub><m:sup>{m("n")}</m:sup>'
        f"<m:e>{m('i')}</m:e></m:nary>",
        "∑_(i=1)^n i",
    ),
    (f"<m:m><m:mr><m:e>{m('1')}</m:e><m:e>{m('2')}</m:e></m:mr></m:m>", "[1, 2]"),
    ("<m:box><m:e>" * 100 + m("deep") + "</m:e></m:box>" * 100, "deep"),
]


@pytest.mark.parametrize(("formula", "said"), FORMULAS)
def test_formulas_of_word(formula: str, said: str) -> None:
    assert texts(paragraph(f"{run('so ')}<m:oMath {M}>{formula}</m:oMath>")) == [f"so {said}"]


def test_a_text_box_with_a_formula_on_a_slide() -> None:
    names = (
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:a14="http://schemas.microsoft.com/office/'
        'drawing/2010/main" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
        f'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" {M}'
    )
    formula, _ = FORMULAS[0]
    box = (
        '<p:sp><p:nvSpPr><p:cNvPr id="9" name="T"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:p>'
        "<a:r><a:t>so {}</a:t></a:r>{}</a:p></p:txBody></p:sp>"
    )
    made = Presentation()
    tree = slide(made, title="").shapes._spTree
    tree.append(
        parse_xml(
            f'<mc:AlternateContent {names}><mc:Choice Requires="a14">'
            f"{box.format('', f'<a14:m><m:oMath>{formula}</m:oMath></a14:m>')}</mc:Choice>"
            f"<mc:Fallback>{box.format('not shown', '')}</mc:Fallback></mc:AlternateContent>"
        )
    )
    assert of(made).text == "Slide 1\n\nso (a+b)/(2c)"


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow> <mn>2</mn></mfrac>", "(a+b)/2"),
        ("<msup><mi>x</mi><mn>2</mn></msup><msqrt><mn>2</mn></msqrt>", "x^2√2"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", "(3)√x"),
        ("<munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover>", "∑_i^n"),
        ("<mi>f</mi><mo>&#x2061;</mo><mfenced><mi>x</mi><mi>y</mi></mfenced>", "f(x, y)"),
        ("<semantics><mn>7</mn><annotation>\\seven</annotation></semantics>", "7"),
        ("<mrow>" * 300 + "<mi>d</mi>" + "</mrow>" * 300, "d"),
    ],
)
def test_formulas_of_pages(formula: str, said: str) -> None:
    assert page(f"<p>so <math>{formula}</math>.</p>") == [f"so {said}."]
    assert page(f"<table><tr><td>so<td><math>{formula}</math></table>") == [f"so | {said}"]


def test_signs_by_font_and_number() -> None:
    signs = (
        '<w:r><w:t xml:space="preserve">p </w:t><w:sym w:font="Symbol" w:char="F0B3"/><w:t>5</w:t>'
        '<w:sym w:font="Wingdings" w:char="F0FE"/><w:sym w:font="Wingdings" w:char="F04A"/><w:sym w:char="?"/></w:r>'
    )
    symbol = '<w:rFonts w:ascii="Symbol"/>'
    assert texts(paragraph(signs), paragraph(run("\uf0b1\uf061", symbol)), paragraph(run("Zu\u00adsam\u00admen"))) == [
        "p ≥5☑",
        "±α",
        "Zusammen",
    ]


def test_text_boxes_in_cells_and_rows_that_begin_further_right() -> None:
    box = f"<w:r><w:pict><w:txbxContent><w:p>{run('boxed')}</w:p></w:txbxContent></w:pict></w:r>"

    def row(*cells: str, properties: str = "") -> str:
        inner = "".join(f"<w:tc><w:p>{cell if cell.startswith('<') else run(cell)}</w:p></w:tc>" for cell in cells)
        return f"<w:tr><w:trPr>{properties}</w:trPr>{inner}</w:tr>"

    table = row("Item", "2020", "2021") + row(run("A") + box, "1", "2")
    table += row("33", "44", properties='<w:gridBefore w:val="1"/>')
    assert texts(office(f"<w:tbl {W}>{table}</w:tbl>")) == [
        "Item: A boxed | 2020: 1 | 2021: 2",
        "2020: 33 | 2021: 44",
    ]
