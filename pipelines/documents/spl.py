"""Labels in HL7's Structured Product Labeling (`urn:hl7-org:v3`), as DailyMed gives them out.

    label   = names, the words of the title, { section }, highlights
    names   = a line for each name of a product in the product data: `Zepharol (zepharol hydrochloride)`
    section = heading (with its LOINC code), text, { section }

The first name is the title: the element `title` often holds the whole sentence that begins the highlights. Highlights
say again what the sections say, so they stand at the end as furniture. Product data are listed beside the text.
The rules are those of FDA's Implementation Guide for SPL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from lxml import etree

from pipelines.documents.markup import Flow, Roles, local, places_in, words_of
from pipelines.documents.page import Page, flowing
from pipelines.records import Document, Finding, FindingCode, ListedProduct, Passage, Stated
from schemas import codes

RENDERER = "spl@1"
NAMESPACE = "urn:hl7-org:v3"
_V3 = f"{{{NAMESPACE}}}"
_NDC, _UNII = "2.16.840.1.113883.6.69", "2.16.840.1.113883.4.9"
_PRODUCT_DATA, _UNCLASSIFIED = "48780-1", "42229-5"
_ACTIVE = ("ACTIB", "ACTIM", "ACTIR")
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)\d*")

TEXT = Roles(
    headings={},
    paragraphs=frozenset(("paragraph", "caption")),
    containers=frozenset(("text", "highlight", "excerpt")),
    lists=frozenset(("list",)),
    items=frozenset(("item",)),
    cells=frozenset(("td", "th")),
    skipped=frozenset(("rendermultimedia", "observationmedia", "footnoteref", "col", "colgroup")),
    notes=frozenset(("footnote",)),
)
# Nothing outside the document is fetched, no entity of its own is resolved, libxml2's limits of depth and size hold.
PARSER_RULES = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def is_spl(data: bytes) -> bool:
    """Whether the first element names HL7's version 3."""
    return NAMESPACE.encode() in data[:4096] or NAMESPACE.encode("utf-16-le") in data[:8192]


def render(data: bytes) -> Document:
    """The label as a person would see it, with its product data; a finding says why it cannot be read."""
    try:
        tree = etree.fromstring(data, etree.XMLParser(**PARSER_RULES)).getroottree()
    except etree.XMLSyntaxError as error:
        return _refused("SEED_BROKEN", f"the XML cannot be read ({error.msg}); fetch the label again")
    if any(isinstance(element, etree._Entity) for element in tree.iter()):  # noqa: SLF001  (lxml gives it no other name)
        return _refused(
            "SEED_UNSAFE", "the XML declares entities of its own, which no label does; fetch the label again"
        )
    return _Label(tree.getroot(), tree.docinfo.encoding).rendered()


def _refused(code: str, message: str) -> Document:
    return Document("", "spl", RENDERER, findings=(Finding(FindingCode(code), message),))


