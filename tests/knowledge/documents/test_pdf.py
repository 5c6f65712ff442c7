"""PDFs, drawn by hand word by word, so that each test shows what it is about."""

from __future__ import annotations

import gc
import resource
import sys
import threading

import pytest

from formfact.types import Document
from tests.knowledge.documents.drawing import BOLD, MONO, PICTURE, At, Note, draw, lines
from tests.knowledge.documents.reading import read_all, read_one, refused, shown

PROSE = [
    "The pump stands in the cellar and feeds the house with water from the",
    "well behind the barn. It was built in 1958 and has been repaired three",
    "times since then, most recently in the spring of last year.",
]
JOINED = " ".join(PROSE)
MORE = [
    "A second one stands in the barn itself, where it was put when the herd",
    "grew. It runs only in summer, and whoever starts it must first open the",
    "valve below the trough.",
]
JOINED_MORE = " ".join(MORE)


def of(*pages: list[At | str], **kind: object) -> Document:
    return read_one(draw(pages, **kind), "a.pdf")  # type: ignore[arg-type]


def blocks(*pages: list[At | str]) -> list[tuple[str, str]]:
    return shown(of(*pages))


def test_lines_become_paragraphs() -> None:
    assert blocks([*lines(PROSE), *lines(MORE, y=130)]) == [("paragraph", JOINED), ("paragraph", JOINED_MORE)]


def test_an_indented_line_begins_a_paragraph() -> None:
    first, *rest = MORE
    drawn = [*lines(PROSE), At(90, 72 + 3 * 13, first), *lines(rest, y=72 + 4 * 13)]
    assert blocks(drawn) == [("paragraph", JOINED), ("paragraph", JOINED_MORE)]


def test_lines_that_were_meant_to_end_stay_apart() -> None:
    address = ["Anna Muster", "Lange Gasse 7", "89073 Ulm"]
    assert blocks([*lines(address), *lines(PROSE, y=140)]) == [("paragraph", one) for one in [*address, JOINED]]


def test_words_broken_at_the_end_of_a_line() -> None:
    drawn = lines(
        [
            "Nobody remembers the second installation, which followed an instal-",
            "lation nearby, and the well-known chronicle tells of a most well-",
            "known quarrel about a multi-agent sys-",
        ]
    )
    text = blocks([*drawn, *lines(["tem."], y=72 + 39)])[0][1]
    assert "an installation nearby" in text
    assert "most well-known quarrel" in text
    assert text.endswith("multi-agent system.")


def test_headings_by_size_and_by_bold_type() -> None:
    drawn = [
        At(72, 60, "The Water Book", 22),
        At(72, 100, "Pumps", 15),
        *lines(PROSE, y=125),
        At(72, 180, "In the barn", 11, BOLD),
        *lines(MORE, y=200),
        At(72, 260, "A bold end.", 11, BOLD),
    ]
    document = of(drawn)
    assert shown(document) == [
        ("heading1", "The Water Book"),
        ("heading2", "Pumps"),
        ("paragraph", JOINED),
        ("heading3", "In the barn"),
        ("paragraph", JOINED_MORE),
        ("paragraph", "A bold end."),
    ]
    assert document.title == "The Water Book"


@pytest.mark.parametrize("told", ["untitled", "(anonymous)", "Microsoft Word - draft.doc", "draft_3.docx", " "])
def test_titles_that_say_nothing(told: str) -> None:
    drawn = [At(72, 60, "The Water Book", 22), *lines(PROSE, y=125)]
    assert of(drawn, info={"Title": told.replace("(", r"\(").replace(")", r"\)")}).title == "The Water Book"
    told_well = of(drawn, info={"Title": "On Water", "Author": "Ann", "CreationDate": "D:20240229120000Z"})
    assert (told_well.title, told_well.metadata) == ("On Water", {"author": "Ann", "created": "2024-02-29"})


def test_items_and_numbered_sections() -> None:
    drawn = [
        At(72, 60, "2.1", 11),
        At(110, 60, "Parts of the pump", 11),
        *lines(["\x95 a wheel", "\x95 a hose"], y=90),
        *lines(["1. Open the valve.", "2. Wait."], y=130),
    ]
    drawn = [one._replace(text=one.text.replace("\x95", "•")) for one in drawn]
    assert blocks([*drawn, *lines(PROSE, y=170)]) == [
        ("paragraph", "2.1 Parts of the pump"),
        ("item", "• a wheel"),
        ("item", "• a hose"),
        ("item", "1. Open the valve."),
        ("item", "2. Wait."),
        ("paragraph", JOINED),
    ]


def table(rows: list[list[str]], y: float = 300, step: float = 16) -> list[At]:
    return [
        At(72 + 110 * at, y + step * row, cell)
        for row, cells in enumerate(rows)
        for at, cell in enumerate(cells)
        if cell
    ]


def test_a_table_without_lines_names_its_columns() -> None:
    drawn = table([["part", "price", "stock"], ["wheel", "3", "12"], ["hose", "", "7"], ["tap", "9", ""]])
    assert blocks([*lines(PROSE), *drawn]) == [
        ("paragraph", JOINED),
        ("row", "part: wheel | price: 3 | stock: 12"),
        ("row", "part: hose | stock: 7"),
        ("row", "part: tap | price: 9"),
    ]


