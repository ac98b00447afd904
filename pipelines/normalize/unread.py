"""Words of a section from which no row was read: a finding each, so that nothing is left out in silence.

    part = a statement up to the next ";" outside brackets

Leads (`Common side effects:`) and words such as `none known` state nothing and need no finding.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cache

from pipelines.normalize.sentences import Statement, read_statements
from pipelines.normalize.wording import top_level, without_entities, words_of
from pipelines.records import Finding, FindingCode, Passage
from schemas.codes import by_spelling, fold

_UNREAD = FindingCode("STATEMENT_UNREAD")
_PART = re.compile(r"[^;]+")


def unread(body: Passage, read: Iterable[Passage], table: str) -> Iterator[Finding]:
    """A finding for each part of a section's statements that shares no word with its rows, whose places are apart."""
    places = sorted(read, key=lambda place: place.start)
    starts = [place.start for place in places]
    message = f"No row of {table} was read from these words; they stay in their section."
    for statement in read_statements(body):
        if not statement.is_lead:
            for part in _parts(statement):
                before = bisect_left(starts, part.end)
                if not before or places[before - 1].end <= part.start:
                    yield Finding(_UNREAD, message, part, table)


def _parts(statement: Statement) -> Iterator[Passage]:
    """The parts of a statement that say something."""
    for found in _PART.finditer(top_level(without_entities(statement.place.text))):
        part = statement.place.part(*found.span()).strip()
        words = fold(part.text).strip(" .:")
        if any(map(str.isalpha, words)) and words not in _says_nothing():
            yield part


@cache
def _says_nothing() -> frozenset[str]:
    """Words that are whole statements and state nothing: `none known`, `Nervous system disorders`, `Rare`."""
    nothing = words_of("caution_words", "none") | words_of("reaction_words", "nothing", "system")
    return nothing | frozenset(by_spelling("severity_words"))