@dataclass(slots=True)
class _Label:
    root: etree._Element
    encoding: str | None
    page: Page = field(default_factory=Page)
    listed: list[ListedProduct] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    _highlights: list[tuple[str, etree._Element, str]] = field(default_factory=list)

    def rendered(self) -> Document:
        """The document."""
        title, generic_name, brand_name = self._names()
        self._title()
        begun = self.page.length
        for section, place in _sections_in(self.root, "/document"):
            self._section(section, place, 1)
        if self.page.length == begun:
            kind = _attribute(self.root, "code", "displayName") or "document"
            return _refused("SEED_EMPTY", f"the {kind} has no text of a label; give the label of the product")
        self._write_highlights()
        language = _attribute(self.root, "languageCode", "code")
        if language and not language.lower().startswith("en"):
            self.findings.append(_other_language(language))
        stated = Stated(
            title=title,
            generic_name=generic_name,
            brand_name=brand_name,
            set_id=_attribute(self.root, "setId", "root"),
            document_version=_attribute(self.root, "versionNumber", "value"),
            effective_date=iso_date(_attribute(self.root, "effectiveTime", "value")),
        )
        return Document(
            self.page.text,
            "spl",
            RENDERER,
            (self.encoding or "utf-8").lower(),
            tuple(self.page.blocks),
            (stated,),
            tuple(self.listed),
            tuple(self.page.places),
            tuple(self.findings),
        )

    def _names(self) -> tuple[Passage | None, Passage | None, Passage | None]:
        """Writes the names of the products, each once; gives the first line with its generic and its brand name."""
        seen: dict[tuple[str, str], tuple[Passage, Passage | None, Passage | None]] = {}
        for product, place in _products_in(self.root):
            name, generic = _name(product), _generic_name(product)
            key = name.casefold(), generic.casefold()
            if (name or generic) and key not in seen:
                line = write_title(self.page, name, generic, is_title=not seen, place=place)
                seen[key] = line
        return next(iter(seen.values()), (None, None, None))

    def _title(self) -> None:
        title = self.root.find(f"{_V3}title")
        if title is not None:
            Flow(self.page, TEXT).container(title, "/document/title")

    def _section(self, section: etree._Element, place: str, level: int) -> None:
        code = _attribute(section, "code", "code")
        title = ""
        for child, child_place in places_in(section, place):
            name = local(child)
            if name == "title":
                title = words_of(child, TEXT)
                self._heading(title, level, code, child_place)
            elif name == "text":
                if not title:
                    self._heading("", level, code, child_place)
                Flow(self.page, TEXT).container(child, child_place)
            elif name == "excerpt":
                self._highlights.append((title, child, child_place))
            elif name == "component":
                for inner, inner_place in places_in(child, child_place):
                    if local(inner) == "section":
                        self._section(inner, inner_place, level + 1)
            elif name == "subject" and code == _PRODUCT_DATA:
                self._subject(child, child_place)

    def _heading(self, title: str, level: int, code: str | None, place: str) -> None:
        """A section without a title begins with a heading of no words, if its code says what it is about."""
        if title or (code and code != _UNCLASSIFIED):
            self.page.blank()
            self.page.write("heading", title, level + 1, code=code, place=place)

    def _write_highlights(self) -> None:
        if self._highlights:
            self.page.blank()
        with self.page.furniture():
            for title, excerpt, place in self._highlights:
                if title:
                    self.page.write("paragraph", title, place=place)
                Flow(self.page, TEXT).container(excerpt, place)

    def _subject(self, subject: etree._Element, place: str) -> None:
        for outer, outer_place in places_in(subject, place):
            if local(outer) != "manufacturedproduct":
                continue
            routes = _route_codes(outer)
            for inner, inner_place in places_in(outer, outer_place):
                if local(inner) in ("manufacturedproduct", "manufacturedmedicine"):
                    self._product(inner, inner_place, routes, None)

    def _product(self, product: etree._Element, place: str, routes: tuple[str, ...], part_no: int | None) -> None:
        """Lists the active ingredients of a product, or the product alone, and those of its parts."""
        ingredients = [(i, at) for i, at in places_in(product, place) if _is_active(i)]
        for ingredient, at in ingredients or [(None, place)]:
            self.listed.append(self._row(product, ingredient, at, routes, part_no))
        parts = [(part, at) for part, at in places_in(product, place) if local(part) == "part"]
        for number, (part, at) in enumerate(parts, start=1):
            for inner, inner_place in places_in(part, at):
                if local(inner) in ("partproduct", "partmedicine"):
                    self._product(inner, inner_place, _route_codes(part), number)

    def _row(
        self,
        product: etree._Element,
        ingredient: etree._Element | None,
        place: str,
        routes: tuple[str, ...],
        part_no: int | None,
    ) -> ListedProduct:
        form_code, form_name = self._coded(product.find(f"{_V3}formCode"), "dose_forms", place)
        substance = _substance(ingredient)
        quantity = None if ingredient is None else ingredient.find(f"{_V3}quantity")
        numerator, numerator_unit = self._amount(quantity, "numerator", place)
        denominator, denominator_unit = self._amount(quantity, "denominator", place)
        return ListedProduct(
            start=0,
            origin=place,
            part_no=part_no,
            ndc=_of_system(product, "code", _NDC),
            product_name=_name(product) or None,
            dose_form_code=form_code,
            dose_form_name=form_name,
            route_codes=routes,
            ingredient=_words(substance, "name") or None,
            unii=_of_system(substance, "code", _UNII),
            strength_basis=None if ingredient is None else _basis(ingredient),
            numerator_value=numerator,
            numerator_unit=numerator_unit,
            denominator_value=denominator,
            denominator_unit=denominator_unit,
        )

    def _coded(self, element: etree._Element | None, table: str, place: str) -> tuple[str | None, str | None]:
        """A code and its name as stated; the code is left out, with a finding, if the table calls it something else."""
        if element is None or element.get("nullFlavor"):
            return None, None
        code, name = element.get("code"), element.get("displayName")
        known = codes.by_code(table).get(code or "")
        if known and name and known["name"].casefold() != name.casefold():
            message = f"{place}: the code {code} is {known['name']!r} and is called {name!r}; the code is left out"
            self.findings.append(Finding(FindingCode("LISTED_CODE_DIFFERS"), message))
            return None, name
        return (code if known else None), name or (known["name"] if known else None)

    def _amount(self, quantity: etree._Element | None, part: str, place: str) -> tuple[Decimal | None, str | None]:
        amount = None if quantity is None else quantity.find(f"{_V3}{part}")
        if amount is None or amount.get("nullFlavor") or not amount.get("value"):
            return None, None
        try:
            value = Decimal(amount.get("value"))
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite():
            message = f"{place}: the {part} {amount.get('value')[:40]!r} is no number; it is left out"
            self.findings.append(Finding(FindingCode("LISTED_UNREAD"), message))
            return None, None
        return value, amount.get("unit") or "1"


