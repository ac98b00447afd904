"""Which of a document's strengths are one: the same amount at two places is one row, of the form that is told best.

A total is dropped if its parts are told, a list with amounts stands for one that only names forms, and a row without
an amount goes if another place gives one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pipelines.normalize.dose_lists import DoseListReading, is_less
from pipelines.normalize.quantities import ACTUATION, unit_coded
from pipelines.records import Component, DoseForm, Finding, FindingCode, Route, Strength

_AMBIGUOUS = FindingCode("FORM_AMBIGUOUS")
_UNQUANTIFIED = FindingCode("STRENGTH_UNQUANTIFIED")


def distinct_strengths(readings: Iterable[DoseListReading]) -> tuple[list[Strength], list[Finding]]:
    """The strengths of all lists, each once, and the findings on them with the ordinals of their rows."""
    kept: list[Strength] = []
    findings: list[Finding] = []
    for reading in readings:
        known: dict[object, list[int]] = {}
        for number, earlier in enumerate(kept if reading.strengths else ()):
            if is_quantified(earlier):
                known.setdefault(_says(earlier), []).append(number)
                known.setdefault(_amounts(earlier), []).append(number)
        numbers = {n: _keep(kept, strength, known) for n, strength in enumerate(reading.strengths, start=1)}
        for finding in reading.findings:
            if finding.table == "dosage_forms":
                continue
            if finding.row_no is None:
                findings.append(finding)
            elif numbers[finding.row_no][1]:
                findings.append(finding.in_row(numbers[finding.row_no][0]))
    having = {number for number, strength in enumerate(kept, start=1) if strength.form}
    told = [each for each in findings if each.code != _AMBIGUOUS or each.row_no not in having]
    return _without_nulls(kept, told)


def is_quantified(strength: Strength) -> bool:
    """Whether every component has a number."""
    for component in strength.components:  # noqa: SIM110  it is asked of every row many times; a generator costs thrice
        if component.numerator is None:
            return False
    return True


def all_quantified(strengths: Iterable[Strength]) -> set[tuple[object, ...]]:
    """What those strengths say that have a number in every component."""
    return {_says(strength) for strength in strengths if is_quantified(strength)}


def _says(strength: Strength) -> tuple[object, ...]:
    """What a strength says, however it is printed."""
    return tuple((c.normalized or c.numerator, c.normalized or c.denominator) for c in strength.components)


def _amounts(strength: Strength) -> tuple[object, ...]:
    """The amounts of a strength, whatever they are in."""
    return ("amounts", *(component.numerator for component in strength.components))


def _keep(kept: list[Strength], strength: Strength, known: dict[object, list[int]]) -> tuple[int, bool]:
    """Adds a strength that is new; gives the number of its row, and whether this is the first time it is said.

    `known` are the rows of other lists by what they say; a list says nothing twice, and another may tell the form less
    well. The row is then the better one, whole: a form and its amount are of one place. An amount alone is the one that
    the same form gives each time, or releases in a time: `25 mcg` of an inhaler with `25 mcg per actuation`.
    """
    same = known.get(_says(strength), []) if is_quantified(strength) else []
    exact = [number for number in same if _code(kept[number]) == _code(strength)]
    alike = [number for number in same if _is_alike(kept[number], strength)]
    for number in (*exact, *alike):
        if _tells_more(strength.form, kept[number].form):
            kept[number] = strength
        return number + 1, False
    for number in known.get(_amounts(strength), []) if is_quantified(strength) else []:
        told = {_is_release(kept[number]), _is_release(strength)}
        if _code(kept[number]) == _code(strength) and told == {True, False}:
            kept[number] = strength if _is_release(strength) else kept[number]
            return number + 1, False
    kept.append(strength)
    return len(kept), True


def _is_release(strength: Strength) -> bool | None:
    """Whether a strength is what is given each time or in a time; None if it is in anything else."""
    within = {component.denominator.unit for component in strength.components if component.denominator}
    if not within:
        return False
    units = [unit_coded(code) for code in within]
    return True if all(unit.dimension == "time" or unit.code == ACTUATION for unit in units) else None


def _code(strength: Strength) -> str | None:
    return strength.form.code if strength.form else None


def _is_alike(one: Strength, other: Strength) -> bool:
    """Whether the form of one may be that of the other, told less well."""
    if one.form is None or other.form is None:
        return True
    return is_less(one.form, other.form) or is_less(other.form, one.form)


def _tells_more(form: DoseForm | None, other: DoseForm | None) -> bool:
    return form is not None and (other is None or is_less(other, form))


def _without_nulls(kept: list[Strength], findings: list[Finding]) -> tuple[list[Strength], list[Finding]]:
    """The strengths without forms that have no number in one place and one in another."""
    told_forms = _kinds(strength.form for strength in kept if strength.form and is_quantified(strength))
    forms = _kinds(strength.form for strength in kept if strength.form and strength.form.code)
    having = {form.code for form in told_forms}
    having |= {form.code for form in forms if any(is_less(form, other) for other in told_forms)}
    numbers: dict[int, int] = {}
    rows: list[Strength] = []
    for number, strength in enumerate(kept, start=1):
        code = strength.form.code if strength.form else None
        if is_quantified(strength) or code is None or code not in having or _has_amount(strength):
            rows.append(strength)
            numbers[number] = len(rows)
    told = [finding.in_row(numbers.get(finding.row_no)) if finding.row_no else finding for finding in findings]
    printed = {strength.form.place.text for strength in kept if strength.form}
    return rows, [finding for finding in told if finding.row_no or not _repeats_form(finding, printed)]


def _kinds(forms: Iterable[DoseForm]) -> list[DoseForm]:
    """One of all forms that say the same, since a list may name a form with each of its strengths."""
    return list({(form.code, form.basis, form.route): form for form in forms}.values())


def _repeats_form(finding: Finding, printed: set[str]) -> bool:
    """Whether a finding says of a form's own words that no number stands with them, and one does elsewhere."""
    return finding.code == _UNQUANTIFIED and finding.place is not None and finding.place.text in printed