def test_a_cell_of_two_lines() -> None:
    drawn = table([["part", "use", "price"], ["wheel", "turns the", "3"], ["hose", "leads", "4"]], step=30)
    below = At(72 + 110, 300 + 30 + 12, "whole thing")
    assert blocks([*drawn, below]) == [
        ("row", "part: wheel | use: turns the whole thing | price: 3"),
        ("row", "part: hose | use: leads | price: 4"),
    ]


def test_pairs_are_rows() -> None:
    assert blocks(table([["Name:", "Anna"], ["Town:", "Ulm"]])) == [("row", "Name: | Anna"), ("row", "Town: | Ulm")]


def test_a_table_of_contents_has_no_rows_of_dots() -> None:
    assert blocks(lines(["1 Pumps . . . . . . . . . . 7", "2 Wells ........... 12"])) == [
        ("row", "1 Pumps … 7"),
        ("row", "2 Wells … 12"),
    ]


NARROW = [
    [
        "The pump stands in the cellar and feeds",
        "the whole house with water from a well",
        "behind the barn, which is old.",
    ],
    ["A second one stands in the barn itself,", "where it was put when the herd grew.", "It runs only in summer."],
]


def test_columns_are_read_one_after_the_other() -> None:
    head = [At(200, 50, "The Water Book", 20)]
    left, right = (lines(column, x=x, y=100) for column, x in zip(NARROW, (60, 320), strict=True))
    expected = [("heading1", "The Water Book"), *(("paragraph", " ".join(column)) for column in NARROW)]
    assert blocks([*head, *left, *right]) == expected


def test_a_title_drawn_last_is_read_first() -> None:
    assert blocks([*lines(PROSE, y=120), At(72, 60, "The Water Book", 20)]) == [
        ("heading1", "The Water Book"),
        ("paragraph", JOINED),
    ]


def test_code_keeps_its_lines_and_indentation() -> None:
    code = [At(90, 200, "def pump():", 9, MONO), At(90 + 4 * 5.4, 212, "return water", 9, MONO)]
    assert blocks([*lines(PROSE), *code, *lines(MORE, y=240)]) == [
        ("paragraph", JOINED),
        ("code", "def pump():\n    return water"),
        ("paragraph", JOINED_MORE),
    ]


def test_pages_and_a_sentence_over_two_of_them() -> None:
    document = of(lines(PROSE[:2]), [], [*lines(PROSE[2:], y=60), *lines(MORE, y=100)])
    assert shown(document) == [("paragraph", JOINED), ("paragraph", JOINED_MORE)]
    assert document.pages == (0, len(JOINED), len(JOINED))
    apart = of(lines(PROSE), lines(MORE))
    assert apart.pages == (0, len(JOINED))
    assert apart.text[apart.pages[1] :].strip() == JOINED_MORE


def test_running_heads_and_page_numbers_go() -> None:
    pages = [
        [At(72, 40, "Water Works Ltd"), *lines([f"{line} ({at})" for line in PROSE]), At(300, 760, str(at + 7))]
        for at in range(6)
    ]
    text = of(*pages).text
    assert text.count("Water Works Ltd") == 1
    assert "\n12" not in text
    assert text.count("feeds the house") == 6


def test_running_heads_with_numbers_of_their_own_stay() -> None:
    pages = [
        [At(72, 40, f"Invoice {7000 + 13 * at}"), *lines(PROSE), At(300, 760, f"Page {at + 1} of 6")] for at in range(6)
    ]
    text = of(*pages).text
    assert all(f"Invoice {7000 + 13 * at}" in text for at in range(6))
    assert "Page" not in text


def test_a_turned_page() -> None:
    turned = [f"0 1 -1 0 {100 + 13 * at} 72 Tm ({line}) Tj" for at, line in enumerate(PROSE)]
    assert blocks([f"BT /F1 11 Tf {' '.join(turned)} ET"]) != []
    document = read_one(draw([[f"BT /F1 11 Tf {' '.join(turned)} ET"]], rotate=90), "a.pdf")
    assert shown(document) == [("paragraph", JOINED)]


def test_ligatures_and_control_characters() -> None:
    assert blocks(["BT /F1 11 Tf 72 700 Td (wa\\000ter\\001 well) Tj ET"])[0][1].startswith("wa")


def test_scans_are_named() -> None:
    assert refused(draw([[PICTURE], [PICTURE]]), "a.pdf") == "scanned: no text layer"
    assert (
        refused(draw([[PICTURE, At(72, 72, "Copy 1")], [PICTURE, At(72, 72, "Copy 2")]]), "a.pdf")
        == "scanned: no text layer"
    )
    assert refused(draw([[], []]), "a.pdf") == "empty: no text on any page"


