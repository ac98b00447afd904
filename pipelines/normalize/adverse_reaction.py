"""Adverse reactions: the items that a section lists, each with what the text says of its severity.

    body    = { statement | lead { item } }             `Serious side effects:` gives its severity to the items below,
                                                        and so does a line that only says how often: `Rare`
    sentence = part { ";" part }
    part    = label ":" { label ":" } list              `Very common (>10%): nausea`   `GI: nausea, vomiting`
            | severity "," list                         `and, rarely, euphoria`
            | frequency list                            `rarely hepatitis`
            | subject `include` list                    `Common side effects include nausea`
            | subject `are` list                        where the subject is a word for reactions, or `the most common`
            | warning `if you have` list                where the warning has a severity: `Call a doctor if you have …`
            | list `have been reported`
            | list                                      no verb, no `you`: `Nausea, vomiting`

Anything else is prose and lists nothing, and neither does what an unknown label (`Management:`) leads to. The severity
is that of the label, subject or verb; else that of the lead above the list; else that of the heading. Two severities at
once are `unspecified`. Words are rows of `reaction_words.csv` and `severity_words.csv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pipelines.normalize.reaction_list import list_items
from pipelines.normalize.sentences import Statement, read_statements
from pipelines.normalize.unread import unread
from pipelines.normalize.wording import Wording, any_of, phrases, tidy, top_level, wording
from pipelines.records import AdverseReaction, Finding, Monograph, Passage
from schemas.codes import by_spelling, fold

_UNSPECIFIED = "unspecified"
_TABLE = "reaction_words"
_FLAGS = re.VERBOSE | re.IGNORECASE

_SEVERITY = re.compile(any_of(by_spelling("severity_words")), _FLAGS)
_EFFECT = re.compile(phrases(_TABLE, "effect"), _FLAGS)
_KNOWN_LABEL = re.compile(phrases(_TABLE, "effect", "lists", "system"), _FLAGS)
_OTHER_SUBJECT = re.compile(phrases(_TABLE, "other subject", "denies"), _FLAGS)
_LISTS = re.compile(phrases(_TABLE, "lists"), _FLAGS)
_EQUALS = re.compile(phrases(_TABLE, "equals"), _FLAGS)
_WHEN = re.compile(phrases(_TABLE, "when"), _FLAGS)
_LISTED = re.compile(phrases(_TABLE, "listed before"), _FLAGS)
_LABEL = re.compile(r"[^:]*:(?:[^:,]*:)*")
_FREQUENCY_FIRST = re.compile(
    rf"\s{{0,9}}(?:{phrases(_TABLE, 'separator')})?[\s,]{{0,9}}{any_of(by_spelling('severity_words'))}\s?,", _FLAGS
)
_FREQUENCY_ALONE = re.compile(
    rf"\s* (?:{phrases(_TABLE, 'article')}\s+)? {any_of(by_spelling('severity_words'))} \s*", _FLAGS
)
_OFTEN = re.compile(
    rf"""\s{{0,9}} (?: {phrases(_TABLE, "separator")} \s{{1,9}} )?
         (?! {phrases(_TABLE, "whole")} ) {phrases(_TABLE, "frequency")} \s{{1,9}} (?=\w)""",
    _FLAGS,
)
_PART = re.compile(r"[^;]+")
_OPENING = re.compile(rf"\s{{0,9}}{phrases(_TABLE, 'article', 'separator')}\s{{1,9}}", _FLAGS)
_NUMBER = r"[<>≤≥=~]{0,2} \s? \d{1,3} (?: [.,]\d{1,3} )?"
_SHARE = rf"{_NUMBER} \s? %? (?: \s? (?: - | to ) \s? {_NUMBER} )? \s? %"
_SHARE_AT_END = re.compile(rf"[\s:-]{{0,4}} {_SHARE} \s* \Z | \A \s* {_SHARE} [\s:-]{{1,4}}", _FLAGS)
_BRACKET = re.compile(r"\s? [(\[] (?P<words> [^()\[\]]{1,80} ) [)\]]", re.VERBOSE)
_FREQUENCY = re.compile(r"\d \s? % | \d \s? (?: / | in ) \s? \d", _FLAGS)


_SEVERITIES = {
    "adverse_clinical_trials": "unspecified",
    "adverse_postmarketing": "unspecified",
    "adverse_reactions": "unspecified",
    "common_adverse_reactions": "common",
    "serious_adverse_reactions": "serious",
}


def read_reactions(monograph: Monograph) -> tuple[tuple[AdverseReaction, ...], tuple[Finding, ...]]:
    """The reactions of a monograph's sections, and findings for what gave none."""
    reactions: list[AdverseReaction] = []
    findings: list[Finding] = []
    for section in monograph.sections:
        if section.code in _SEVERITIES and section.body:
            said = severity_of_heading(section.heading.text) if section.heading else None
            found = read_adverse_reactions(section.body, severity=said or _SEVERITIES[section.code])
            findings += unread(section.body, (each.place for each in found), "adverse_reactions")
            reactions += found
    return tuple(reactions), tuple(findings)


@dataclass(frozen=True, slots=True)
class _Context:
    """What stands before a part of a statement says of it."""

    severity: str
    is_list: bool = True


def severity_of_heading(words: str) -> str | None:
    """The severity that a heading states, in its words or its remark: `Side effects (>10%)`; None where it states none.

    >>> severity_of_heading("Side effects (>10%)")
    'common'
    """
    return _severity_in(words)