def _has_amount(strength: Strength) -> bool:
    """Whether a number was printed that could not be read."""
    return any(any(c.isdigit() for c in component.place.text) for component in strength.components)


def stated_only(reading: DoseListReading) -> DoseListReading:
    """The reading of words that are no dose list: a form without an amount makes no row there.

    What is said of a number stays: nothing is passed over without a finding.
    """
    if any(is_quantified(strength) for strength in reading.strengths):
        return reading
    if any(_has_amount(strength) for strength in reading.strengths):
        return reading
    told = (finding for finding in reading.findings if finding.row_no is None and finding.table != "dosage_forms")
    return DoseListReading(routes=reading.routes, findings=tuple(told))


def parts_of(reading: DoseListReading) -> list[Component]:
    """The components of all strengths of a reading."""
    return [part for strength in reading.strengths for part in strength.components]


def without_others(reading: DoseListReading, others: list[Component], code: FindingCode, why: str) -> DoseListReading:
    """A reading without some amounts and without the forms that only they had; each is told by a finding."""
    kept: list[Strength] = []
    numbers: dict[int, int] = {}
    for number, strength in enumerate(reading.strengths, start=1):
        parts = tuple(part for part in strength.components if part not in others)
        if parts:
            kept.append(replace(strength, components=parts))
            numbers[number] = len(kept)
    lost = {s.form.place for s in reading.strengths if s.form} - {s.form.place for s in kept if s.form}
    findings = [
        finding.in_row(numbers.get(finding.row_no)) if finding.row_no else finding
        for finding in reading.findings
        if finding.row_no is None or finding.row_no in numbers
    ]
    findings += (Finding(code, f"Not read as a strength: {why}.", part.place) for part in others)
    forms = tuple(form for form in reading.forms if form.place not in lost)
    return replace(reading, strengths=tuple(kept), forms=forms, findings=tuple(findings))


def one_list(readings: Iterable[DoseListReading]) -> DoseListReading:
    """The readings of a list and of the rows of its tables as one: it says nothing twice of one form.

    `Tablets 5 mg` in one row and `Extended-release tablets 5 mg` in another are two strengths; in different sections
    they may be one that is told less well.
    """
    strengths: list[Strength] = []
    forms: list[DoseForm] = []
    routes: list[Route] = []
    findings: list[Finding] = []
    said: set[object] = set()
    for reading in readings:
        rows: dict[int, int] = {}
        told = [
            (_code(strength), _says(strength)) if is_quantified(strength) else None for strength in reading.strengths
        ]
        for number, strength in enumerate(reading.strengths, start=1):
            if told[number - 1] is None or told[number - 1] not in said:
                strengths.append(strength)
                rows[number] = len(strengths)
        said.update(told)
        for finding in reading.findings:
            if finding.row_no is None or finding.table != "strengths":
                findings.append(finding)
            elif finding.row_no in rows:
                findings.append(finding.in_row(rows[finding.row_no]))
        forms += reading.forms
        routes += reading.routes
    return DoseListReading(tuple(strengths), tuple(forms), tuple(routes), tuple(findings))
