"""Words to meaning: one monograph's sections, read by pure functions into values and findings.

`read_monograph` says which sections feed which reader. Each reader stands in a module of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from pipelines.lexer import Tokens
from pipelines.normalize import products
from pipelines.normalize.adverse_reaction import read_reactions
from pipelines.normalize.drug_class import read_drug_classes
from pipelines.normalize.ingredients import without_ingredients
from pipelines.normalize.names import read_brands, read_name
from pipelines.normalize.pregnancy_categories import has_lactation_statement, read_pregnancy_categories
from pipelines.normalize.title_name import TitleNames, read_title_names
from pipelines.normalize.uses_and_cautions import read_uses_and_cautions
from pipelines.records import (
    Block,
    DrugClass,
    Finding,
    FindingCode,
    Monograph,
    MonographReading,
    Name,
    Passage,
)
from schemas.codes import fold

T = TypeVar("T")

_WORD = re.compile(r"[^\W\d_][\w'-]*")
_NAME_MISSING = FindingCode("NAME_MISSING")


def read_monograph(monograph: Monograph, tokens: Tokens, blocks: tuple[Block, ...] = ()) -> MonographReading:
    """Everything that the monograph states in its own words; never raises.

    `tokens` are of the whole document, `blocks` what its structure sets apart: a reader takes its stretch of both.
    """
    named, name_findings = _name(monograph)
    name = named.name
    classes, class_findings = _drug_classes(monograph)
    brands = _once(_brands(monograph, named.brand), lambda brand: fold(brand.text))
    own = _words_of_names(monograph.title.text, name.generic_name, *(brand.text for brand in brands))
    categories, category_findings = read_pregnancy_categories(monograph, tokens, own)
    listed = products.read_products(monograph, name)
    indications, contraindications, statement_findings = read_uses_and_cautions(monograph, tokens, blocks)
    reactions, reaction_findings = read_reactions(monograph)
    overviews = [section.body for section in monograph.sections if section.code == "overview"]
    return MonographReading(
        monograph,
        name,
        brands=brands,
        drug_classes=classes,
        forms=listed.forms,
        routes=listed.routes,
        strengths=without_ingredients(listed.strengths) if _has_trade_name_only(monograph) else listed.strengths,
        pregnancy_categories=categories,
        has_lactation_statement=has_lactation_statement(monograph, tokens),
        indications=indications,
        contraindications=contraindications,
        adverse_reactions=_once(reactions, lambda reaction: (reaction.name, reaction.severity)),
        overview=overviews[-1] if overviews else None,
        findings=(
            *name_findings,
            *class_findings,
            *listed.findings,
            *category_findings,
            *statement_findings,
            *reaction_findings,
        ),
    )


def _has_trade_name_only(monograph: Monograph) -> bool:
    """Whether the name of the product, as a European summary prints it, is all that names the drug."""
    given = {section.code for section in monograph.sections}
    return "product_name" in given and given.isdisjoint(("generic_name", "active_ingredient"))


def _once(values: Iterable[T], key: Callable[[T], object]) -> tuple[T, ...]:
    """The values without those that an earlier section has already given."""
    first: dict[object, T] = {}
    for value in values:
        first.setdefault(key(value), value)
    return tuple(first.values())


def _brands(monograph: Monograph, in_title: Passage | None) -> Iterator[Passage]:
    if in_title:
        yield in_title
    for body in _bodies(monograph, "brand_names"):
        yield from read_brands(body)


def _bodies(monograph: Monograph, *section_codes: str) -> Iterator[Passage]:
    return (section.body for section in monograph.sections if section.code in section_codes and section.body)


def _name(monograph: Monograph) -> tuple[TitleNames, list[Finding]]:
    findings: list[Finding] = []
    if monograph.stated.generic_name:
        name = Name(monograph.stated.generic_name.text)
        return TitleNames(_with_pronunciation(name, monograph), monograph.stated.brand_name), findings
    for body in _bodies(monograph, "generic_name"):
        read = read_name(body)
        if isinstance(read, Name):
            return TitleNames(_with_pronunciation(read, monograph)), findings
        findings.append(read)
    message = "No section states the generic name; the title stands in for it."
    findings.append(Finding(_NAME_MISSING, message, monograph.title, "monographs"))
    named = read_title_names(monograph.title)
    return replace(named, name=_with_pronunciation(named.name, monograph)), findings


def _with_pronunciation(name: Name, monograph: Monograph) -> Name:
    said = next(_bodies(monograph, "pronunciation"), None)
    return replace(name, pronunciation=name.pronunciation or (said.text if said else None))


def _drug_classes(monograph: Monograph) -> tuple[tuple[DrugClass, ...], list[Finding]]:
    classes: list[DrugClass] = []
    findings: list[Finding] = []
    for body in _bodies(monograph, "drug_class"):
        found, reasons = read_drug_classes(body)
        findings += _renumbered(reasons, len(classes))
        classes += found
    return tuple(classes), findings


def _renumbered(findings: Iterable[Finding], before: int) -> Iterator[Finding]:
    """Findings on rows of one body, as findings on rows of the monograph."""
    for finding in findings:
        yield replace(finding, row_no=finding.row_no + before) if finding.row_no else finding


def _words_of_names(*names: str) -> frozenset[str]:
    """The words by which a monograph may call its drug."""
    return frozenset(fold(word) for name in names for word in _WORD.findall(name))
