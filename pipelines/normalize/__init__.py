"""Words to meaning: one monograph's sections, read by pure functions into values and findings.

`read_monograph` says which sections feed which reader. Each reader stands in a module of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from pipelines.normalize import products
from pipelines.normalize.adverse_reaction import read_adverse_reactions
from pipelines.normalize.contraindication import read_contraindications
from pipelines.normalize.drug_class import read_drug_classes
from pipelines.normalize.indication import read_indications
from pipelines.normalize.names import read_brands, read_name
from pipelines.normalize.pregnancy import has_lactation_statement, read_pregnancy
from pipelines.records import (
    AdverseReaction,
    Contraindication,
    DrugClass,
    Finding,
    FindingCode,
    Indication,
    Monograph,
    MonographReading,
    Name,
    Passage,
    PregnancyCategory,
    Section,
)
from schemas.codes import fold

T = TypeVar("T")

_PREGNANCY = frozenset(
    {
        "otc_pregnancy",
        "pregnancy",
        "pregnancy_and_lactation",
        "pregnancy_category",
        "pregnancy_nonteratogenic",
        "pregnancy_teratogenic",
        "specific_populations",
    }
)
_LACTATION = frozenset({"lactation", "nursing_mothers"})
_CAUTIONS = {
    "contraindications": "contraindicated",
    "contraindications_and_cautions": "contraindicated",
    "otc_do_not_use": "contraindicated",
    "cautions": "caution",
    "precautions": "caution",
}
_SEVERITIES = {
    "adverse_reactions": "unspecified",
    "common_adverse_reactions": "common",
    "serious_adverse_reactions": "serious",
}
_USES = {"indications": False, "off_label_uses": True}

_WORD = re.compile(r"[^\W\d_][\w'-]*")
_NAME_MISSING = FindingCode("NAME_MISSING")


def read_monograph(monograph: Monograph) -> MonographReading:
    """Everything that the monograph states in its own words; never raises."""
    name, name_findings = _name(monograph)
    classes, class_findings = _drug_classes(monograph)
    brands = _once(_brands(monograph), lambda brand: fold(brand.text))
    own = _words_of_names(monograph.title.text, name.generic_name, *(brand.text for brand in brands))
    categories, category_findings = _pregnancy_categories(monograph, own)
    listed = products.read_products(monograph, name)
    overviews = [section.body for section in monograph.sections if section.code == "overview"]
    return MonographReading(
        monograph,
        name,
        brands=brands,
        drug_classes=classes,
        forms=listed.forms,
        routes=listed.routes,
        strengths=listed.strengths,
        pregnancy_categories=categories,
        has_lactation_statement=_speaks_of_lactation(monograph),
        indications=tuple(_indications(monograph)),
        contraindications=tuple(_contraindications(monograph)),
        adverse_reactions=_once(_adverse_reactions(monograph), lambda reaction: (reaction.name, reaction.severity)),
        overview=overviews[-1] if overviews else None,
        findings=(*name_findings, *class_findings, *listed.findings, *category_findings),
    )


def _once(values: Iterable[T], key: Callable[[T], object]) -> tuple[T, ...]:
    """The values without those that an earlier section has already given."""
    first: dict[object, T] = {}
    for value in values:
        first.setdefault(key(value), value)
    return tuple(first.values())


def _brands(monograph: Monograph) -> Iterator[Passage]:
    for body in _bodies(monograph, "brand_names"):
        yield from read_brands(body)


def _bodies(monograph: Monograph, *section_codes: str) -> Iterator[Passage]:
    return (section.body for section in monograph.sections if section.code in section_codes and section.body)


def _name(monograph: Monograph) -> tuple[Name, list[Finding]]:
    findings: list[Finding] = []
    for body in _bodies(monograph, "generic_name"):
        read = read_name(body)
        if isinstance(read, Name):
            said = next(_bodies(monograph, "pronunciation"), None)
            return replace(read, pronunciation=read.pronunciation or (said.text if said else None)), findings
        findings.append(read)
    message = "No section states the generic name; the title stands in for it."
    findings.append(Finding(_NAME_MISSING, message, monograph.title, "monographs"))
    return Name(monograph.title.text), findings


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


def _pregnancy_categories(
    monograph: Monograph, names: frozenset[str]
) -> tuple[tuple[PregnancyCategory, ...], list[Finding]]:
    categories: list[PregnancyCategory] = []
    findings: list[Finding] = []
    for section in _sections(monograph, _PREGNANCY):
        heading = section.heading.text if section.heading else None
        found, reasons = read_pregnancy(section.body, heading, names)
        categories += found
        findings += reasons
    return tuple(categories), findings


def _speaks_of_lactation(monograph: Monograph) -> bool:
    headed = any(_sections(monograph, _LACTATION))
    return headed or any(has_lactation_statement(section.body) for section in monograph.sections)


def _sections(monograph: Monograph, section_codes: Iterable[str]) -> Iterator[Section]:
    return (section for section in monograph.sections if section.code in section_codes and section.body)


def _indications(monograph: Monograph) -> Iterator[Indication]:
    for section in _sections(monograph, _USES):
        yield from read_indications(section.body, off_label_section=_USES[section.code])


def _contraindications(monograph: Monograph) -> Iterator[Contraindication]:
    for section in _sections(monograph, _CAUTIONS):
        yield from read_contraindications(section.body, kind=_CAUTIONS[section.code])


def _adverse_reactions(monograph: Monograph) -> Iterator[AdverseReaction]:
    for section in _sections(monograph, _SEVERITIES):
        yield from read_adverse_reactions(section.body, severity=_SEVERITIES[section.code])