def write_title(
    page: Page, brand: str, generic: str, *, is_title: bool, place: str
) -> tuple[Passage, Passage | None, Passage | None]:
    """Writes `Zepharex (zepharol)`, or the one name that there is; gives the line, the generic and the brand name."""
    is_one = not brand or not generic or brand.casefold() == generic.casefold()
    words = brand or generic if is_one else f"{brand} ({generic})"
    line = page.write("heading" if is_title else "paragraph", words, 1 if is_title else 0, place=place)
    if is_one:
        return line, line if generic else None, line if not generic else None
    return line, line.part(len(words) - len(generic) - 1, len(words) - 1), line.part(0, len(brand))


def _other_language(language: str) -> Finding:
    message = f"the document says that its language is {language[:20]!r}; only English is read: give the English one"
    return Finding(FindingCode("SEED_LANGUAGE"), message)


def _sections_in(root: etree._Element, place: str) -> Iterator[tuple[etree._Element, str]]:
    """The sections of the body that stand in no other section, each with its XPath."""
    for child, at in places_in(root, place):
        if local(child) == "section":
            yield child, at
        elif local(child) in ("component", "structuredbody"):
            yield from _sections_in(child, at)


def _products_in(root: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """The products of the label, without the parts of kits."""
    for section, place in _sections_in(root, "/document"):
        if _attribute(section, "code", "code") != _PRODUCT_DATA:
            continue
        for subject, at in places_in(section, place):
            for outer, outer_at in places_in(subject, at) if local(subject) == "subject" else ():
                for inner, inner_at in places_in(outer, outer_at):
                    if local(inner) in ("manufacturedproduct", "manufacturedmedicine"):
                        yield inner, inner_at


def _attribute(element: etree._Element, child: str, name: str) -> str | None:
    found = element.find(f"{_V3}{child}")
    return (found.get(name) or None) if found is not None else None


def _words(element: etree._Element | None, child: str) -> str:
    found = None if element is None else element.find(f"{_V3}{child}")
    return "" if found is None else " ".join(flowing(" ".join(found.itertext())).split())


def _name(product: etree._Element) -> str:
    """The name with its suffix."""
    return _words(product, "name")


def _generic_name(product: etree._Element) -> str:
    generic = product.find(f"{_V3}asEntityWithGeneric/{_V3}genericMedicine")
    return _words(generic, "name")


def _of_system(element: etree._Element | None, child: str, system: str) -> str | None:
    """The code of an element, if it is of the code system that is asked for."""
    found = None if element is None else element.find(f"{_V3}{child}")
    if found is None or found.get("codeSystem", system) != system:
        return None
    return found.get("code") or None


def _is_active(element: etree._Element) -> bool:
    return local(element) == "activeingredient" or (
        local(element) == "ingredient" and element.get("classCode") in _ACTIVE
    )


def _basis(ingredient: etree._Element) -> str | None:
    basis = ingredient.get("classCode")
    return basis if basis in _ACTIVE else None


def _substance(ingredient: etree._Element | None) -> etree._Element | None:
    if ingredient is None:
        return None
    found = ingredient.find(f"{_V3}ingredientSubstance")
    return ingredient.find(f"{_V3}activeIngredientSubstance") if found is None else found


def _route_codes(outer: etree._Element) -> tuple[str, ...]:
    """The NCIt codes of the routes of a product or a part, each once, as stated."""
    found = outer.findall(f"{_V3}consumedIn/{_V3}substanceAdministration/{_V3}routeCode")
    given = (route.get("code") for route in found if not route.get("nullFlavor"))
    return tuple(dict.fromkeys(code for code in given if code))


def iso_date(stated: str | None) -> str | None:
    """A date of HL7 (`20240523`) as ISO 8601 has it."""
    found = _DATE.fullmatch(stated or "")
    return "-".join(found.groups()) if found else None
