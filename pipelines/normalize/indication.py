"""What a drug is for: one statement of use for each sentence or list item, on-label or off-label.

    body      = { statement | lead { item } }      `Uses include:` is no statement; `Not used for:` denies its items
    statement = clause { turn clause }             cut only where on-label turns to off-label, or a use to no use
    clause    = denial                             `is not indicated for …`, `Not for gout`, `does not cure …`: left out
              | unapproved use                     `not approved by the FDA but used for …`: off-label
              | sentence that speaks of a use, or words without a verb (`Pain and fever.`)

A sentence with a verb that speaks of no use (`It is a tablet.`) is left out. The words are rows of
`use_words.csv` and `grammar_words.csv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelines.normalize.clauses import kinds_in, turns_before
from pipelines.normalize.sentences import Statement, read_statements
from pipelines.normalize.verbs import VERB
from pipelines.normalize.wording import phrases, top_level
from pipelines.records import Indication, Passage

_LABELLED, _OFF_LABEL, _NO_USE = "labelled", "off-label", "no use"

_FLAGS = re.VERBOSE | re.IGNORECASE
_BETWEEN = rf"(?:{phrases('grammar_words', 'auxiliary')}\s{{1,9}}){{0,5}}"
_NEGATION = phrases("use_words", "negation")
_DENIED = rf"{_NEGATION}\s{{1,9}}{_BETWEEN}{phrases('use_words', 'use')}"
_AFFIRMED = phrases("use_words", "affirmation")
_PURPOSE = rf"{_BETWEEN}{phrases('use_words', 'purpose', 'purpose denied')}"
_NO_PURPOSE = (
    rf"{VERB}\s{{1,9}}{_BETWEEN}(?!{_AFFIRMED}){_NEGATION}\s{{1,9}}{_PURPOSE}"
    rf"|{phrases('use_words', 'denial')}\s{{1,9}}{_PURPOSE}"
)
_DENIED_USE = phrases("use_words", "denied use")
_NOT_APPROVED = rf"{_NEGATION}\s{{1,9}}{_BETWEEN}{phrases('use_words', 'approved')}"
_OFF_LABEL_WORDS = phrases("use_words", "off-label")

_NEGATED = re.compile(
    rf"(?P<affirmed>{_AFFIRMED})|(?P<unapproved>{_NOT_APPROVED})|{_DENIED}"
    rf"|{_NO_PURPOSE}|\A\W{{0,9}}(?!{_AFFIRMED}){_NEGATION}\s{{1,9}}{_PURPOSE}|{_DENIED_USE}",
    _FLAGS,
)
_CONDITION = re.compile(phrases("grammar_words", "condition"), _FLAGS)
_OFF = re.compile(_OFF_LABEL_WORDS, _FLAGS)
_ASIDE = re.compile(rf"[(\[][^()\[\]]{{0,80}}?{_OFF_LABEL_WORDS}[^()\[\]]{{0,80}}[)\]]", _FLAGS)
_NONE = re.compile(phrases("use_words", "no use"), _FLAGS)
_VERB = re.compile(VERB, _FLAGS)
_USE = re.compile(phrases("use_words", "use", "approved", "purpose"), _FLAGS)
_USED = re.compile(phrases("use_words", "use"), _FLAGS)
_FOLLOWED = r"\s{1,9}\w{1,30}\s{1,9}\w"  # `off-label for hiccups` is a clause, `, unlicensed use` is not
_TURNS = turns_before(rf"(?:{_OFF_LABEL_WORDS}(?={_FOLLOWED})|{_DENIED}|{_NO_PURPOSE}|{_DENIED_USE}|{_NOT_APPROVED})")
_ITEMS = re.compile(r"[,;]\s{0,9}")


def read_indications(text: Passage, *, off_label_section: bool = False) -> tuple[Indication, ...]:
    """The statements of use of a section, in order; with `off_label_section` every one of them is off-label."""
    default = _OFF_LABEL if off_label_section else _LABELLED
    return tuple(
        Indication(place, kind == _OFF_LABEL)
        for statement in read_statements(text)
        if not statement.is_lead
        for place, kind in _kinds(statement, default)
        if kind != _NO_USE
    )


def _kinds(statement: Statement, default: str) -> Iterator[tuple[Passage, str]]:
    """The stretches of a statement, each labelled, off-label or no use."""
    for lead in statement.leads:
        default = _kind(lead.text, default, default)
    if _ASIDE.search(statement.place.text):
        return kinds_in(statement.place, _ITEMS, lambda item, _: _kind_of_item(item, default), default)
    return kinds_in(statement.place, _TURNS, lambda clause, before: _kind(clause, before, default), default)


def _kind_of_item(item: str, default: str) -> str:
    """The kind of one use in a list that marks some: `spasticity, hiccups (off-label)`."""
    return _OFF_LABEL if _ASIDE.search(item) else _kind(item, default, default)


def _kind(clause: str, before: str, default: str) -> str:
    """The kind of a clause: what it says itself, or else `default` for a sentence and `before` for mere words."""
    negated = _negated(clause)
    if negated and negated["unapproved"] and _USED.search(clause[: negated.start()] + clause[negated.end() :]):
        return _OFF_LABEL
    if negated or _NONE.search(clause):
        return _NO_USE
    if _OFF.search(clause):
        return _OFF_LABEL
    if not _VERB.search(top_level(_main(clause))):
        return before
    return default if _USE.search(clause) and default != _NO_USE else _NO_USE


def _negated(clause: str) -> re.Match[str] | None:
    """The first denial of a use in the main clause: `when surgery is not indicated` denies no use of the drug."""
    main = len(_main(clause))
    return next((m for m in _NEGATED.finditer(clause) if not m["affirmed"] and m.start() < main), None)


def _main(clause: str) -> str:
    """The clause up to what it depends on: `hypertension, when …`."""
    condition = _CONDITION.search(clause)
    return clause[: condition.start()] if condition and condition.start() else clause
