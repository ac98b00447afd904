"""Never a wrong number: documents whose strengths are known by construction, see `truth.py`."""

from __future__ import annotations

import pytest

from tests.truth import NUMBERS, Tally, measure, templates
from tests.truth_categories import categories_by_kind, measure_categories

LINES = 4_000
ELSEWHERE = "elsewhere in the document"
KINDS = sorted({template.kind for template in templates()} | {f"number: {kind}" for kind in NUMBERS} | {ELSEWHERE})
KINDS += [f"pregnancy: {kind}" for kind in categories_by_kind()]
_UNNAMED = "missing without a word"


@pytest.fixture(scope="module")
def tallies() -> dict[str, Tally]:
    """What becomes of the lines, by kind."""
    return measure(LINES) | measure_categories(LINES // 2)


def _wrong(tallies: dict[str, Tally], kind: str) -> list[tuple[str, str, str]]:
    return tallies[kind].wrong if kind in tallies else []


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_published_is_what_is_stated(tallies: dict[str, Tally], kind: str) -> None:
    """Every published strength or category is one that its line states."""
    assert [wrong for wrong in _wrong(tallies, kind) if wrong[2] != _UNNAMED] == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_left_out_has_a_finding(tallies: dict[str, Tally], kind: str) -> None:
    """A line of which something is not published has a finding, or a row without a number, at its place."""
    assert [wrong for wrong in _wrong(tallies, kind) if wrong[2] == _UNNAMED] == []


def test_every_kind_was_tried(tallies: dict[str, Tally]) -> None:
    """Some lines of each kind are among those that were read, and more are read than refused."""
    assert [kind for kind in KINDS if kind not in tallies and kind != ELSEWHERE] == []
    assert sum(tally.right for tally in tallies.values()) > sum(tally.refused for tally in tallies.values())
