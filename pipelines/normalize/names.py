"""What a monograph calls its drug: the title's names, put together with those of the fields and of the text.

    title = [ lead ] brand "(" generic ")" form …              APIXEX (apixaban) tablets, for oral use
          | [ lead ] generic "(" brand { "," brand } ")"       baclofen (Lioresal, Gablofen)
          | brand "- " generic [ form ]                        SERTREX- sertraline hydrochloride tablet, film coated
          | [ lead ] name { bracket } [ strength … ] [ form ]  Xyl 25 mg film-coated tablets
          | amount name { "and" amount name } form             5% Dextrose and 0.45% Sodium Chloride Injection
          | NAME form in small letters                         OXYGEN gas

The generic name is read by `generic_names.py`, that of a list by `ingredient_names.py`, that of the text by
`names_in_text.py`; the brands by `brand_names.py`, the words of all by `name_words.py`.

The words before a bracket are a brand only if the print says so: a trademark sign; capitals before small letters and a
form behind, as US labels begin; or the text prints one of the two in small letters and never the other, since generic
names are common nouns. The title of a product (with a sign, a strength or a form) is a brand if the line below it, the
active ingredients or the first sentences name a substance that it does not. A title alone is a generic name only if
something says so: the list of substances that the tokens know, a stem, small letters in the text, or brands that it is
none of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from pipelines.lexer import MARK, NUMBER, WORD, Span, Tokens
from pipelines.lexicon import vocabulary, with_role
from pipelines.normalize.brand_names import (
    as_brand,
    brands_below,
    brands_between,
    brands_in_sections,
    brands_in_sentences,
    brands_with_sign,
    is_canadian,
    labelled_brands,
)
from pipelines.normalize.dose_forms import form_pieces, kind
from pipelines.normalize.generic_names import (
    MARKS_OF_NO_NAME,
    NAME_MISSING,
    WORDS_BELOW_A_TITLE,
    bare_name,
    can_be_name,
    has_stem_or_salt,
    is_common,
    is_common_noun,
    is_generic,
    joined_name,
    longest_substance,
    placed_name,
    read_name,
)
from pipelines.normalize.ingredient_names import (
    named_by_composition,
    named_by_each_unit,
    named_by_ingredients,
    substances_at_amounts,
)
from pipelines.normalize.name_words import (
    FEWEST_COMBINED,
    OPENS,
    TRADE_SIGNS,
    Bracket,
    before_amount,
    brackets_in,
    gives_form,
    has_unit,
    ingredients_between,
    is_about_the_product,
    name_span,
    name_words_with_role,
    names_substance,
    pronunciation_in,
    stretch_read,
    without_form,
    without_marks,
    words_between,
)
from pipelines.normalize.names_in_text import named_by_doses, named_by_mentions, named_in_front, substance_below
from pipelines.normalize.product_marks import product_words
from pipelines.records import Finding, Monograph, Name, Passage
from schemas.codes.folding import fold, tidy

_SHORTEST_WORD = 4  # letters of a word that no name has twice
_LONGEST_SHORT_FORM = 4  # letters
_WITHOUT_JOINTS = str.maketrans(dict.fromkeys("/+,;&", " "))


@dataclass(frozen=True, slots=True)
class Names:
    """The generic name of a monograph's drug, or else what the monograph calls it, the brands, and findings."""

    name: Name
    called: Name
    brands: tuple[Passage, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_names(monograph: Monograph, tokens: Tokens) -> Names:
    """The names of one monograph; a finding says if only the title gives the generic name."""
    title = _stated_names(monograph, tokens) or _read_title(monograph, tokens)
    if any(each.heading and each.heading.start == monograph.title.start for each in monograph.sections):
        title = replace(title, brands=())  # a heading stands in for the title
    findings: list[Finding] = []
    name = title.name if monograph.stated.generic_name else None
    for section in monograph.sections:
        if section.code == "generic_name" and section.body and name is None:
            read = read_name(tokens, *tokens.span(section.body))
            name = read if isinstance(read, Name) else None
            findings += [read] if isinstance(read, Finding) else []
    brands = title.brands
    if name is not None and not brands:
        brands = _brand_in_title(monograph, tokens, title, name)
    is_brand = any(
        s.code == "brand_names" and s.body.start <= monograph.title.start < s.body.end for s in monograph.sections
    )
    own = "" if is_brand and name is None else fold((name or title.name).generic_name)
    brands = brands or tuple(brands_below(monograph, tokens))
    listed = tuple(brands_in_sections(monograph, tokens, own))
    brands = tuple(each for each in brands if not any(fold(one.text) in fold(each.text) for one in listed))
    brands = (
        *brands,
        *brands_with_sign(monograph, tokens),
        *listed,
        *brands_in_sentences(monograph, tokens),
    )
    if name is None and not title.is_sure:
        name, finding = _stand_in(monograph, tokens, title, brands)
        findings.append(finding)
        brands = (*_brand_above(monograph, tokens, name), *brands)
    name = _with_pronunciation(name or title.name, title.name, monograph)
    kept = {fold(brand.text): brand for brand in reversed(brands) if fold(brand.text) != fold(name.generic_name)}
    return Names(name, name if name.generic_name else title.name, tuple(reversed(kept.values())), tuple(findings))


def _stand_in(monograph: Monograph, tokens: Tokens, title: _Title, brands: Iterable[Passage]) -> tuple[Name, Finding]:
    """What stands for the generic name that no section states; empty if nothing does.

    It is the title, if that is a name; else the substance that the text speaks of, or the name that stands by doses.

    A title is the generic name, too, if the text names brands and it is none of them.
    """
    is_heading = any(each.heading and each.heading.start == monograph.title.start for each in monograph.sections)
    name = _name_of_title(monograph, tokens, title.name.place or monograph.title)
    fronted = named_in_front(monograph, tokens)
    if fronted is not None and name is not None and not tokens.is_substance(name.generic_name):
        name = None if names_substance(tokens, *fronted) else name  # `Cefixemplan` / `cefixemplum`
    fronted = fronted if name is None else None
    if fronted is None and name is None and _is_beside_brands(tokens, title.name, brands):
        name = title.name
    mentioned = named_by_mentions(monograph, tokens) or fronted
    if name is None and mentioned is not None and _is_salt_of(tokens, title.name, mentioned):
        name, mentioned = title.name, None  # `Exemplum phosphates`, of which the list only knows `exemplum`
    is_better = is_heading or name is None or not _is_surely(tokens, name)
    if mentioned is not None and (is_better or (name is not None and _has_more(tokens, name, mentioned))):
        message = "No section states the generic name; the substance that the text speaks of stands in for it."
        place = tokens.passage(*mentioned)
        return bare_name(tokens, *mentioned), Finding(NAME_MISSING, message, place, "monographs")
    if not is_heading and name is not None:
        message = "No section states the generic name; the title stands in for it."
        return name, Finding(NAME_MISSING, message, monograph.title, "monographs")
    dosed = named_by_doses(monograph, tokens)
    if dosed is None:
        message = "No section states the generic name, and the title is no name."
        return Name(""), Finding(NAME_MISSING, message, monograph.title, "monographs")
    message = "No section states the generic name; the name that stands before the doses stands in for it."
    return placed_name(tokens, tokens.passage(*dosed).text, [dosed]), Finding(
        NAME_MISSING, message, tokens.passage(*dosed), "monographs"
    )


def _brand_above(monograph: Monograph, tokens: Tokens, name: Name) -> tuple[Passage, ...]:
    """The title as a brand, if the line below it names the drug and the text calls it by the title, or brackets it."""
    place = name.place
    front = named_in_front(monograph, tokens) if place is not None else None
    if place is None or front is None or tokens.passage(*front).start != place.start:
        return ()
    first, after = tokens.span(monograph.title)
    begin, end = stretch_read(monograph, tokens)
    own = tokens.keys[first]
    is_called = own in tokens.keys[tokens.span(place)[1] : end] and tokens.kinds[first] == WORD
    is_bracketed = tokens.keys[front[0] - 1] in OPENS
    has_words = with_role("title_words", "no drug").is_in(tokens, first, after) or begin > first
    return as_brand(tokens, first, after) if (is_called or is_bracketed) and not has_words else ()


def _has_more(tokens: Tokens, name: Name, mentioned: Span) -> bool:
    """Whether a name is a substance with other words than those of salts: `Exemplum Explained`."""
    words = words_between(tokens, *mentioned)
    others = name_words_with_role("salt") | name_words_with_role("attribute")
    own = _words_in(name.generic_name)
    return own > frozenset(words) and not own - frozenset(words) <= others


def _is_salt_of(tokens: Tokens, name: Name, mentioned: Span) -> bool:
    """Whether a name is a substance with words for salts: `Exemplum phosphates`."""
    own, words = _words_in(name.generic_name), frozenset(words_between(tokens, *mentioned))
    return words < own and own - words <= name_words_with_role("salt")


def _is_surely(tokens: Tokens, name: Name) -> bool:
    """Whether a name by itself is that of a substance: by the list, or by a stem or salt."""
    parts = [tokens.span(part) for part in name.parts]
    return bool(parts) and all(names_substance(tokens, *part) or has_stem_or_salt(tokens, *part) for part in parts)


def _is_beside_brands(tokens: Tokens, name: Name, brands: Iterable[Passage]) -> bool:
    """Whether the text names brands that share no word with a name."""
    if name.place is None or not can_be_name(tokens, *tokens.span(name.place)):
        return False
    places = list(brands)
    return bool(places) and not any(_share_a_word(name.generic_name, brand.text) for brand in places)


def _name_of_title(monograph: Monograph, tokens: Tokens, place: Passage) -> Name | None:
    """The name that a title is, or begins with before words on what the page is (`Exemplum flashcards`)."""
    first, after = tokens.span(place)
    if not MARKS_OF_NO_NAME.isdisjoint(tokens.keys[slice(*tokens.span(monograph.title))]):
        return None
    remarks = (found for found in with_role("title_words", "remark").find(tokens, first + 1, after))
    end = next((start for start, end, _ in remarks if end == after), first)
    if end > first and names_substance(tokens, first, end):
        return bare_name(tokens, first, end)
    if not _is_no_name(tokens, first, after) and is_generic(monograph, tokens, first, after):
        return bare_name(tokens, first, after)
    form = next((piece.first for piece in form_pieces(tokens, first, after) if gives_form(piece)), first)
    is_alone = name_words_with_role("joins").isdisjoint(tokens.keys[form:after])
    is_alone = is_alone and TRADE_SIGNS.isdisjoint(tokens.keys[first:form])  # no `Exemplum cream and dressing`
    return bare_name(tokens, first, form) if is_alone and names_substance(tokens, first, form) else None


def _is_no_name(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a title cannot be a name: words and a colon, words that are said twice, or the name of a house."""
    if with_role("title_words", "no drug").is_in(tokens, first, after):
        return True
    keys = [key for key in words_between(tokens, first, after) if len(key) >= _SHORTEST_WORD]
    return ":" in tokens.keys[first:after] or len(set(keys)) < len(keys)


def _with_pronunciation(name: Name, title: Name, monograph: Monograph) -> Name:
    """The name, pronounced as its field, a section or a title with the same name says."""
    said = next((s.body.text for s in monograph.sections if s.code == "pronunciation" and s.body), None)
    pronunciation = name.pronunciation or (tidy(said.strip("()[] ")) if said else None)
    if pronunciation is None and fold(name.generic_name) == fold(title.generic_name):
        pronunciation = title.pronunciation
    return replace(name, pronunciation=pronunciation)


def words_of_names(names: Iterable[str]) -> frozenset[str]:
    """The folded words by which a monograph may call its drug."""
    return frozenset(word for name in names for word in fold(name).split() if word[:1].isalpha())


def _share_a_word(one: str, other: str) -> bool:
    return bool(_words_in(one) & _words_in(other))


def _words_in(name: str) -> frozenset[str]:
    """The words of a name, whatever joins its ingredients."""
    return words_of_names(name.translate(_WITHOUT_JOINTS).split())


# --- the title


@dataclass(frozen=True, slots=True)
class _Title:
    """What the title says: a name, brands, and whether the name is surely the generic one."""

    name: Name
    brands: tuple[Passage, ...] = ()
    is_sure: bool = False


def _stated_names(monograph: Monograph, tokens: Tokens) -> _Title | None:
    """The names that the document's format states as such."""
    stated = monograph.stated
    if not stated.generic_name:
        return None
    brands = (stated.brand_name,) if stated.brand_name else ()
    place = stated.generic_name
    parts = tuple(tokens.passage(*part) for part in ingredients_between(tokens, *tokens.span(place)))
    return _Title(Name(tidy(place.text), None, place, parts or (place,)), brands, is_sure=True)


def _read_title(monograph: Monograph, tokens: Tokens) -> _Title:
    first, after = tokens.span(monograph.title)
    first = _without_lead(tokens, first, after)
    dashed = _dashed(tokens, first, after)
    if dashed is not None:
        brand, generic = dashed
        name = bare_name(tokens, generic[0], _without_label_form(tokens, *generic))
        is_own = _words_in(bare_name(tokens, *brand).generic_name) <= _words_in(name.generic_name)
        return _Title(name, () if is_own else as_brand(tokens, *brand), is_sure=True)
    bracket = next(brackets_in(tokens, first, after), None)
    if bracket is not None and bracket.first > first:
        told = _bracketed(monograph, tokens, (first, bracket.first), bracket, after)
        if told is not None:
            return told
    told = (
        _before_route(tokens, first, after)
        or _in_capitals(tokens, first, after)
        or _behind_amounts(tokens, first, after)
        or _with_ingredients(tokens, first, after)
        or _behind_form(tokens, first, after)
        or _combined(tokens, first, after)
    )
    if told is not None:
        return told
    name = bare_name(tokens, first, after)
    if bracket is not None and any(section.code == "brand_names" for section in monograph.sections):
        name = bare_name(tokens, first, bracket.first)  # the bracket is no name: a section gives the names
    substance = substance_below(monograph, tokens)
    if substance is None or is_common_noun(monograph, tokens, first, after):
        return _Title(name, is_sure=substance is not None)
    return _beside_substance(monograph, tokens, (first, after), name, substance)


def _without_lead(tokens: Tokens, first: int, after: int) -> int:
    while first < after and (tokens.kinds[first] == MARK and tokens.keys[first] not in OPENS):
        first += 1
    lead = with_role("name_words", "lead").longest(tokens, first, after)
    if lead is None or lead[1] >= after:
        return first
    return lead[1] + (tokens.keys[lead[1]] in ("-", ":"))


def _dashed(tokens: Tokens, first: int, after: int) -> tuple[Span, Span] | None:
    """A brand in capitals, a dash, and the generic name in small letters behind it."""
    for at in range(first + 1, after - 1):
        if tokens.keys[at] == "-" and not tokens.is_tight(at + 1):
            is_label = tokens.plain(first, at).isupper() and tokens.printed_case(at + 1)[0].islower()
            return ((first, at), (at + 1, after)) if is_label else None
    return None


def _without_label_form(tokens: Tokens, first: int, after: int) -> int:
    """The token after the name in a label's title, whose last word is always a form: `exemplum liquid`."""
    is_form = with_role("name_words", "label form").whole(tokens, after - 1, after) is not None
    return after - 1 if is_form and after - first > 1 else after


def _bracketed(monograph: Monograph, tokens: Tokens, before: Span, bracket: Bracket, after: int) -> _Title | None:
    """A title with a bracket that holds the generic name, or the brands; None if it tells neither."""
    labelled = labelled_brands(tokens, bracket)
    if labelled:
        return _Title(bare_name(tokens, *before), labelled)
    is_brand = tokens.plain(*before).isupper() and tokens.printed_case(bracket.inner[0])[0].islower()
    if NUMBER in tokens.kinds[slice(*bracket.inner)]:
        listed = joined_name(tokens, list(_listed_in_bracket(tokens, bracket)))
        is_pack = any(role == "pack" for _, _, role in product_words().find(tokens, *bracket.inner))
        if listed is not None or not is_brand or is_pack:  # `(60 mL)`, but `BRAND (lutetium Lu 177 exemplotate)`
            return _Title(listed, as_brand(tokens, *before), is_sure=True) if listed is not None else None
    is_salt = with_role("name_words", "after substance").longest(tokens, *bracket.inner) is not None  # `(as sodium)`
    is_remark = pronunciation_in(tokens, *bracket.inner) or is_about_the_product(tokens, *bracket.inner) or is_salt
    if is_remark or not _is_form_behind_name(tokens, bracket.after, _first_comma(tokens, bracket.after, after)):
        return None
    is_sign = tokens.keys[before[1] - 1] in TRADE_SIGNS
    is_label = is_brand and (bracket.after < after or before_amount(tokens, *bracket.inner) < bracket.inner[1])
    if is_sign or is_label or is_common(monograph, tokens, bracket.inner, before):
        brand = before[0], max(without_form(tokens, *before), before[0] + 1)  # `EXEMPLAN extended tablets (exemplum)`
        return _Title(bare_name(tokens, *bracket.inner), as_brand(tokens, *brand), is_sure=True)
    has_sign = any(tokens.keys[at] in TRADE_SIGNS for at in range(*bracket.inner))
    if has_sign or is_common(monograph, tokens, before, bracket.inner):
        name = bare_name(tokens, *before)
        brands = brands_between(tokens, *bracket.inner)
        return _Title(name, tuple(each for each in brands if not _is_short_form(each.text, name.generic_name)))
    return None


def _listed_in_bracket(tokens: Tokens, bracket: Bracket) -> Iterator[Span | None]:
    """The substances of a bracket that lists them with their amounts: `(exemplum 30 mg capsules, alterum 5 mg)`."""
    legal = with_role("name_words", "pharmacopoeia")
    marks = [at for at in range(*bracket.inner) if tokens.keys[at] in (",", ";", "+")]
    for before, end in pairwise((bracket.first, *marks, bracket.after - 1)):
        amount = before_amount(tokens, before + 1, end)
        if legal.whole(tokens, before + 1, end) is None:
            yield (before + 1, amount) if amount < end and names_substance(tokens, before + 1, amount) else None


def _is_form_behind_name(tokens: Tokens, first: int, after: int) -> bool:
    """Whether words behind a name say no more than form and strength: `lingual spray`, `tablets 5 mg`; or are none."""
    rest = first, without_form(tokens, first, before_amount(tokens, first, after))
    has_form = any(gives_form(piece) for piece in form_pieces(tokens, first, after))
    return not words_between(tokens, *rest) or (has_form and tokens.plain(first, after).islower())


def _is_short_form(brand: str, name: str) -> bool:
    """Whether a few capitals are letters of the name in its order: `MTX` of methotrexate."""
    if not (brand.isalpha() and brand.isupper() and len(brand) <= _LONGEST_SHORT_FORM):
        return False
    letters = iter(fold(name))
    return brand[0].lower() == fold(name)[:1] and all(letter in letters for letter in brand.lower())


def _first_comma(tokens: Tokens, first: int, after: int) -> int:
    return next((at for at in range(first, after) if tokens.keys[at] == ","), after)


def _before_route(tokens: Tokens, first: int, after: int) -> _Title | None:
    """A title that begins with the name, a dash and the route: `EXEMPLUM - ORAL Exemplan side effects`."""
    for at in range(first + 1, after - 1):
        if tokens.keys[at] != "-" or tokens.is_tight(at) or tokens.is_tight(at + 1):
            continue
        is_route = with_role("name_words", "bracket").whole(tokens, at + 1, at + 2) is not None
        return _Title(bare_name(tokens, first, at)) if is_route and can_be_name(tokens, first, at) else None
    return None


def _in_capitals(tokens: Tokens, first: int, after: int) -> _Title | None:
    """A label's title that has the name in capitals and the form in small letters: `EXEMPLUM and ALTERUM oral film`."""
    joins = name_words_with_role("joins")
    small = (at for at in range(first, after) if tokens.kinds[at] == WORD and tokens.printed_case(at).islower())
    end = next((at for at in small if tokens.keys[at] not in joins), after)
    is_form = any(gives_form(piece) for piece in form_pieces(tokens, end, after)) if end < after else False
    is_form = is_form or with_role("name_words", "label form").whole(tokens, end, after) is not None
    names = [at for at in range(first, end) if tokens.kinds[at] == WORD and tokens.keys[at] not in joins]
    is_capital = bool(names) and NUMBER not in tokens.kinds[first:end]
    is_capital = is_capital and all(tokens.printed_case(at).isupper() for at in names)
    return _Title(bare_name(tokens, first, end)) if is_capital and is_form else None


def _behind_amounts(tokens: Tokens, first: int, after: int) -> _Title | None:
    """A title with each amount before its substance: `5% Exemplum and 0.45% Alterum Injection`."""
    amounts = [at for at in range(first, after) if tokens.kinds[at] == NUMBER and has_unit(tokens, at, after)]
    if amounts[:1] != [first]:
        return None
    spans: list[Span | None] = []
    for at, end in zip(amounts, (*amounts[1:], after), strict=True):
        unit = vocabulary("unit_synonyms").longest(tokens, at + 1, after)
        spans.append(longest_substance(tokens, unit[1] if unit is not None else at + 1, end))
    name = joined_name(tokens, spans)
    return _Title(name, is_sure=True) if name is not None else None


def _with_ingredients(tokens: Tokens, first: int, after: int) -> _Title | None:
    """A title that goes on with the active ingredients: `EXEMPLAN ACTIVE INGREDIENTS: EXEMPLUM 2 %`."""
    titles = vocabulary("section_titles")
    for at in range(first + 1, after - 2):
        found = titles.longest(tokens, at, after)
        if found is not None and found[0]["code"] == "active_ingredient" and tokens.keys[found[1]] == ":":
            name = joined_name(tokens, list(substances_at_amounts(tokens, found[1] + 1, after)))
            return _Title(name, as_brand(tokens, first, at), is_sure=True) if name is not None else None
    return None


def _behind_form(tokens: Tokens, first: int, after: int) -> _Title | None:
    """A leaflet's title that ends with the name behind strength and form: `EXEMPLAN 4 mg chewable tablets exemplum`."""
    amount = before_amount(tokens, first, after)
    if amount == after:
        return None
    forms = [piece for piece in form_pieces(tokens, amount, after) if kind(piece) == "form"]
    if not forms or not 0 < after - forms[-1].after <= WORDS_BELOW_A_TITLE:
        return None
    span = without_marks(tokens, forms[-1].after, after)
    if span[0] < span[1] and tokens.keys[span[0]] in OPENS:
        basis = with_role("name_words", "after substance").longest(tokens, span[0] + 1, span[1])
        span = without_marks(tokens, basis[1] if basis is not None else span[0] + 1, span[1] - 1)  # `(as exemplum)`
    is_small = all(tokens.printed_case(at).islower() for at in range(*span) if tokens.kinds[at] == WORD)
    if not is_small or not can_be_name(tokens, *span) or not has_stem_or_salt(tokens, *span):
        return None
    own = name_span(tokens, first, amount)
    name = bare_name(tokens, *span)
    is_own = _share_a_word(name.generic_name, tokens.plain(*own))
    return _Title(name, () if is_own else as_brand(tokens, *own), is_sure=True)


def _combined(tokens: Tokens, first: int, after: int) -> _Title | None:
    """A title of several substances, each with its amount behind it: `Exemplum 40 mg + Alterum 10 mg`."""
    amounts = [at for at in range(first, after) if tokens.kinds[at] == NUMBER and has_unit(tokens, at, after)]
    if len(amounts) < FEWEST_COMBINED or not can_be_name(tokens, first, amounts[0]):
        return None
    is_joined = any(tokens.keys[at] in ("+", "&", "and", "/", ",") for at in range(amounts[0] + 1, amounts[1]))
    spans = list(substances_at_amounts(tokens, first, after))
    names = {fold(tokens.plain(*span)) for span in spans if span is not None and can_be_name(tokens, *span)}
    name = joined_name(tokens, spans) if is_joined and len(names) == len(spans) == len(amounts) else None
    return _Title(name, is_sure=True) if name is not None else None


def _beside_substance(monograph: Monograph, tokens: Tokens, title: Span, name: Name, substance: Name) -> _Title:
    """The generic name and the brand, if the text beside the title names a substance.

    A title that has no word of the substance is a brand. One that has more words (`Exemplum Maker`) is not the name,
    but for salts; and of two lists of ingredients the longer one counts.
    """
    is_brand = is_canadian(tokens, title[0]) or not _share_a_word(substance.generic_name, name.generic_name)
    if is_brand:
        return _Title(substance, as_brand(tokens, *name_span(tokens, *title)), is_sure=True)
    listed = named_by_ingredients(monograph, tokens)
    if listed is not None and len(listed.parts) > len(name.parts):
        return _Title(listed, is_sure=True)
    more = _words_in(name.generic_name) - _words_in(substance.generic_name) - name_words_with_role("salt")
    is_one = len(name.parts) <= len(substance.parts)
    is_one = is_one or substance in (named_by_composition(monograph, tokens), named_by_each_unit(monograph, tokens))
    is_more = bool(more) and is_one
    return _Title(substance if is_more else name, is_sure=True)


def _brand_in_title(monograph: Monograph, tokens: Tokens, title: _Title, name: Name) -> tuple[Passage, ...]:
    """The title if a field names another substance, which is a common noun as the title is not: `Exemplan`."""
    place = title.name.place
    first, after = tokens.span(monograph.title)
    bracket = next(brackets_in(tokens, first, after), None)
    if bracket is not None and bracket.first > first and _name_key(tokens, *bracket.inner) == fold(name.generic_name):
        return as_brand(tokens, first, bracket.first)
    if place is None or name.place is None or _share_a_word(name.generic_name, title.name.generic_name):
        return ()
    own, other = tokens.span(place), tokens.span(name.place)
    is_one = len(words_between(tokens, *own)) == 1 and can_be_name(tokens, *own)
    is_one = is_one and not names_substance(tokens, *own)  # that of another drug
    return as_brand(tokens, *own) if is_one and is_common(monograph, tokens, other, own) else ()


def _name_key(tokens: Tokens, first: int, after: int) -> str:
    return fold(tokens.plain(first, after))
