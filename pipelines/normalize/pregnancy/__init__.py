"""Pregnancy categories and lactation statements.

A letter belongs to the system that is named with it, else in its sentence, else in the heading, else to the only system
that the text names. Where none is named, a letter that FDA used and that `category` leads to is read as US_FDA,
since US labels had to print `Pregnancy Category C` in these words (21 CFR 201.57 before 2015), while other systems'
letters are quoted with their system. A letter without that word (`Pregnancy: C`), in another language, or of other
systems only (`B3`) is left unread with a finding, because A, C and D mean different things in different systems.

A row's place is the smallest run of words that states it: from the first word of its label, or from its own letter in a
list, to the end of its condition or system.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from pipelines.normalize.pregnancy.found import Found, Label, Statement, heading_label
from pipelines.normalize.pregnancy.statements import read_statements
from pipelines.normalize.pregnancy.words import plain, tokens_of
from pipelines.records import Finding, FindingCode, Passage, PregnancyCategory
from schemas import codes

_TABLE = "pregnancy_categories"
_US_FDA = "US_FDA"
_NOT_ASSIGNED = "N"
_UNREAD = FindingCode("PREGNANCY_UNREAD")
_UNSTATED = FindingCode("PREGNANCY_SYSTEM_UNSTATED")


def read_pregnancy(
    text: Passage, heading: str | None = None, names: frozenset[str] = frozenset(), title: str = ""
) -> tuple[tuple[PregnancyCategory, ...], tuple[Finding, ...]]:
    """Every category that a section states, in reading order, and why others are left unread; never raises.

    `heading` is the section's heading, whose words may name the system or say that a letter follows. `names` are the
    folded words of the drug's own names: with them, the letter of another drug is told from its own. The document's
    `title` may name the system, too: `Australian Product Information`.

    >>> read_pregnancy(Passage("FDA pregnancy category C"))[0][0].code
    'C'
    """
    label = _heading(heading) if heading else None
    is_label = label is not None and label.says_category
    if not (is_label or _may_state(text.text, label)):
        return (), ()
    printed = plain(text.text)
    tokens = tokens_of(printed)
    found = read_statements(printed, tokens, label, names)
    named = {token.value for token in tokens if token.value and "names alone" in token.roles}
    around = _around(label, named) or _systems_in(title)
    categories, findings = _resolved(text, found, around, _narrative_start(printed, heading))
    if is_label and text.text.strip() and not categories and not findings:
        first_line = text.strip().part(0, len(text.text.strip().split("\n", 1)[0]))
        findings = [_finding(_UNREAD, "The heading announces a category, and the text states none.", first_line)]
    return tuple(categories), tuple(findings)


@lru_cache(maxsize=8192)
def _heading(heading: str) -> Label:
    return heading_label(tokens_of(plain(heading)))


def _spellings(role: str) -> Iterator[str]:
    return (row["text"] for row in codes.rows("pregnancy_words") if role in row["roles"].split("; "))


def _any_of(spellings: Iterable[str]) -> str:
    """A pattern for whole words of lower-case text; the longest spelling wins."""
    lowered = sorted({text.lower() for text in spellings}, key=len, reverse=True)
    return rf"\b(?:{'|'.join(map(re.escape, lowered))})(?!\w)"


_SYSTEMS = [row["text"] for row in codes.rows("pregnancy_systems")]
_NAMES_CATEGORY = re.compile(_any_of([*_spellings("category"), *_spellings("category abroad"), *_SYSTEMS]))
_BARE = re.compile(rf"{_any_of(_spellings('pregnancy'))}\s{{0,3}}[:=(-]")
_NARRATIVE = re.compile(_any_of(_spellings("narrative")))
_BEGINS_WITH_LETTER = re.compile(r"\W{0,8}[A-Z][ :-]?\d?(?![\w'-])")


def _may_state(text: str, heading: Label | None) -> bool:
    """A cheap first test: most sections name no category and no system."""
    printed = plain(text)
    under_name = heading is not None and not heading.roles.isdisjoint(("pregnancy", "system"))
    if under_name and _BEGINS_WITH_LETTER.match(printed):
        return True
    lowered = printed.lower()
    return _NAMES_CATEGORY.search(lowered) is not None or _BARE.search(lowered) is not None


def _narrative_start(printed: str, heading: str | None) -> int:
    """Where the narrative begins that took the place of FDA's letters in 2015; the end of a text that has none."""
    if heading is not None and _NARRATIVE.search(plain(heading).lower()):
        return 0
    found = _NARRATIVE.search(printed.lower())
    return found.start() if found else len(printed)


def _around(heading: Label | None, named: set[str]) -> tuple[str, ...]:
    """The system that a letter belongs to where its own sentence names none: the heading's, or the text's only one."""
    if heading is not None and heading.systems:
        return heading.systems
    return tuple(named) if len(named) == 1 else ()


def _systems_in(title: str) -> tuple[str, ...]:
    """The one system that a title names."""
    named = {token.value for token in tokens_of(plain(title)) if "system" in token.roles}
    return tuple(named) if len(named) == 1 else ()


