"""Statements of use and safety: which sections are read for which, and a finding for what gives no row.

`_USES`, `_CAUTIONS` and `_SEVERITIES` say what the heading of a section already tells of the statements under it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipelines.normalize.adverse_reaction import read_adverse_reactions, severity_of_heading
from pipelines.normalize.contraindication import read_contraindications
from pipelines.normalize.indication import read_indications
from pipelines.normalize.unread import unread
from pipelines.records import (
    AdverseReaction,
    Contraindication,
    Finding,
    FindingCode,
    Indication,
    Monograph,
    Section,
)

_CAUTIONS = {
    "contraindications": "contraindicated",
    "contraindications_and_cautions": "contraindicated",
    "otc_do_not_use": "contraindicated",
    "cautions": "caution",
    "precautions": "caution",
}
_SEVERITIES = {
    "adverse_clinical_trials": "unspecified",
    "adverse_postmarketing": "unspecified",
    "adverse_reactions": "unspecified",
    "common_adverse_reactions": "common",
    "serious_adverse_reactions": "serious",
}
_USES = {"indications": False, "off_label_uses": True}

_UNREAD = FindingCode("STATEMENT_UNREAD")


@dataclass(frozen=True, slots=True)
class UseAndSafety:
    """Statements in reading order; a reaction may stand twice. Findings name words that gave no row."""

    indications: tuple[Indication, ...]
    contraindications: tuple[Contraindication, ...]
    adverse_reactions: tuple[AdverseReaction, ...]
    findings: tuple[Finding, ...]


def read_statements_of_use_and_safety(monograph: Monograph) -> UseAndSafety:
    """What a monograph's sections on use and safety state; never raises."""
    findings: list[Finding] = []
    indications: list[Indication] = []
    contraindications: list[Contraindication] = []
    reactions: list[AdverseReaction] = []
    for section in _sections(monograph, _USES):
        uses = read_indications(section.body, off_label_section=_USES[section.code])
        findings += unread(section.body, (each.place for each in uses), "indications")
        indications += uses
    findings += _uses_with_doses(monograph)
    for section in _sections(monograph, _CAUTIONS):
        cautions = read_contraindications(section.body, kind=_CAUTIONS[section.code])
        findings += unread(section.body, (each.place for each in cautions), "contraindications")
        contraindications += cautions
    for section in _sections(monograph, _SEVERITIES):
        found = read_adverse_reactions(section.body, severity=_severity(section))
        findings += unread(section.body, (each.place for each in found), "adverse_reactions")
        reactions += found
    return UseAndSafety(tuple(indications), tuple(contraindications), tuple(reactions), tuple(findings))


def _sections(monograph: Monograph, section_codes: Iterable[str]) -> Iterator[Section]:
    return (section for section in monograph.sections if section.code in section_codes and section.body)


def _severity(section: Section) -> str:
    """The severity that the heading states, else that of the section's code."""
    said = severity_of_heading(section.heading.text) if section.heading else None
    return said or _SEVERITIES[section.code]


def _uses_with_doses(monograph: Monograph) -> Iterator[Finding]:
    """A finding for each section that states uses and doses together: which line is which is not certain."""
    message = "Uses and doses stand under one heading; no use was read from it."
    for section in _sections(monograph, ("indications_and_dosage",)):
        yield Finding(_UNREAD, message, section.heading, "indications")
