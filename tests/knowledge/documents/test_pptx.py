"""Presentations, made on the spot with python-pptx."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from pptx import Presentation
from pptx.chart.data import BubbleChartData, CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.util import Inches

from formfact.types import Document
from tests.knowledge.documents.reading import LAUGHS, changed, read_one, refused, shown

TITLE, TITLE_AND_CONTENT, COMPARISON, BLANK = 0, 1, 4, 6


def saved(made: Any) -> bytes:
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def slide(made: Any, layout: int = BLANK, title: str = "") -> Any:
    new = made.slides.add_slide(made.slide_layouts[layout])
    if title:
        new.shapes.title.text = title
    return new


def box(shapes: Any, text: str, left: float = 1, top: float = 1) -> Any:
    new = shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(1))
    new.text_frame.text = text
    return new


def of(made: Any) -> Document:
    return read_one(saved(made), "deck.pptx")


def small() -> bytes:
    made = Presentation()
    box(slide(made).shapes, "Some words.")
    return saved(made)


def test_slides_are_pages_with_their_titles_lists_and_notes() -> None:
    made = Presentation()
    made.core_properties.author = "Ann"
    first = slide(made, TITLE, "The\vPump")
    first.placeholders[1].text = "A talk"
    second = slide(made, TITLE_AND_CONTENT, "Parts")
    second.placeholders[1].text = "wheel\nhose"
    second.placeholders[1].text_frame.paragraphs[1].level = 1
    second.notes_slide.notes_text_frame.text = "Show it.\nTurn it."
    document = of(made)
    assert shown(document) == [
        ("heading1", "The Pump"),
        ("paragraph", "A talk"),
        ("heading1", "Parts"),
        ("item", "wheel"),
        ("item", "hose"),
        ("heading2", "Notes"),
        ("paragraph", "Show it."),
        ("paragraph", "Turn it."),
    ]
    assert document.pages == (0, len("The Pump\n\nA talk"))
    assert (document.title, document.format, document.metadata) == ("The Pump", "pptx", {"author": "Ann"})


def test_shapes_are_read_as_they_lie() -> None:
    made = Presentation()
    shapes = slide(made).shapes
    box(shapes, "below", 1, 5)
    box(shapes, "right", 5, 1.1)
    box(shapes, "left", 1, 1.15)
    assert shown(of(made)) == [
        ("heading1", "Slide 1"),
        ("paragraph", "left"),
        ("paragraph", "right"),
        ("paragraph", "below"),
    ]


def test_tables_groups_and_charts() -> None:
    made = Presentation()
    shapes = slide(made, BLANK).shapes
    table = shapes.add_table(3, 2, Inches(1), Inches(1), Inches(4), Inches(1)).table
    for at, text in enumerate(["part", "price", "wheel", "3", "hose", "4"]):
        table.cell(at // 2, at % 2).text = text
    group = shapes.add_group_shape()
    box(group.shapes, "in a group", 1, 3)
    figures = CategoryChartData()
    figures.categories = ["East", "West"]
    figures.add_series("2023", (1.5, 2))
    figures.add_series("2024", (3, None))
    shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(5), Inches(4), Inches(2), figures)
    assert [text for _, text in shown(of(made))][1:] == [
        "part: wheel | price: 3",
        "part: hose | price: 4",
        "in a group",
        "East | 2023: 1.5 | 2024: 3",
        "West | 2023: 2",
    ]


def chart(kind: Any, figures: Any) -> Any:
    made = Presentation()
    slide(made).shapes.add_chart(kind, Inches(1), Inches(5), Inches(4), Inches(2), figures)
    return made


def rows(content: bytes) -> list[str]:
    return [text for kind, text in shown(read_one(content, "deck.pptx")) if kind == "row"]


def test_figures_of_charts_keep_their_digits() -> None:
    figures = CategoryChartData()
    figures.categories = ["East", "West"]
    figures.add_series("Sales", (1345678, 0.1 + 0.2))
    figures.add_series("Share", (0.25, None), number_format="0%")
    content = saved(chart(XL_CHART_TYPE.LINE, figures))
    assert rows(content) == ["East | Sales: 1345678 | Share: 25%", "West | Sales: 0.3"]
    # A kind of chart that python-pptx does not know
    with zipfile.ZipFile(io.BytesIO(content)) as deck:
        (part,) = [name for name in deck.namelist() if name.startswith("ppt/charts/chart")]
    for mark in ("<c:lineChart>", "</c:lineChart>"):
        content = changed(content, {part: (mark, mark.replace("line", "stock"))})
    assert rows(content) == ["East | Sales: 1345678 | Share: 25%", "West | Sales: 0.3"]


def test_scattered_points_say_where_they_are() -> None:
    scattered = XyChartData()
    told: dict[str, list[tuple[float, int]]] = {"Pump": [(1.5, 1345678), (2, 3)], "Hose": [(7, 8)]}
    for name, points in told.items():
        series = scattered.add_series(name)
        for x, y in points:
            series.add_data_point(x, y)
    assert rows(saved(chart(XL_CHART_TYPE.XY_SCATTER, scattered))) == [
        "Pump | x: 1.5 | y: 1345678",
        "Pump | x: 2 | y: 3",
        "Hose | x: 7 | y: 8",
    ]
    bubbles = BubbleChartData()
    bubbles.add_series("Pump").add_data_point(1, 2, 10)
    assert rows(saved(chart(XL_CHART_TYPE.BUBBLE, bubbles))) == ["Pump | x: 1 | y: 2 | size: 10"]


def test_categories_in_several_levels_are_named_by_the_one_at_the_points() -> None:
    figures = CategoryChartData()
    year = figures.add_category("2024")
    year.add_sub_category("Q1")
    year.add_sub_category("Q2")
    figures.add_series("Sales", (1, 2))
    assert rows(saved(chart(XL_CHART_TYPE.COLUMN_CLUSTERED, figures))) == ["Q1 | Sales: 1", "Q2 | Sales: 2"]


def test_slides_without_text_are_pages_too() -> None:
    made = Presentation()
    box(slide(made).shapes, "one")
    slide(made)
    box(slide(made).shapes, "three")
    document = of(made)
    assert len(document.pages) == 3
    assert [text for _, text in shown(document)] == ["Slide 1", "one", "Slide 3", "three"]
    assert document.text.index("Slide 3") >= document.pages[2] > document.pages[0]


def test_the_small_print_is_left_out() -> None:
    made = Presentation()
    new = slide(made, TITLE_AND_CONTENT, "Parts")
    new.placeholders[1].text = "wheel"
    for placeholder in made.slide_layouts[TITLE_AND_CONTENT].placeholders:
        if placeholder.placeholder_format.idx >= 10:  # date, footer, slide number
            new.shapes.clone_placeholder(placeholder)
            new.shapes[-1].text_frame.text = "every slide"
    assert len(new.shapes) > 2
    assert shown(of(made)) == [("heading1", "Parts"), ("paragraph", "wheel")]


def test_smart_art_says_its_texts() -> None:
    made = Presentation()
    box(slide(made).shapes, "MARK")
    a, p = (
        "http://schemas.openxmlformats.org/drawingml/2006",
        "http://schemas.openxmlformats.org/presentationml/2006/main",
    )
    r = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    frame = (
        f'<p:graphicFrame xmlns:p="{p}"><p:nvGraphicFramePr><p:cNvPr id="9" name="d"/><p:cNvGraphicFramePr/><p:nvPr/>'
        f'</p:nvGraphicFramePr><p:xfrm/><a:graphic xmlns:a="{a}/main"><a:graphicData uri="{a}/diagram">'
        f'<d:relIds xmlns:d="{a}/diagram" xmlns:r="{r}" r:dm="rId9"/></a:graphicData></a:graphic>'
        "</p:graphicFrame></p:spTree>"
    )
    data = (
        f'<d:dataModel xmlns:d="{a}/diagram" xmlns:a="{a}/main"><d:ptLst><d:pt/>'
        "<d:pt><d:t><a:p><a:r><a:t>Plan</a:t></a:r></a:p></d:t></d:pt></d:ptLst></d:dataModel>"
    )
    relation = f'<Relationship Id="rId9" Type="{r}/diagramData" Target="../diagrams/data1.xml"/></Relationships>'
    kind = "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml"
    content = changed(
        saved(made),
        {
            "ppt/slides/slide1.xml": ("</p:spTree>", frame),
            "ppt/slides/_rels/slide1.xml.rels": ("</Relationships>", relation),
            "[Content_Types].xml": (
                "</Types>",
                f'<Override PartName="/ppt/diagrams/data1.xml" ContentType="{kind}"/></Types>',
            ),
        },
        {"ppt/diagrams/data1.xml": data},
    )
    assert shown(read_one(content, "a.pptx"))[1:] == [("item", "Plan"), ("paragraph", "MARK")]


def test_entities_are_not_expanded() -> None:
    bomb = changed(small(), {"ppt/slides/slide1.xml": ("Some words.", "Some words. &i;")})
    bomb = changed(bomb, {"ppt/slides/slide1.xml": ("<p:sld ", LAUGHS + "]><p:sld ")})
    assert "entity" in refused(bomb, "a.pptx").lower()


@pytest.mark.parametrize("part", [0.05, 0.5, 0.95])
def test_cut_off(part: float) -> None:
    content = small()
    assert refused(content[: int(len(content) * part)], "a.pptx").startswith("damaged: ")


def test_refused() -> None:
    assert refused(b"", "a.pptx") == "empty"
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.pptx") == "encrypted"
    empty = Presentation()
    slide(empty)
    assert refused(saved(empty), "a.pptx") == "empty"


def test_cells_merged_downwards_and_titles_of_axes() -> None:
    made = Presentation()
    first = slide(made)
    table = first.shapes.add_table(3, 3, 0, 0, Inches(4), Inches(1)).table
    for row, cells in enumerate((("region", "kind", "sum"), ("North", "x", "1"), ("", "y", "2"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    data = CategoryChartData()
    data.categories = ["2020"]
    data.add_series("sold", (1.5,))
    place = (Inches(0), Inches(3), Inches(4), Inches(2))
    chart = first.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, data).chart
    chart.value_axis.axis_title.text_frame.text = "in million euros"
    assert [text for _, text in shown(of(made))] == [
        "Slide 1",
        "region: North | kind: x | sum: 1",
        "region: North | kind: y | sum: 2",
        "in million euros",
        "2020 | sold: 1.5",
    ]


def test_each_side_of_a_comparison_has_its_heading_before_its_text() -> None:
    made = Presentation()
    new = slide(made, COMPARISON, "Boats")
    for place, text in zip(list(new.placeholders)[1:], ("For", "cheap", "Against", "slow"), strict=True):
        place.text = text
    box(new.shapes, "Below both", top=7)
    assert [text for _, text in shown(of(made))] == ["Boats", "For", "cheap", "Against", "slow", "Below both"]


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([("10", ""), ("6", 'baseline="30000"'), (" units", "")], "10^6 units"),
        ([("1", ""), ("1/2", 'baseline="30%"')], "1 1/2"),
        ([("H", ""), ("2", 'baseline="-25000"'), ("O", "")], "H2O"),
        ([("€15", 'strike="sngStrike"'), ("€12", "")], "€15 €12"),
        ([("15", 'strike="noStrike"'), ("12", "")], "1512"),
    ],
)
def test_figures_that_stand_apart_on_the_slide_are_no_one_number(runs: list[tuple[str, str]], text: str) -> None:
    made = Presentation()
    paragraph = box(slide(made).shapes, "").text_frame.paragraphs[0]
    for words, told in runs:
        run = paragraph.add_run()
        run.text = words
        if told:
            name, value = told.split("=")
            run._r.get_or_add_rPr().set(name, value.strip('"'))
    assert shown(of(made))[-1] == ("paragraph", text)


def test_a_slide_without_a_layout() -> None:
    made = Presentation()
    new = slide(made)
    box(new.shapes, "Some words.")
    new.part.rels.pop(new.part.relate_to(new.slide_layout.part, RELATIONSHIP_TYPE.SLIDE_LAYOUT))
    assert of(made).text.endswith("Some words.")