def _resolved(
    text: Passage, found: Found, around: tuple[str, ...], narrative: int
) -> tuple[list[PregnancyCategory], list[Finding]]:
    """Statements as categories of a system; the same category is taken once. `narrative` holds no letter of FDA."""
    findings = [_finding(_UNREAD, u.message, text.part(u.start, u.end)) for u in found.unread]
    categories: dict[tuple[str, str | None, str | None], PregnancyCategory] = {}
    first: dict[str, Statement] = {}
    stated = ((s, system) for s, systems in _with_systems(found, around) for system in systems)
    for statement, system in stated:
        if system == _US_FDA and statement.start >= narrative:
            message = "FDA's letter has no place in a risk summary of the 2015 rule; this one may be another drug's."
            findings.append(_finding(_UNREAD, message, text.part(statement.start, statement.end)))
            continue
        category = _category(text, statement, system, first.get(system))
        if isinstance(category, Finding):
            findings.append(category)
            continue
        first.setdefault(system, statement)
        condition = codes.fold(category.condition.text) if category.condition else None
        categories.setdefault((system, category.code, condition), category)
    return list(categories.values()), [*findings, *_unstated(text, found, around)]


def _with_systems(found: Found, around: tuple[str, ...]) -> Iterator[tuple[Statement, tuple[str, ...]]]:
    """Each statement with the systems it belongs to: none where that is not certain."""
    is_us = _us_lists(found)
    for statement in _stated(found):
        default = (_US_FDA,) if statement.list_no in is_us else ()
        yield statement, statement.systems or around or default


def _unstated(text: Passage, found: Found, around: tuple[str, ...]) -> Iterator[Finding]:
    """One finding for each list of letters without a system."""
    lists: dict[int, list[Statement]] = {}
    for statement, systems in _with_systems(found, around):
        if not systems:
            lists.setdefault(statement.list_no, []).append(statement)
    for letters in lists.values():
        place = text.part(letters[0].start, max(letter.end for letter in letters))
        yield _finding(_UNSTATED, "A letter stands without its system.", place)


@cache
def _letters(system: str) -> dict[str, codes.Row]:
    return {row["code"]: row for row in codes.rows("pregnancy_categories") if row["system_code"] == system}


def _us_lists(found: Found) -> set[int]:
    """The lists that may be read as US_FDA where no system is named: English, with the word, of FDA letters only."""
    foreign = {
        s.list_no
        for s in found.statements
        if not (s.says_category and s.is_english and (s.code is None or s.code in _letters(_US_FDA)))
    }
    return {s.list_no for s in found.statements} - foreign


def _stated(found: Found) -> Iterator[Statement]:
    """Statements, and of explained letters the one that stands for a statement: the only letter its system has."""
    stated = {s.systems for s in found.statements if not s.is_definition}
    explained = {(s.systems, s.code) for s in found.statements if s.is_definition}
    for statement in found.statements:
        letters = [code for systems, code in explained if systems == statement.systems]
        if not statement.is_definition or (statement.systems not in stated and len(letters) == 1):
            yield statement


def _category(text: Passage, statement: Statement, system: str, first: Statement | None) -> PregnancyCategory | Finding:
    """A statement as a category of its system; `first` is what the text stated first of that system."""
    place = text.part(statement.start, statement.end)
    if not _letters(system):
        return _finding(_UNREAD, "The letters of this system are in no code table.", place)
    if statement.code is not None and statement.code not in _letters(system):
        return _finding(_UNREAD, f"{system} has no such category.", place)
    if first is not None and _may_be_another_drugs(statement, first):
        return _finding(_UNREAD, "Another letter was stated before; this one may be another drug's.", place)
    condition = statement.condition
    if condition is None:
        return PregnancyCategory(place, system, statement.code)
    return PregnancyCategory(place, system, statement.code, condition.kind, text.part(condition.start, condition.end))


def _may_be_another_drugs(statement: Statement, first: Statement) -> bool:
    """`Pregnancy category B. … Ribavirin is category X.`: a bare letter that differs without a reason."""
    has_reason = statement.condition is not None or first.condition is not None
    return statement.is_bare and not has_reason and statement.list_no != first.list_no and statement.code != first.code


def _finding(code: FindingCode, message: str, place: Passage) -> Finding:
    return Finding(code, message, place, _TABLE)


def most_restrictive(categories: Iterable[PregnancyCategory]) -> str | None:
    """The highest US FDA letter; `N` where FDA assigned none, and None where the text states nothing of FDA.

    Ranks are FDA's own; letters of other systems are never compared with them.
    """
    stated = [category.code for category in categories if category.system == _US_FDA]
    letters = [code for code in stated if code is not None]
    if not letters:
        return _NOT_ASSIGNED if stated else None
    return max(letters, key=lambda code: int(_letters(_US_FDA)[code]["restrictiveness"]))


_LACTATION = re.compile(_any_of(row["text"] for row in codes.rows("lactation_words")))


def has_lactation_statement(text: Passage) -> bool:
    """Whether the words speak of breast milk or breastfeeding; a nursing home does not.

    >>> [has_lactation_statement(Passage(words)) for words in ("passes into breast milk", "nursing home")]
    [True, False]
    """
    words = codes.by_spelling("lactation_words")
    printed = " ".join(plain(text.text).lower().split())
    return any(words[codes.fold(found[0])]["is_lactation"] == "true" for found in _LACTATION.finditer(printed))