def read_adverse_reactions(text: Passage, *, severity: str = _UNSPECIFIED) -> tuple[AdverseReaction, ...]:
    """The reactions that a section lists, in order, each name once within a severity.

    `severity` is that of the heading. A class of reactions and its examples are reactions each: `hypersensitivity
    reactions, including rash` gives two.
    """
    found: dict[tuple[str, str], AdverseReaction] = {}
    line: Passage | None = None
    for statement in read_statements(text):
        if fold(statement.place.text).strip(" .:") in by_spelling("severity_words"):
            line = statement.place  # `Frequency not defined`, alone on its line
        elif not statement.is_lead:
            for reaction in _reactions(_under(statement, line), severity):
                found.setdefault((reaction.severity, reaction.name), reaction)
    return tuple(found.values())


def _under(statement: Statement, line: Passage | None) -> Statement:
    """A statement with the line that groups it as its last lead, unless a later lead does."""
    if line is None or (statement.leads and statement.leads[-1].start > line.start):
        return statement
    return replace(statement, leads=(*statement.leads, line))


def _reactions(statement: Statement, severity: str) -> Iterator[AdverseReaction]:
    context = _Context(severity)
    for lead in statement.leads:
        context = _after_label(lead.text, context)
    words = wording(statement.place)
    for part in _PART.finditer(top_level(words.text)):
        start, end, context = _list_in(words.text, part.start(), part.end(), context)
        items = [(start + a, start + b) for a, b in list_items(words.text[start:end])] if context.is_list else []
        for a, b in items:
            yield from _reaction(words, a, b, context.severity)
        context = replace(context, is_list=bool(items))


def _after_label(label: str, context: _Context) -> _Context:
    said = _severity_in(label)
    is_known = said or _KNOWN_LABEL.search(label) or _FREQUENCY.search(label)
    return _Context(said or context.severity, bool(is_known) and _is_of_the_drug(label))


def _is_of_the_drug(subject: str) -> bool:
    """Whether the words deny nothing (but a frequency: `not known`) and name no overdose, withdrawal or the like."""
    return not _OTHER_SUBJECT.search(_SEVERITY.sub(" ", subject))


def _severity_in(text: str) -> str | None:
    """The severity that the words state: None where they state none, `unspecified` where they state two."""
    rows = (by_spelling("severity_words").get(fold(found[0])) for found in _SEVERITY.finditer(text))
    said = {row["severity"] for row in rows if row}
    return said.pop() if len(said) == 1 else _UNSPECIFIED if said else None


def _list_in(text: str, start: int, end: int, context: _Context) -> tuple[int, int, _Context]:
    """Where the list of a part begins and ends, and what is said of it: by its label, then by its sentence."""
    outside = top_level(text[start:end])
    label = _LABEL.match(outside) or _FREQUENCY_FIRST.match(outside)
    if label:
        context = _after_label(text[start : start + label.end()], context)
        start, outside = start + label.end(), outside[label.end() :]
        if not context.is_list:
            return start, end, context
    return _list_in_sentence(outside, start, end, context)


def _list_in_sentence(outside: str, start: int, end: int, context: _Context) -> tuple[int, int, _Context]:
    lead_in = _lead_in(outside)
    if lead_in:
        return start + lead_in.end(), end, _after_subject(outside[: lead_in.end()], context)
    listed = _LISTED.search(outside)
    if listed:
        said = _severity_in(outside[listed.start() :])
        is_list = context.is_list and _is_of_the_drug(outside)
        return start, start + listed.start(), _Context(said or context.severity, is_list)
    often = _OFTEN.match(outside)
    if often:
        return start + often.end(), end, replace(context, severity=_severity_in(often[0]) or context.severity)
    return start, end, context


def _lead_in(part: str) -> re.Match[str] | None:
    """The word that leads to a list in a part of a sentence."""
    lists = _LISTS.search(part)
    if lists:
        return lists
    when = _WHEN.search(part)
    if when:
        return when if _severity_in(part[: when.start()]) else None
    equals = _EQUALS.search(part)
    if equals is None:
        return None
    subject = part[: equals.start()]
    is_of_effects = _EFFECT.search(subject) or _FREQUENCY_ALONE.fullmatch(subject)
    return equals if is_of_effects else None


def _after_subject(subject: str, context: _Context) -> _Context:
    return _Context(_severity_in(subject) or context.severity, _is_of_the_drug(subject))


def _reaction(words: Wording, start: int, end: int, severity: str) -> Iterator[AdverseReaction]:
    place = words.part(start, end)
    said = {_severity_in(bracket["words"]) for bracket in _BRACKET.finditer(words.text[start:end])} - {None}
    name = _name(place.text)
    if any(map(str.isalpha, name)):
        yield AdverseReaction(place, name, (said.pop() if len(said) == 1 else None) or severity)


def _name(printed: str) -> str:
    """The item in lower case, without article, frequency or full stop.

    >>> _name("A rash (>10%).")
    'rash'
    """
    text = _BRACKET.sub(lambda bracket: "" if _says_how_often(bracket["words"]) else bracket[0], tidy(printed))
    without_share = _SHARE_AT_END.sub("", text)
    opening = _OPENING.match(without_share)
    return tidy(without_share[opening.end() if opening else 0 :].strip(" .,;:*†‡-").lower())


def _says_how_often(words: str) -> bool:
    return _FREQUENCY.search(words) is not None or fold(words) in by_spelling("severity_words")
