"""Which parts of a document can be quoted."""

from __future__ import annotations

from formfact.knowledge.quotes import LONGEST, cut
from formfact.types import Block, Document


def quotable(*parts: tuple[str, str]) -> list[str]:
    """The candidates of a document made of blocks: kind and text each."""
    text, blocks = "", []
    for kind, part in parts:
        blocks.append(Block(kind, len(text), len(text) + len(part)))  # type: ignore[arg-type]
        text += f"{part}\n\n"
    document = Document("a.md", "a.md", text, "", "markdown", tuple(blocks))
    return [text[one.start : one.end] for one in cut(document, 1, 0, len(text))]


def test_what_announces_a_list_is_quoted_with_it() -> None:
    found = quotable(
        ("paragraph", "It lasts two years. The warranty does not cover:"), ("item", "- ice;"), ("item", "- fire."),
        ("paragraph", "Ask us."),
    )  # fmt: skip
    assert found == [
        "It lasts two years.", "The warranty does not cover:\n\n- ice;\n\n- fire.", "- ice;", "- fire.", "Ask us.",
    ]  # fmt: skip


def test_of_a_long_list_as_much_is_quoted_as_a_quote_may_hold() -> None:
    items = [("item", f"- {'word ' * 29}end{number}.") for number in range(4)]
    (announced, *_) = quotable(("paragraph", "You need:"), *items)
    assert announced.endswith("end1.")
    assert len(announced.split()) <= LONGEST


def test_a_colon_that_announces_no_list_is_quoted_alone() -> None:
    assert quotable(("paragraph", "You need:"), ("code", "make demo"), ("item", "- ice")) == [
        "You need:", "make demo", "- ice",
    ]  # fmt: skip
    assert quotable(("item", "- Bring:"), ("item", "- a pen"))[0] == "- Bring:"


def test_a_heading_is_quoted_where_it_stands_alone_or_is_a_clause() -> None:
    assert quotable(("heading", "Delay"), ("paragraph", "Each day costs.")) == ["Each day costs."]
    assert quotable(("heading", "Delay")) == ["Delay"]
    clause = "The supplier delivers " + "within thirty days " * 10 + "of the order."
    assert quotable(("heading", clause), ("paragraph", "Each day costs.")) == [clause, "Each day costs."]