def test_pictures_among_pages_of_text_are_said() -> None:
    document, skipped = read_all(draw([lines(PROSE), [PICTURE], lines(MORE), [PICTURE]]), "a.pdf")
    assert len(document.pages) == 4
    assert [(one.path, one.reason) for one in skipped] == [
        ("a.pdf:2", "2 pages from this one on: a picture without a text layer")
    ]


def test_refused() -> None:
    assert refused(b"", "a.pdf") == "empty"
    assert refused(b"no PDF at all", "a.pdf") == "damaged: not a PDF that can be opened"
    assert refused(draw([lines(PROSE)], encrypted=True), "a.pdf") == "encrypted"


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_cut_off(part: float) -> None:
    content = draw([lines(PROSE)] * 3)
    assert refused(content[: int(len(content) * part)], "a.pdf")


def test_threads_take_turns() -> None:
    content = draw([lines(PROSE)] * 5)
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(read_one(content, "a.pdf").text)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found) == 4


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_ten_thousand_pages_in_bounded_memory() -> None:
    texts = [*PROSE, *MORE] * 4
    pages = [[*lines([f"{text} ({page})" for text in texts]), At(300, 770, str(page))] for page in range(1, 10_001)]
    content = draw(pages)
    del pages
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    document = read_one(content, "a.pdf")
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * (1 if sys.platform == "darwin" else 1024)
    assert len(document.pages) == 10_000
    assert "(9999)" in document.text
    assert more < 200 << 20


def test_raised_digits_do_not_become_part_of_the_number() -> None:
    words = [At(72, 100, "some 10"), At(110, 95, "6", 7), At(117, 100, "units of 5"), At(163, 96, "1", 7)]
    words += [At(167, 98, "/2", 7), At(176, 100, "inches in 2020")]
    assert "some 10^6 units of 5 1/2 inches in 2020" in read_one(draw([words]), "a.pdf").text


FORM: list[At | str] = [
    At(72, 60, "Application for a mooring", 18),
    *lines(["Name", "Boat", "Harbour", "Insured"], y=112, step=20),
]
TEXT, BOX = "/Subtype /Widget /FT /Tx /DA (/F1 11 Tf 0 g)", "/Subtype /Widget /FT /Btn /V /Yes"


def field(row: int, entries: str, shown: str = "", state: str = "", width: float = 200) -> Note:
    return Note(150, 100 + 20 * row, 150 + width, 116 + 20 * row, entries, shown, state)


def rows(content: bytes) -> list[str]:
    return [text for kind, text in shown(read_one(content, "a.pdf")) if kind == "row"]


def test_what_was_filled_into_a_form_stands_beside_its_labels() -> None:
    notes = [
        field(0, f"{TEXT} /T (a) /V (Ann Smith)", "BT /F1 11 Tf 2 4 Td (Ann Smith) Tj ET"),
        field(1, f"{TEXT} /T (b) /V (Sea Lark)"),
        field(2, "/Subtype /Widget /FT /Ch /Ff 131072 /DA (/F1 11 Tf 0 g) /Opt [(Kessing)] /T (c) /V (Kessing)"),
        field(3, f"{BOX} /T (d)", "2 2 m 8 8 l S", "Yes", width=16),
    ]
    filled = draw([FORM, [*lines(PROSE)]], notes=notes)
    assert rows(filled) == ["Name | Ann Smith", "Boat | Sea Lark", "Harbour | Kessing", "Insured | ✔"]
    assert rows(draw([FORM], notes=[*notes[:3], notes[3]._replace(state="Off")])) == rows(filled)[:3]


def test_a_field_that_is_to_be_drawn_anew_says_its_value() -> None:
    notes = [field(0, f"{TEXT} /T (a) /V (Ann Smith)", "BT /F1 11 Tf 2 4 Td (Nobody) Tj ET")]
    assert rows(draw([FORM], notes=notes, stale=True)) == ["Name | Ann Smith"]


@pytest.mark.parametrize("drawn", ["", "BT /F1 11 Tf 5 4 Td (D) Tj 20 0 Td (E) Tj 20 0 Td (7) Tj ET"])
def test_a_field_with_a_box_for_each_letter_is_one_word(drawn: str) -> None:
    notes = [field(0, f"{TEXT} /T (a) /V (DE7) /Ff 16777216 /MaxLen 10", drawn)]
    assert rows(draw([FORM], notes=notes)) == ["Name | DE7"]


def test_what_is_typed_onto_a_page_is_read_and_what_is_pinned_to_it_or_hidden_is_not() -> None:
    typed = "BT /F1 11 Tf 2 4 Td (Paid in cash) Tj ET"
    notes = [
        Note(72, 300, 300, 316, "/Subtype /FreeText /Contents (Paid in cash) /DA (/F1 11 Tf)", typed),
        Note(500, 60, 520, 80, "/Subtype /Text /Contents (A note of my own)"),
        field(0, f"{TEXT} /T (a) /V (Secret) /F 2"),
    ]
    assert [text for _, text in shown(read_one(draw([FORM], notes=notes), "a.pdf"))][-1] == "Paid in cash"
    assert "own" not in read_one(draw([FORM], notes=notes), "a.pdf").text
    assert "Secret" not in read_one(draw([FORM], notes=notes), "a.pdf").text
