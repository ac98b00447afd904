"""Everything that one monograph states: `read_monograph` says which sections feed which reader."""

from __future__ import annotations

from dataclasses import replace

from pipelines.lexer import Tokens
from pipelines.normalize.adverse_reactions import read_adverse_reactions
from pipelines.normalize.drug_classes import read_class_sentences, read_drug_classes
from pipelines.normalize.names import Names, read_names, words_of_names
from pipelines.normalize.pregnancy_categories import has_lactation_statement, read_pregnancy_categories
from pipelines.normalize.products import read_products
from pipelines.normalize.strength_ingredients import without_ingredients
from pipelines.normalize.uses_and_cautions import read_uses_and_cautions
from pipelines.records import Block, DrugClass, Finding, Monograph, MonographReading, Strength
from schemas.codes import fold

_SPEAKING = frozenset({"description", "indications", "introduction", "mechanism_of_action", "overview"})


def read_monograph(monograph: Monograph, tokens: Tokens, blocks: tuple[Block, ...] = ()) -> MonographReading:
    """Everything that the monograph states in its own words; never raises.

    `tokens` are of the whole document, `blocks` what its structure sets apart: a reader takes its stretch of both.
    """
    names = read_names(monograph, tokens)
    classes, class_findings = _drug_classes(monograph, tokens)
    own = words_of_names((monograph.title.text, names.name.generic_name, *(brand.text for brand in names.brands)))
    categories, category_findings = read_pregnancy_categories(monograph, tokens, own)
    listed = read_products(monograph, names.called, tokens, blocks, [brand.text for brand in names.brands])
    indications, contraindications, statement_findings = read_uses_and_cautions(monograph, tokens, blocks)
    reactions, reaction_findings = read_adverse_reactions(monograph, tokens, blocks)
    overviews = [section.body for section in monograph.sections if section.code == "overview"]
    return MonographReading(
        monograph,
        names.name,
        brands=names.brands,
        drug_classes=classes,
        forms=listed.forms,
        routes=listed.routes,
        strengths=_of_known_ingredients(monograph, names, listed.strengths),
        pregnancy_categories=categories,
        has_lactation_statement=has_lactation_statement(monograph, tokens),
        indications=indications,
        contraindications=contraindications,
        adverse_reactions=reactions,
        overview=overviews[-1] if overviews else None,
        findings=(
            *names.findings,
            *class_findings,
            *listed.findings,
            *category_findings,
            *statement_findings,
            *reaction_findings,
        ),
    )


def _of_known_ingredients(monograph: Monograph, names: Names, strengths: tuple[Strength, ...]) -> tuple[Strength, ...]:
    """The strengths; a title that is no generic name tells no ingredient."""
    if _has_trade_name_only(monograph):
        return without_ingredients(strengths)
    if names.name.generic_name:
        return strengths
    return without_ingredients(strengths, names.called)


def _has_trade_name_only(monograph: Monograph) -> bool:
    """Whether the name of the product, as a European summary prints it, is all that names the drug."""
    given = {section.code for section in monograph.sections}
    return "product_name" in given and given.isdisjoint(("generic_name", "active_ingredient"))


def _drug_classes(monograph: Monograph, tokens: Tokens) -> tuple[tuple[DrugClass, ...], list[Finding]]:
    classes: list[DrugClass] = []
    findings: list[Finding] = []
    for section in monograph.sections:
        if section.code == "drug_class" and section.body:
            found, reasons = read_drug_classes(tokens, *tokens.span(section.body))
            told = {fold(each.place.text) for each in classes}
            rows = {no: each for no, each in enumerate(found, start=1) if fold(each.place.text) not in told}
            place = {no: len(classes) + at for at, no in enumerate(rows, start=1)}
            findings += [replace(each, row_no=place[each.row_no]) for each in reasons if each.row_no in place]
            classes += rows.values()
    if not classes:
        spoken = (tokens.span(each.body) for each in monograph.sections if each.code in _SPEAKING and each.body)
        classes += read_class_sentences(tokens, spoken)
    return tuple(classes), findings
