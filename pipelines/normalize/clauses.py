"""A sentence that says two kinds of thing, cut where its kind turns.

    sentence = clause { turn clause }
    turn     = ";" [ joiner ]
             | ( "," [ joiner ] | joiner ) before { auxiliary } and a word that makes the clause of another kind

A sentence of one kind stays whole, whatever it lists. Joiners (`and`, `but`) and auxiliaries (`may`, `also`) are rows
of `grammar_words.csv`; the words at which the kind turns are the caller's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import groupby

from pipelines.normalize.wording import phrases, top_level, wording
from pipelines.records import Passage

_AUXILIARIES = rf"(?:{phrases('grammar_words', 'auxiliary', 'verb', 'verb or noun')}\s{{1,9}}){{0,6}}"
_JOINER = phrases("grammar_words", "joins", "joins clauses")


def turns_before(words: str) -> re.Pattern[str]:
    """The places at which a clause may turn, where `words` is a regular expression for what makes another kind."""
    return re.compile(
        rf"""; \s{{0,9}} (?: {_JOINER}\s )?
           | (?: , \s{{0,9}} (?: {_JOINER}\s )? | (?<=\s){_JOINER}\s ) (?= {_AUXILIARIES}{words} )""",
        re.VERBOSE | re.IGNORECASE,
    )


def kinds_in(
    place: Passage, turns: re.Pattern[str], kind_of: Callable[[str, str], str], before: str
) -> Iterator[tuple[Passage, str]]:
    """The longest stretches of one kind, in order.

    `kind_of(clause, kind)` is the kind of a clause that follows on one of `kind`; `before` is that of the first.
    """
    words = wording(place)
    clauses = []
    kind = before
    for start, end in _clauses(top_level(words.text), turns):
        kind = kind_of(words.text[start:end], kind)
        clauses.append((kind, start, end))
    for found, group in groupby(clauses, key=lambda clause: clause[0]):
        stretch = list(group)
        part = words.part(stretch[0][1], stretch[-1][2]).strip()
        if part:
            yield part, found


def _clauses(text: str, turns: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    at = 0
    for turn in turns.finditer(text):
        yield at, turn.start()
        at = turn.end()
    yield at, len(text)
