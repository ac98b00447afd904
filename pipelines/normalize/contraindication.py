"""When not to use a drug, or to take care: one row for each sentence or list item that says so.

    body      = { statement | lead { item } }      `Use with caution in:` gives its kind to its items
    statement = clause { turn clause }             cut only where one kind turns to another
    clause    = denial                             `no known contraindications`, `can be taken by most adults`: left out
              | words of a kind                    `contraindicated`, `do not use in …`; `use with caution`, `monitor`
              | words without a verb               `Hypersensitivity to baclofen`: of the kind that the section is about
              | sentence without either            a caution in a section of cautions, else left out

The words are rows of `caution_words.csv` and `grammar_words.csv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelines.normalize.clauses import kinds_in, turns_before
from pipelines.normalize.sentences import Statement, read_statements
from pipelines.normalize.verbs import VERB
from pipelines.normalize.wording import phrases, top_level, words_of
from pipelines.records import Contraindication, Passage
from schemas.codes import fold

_CONTRAINDICATED, _CAUTION, _NEITHER = "contraindicated", "caution", "neither"

_FLAGS = re.VERBOSE | re.IGNORECASE
_BETWEEN = rf"(?:{phrases('grammar_words', 'auxiliary')}\s{{1,9}}){{0,5}}"
_PROHIBITION = rf"{phrases('caution_words', 'negation')}\s{{1,9}}{_BETWEEN}{phrases('caution_words', 'giving')}"
_CAUTION_WORDS = phrases("caution_words", "caution")
_RULED_OUT = phrases("caution_words", "contraindicated")

_KIND = re.compile(
    rf"(?P<caution>{_CAUTION_WORDS})|(?P<contraindicated>{_RULED_OUT})|(?P<prohibited>{_PROHIBITION})"
    rf"|(?P<avoid>{phrases('caution_words', 'avoid')})",
    _FLAGS,
)
_DENIED = re.compile(
    rf"{phrases('caution_words', 'denies')}\s{{1,9}}(?:{phrases('caution_words', 'between')}\s{{1,9}}){{0,5}}"
    rf"(?:{_RULED_OUT}|{_CAUTION_WORDS})|{phrases('caution_words', 'allowed')}",
    _FLAGS,
)
_LIMIT = re.compile(phrases("caution_words", "limit"), _FLAGS)
_CONDITION = re.compile(phrases("grammar_words", "condition"), _FLAGS)
_VERB = re.compile(VERB, _FLAGS)
_TURNS = turns_before(f"(?:{_CAUTION_WORDS}|{_RULED_OUT}|{_PROHIBITION})")


def read_contraindications(text: Passage, *, kind: str = _CONTRAINDICATED) -> tuple[Contraindication, ...]:
    """The contraindications and cautions of a section, in order; `kind` is what the section is about."""
    return tuple(
        Contraindication(place, found)
        for statement in read_statements(text)
        if not statement.is_lead
        for place, found in _kinds(statement, kind)
        if found != _NEITHER
    )


def _kinds(statement: Statement, section: str) -> Iterator[tuple[Passage, str]]:
    before = section
    for lead in statement.leads:
        before = _kind(lead.text, before, section)
    return kinds_in(statement.place, _TURNS, lambda clause, last: _kind(clause, last, section), before)


def _kind(clause: str, before: str, section: str) -> str:
    """The kind of a clause: what it says itself, or else that of what stands before it, for words without a verb."""
    if fold(clause).strip(" .:") in words_of("caution_words", "none") or _DENIED.search(clause):
        return _NEITHER
    said = _KIND.search(clause)
    if said and said["prohibited"]:
        return _CAUTION if _LIMIT.search(clause) else _CONTRAINDICATED
    if said and not said["avoid"]:
        return str(said.lastgroup)
    if said or _is_words_only(clause):
        return before if not said else section
    return _CAUTION if section == _CAUTION else _NEITHER


def _is_words_only(clause: str) -> bool:
    """Whether the main clause has no verb: `patients who are pregnant` has none."""
    condition = _CONDITION.search(clause)
    return not _VERB.search(top_level(clause[: condition.start()] if condition else clause))
