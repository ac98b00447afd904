"""The generic name alone, how it is said, and the brand names: from name fields, the title and what stands beside it.

    generic name = name { bracket }
    bracket      = pronunciation                               [ BAK-loe-fen ]   (am OX i SIL in)
                 | route, form, market or status               (intrathecal)   (oral/injection)   (Rx)
                 | label "brand name:" brands                  (Brand name: Exemplan)
                 | anything else                               (adrenaline): part of the name

    brand names  = [ lead ] brand { separator brand }          "," ";" "|" bullet, new line, `and`
    brand        = [ label ":" ] name { bracket | sign }       Lioresal® (discontinued)

    title = [ lead ] brand "(" generic ")" form …              APIXEX (apixaban) tablets, for oral use
          | [ lead ] generic "(" brand { "," brand } ")"       baclofen (Lioresal, Gablofen)
          | brand "- " generic [ form ]                        SERTREX- sertraline hydrochloride tablet, film coated
          | [ lead ] name { bracket } [ strength … ] [ form ]  Xyl 25 mg film-coated tablets
          | amount name { "and" amount name } form             5% Dextrose and 0.45% Sodium Chloride Injection
          | NAME form in small letters                         OXYGEN gas

A pronunciation has three syllables or more, or two with a hyphen, of which one is in capitals and one is not; or three
in lower case with hyphens; or it is called one. Names are given as printed, so that `Baclofen` keeps its capital; the
span of a brand ends before the brackets and signs at its end.

The words before a bracket are a brand only if the print says so: a trademark sign; capitals before small letters and a
form behind, as US labels begin; or the text prints one of the two in small letters and never the other, since generic
names are common nouns. The title of a product (with a sign, a strength or a form) is a brand if the line below it, the
active ingredients or the first sentences name a substance that it does not. A title alone is a generic name only if
something says so: the list of substances that the tokens know, a stem, small letters in the text, or brands that it is
none of. All words are rows of `name_words.csv` and `brand_words.csv`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from pipelines.lexer import BREAK, BULLET, MARK, NUMBER, SOFT_BREAK, WORD, Span, Tokens, lines
from pipelines.lexicon import Vocabulary, vocabulary, with_role
from pipelines.normalize.dose_forms import FormPiece, form_pieces, kind
from pipelines.records import Finding, FindingCode, Monograph, Name, Passage, Section
from schemas import codes
from schemas.codes.folding import fold, tidy

_NAME_MISSING = FindingCode("NAME_MISSING")

_LONGEST_NAME = 30  # words: combinations of vaccines are long
_LONGEST_BRAND = 6  # words
_FEWEST_SYLLABLES = 3
_FEWEST_HYPHENATED = 2
_LONGEST_SYLLABLE = 6
_SHORTEST_WORD = 4
_LONGEST_SHORT_FORM = 4  # letters
_FEWEST_COMBINED = 2  # substances
_FEWEST_OF_A_STANDARD = 2  # tokens
_LONGEST_SUBSTANCE = 8  # tokens
_SHORTEST_FORM = 6  # letters of a form that may be glued to a name
_LONGEST_ENDING = 3  # letters behind a form that are no other word
_WORDS_OF_A_UNIT = 8  # `Each 5 mL of oral suspension contains`
_TOKENS_BEHIND_A_BRAND = 6  # a sign and a strength
_LINES_BELOW_A_TITLE = 3
_WORDS_BELOW_A_TITLE = 6
_TOKENS_BEFORE_A_TITLE = 80
_SENTENCES_READ = 4000  # tokens of a monograph in which names are looked for
_PREFIX_OF_CANADA = "Pr"

_SIGNS = frozenset("®™℠©")
_OPENS = {"(": ")", "[": "]"}
_ENDS = frozenset(",;:.-|")
_ITEM_ENDS = frozenset(",;|•·‣▪◦●○")
_FORM_KINDS = frozenset({"form", "use", "quality", "unclear", "container", "site", "link", "neutral"})


@dataclass(frozen=True, slots=True)
class Names:
    """The generic name of a monograph's drug, or else what the monograph calls it, the brands, and findings."""

    name: Name
    called: Name
    brands: tuple[Passage, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Bracket:
    """A bracket from its opening sign to the token after its closing one."""

    first: int
    after: int

    @property
    def inner(self) -> Span:
        return self.first + 1, self.after - 1


def read_names(monograph: Monograph, tokens: Tokens) -> Names:
    """The names of one monograph; a finding says if only the title gives the generic name."""
    title = _stated_names(monograph, tokens) or _read_title(monograph, tokens)
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
    own = fold((name or title.name).generic_name)
    brands = brands or tuple(_brands_below(monograph, tokens))
    listed = tuple(_brands_in_sections(monograph, tokens, own))
    brands = tuple(each for each in brands if not any(fold(one.text) in fold(each.text) for one in listed))
    brands = (
        *brands,
        *_brands_with_sign(monograph, tokens),
        *listed,
        *_brands_in_sentences(monograph, tokens),
    )
    if name is None and not title.is_sure:
        name, finding = _stand_in(monograph, tokens, title, brands)
        findings.append(finding)
    name = _with_pronunciation(name or title.name, monograph)
    kept = {fold(brand.text): brand for brand in reversed(brands) if fold(brand.text) != own}
    return Names(name, name if name.generic_name else title.name, tuple(reversed(kept.values())), tuple(findings))


def _stand_in(monograph: Monograph, tokens: Tokens, title: _Title, brands: Iterable[Passage]) -> tuple[Name, Finding]:
    """What stands for the generic name that no section states: a name by doses or the title; empty if that is none.

    A title is the generic name, too, if the text names brands and it is none of them.
    """
    dosed = _named_by_doses(monograph, tokens)
    is_heading = any(each.heading and each.heading.start == monograph.title.start for each in monograph.sections)
    name = _name_of_title(monograph, tokens, title.name.place or monograph.title)
    if name is None and _is_beside_brands(tokens, title.name, brands):
        name = title.name
    if not is_heading and name is not None:
        message = "No section states the generic name; the title stands in for it."
        return name, Finding(_NAME_MISSING, message, monograph.title, "monographs")
    if dosed is None:
        message = "No section states the generic name, and the title is no name."
        return Name(""), Finding(_NAME_MISSING, message, monograph.title, "monographs")
    message = "No section states the generic name; the name that stands before the doses stands in for it."
    return _placed(tokens, tokens.passage(*dosed).text, [dosed]), Finding(
        _NAME_MISSING, message, tokens.passage(*dosed), "monographs"
    )


def _is_beside_brands(tokens: Tokens, name: Name, brands: Iterable[Passage]) -> bool:
    """Whether the text names brands that share no word with a name."""
    if name.place is None or not _can_be_name(tokens, *tokens.span(name.place)):
        return False
    places = list(brands)
    return bool(places) and not any(_share_a_word(name.generic_name, brand.text) for brand in places)


def _name_of_title(monograph: Monograph, tokens: Tokens, place: Passage) -> Name | None:
    """The name that a title is, or begins with before words on what the page is (`Exemplum flashcards`)."""
    first, after = tokens.span(place)
    remarks = (found for found in with_role("title_words", "remark").find(tokens, first + 1, after))
    end = next((start for start, end, _ in remarks if end == after), first)
    if end > first and _names_substance(tokens, first, end):
        return _bare_name(tokens, first, end)
    if not _is_no_name(tokens, first, after) and _is_generic(monograph, tokens, first, after):
        return _bare_name(tokens, first, after)
    form = next((piece.first for piece in form_pieces(tokens, first, after) if _is_form(piece)), first)
    is_alone = _words_with_role("joins").isdisjoint(tokens.keys[form:after])
    is_alone = is_alone and _SIGNS.isdisjoint(tokens.keys[first:form])  # no `Exemplum cream and dressing`
    return _bare_name(tokens, first, form) if is_alone and _names_substance(tokens, first, form) else None


def _with_pronunciation(name: Name, monograph: Monograph) -> Name:
    said = next((s.body.text for s in monograph.sections if s.code == "pronunciation" and s.body), None)
    pronunciation = name.pronunciation or (tidy(said.strip("()[] ")) if said else None)
    return replace(name, pronunciation=pronunciation)


def read_name(tokens: Tokens, first: int, after: int) -> Name | Finding:
    """The name in the first line of a generic-name field; several pronunciations are joined with `; `."""
    first, end = next(iter(lines(tokens, first, after)), (first, after))
    end = _before_other_label(tokens, first, end)
    end = max(_without_legal(tokens, first, _before_amount(tokens, first, end)), min(first + 1, end))
    end = _before_route_behind(tokens, first, _before_form_behind_comma(tokens, first, end))
    spans: list[Span] = []
    said: list[str] = []
    at = first
    for bracket in _brackets(tokens, first, end):
        pronunciation = _pronunciation(tokens, *bracket.inner)
        if pronunciation or _is_about_the_product(tokens, *bracket.inner) or _labelled_brands(tokens, bracket):
            spans.append((at, bracket.first))
            at = bracket.after
            said += [pronunciation] if pronunciation else []
    spans.append((at, end))
    printed = " ".join(tokens.passage(*span).text for span in spans)
    name = tidy(printed).translate(_WITHOUT_SIGNS).strip(" .,;:|")
    is_name = any(map(str.isalpha, name)) and ":" not in name
    if not is_name or _is_prose(tokens, first, end) or _is_nothing(tokens, first, end):
        message = "The generic-name field holds no name that could be told from its words."
        return Finding(_NAME_MISSING, message, tokens.passage(first, after))
    return _placed(tokens, tidy(name), spans, "; ".join(said) or None)


def _before_other_label(tokens: Tokens, first: int, after: int) -> int:
    """The token before another field or the next cell of a row: `exemplum Brand Name: Exemplan | Antacid`."""
    titles = vocabulary("section_titles")
    for at in range(first + 1, after):
        found = titles.longest(tokens, at, after)
        is_label = found is not None and found[1] < after and tokens.keys[found[1]] == ":"
        before = tokens.printed_case(at - 1)
        if tokens.keys[at] == "|" or (is_label and before in (before.lower(), before.upper(), before.title())):
            return at  # not `exemplumBRAND NAME:`
    return after


def _before_form_behind_comma(tokens: Tokens, first: int, after: int) -> int:
    """The token after a name, without a comma and the form that is all that stands behind: `, Oral capsule`."""
    comma = next((at for at in range(after - 1, first, -1) if tokens.keys[at] == ","), after)
    if comma + 1 >= after or with_role("name_words", "kept").whole(tokens, after - 1, after) is not None:
        return after
    pieces = form_pieces(tokens, comma + 1, after)
    is_form = _without_form(tokens, comma + 1, after) == comma + 1 and any(_is_form(piece) for piece in pieces)
    return comma if is_form else after


def _before_route_behind(tokens: Tokens, first: int, after: int) -> int:
    """The token after a substance, without the route or form that is no part of its name: `exemplum transdermal`."""
    known = with_role("name_words", "bracket")
    end = after
    while end > first + 1 and known.whole(tokens, end - 1, end) is not None:
        end -= 1
    is_name = end < after and not tokens.is_substance(_printed(tokens, first, after))
    return end if is_name and tokens.is_substance(_printed(tokens, first, end)) else after


def _placed(tokens: Tokens, name: str, spans: Sequence[Span], said: str | None = None) -> Name:
    """A name with the places of its ingredients; the spans are the printed stretches that it is made of."""
    bare = [span for span in (_without_marks(tokens, *each) for each in spans) if span[0] < span[1]]
    if not bare:
        return Name(name, said)
    parts = tuple(tokens.passage(*part) for span in bare for part in _parts(tokens, *span))
    return Name(name, said, tokens.passage(bare[0][0], bare[-1][1]), parts)


def _parts(tokens: Tokens, first: int, after: int) -> Iterator[Span]:
    """The ingredients of a combination: what stands between `and`, `/`, `+`, a comma and the like, outside brackets.

    Where semicolons part them, nothing else does. Words that only describe (`vaccine recombinant, adjuvanted`) are no
    ingredient of their own.
    """
    spans = [span for span in _between_joints(tokens, first, after) if span[0] < span[1]]
    attribute = with_role("name_words", "attribute")
    parts: list[Span] = []
    for span in spans:
        if parts and any(_is_made_of(tokens, each, attribute) for each in (span, parts[-1])):
            parts[-1] = (parts[-1][0], span[1])
        else:
            parts.append(span)
    yield from parts


def _between_joints(tokens: Tokens, first: int, after: int) -> Iterator[Span]:
    inside = {at for bracket in _brackets(tokens, first, after) for at in range(bracket.first, bracket.after)}
    outside = {tokens.keys[at] for at in range(first, after) if at not in inside}
    joins, marks = with_role("name_words", "joins"), {";"} if ";" in outside else {"/", "+", ",", "&"}
    start = at = first
    while at < after:
        joint = joins.longest(tokens, at, after) if ";" not in outside else None
        if at not in inside and (joint is not None or tokens.keys[at] in marks):
            yield _without_marks(tokens, start, at)
            start = at = joint[1] if joint is not None else at + 1
            continue
        at += 1
    yield _without_marks(tokens, start, after)


def _is_made_of(tokens: Tokens, span: Span, words: Vocabulary[codes.Row]) -> bool:
    """Whether all of a span is words of a vocabulary, one behind the other."""
    at = span[0]
    while at < span[1]:
        found = words.longest(tokens, at, span[1])
        if found is None and tokens.kinds[at] == WORD:
            return False
        at = found[1] if found is not None else at + 1
    return True


def _without_marks(tokens: Tokens, first: int, after: int) -> Span:
    """The span without marks and signs at its ends."""
    while first < after and tokens.kinds[first] not in (WORD, NUMBER) and tokens.keys[first] not in _OPENS:
        first += 1
    while (
        after > first
        and tokens.kinds[after - 1] not in (WORD, NUMBER)
        and tokens.keys[after - 1] not in _OPENS.values()
    ):
        after -= 1
    return first, after


_WITHOUT_JOINTS = str.maketrans(dict.fromkeys("/+,;&", " "))
_WITHOUT_SIGNS = str.maketrans("", "", "".join(_SIGNS))


def _brackets(tokens: Tokens, first: int, after: int) -> Iterator[_Bracket]:
    """The outermost brackets that close, in order."""
    at = first
    while at < after:
        close = _OPENS.get(tokens.keys[at])
        end = next((no for no in range(at + 1, after) if tokens.keys[no] == close), None) if close else None
        if end is not None:
            yield _Bracket(at, end + 1)
            at = end
        at += 1


def _words(tokens: Tokens, first: int, after: int) -> list[str]:
    return [tokens.keys[at] for at in range(first, after) if tokens.kinds[at] == WORD]


def _is_prose(tokens: Tokens, first: int, after: int) -> bool:
    inside = {at for bracket in _brackets(tokens, first, after) for at in range(bracket.first, bracket.after)}
    outside = [at for at in range(first, after) if at not in inside and tokens.kinds[at] == WORD]
    verbs = with_role("name_words", "sentence")
    return len(outside) > _LONGEST_NAME or any(verbs.longest(tokens, at, after) for at in outside)


def _is_nothing(tokens: Tokens, first: int, after: int) -> bool:
    return with_role("brand_words", "nothing").whole(tokens, first, after) is not None


def _is_about_the_product(tokens: Tokens, first: int, after: int) -> bool:
    """Whether every word of a bracket is a route, form, market or status."""
    known = with_role("name_words", "bracket", "joins")
    at = first
    while at < after:
        found = known.longest(tokens, at, after)
        if found is None and tokens.kinds[at] != MARK and tokens.kinds[at] != SOFT_BREAK:
            return False
        at = found[1] if found else at + 1
    return after > first


def _pronunciation(tokens: Tokens, first: int, after: int) -> str | None:
    """The words of a bracket if they tell how a name is said."""
    called = with_role("name_words", "said").longest(tokens, first, after)
    if called is not None:
        start = called[1] + (called[1] < after and tokens.keys[called[1]] == ":")
        return tidy(tokens.passage(start, after).text) if _words(tokens, start, after) else None
    syllables = [tokens.printed_case(at) for at in range(first, after) if tokens.kinds[at] == WORD]
    marks = [tokens.keys[at] for at in range(first, after) if tokens.kinds[at] != WORD]
    if not syllables or not set(marks) <= set("-'·.,;/ˈˌ") or _is_about_the_product(tokens, first, after):
        return None
    if max(map(len, syllables)) > _LONGEST_SYLLABLE:
        return None
    said = tidy(tokens.passage(first, after).text)
    capitals = [syllable.isupper() and len(syllable) > 1 for syllable in syllables]
    fewest = _FEWEST_HYPHENATED if "-" in marks else _FEWEST_SYLLABLES
    if len(syllables) >= fewest and any(capitals) and not all(capitals):
        return said
    return said if len(syllables) >= _FEWEST_SYLLABLES and said.islower() and " " not in said else None


# --- the title


@dataclass(frozen=True, slots=True)
class _Title:
    """What the title says: a name, brands, and whether the name is surely the generic one."""

    name: Name
    brands: tuple[Passage, ...] = ()
    is_sure: bool = False


def _read_title(monograph: Monograph, tokens: Tokens) -> _Title:
    first, after = tokens.span(monograph.title)
    first = _without_lead(tokens, first, after)
    dashed = _dashed(tokens, first, after)
    if dashed is not None:
        brand, generic = dashed
        generic = generic[0], _without_label_form(tokens, *generic)
        return _Title(_bare_name(tokens, *generic), _as_brand(tokens, *brand), is_sure=True)
    bracket = next(_brackets(tokens, first, after), None)
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
    name = _bare_name(tokens, first, after)
    if bracket is not None and any(section.code == "brand_names" for section in monograph.sections):
        name = _bare_name(tokens, first, bracket.first)  # the bracket is no name: a section gives the names
    substance = _substance_below(monograph, tokens)
    if substance is None or _is_common_noun(monograph, tokens, first, after):
        return _Title(name, is_sure=substance is not None)
    return _beside_substance(monograph, tokens, (first, after), name, substance)


def _beside_substance(monograph: Monograph, tokens: Tokens, title: Span, name: Name, substance: Name) -> _Title:
    """The generic name and the brand, if the text beside the title names a substance.

    A title that has no word of the substance is a brand. One that has more words (`Exemplum Maker`) is not the name,
    but for salts; and of two lists of ingredients the longer one counts.
    """
    is_brand = _is_canadian(tokens, title[0]) or not _share_a_word(substance.generic_name, name.generic_name)
    if is_brand:
        return _Title(substance, _as_brand(tokens, *_name_span(tokens, *title)), is_sure=True)
    listed = _named_by_ingredients(monograph, tokens)
    if listed is not None and len(listed.parts) > len(name.parts):
        return _Title(listed, is_sure=True)
    more = _words_in(name.generic_name) - _words_in(substance.generic_name) - _words_of_salts()
    is_one = len(name.parts) <= len(substance.parts)
    is_one = is_one or substance in (_named_by_composition(monograph, tokens), _named_by_each_unit(monograph, tokens))
    is_more = bool(more) and is_one
    return _Title(substance if is_more else name, is_sure=True)


def _with_ingredients(tokens: Tokens, first: int, after: int) -> _Title | None:
    """A title that goes on with the active ingredients: `EXEMPLAN ACTIVE INGREDIENTS: EXEMPLUM 2 %`."""
    titles = vocabulary("section_titles")
    for at in range(first + 1, after - 2):
        found = titles.longest(tokens, at, after)
        if found is not None and found[0]["code"] == "active_ingredient" and tokens.keys[found[1]] == ":":
            name = _joined(tokens, list(_substances(tokens, found[1] + 1, after)))
            return _Title(name, _as_brand(tokens, first, at), is_sure=True) if name is not None else None
    return None


def _before_route(tokens: Tokens, first: int, after: int) -> _Title | None:
    """A title that begins with the name, a dash and the route: `EXEMPLUM - ORAL Exemplan side effects`."""
    for at in range(first + 1, after - 1):
        if tokens.keys[at] != "-" or tokens.is_tight(at) or tokens.is_tight(at + 1):
            continue
        is_route = with_role("name_words", "bracket").whole(tokens, at + 1, at + 2) is not None
        return _Title(_bare_name(tokens, first, at)) if is_route and _can_be_name(tokens, first, at) else None
    return None


def _in_capitals(tokens: Tokens, first: int, after: int) -> _Title | None:
    """A label's title that has the name in capitals and the form in small letters: `EXEMPLUM and ALTERUM oral film`."""
    joins = _words_with_role("joins")
    small = (at for at in range(first, after) if tokens.kinds[at] == WORD and tokens.printed_case(at).islower())
    end = next((at for at in small if tokens.keys[at] not in joins), after)
    is_form = any(_is_form(piece) for piece in form_pieces(tokens, end, after)) if end < after else False
    is_form = is_form or with_role("name_words", "label form").whole(tokens, end, after) is not None
    names = [at for at in range(first, end) if tokens.kinds[at] == WORD and tokens.keys[at] not in joins]
    is_capital = bool(names) and NUMBER not in tokens.kinds[first:end]
    is_capital = is_capital and all(tokens.printed_case(at).isupper() for at in names)
    return _Title(_bare_name(tokens, first, end)) if is_capital and is_form else None


def _behind_amounts(tokens: Tokens, first: int, after: int) -> _Title | None:
    """A title with each amount before its substance: `5% Exemplum and 0.45% Alterum Injection`."""
    amounts = [at for at in range(first, after) if tokens.kinds[at] == NUMBER and _has_unit(tokens, at, after)]
    if amounts[:1] != [first]:
        return None
    spans: list[Span | None] = []
    for at, end in zip(amounts, (*amounts[1:], after), strict=True):
        unit = vocabulary("unit_synonyms").longest(tokens, at + 1, after)
        spans.append(_longest_substance(tokens, unit[1] if unit is not None else at + 1, end))
    name = _joined(tokens, spans)
    return _Title(name, is_sure=True) if name is not None else None


def _longest_substance(tokens: Tokens, first: int, after: int) -> Span | None:
    """The longest name of a substance of the list with which words begin."""
    end = _without_form(tokens, first, _first_comma(tokens, first, after))
    ends = range(min(end, first + _LONGEST_SUBSTANCE), first, -1)
    return next(((first, end) for end in ends if tokens.is_substance(_printed(tokens, first, end))), None)


def _combined(tokens: Tokens, first: int, after: int) -> _Title | None:
    """A title of several substances, each with its amount behind it: `Exemplum 40 mg + Alterum 10 mg`."""
    amounts = [at for at in range(first, after) if tokens.kinds[at] == NUMBER and _has_unit(tokens, at, after)]
    if len(amounts) < _FEWEST_COMBINED or not _can_be_name(tokens, first, amounts[0]):
        return None
    is_joined = any(tokens.keys[at] in ("+", "&", "and", "/", ",") for at in range(amounts[0] + 1, amounts[1]))
    spans = list(_substances(tokens, first, after))
    names = {fold(tokens.plain(*span)) for span in spans if span is not None and _can_be_name(tokens, *span)}
    name = _joined(tokens, spans) if is_joined and len(names) == len(spans) == len(amounts) else None
    return _Title(name, is_sure=True) if name is not None else None


def _behind_form(tokens: Tokens, first: int, after: int) -> _Title | None:
    """A leaflet's title that ends with the name behind strength and form: `EXEMPLAN 4 mg chewable tablets exemplum`."""
    amount = _before_amount(tokens, first, after)
    if amount == after:
        return None
    forms = [piece for piece in form_pieces(tokens, amount, after) if kind(piece) == "form"]
    if not forms or not 0 < after - forms[-1].after <= _WORDS_BELOW_A_TITLE:
        return None
    span = _without_marks(tokens, forms[-1].after, after)
    is_small = all(tokens.printed_case(at).islower() for at in range(*span) if tokens.kinds[at] == WORD)
    if not is_small or not _can_be_name(tokens, *span) or not _has_stem_or_salt(tokens, *span):
        return None
    own = _name_span(tokens, first, amount)
    name = _bare_name(tokens, *span)
    is_own = _share_a_word(name.generic_name, tokens.plain(*own))
    return _Title(name, () if is_own else _as_brand(tokens, *own), is_sure=True)


def _has_stem_or_salt(tokens: Tokens, first: int, after: int) -> bool:
    return _has_stem(tokens, first, after) or not _words_of_salts().isdisjoint(_words(tokens, first, after))


def _is_common_noun(monograph: Monograph, tokens: Tokens, first: int, after: int) -> bool:
    """Whether a sentence of the text prints the title's name in small letters, as no brand is printed."""
    first, after = _name_span(tokens, first, after)
    if (
        first >= after
        or any(tokens.keys[at] in _SIGNS for at in range(first, after))
        or not tokens.printed_case(first)[0].isupper()
    ):
        return False
    own, length = tokens.keys[first:after], after - first
    bodies = (tokens.span(section.body) for section in monograph.sections if section.body)
    return any(
        tokens.keys[at] == own[0]
        and tokens.keys[at : at + length] == own
        and tokens.plain(at, at + length).islower()
        and tokens.kinds[at - 1] == WORD
        for start, end in bodies
        for at in range(start + 1, end - length + 1)
    )


def _brand_in_title(monograph: Monograph, tokens: Tokens, title: _Title, name: Name) -> tuple[Passage, ...]:
    """The title if a field names another substance, which is a common noun as the title is not: `Exemplan`."""
    place = title.name.place
    first, after = tokens.span(monograph.title)
    bracket = next(_brackets(tokens, first, after), None)
    if bracket is not None and bracket.first > first and _name_key(tokens, *bracket.inner) == fold(name.generic_name):
        return _as_brand(tokens, first, bracket.first)
    if place is None or name.place is None or _share_a_word(name.generic_name, title.name.generic_name):
        return ()
    own, other = tokens.span(place), tokens.span(name.place)
    is_one = len(_words(tokens, *own)) == 1 and _can_be_name(tokens, *own)
    return _as_brand(tokens, *own) if is_one and _is_common(monograph, tokens, other, own) else ()


def _name_key(tokens: Tokens, first: int, after: int) -> str:
    return fold(tokens.plain(first, after))


@cache
def _words_of_salts() -> frozenset[str]:
    return _words_with_role("salt")


@cache
def _words_with_role(role: str) -> frozenset[str]:
    return frozenset(fold(row["text"]) for row in codes.rows("name_words") if role in row["roles"].split("; "))


def _is_generic(monograph: Monograph, tokens: Tokens, first: int, after: int) -> bool:
    """Whether something says that words are a generic name.

    They name a substance; or each of them is a word with a stem, a salt or the like; or the text prints them in small
    letters, as it does no brand.
    """
    first, after = _name_span(tokens, first, after)
    is_small = tokens.plain(first, after).islower()
    if is_small or _names_substance(tokens, first, after) or _is_common_noun(monograph, tokens, first, after):
        return True
    others = _words_of_salts() | _words_with_role("attribute") | _words_with_role("joins") | _words_with_role("bracket")
    words = [at for at in range(first, after) if tokens.kinds[at] == WORD]
    stems = [at for at in words if _has_stem(tokens, at, at + 1)]
    return bool(stems) and all(at in stems or tokens.keys[at] in others for at in words)


def _names_substance(tokens: Tokens, first: int, after: int) -> bool:
    """Whether words name a substance of the list, or several, or a kind of them that no brand has in its name."""
    first, after = _without_marks(tokens, first, after)
    if not _words(tokens, first, after):
        return False
    if not _words_with_role("substance").isdisjoint(_words(tokens, first, after)):
        return True
    parts = [(first, after), *_parts(tokens, first, after)]
    known = [tokens.is_substance(_printed(tokens, *part)) for part in parts]
    return known[0] or (len(parts) > _FEWEST_COMBINED and all(known[1:]))


def _printed(tokens: Tokens, first: int, after: int) -> str:
    return tidy(tokens.passage(first, after).text.translate(_WITHOUT_SIGNS))


def _is_no_name(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a title cannot be a name: words and a colon, words that are said twice, or the name of a house."""
    if with_role("title_words", "no drug").is_in(tokens, first, after):
        return True
    keys = [key for key in _words(tokens, first, after) if len(key) >= _SHORTEST_WORD]
    return ":" in tokens.keys[first:after] or len(set(keys)) < len(keys)


def _named_by_doses(monograph: Monograph, tokens: Tokens) -> Span | None:
    """The one name with a capital that stands before amounts twice or more: `Exemplimycin 500 mg once`."""
    first, after = _stretch(monograph, tokens)
    found: dict[str, list[int]] = {}
    number = tokens.kinds.find(NUMBER, first + 1, after - 1)
    while number >= 0:
        at = number - 1
        is_name = tokens.kinds[at] == WORD and tokens.printed_case(at)[0].isupper() and _has_stem(tokens, at, number)
        if is_name and _has_unit(tokens, number, after):
            found.setdefault(tokens.keys[at], []).append(at)
        number = tokens.kinds.find(NUMBER, number + 1, after - 1)
    places = next(iter(found.values())) if len(found) == 1 else []
    return (places[0], places[0] + 1) if len(places) > 1 else None


def _share_a_word(one: str, other: str) -> bool:
    return bool(_words_in(one) & _words_in(other))


def _words_in(name: str) -> frozenset[str]:
    """The words of a name, whatever joins its ingredients."""
    return words_of_names(name.translate(_WITHOUT_JOINTS).split())


def _stated_names(monograph: Monograph, tokens: Tokens) -> _Title | None:
    """The names that the document's format states as such."""
    stated = monograph.stated
    if not stated.generic_name:
        return None
    brands = (stated.brand_name,) if stated.brand_name else ()
    place = stated.generic_name
    parts = tuple(tokens.passage(*part) for part in _parts(tokens, *tokens.span(place)))
    return _Title(Name(tidy(place.text), None, place, parts or (place,)), brands, is_sure=True)


def read_title_names(monograph: Monograph, tokens: Tokens) -> tuple[Name, tuple[Passage, ...]]:
    """The generic name and the brands that the title and what stands right below it give."""
    title = _read_title(monograph, tokens)
    return title.name, title.brands


def _without_lead(tokens: Tokens, first: int, after: int) -> int:
    while first < after and (tokens.kinds[first] == MARK and tokens.keys[first] not in _OPENS):
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


def _bracketed(monograph: Monograph, tokens: Tokens, before: Span, bracket: _Bracket, after: int) -> _Title | None:
    """A title with a bracket that holds the generic name, or the brands; None if it tells neither."""
    labelled = _labelled_brands(tokens, bracket)
    if labelled:
        return _Title(_bare_name(tokens, *before), labelled)
    if NUMBER in tokens.kinds[slice(*bracket.inner)]:  # `(60 mL)`, `(pack of 30)`
        listed = _joined(tokens, list(_listed_in_bracket(tokens, bracket)))
        return _Title(listed, _as_brand(tokens, *before), is_sure=True) if listed is not None else None
    is_remark = _pronunciation(tokens, *bracket.inner) or _is_about_the_product(tokens, *bracket.inner)
    if is_remark or not _is_form_behind_name(tokens, bracket.after, _first_comma(tokens, bracket.after, after)):
        return None
    is_sign = tokens.keys[before[1] - 1] in _SIGNS
    inner_is_small = tokens.printed_case(bracket.inner[0])[0].islower()
    is_label = tokens.plain(*before).isupper() and inner_is_small and bracket.after < after
    if is_sign or is_label or _is_common(monograph, tokens, bracket.inner, before):
        return _Title(_bare_name(tokens, *bracket.inner), _as_brand(tokens, *before), is_sure=True)
    has_sign = any(tokens.keys[at] in _SIGNS for at in range(*bracket.inner))
    if has_sign or _is_common(monograph, tokens, before, bracket.inner):
        name = _bare_name(tokens, *before)
        brands = _brand_items(tokens, *bracket.inner)
        return _Title(name, tuple(each for each in brands if not _is_short_form(each.text, name.generic_name)))
    return None


def _listed_in_bracket(tokens: Tokens, bracket: _Bracket) -> Iterator[Span | None]:
    """The substances of a bracket that lists them with their amounts: `(exemplum 30 mg capsules, alterum 5 mg)`."""
    legal = with_role("name_words", "pharmacopoeia")
    marks = [at for at in range(*bracket.inner) if tokens.keys[at] in (",", ";", "+")]
    for before, end in pairwise((bracket.first, *marks, bracket.after - 1)):
        amount = _before_amount(tokens, before + 1, end)
        if legal.whole(tokens, before + 1, end) is None:
            yield (before + 1, amount) if amount < end and _names_substance(tokens, before + 1, amount) else None


def _is_form_behind_name(tokens: Tokens, first: int, after: int) -> bool:
    """Whether words behind a name say no more than form and strength: `lingual spray`, `tablets 5 mg`; or are none."""
    rest = first, _without_form(tokens, first, _before_amount(tokens, first, after))
    has_form = any(_is_form(piece) for piece in form_pieces(tokens, first, after))
    return not _words(tokens, *rest) or (has_form and tokens.plain(first, after).islower())


def _is_short_form(brand: str, name: str) -> bool:
    """Whether a few capitals are letters of the name in its order: `MTX` of methotrexate."""
    if not (brand.isalpha() and brand.isupper() and len(brand) <= _LONGEST_SHORT_FORM):
        return False
    letters = iter(fold(name))
    return brand[0].lower() == fold(name)[:1] and all(letter in letters for letter in brand.lower())


def _first_comma(tokens: Tokens, first: int, after: int) -> int:
    return next((at for at in range(first, after) if tokens.keys[at] == ","), after)


def _labelled_brands(tokens: Tokens, bracket: _Bracket) -> tuple[Passage, ...]:
    """The brands of a bracket that says so: `(Brand name: Exemplan)`."""
    first, after = bracket.inner
    label = with_role("brand_words", "label", "lead").longest(tokens, first, after)
    if label is None or label[1] >= after:
        return ()
    return tuple(_brand_items(tokens, label[1] + (tokens.keys[label[1]] == ":"), after))


def _is_common(monograph: Monograph, tokens: Tokens, name: Span, other: Span) -> bool:
    """Whether a name is a common noun and the other is none.

    It alone names a substance; or the text prints it in small letters and never the other one; or it alone has a stem
    of international nonproprietary names (`name_stems.csv`).
    """
    is_known, is_other_known = (_names_substance(tokens, *_name_span(tokens, *span)) for span in (name, other))
    if is_known != is_other_known:
        return is_known
    is_small, is_other_small = (_is_printed_small(monograph, tokens, span) for span in (name, other))
    if is_small != is_other_small:
        return is_small
    return _has_stem(tokens, *name) and not _has_stem(tokens, *other)


def _has_stem(tokens: Tokens, first: int, after: int) -> bool:
    return any(
        len(word) > len(begins) + len(ends) and word.startswith(begins) and word.endswith(ends)
        for word in _words(tokens, first, after)
        for begins, ends in _stems()
    )


@cache
def _stems() -> tuple[tuple[str, str], ...]:
    """Beginning and end of the names with each stem."""
    return tuple((begins, ends) for begins, _, ends in (row["text"].partition("*") for row in codes.rows("name_stems")))


def _is_printed_small(monograph: Monograph, tokens: Tokens, span: Span) -> bool:
    words = [at for at in range(*span) if tokens.kinds[at] == WORD]
    if not words:
        return False
    if tokens.printed_case(words[0])[0].islower():
        return True
    key = tokens.keys[words[0]]
    first, after = _stretch(monograph, tokens)
    return any(tokens.keys[at] == key and tokens.printed_case(at)[0].islower() for at in range(first, after))


def _stretch(monograph: Monograph, tokens: Tokens) -> Span:
    """The tokens of a monograph in which names are looked for."""
    first, after = tokens.span(monograph.title)
    if monograph.sections:
        after = max(after, tokens.span(monograph.sections[-1].body)[1])
    return first, min(after, first + _SENTENCES_READ)


def _bare_name(tokens: Tokens, first: int, after: int) -> Name:
    """The name without strength, form and legal words at its end."""
    read = read_name(tokens, *_name_span(tokens, first, after))
    if isinstance(read, Name):
        return read
    return _placed(tokens, tidy(tokens.passage(first, after).text), [(first, after)])


def _name_span(tokens: Tokens, first: int, after: int) -> Span:
    """The tokens of a name: without the first amount and what follows it, and without the form at the end."""
    end = _before_amount(tokens, first, after)
    bare = _without_form(tokens, first, end)
    while bare > first and (tokens.keys[bare - 1] in _ENDS or tokens.keys[bare - 1] in _SIGNS):
        bare -= 1
    return (first, bare) if bare > first else (first, end)


def _before_amount(tokens: Tokens, first: int, after: int) -> int:
    """The token at which the first amount begins: `Xyl 25 mg tablets` is called Xyl."""
    for at in range(first + 1, after - 1):
        is_apart = tokens.kinds[at - 1] != MARK or tokens.keys[at - 1] in _SIGNS | {"(", ","}
        is_apart = is_apart or (tokens.keys[at - 1] == "-" and not (tokens.is_tight(at - 1) or tokens.is_tight(at)))
        if tokens.kinds[at] != NUMBER or not is_apart or not _has_unit(tokens, at, after):
            continue
        return at - (tokens.keys[at - 1] in ("(", ","))
    return after


def _has_unit(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a unit of an amount follows a number, or the numbers joined to it: `5/10 mg`, `5, 10 and 20 mg`.

    A ratio is an amount, too: `1:100,000`.
    """
    end = at + 1
    if tokens.keys[at] == "1" and tokens.keys[end] == ":" and end + 1 < after and tokens.kinds[end + 1] == NUMBER:
        return tokens.is_tight(end) and tokens.is_tight(end + 1)
    while end < after - 1 and (tokens.kinds[end] == NUMBER or tokens.keys[end] in ("/", ",", "-", "and", "or")):
        if tokens.kinds[end] == tokens.kinds[end - 1] == NUMBER:
            return False  # `exemplum 400 0.4 %`
        end += 1
    unit = vocabulary("unit_synonyms").longest(tokens, end, after)
    if unit is None or not unit[0]["code"]:
        return False
    return codes.by_code("units")[unit[0]["code"]]["dimension"] != "presentation"


def _without_legal(tokens: Tokens, first: int, after: int) -> int:
    """The token after the name, without a pharmacopoeia or a legal status at its end: `USP`, `Rx only`."""
    legal = with_role("name_words", "pharmacopoeia")
    standard = with_role("name_words", "standard")
    while after > first:
        if tokens.keys[after - 1] in _ENDS:
            after -= 1
            continue
        if after - first > _FEWEST_OF_A_STANDARD and standard.whole(tokens, after - 1, after) is not None:
            after -= _FEWEST_OF_A_STANDARD  # with whose standard it is
            continue
        start = next((at for at in range(max(first + 1, after - 4), after) if legal.whole(tokens, at, after)), after)
        if start == after:
            return after
        after = start
    return after


def _without_form(tokens: Tokens, first: int, after: int) -> int:
    """The token after the name, without the dose form at its end, as a list of forms prints it."""
    after = _without_legal(tokens, first, after)
    found = form_pieces(tokens, first, after)
    end = len(found)
    while end and _goes_with_form(tokens, found[end - 1], after):
        end -= 1
    if not any(_is_form(piece) or _is_legal(tokens, piece) or kind(piece) == "site" for piece in found[end:]):
        return after
    return found[end - 1].after if end else first


def _goes_with_form(tokens: Tokens, piece: FormPiece, after: int) -> bool:
    if with_role("name_words", "kept").whole(tokens, piece.first, piece.after) is not None and piece.after == after:
        return False
    return piece.mark in (",", "(", ")") or kind(piece) in _FORM_KINDS or _is_legal(tokens, piece)


def _is_legal(tokens: Tokens, piece: FormPiece) -> bool:
    return with_role("name_words", "pharmacopoeia").whole(tokens, piece.first, piece.after) is not None


def _is_form(piece: FormPiece) -> bool:
    is_given = kind(piece) == "use" and piece.meaning is not None and bool(piece.meaning.words)
    return is_given or kind(piece) in ("form", "container")


# --- what stands beside the title


def _substance_below(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The substance that the lines below a product's title, its active ingredients or its first sentences name."""
    return (
        _named_below(monograph, tokens)
        or _named_with_route(monograph, tokens)
        or _named_behind_brand(monograph, tokens)
        or _named_by_ingredients(monograph, tokens)
        or _named_by_composition(monograph, tokens)
        or _named_by_each_unit(monograph, tokens)
        or _named_by_contents(monograph, tokens)
        or _named_in_sentence(monograph, tokens)
        or _named_among_ingredients(monograph, tokens)
    )


def _named_below(monograph: Monograph, tokens: Tokens) -> Name | None:
    """What lines of their own below the title of a product name: `(exemplum)`, `exemplum`, or names with amounts."""
    title = tokens.span(monograph.title)
    if not _is_product(tokens, *title) and not _is_canadian(tokens, title[0]):
        return None
    section = monograph.sections[0] if monograph.sections else None
    if section is None or section.code != "overview" or section.body.start < monograph.title.start:
        return None
    below = list(lines(tokens, *tokens.span(section.body)))[:_LINES_BELOW_A_TITLE]
    for start, end in below:
        if tokens.kinds[start] == BULLET or tokens.keys[start] == "-":
            break
        is_bracketed = tokens.keys[start] in _OPENS and tokens.keys[end - 1] == _OPENS[tokens.keys[start]]
        inner = (start + 1, end - 1) if is_bracketed else (start, _without_form(tokens, start, end))
        forms = form_pieces(tokens, start, end)
        begins_as_form = (
            bool(forms) and forms[0].first == start and _is_form(forms[0])
        )  # `Solution for injection in pre-filled pen`
        if _can_be_name(tokens, *inner) and not begins_as_form:
            return _bare_name(tokens, *inner) if is_bracketed or _is_generic(monograph, tokens, *inner) else None
        if not is_bracketed and _begins_substance(tokens, start, end):
            return _joined(tokens, [each for line in below if line[0] >= start for each in _dosed(tokens, *line)])
        if not (is_bracketed or _is_about_product(tokens, start, end)):
            break
    return None


def _is_about_product(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a line below a title says no more than its form, or the product again."""
    is_form = _without_form(tokens, first, after) == first
    return is_form or (_is_product(tokens, first, after) and not _is_prose(tokens, first, after))


def _dosed(tokens: Tokens, first: int, after: int) -> Iterator[Span | None]:
    """The substances of a line that is a list of them with their amounts."""
    if _begins_substance(tokens, first, after):
        yield from _substances(tokens, first, after)


def _named_with_route(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The name in capitals with its route on a line of its own, of a page whose title is a brand: `EXEMPLUM - ORAL`."""
    first, after = tokens.span(monograph.title)
    own = fold(tokens.plain(first, after))
    if not any(fold(brand.text) == own for brand in _brands_in_sections(monograph, tokens, "")):
        return None
    for section in monograph.sections:
        for start, end in lines(tokens, *tokens.span(section.body)) if section.code == "overview" else ():
            dash = next((at for at in range(start + 1, end - 1) if tokens.keys[at] == "-"), end)
            is_routed = dash < end and with_role("name_words", "bracket").whole(tokens, dash + 1, end) is not None
            if is_routed and tokens.plain(start, dash).isupper() and _can_be_name(tokens, start, dash):
                return _bare_name(tokens, start, dash)
    return None


def _begins_substance(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a line lists names with their amounts behind them, and no form: `Exemplum 40 mg, alterum 30 mg`."""
    amount = _before_amount(tokens, first, after)
    has_form = any(_is_form(piece) for piece in form_pieces(tokens, first, after))
    return (
        amount < after and not has_form and _can_be_name(tokens, first, amount) and not _is_prose(tokens, first, after)
    )


def _named_behind_brand(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The name in small letters in a bracket behind the title's own words in the text: `Exemplan (exemplum) is …`."""
    first, after = _name_span(tokens, *tokens.span(monograph.title))
    own = tokens.keys[first:after]
    if not own:
        return None
    if _has_prefix_of_canada(tokens, first):
        own = [own[0].removeprefix(_PREFIX_OF_CANADA.lower()), *own[1:]]
    verbs = with_role("title_words", "verb")
    begin, end = _stretch(monograph, tokens)
    form = tokens.keys[after : tokens.span(monograph.title)[1]]  # `EXEMPLAN ODT (exemplum) tablets contain`
    for at in range(begin, end - len(own) - 1):
        if tokens.keys[at] != own[0] or tokens.keys[at : at + len(own)] != own:
            continue
        opens = at + len(own)
        opens += len(form) if opens + len(form) < end and tokens.keys[opens : opens + len(form)] == form else 0
        opens = _behind_amount(tokens, opens, end)
        alias = _alias(tokens, opens, end) or _apposition(tokens, opens, end)
        if alias is not None:
            return _bare_name(tokens, *alias)
        if tokens.keys[opens] != "(":
            continue
        bracket = next(_brackets(tokens, opens, min(end, opens + 2 * _WORDS_BELOW_A_TITLE)), None)
        if bracket is None or bracket.after >= end:
            continue
        inner = _name_span(tokens, *bracket.inner)
        is_small = tokens.printed_case(inner[0])[0].islower()
        is_said_of = verbs.longest(tokens, bracket.after, end) is not None or _has_stem_or_salt(tokens, *inner)
        is_said_of = is_said_of or _names_substance(tokens, *inner)
        is_salt = with_role("name_words", "after substance").longest(tokens, *inner) is not None  # `(as sodium)`
        is_said_of = is_said_of and is_small and not is_salt
        if is_said_of and _can_be_name(tokens, *inner) and _pronunciation(tokens, *inner) is None:
            return _bare_name(tokens, *inner)
    return None


def _is_canadian(tokens: Tokens, at: int) -> bool:
    """Whether a title begins with the sign of a Canadian prescription drug: `Pr EXEMPLAN`, `PrEXEMPLAN`."""
    return tokens.printed_case(at) == _PREFIX_OF_CANADA or _has_prefix_of_canada(tokens, at)


def _has_prefix_of_canada(tokens: Tokens, at: int) -> bool:
    """Whether a word is a brand behind the sign of a Canadian prescription drug: `PrEXEMPLAN`."""
    printed = tokens.printed_case(at)
    return printed.startswith(_PREFIX_OF_CANADA) and printed[2:].isupper() and len(printed) > _SHORTEST_WORD


def _alias(tokens: Tokens, first: int, after: int) -> Span | None:
    """The name in small letters behind words that give it: `, also known as exemplum, is`, `the brand name for`."""
    lead = with_role("name_words", "alias").longest(tokens, first + (tokens.keys[first] == ","), after)
    start = lead[1] + (lead[1] < after and tokens.keys[lead[1]] == ",") if lead is not None else after
    if start >= after or not tokens.printed_case(start)[0].islower():
        return None
    end = start
    while end < after and tokens.kinds[end] == WORD and tokens.printed_case(end).islower():
        if with_role("title_words", "verb").longest(tokens, end, after) is not None:
            break
        end += 1
    is_ended = end < after and (tokens.keys[end] in (",", ".", ")", "(") or tokens.kinds[end] == WORD)
    return (start, end) if is_ended and _can_be_name(tokens, start, end) else None


def _apposition(tokens: Tokens, first: int, after: int) -> Span | None:
    """The substance between commas behind a brand: `Exemplan®, Typhoid Vi Polysaccharide Vaccine, is`."""
    while first < after and tokens.keys[first] in _SIGNS:
        first += 1
    if first >= after or tokens.keys[first] != ",":
        return None
    last = min(after, first + 2 + 2 * _WORDS_BELOW_A_TITLE)
    end = next((at for at in range(first + 1, last) if tokens.keys[at] in (",", ".", "(")), first)
    is_name = _names_substance(tokens, first + 1, end) and not _is_prose(tokens, first + 1, end)
    return (first + 1, end) if is_name else None


def _behind_amount(tokens: Tokens, at: int, after: int) -> int:
    """The token behind a sign and the strength of a product: `® 0.15/30-28`."""
    end = min(at + _TOKENS_BEHIND_A_BRAND, after - 1)
    while at < end and (tokens.kinds[at] == NUMBER or tokens.keys[at] in _SIGNS | {"/", "-"}):
        at += 1
    return at


def _is_product(tokens: Tokens, first: int, after: int) -> bool:
    """Whether words name a product: a trademark sign, a strength or a form is among them."""
    has_sign = any(tokens.keys[at] in _SIGNS for at in range(first, after))
    return has_sign or _name_span(tokens, first, after)[1] < after


def _can_be_name(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a line is no more than a name: few words, no number, no sentence, no form alone."""
    words = _words(tokens, first, after)
    has_number = any(tokens.kinds[at] == NUMBER for at in range(first, after))
    ends = tokens.keys[after - 1] in (".", "?") or ":" in tokens.keys[first:after] if after > first else True
    if not words or len(words) > _WORDS_BELOW_A_TITLE or has_number or ends or _is_prose(tokens, first, after):
        return False
    if any(tokens.keys[at] in _SIGNS for at in range(first, after)):
        return False
    known = _name_span(tokens, first, after)
    heading = vocabulary("section_titles").longest(tokens, first, after)
    if heading is not None and heading[0]["code"]:
        return False
    is_class = vocabulary("class_words").longest(tokens, after - 1, after) is not None
    is_form = _without_form(tokens, first, after) == first
    is_phrase = not _words_with_role("no name").isdisjoint(words)
    return known[1] > first and not (is_class or is_form or is_phrase or _is_about_the_product(tokens, first, after))


def _named_by_ingredients(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The active ingredients that a section lists, each without its amount; None if one cannot be told."""
    for section in monograph.sections:
        if section.code == "active_ingredient" and section.body:
            return _joined(tokens, list(_listed_ingredients(tokens, section)))
    return None


def _joined(tokens: Tokens, spans: Sequence[Span | None]) -> Name | None:
    """The name of a drug that has these ingredients; None if there are none, or one cannot be told."""
    found = [span for span in spans if span is not None]
    if not found or len(found) < len(spans):
        return None
    once = {fold(tokens.plain(*span)): span for span in reversed(found)}
    kept = [span for span in found if once[fold(tokens.plain(*span))] == span]
    places = tuple(tokens.passage(*span) for span in kept)
    parts = tuple(tokens.passage(*part) for span in kept for part in _parts(tokens, *span))
    name = ", ".join(tidy(place.text) for place in places)
    return Name(name, None, places[0] if len(places) == 1 else None, parts)


def _listed_ingredients(tokens: Tokens, section: Section) -> Iterator[Span | None]:
    for start, end in lines(tokens, *tokens.span(section.body)):
        if tokens.keys[end - 1] == ":" and with_role("name_words", "basis").longest(tokens, start, end) is not None:
            continue  # `per 15 ml:`
        at = _behind_lead(tokens, _without_titles(tokens, start + (tokens.kinds[start] == BULLET), end), end)
        bare = end - (tokens.keys[end - 1] == ".")
        if any(tokens.kinds[no] == NUMBER and _has_unit(tokens, no, bare) for no in range(at + 1, bare)):
            yield from _substances(tokens, at, bare)
        elif _can_be_name(tokens, at, bare):
            yield at, bare
        else:
            return


def _behind_lead(tokens: Tokens, first: int, after: int) -> int:
    """The first token behind a colon that stands before all amounts: `equal amounts of: Exemplum 3X`."""
    number = next((at for at in range(first, after) if tokens.kinds[at] == NUMBER), first)
    return next((at + 1 for at in range(first, number) if tokens.keys[at] == ":"), first)


def _without_titles(tokens: Tokens, first: int, after: int) -> int:
    """The first token behind titles and brackets at the beginning: `Active ingredient (in each caplet)`."""
    titles = vocabulary("section_titles")
    while first < after:
        bracket = next(_brackets(tokens, first, after), None)
        title = titles.longest(tokens, first, after)
        if bracket is not None and bracket.first == first:
            first = bracket.after
        elif title is not None and title[1] < after:
            first = title[1]
        elif tokens.keys[first] in _ENDS:
            first += 1
        else:
            return first
    return first


def _named_by_composition(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The substances of a product's composition: `contains 5 mg of exemplum and 2 mg of alterum`, `Exemplum (5 mg)`."""
    is_named = any(section.code == "product_name" for section in monograph.sections)
    is_named = is_named or _is_product(tokens, *tokens.span(monograph.title))
    own = fold(monograph.title.text)
    for section in monograph.sections:
        if section.code == "composition" and section.body:
            first, after = tokens.span(section.body)
            if not is_named and tokens.keys[first] != "each" and not fold(section.body.text).startswith(f"{own} "):
                return None
            start = next((end for _, end, _ in with_role("name_words", "contains").find(tokens, first, after)), first)
            end = next((at for at in range(start, after) if _ends_sentence(tokens, at)), after)
            return _joined(tokens, list(_substances(tokens, start, end)))
    return None


def _named_by_each_unit(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The substances of a product that a paragraph without heading lists: `Each tablet contains: Exemplum 10 mg` ….

    The lines below go on with the list while they are names with amounts.
    """
    for section in monograph.sections:
        if section.code != "overview" or not section.body:
            continue
        first, after = tokens.span(section.body)
        for begin, start, _ in with_role("name_words", "contains").find(tokens, first, after):
            if "each" not in tokens.keys[max(first, begin - _WORDS_OF_A_UNIT) : begin]:
                continue
            listed = start + (start < after and tokens.keys[start] == ":")
            return _joined(tokens, list(_substances_in_lines(tokens, listed, after)))
    return None


def _substances_in_lines(tokens: Tokens, first: int, after: int) -> Iterator[Span | None]:
    """The substances of a list that begins at a token, up to the first line below without an amount."""
    for line, end in lines(tokens, first, after):
        has_amount = any(tokens.kinds[no] == NUMBER and _has_unit(tokens, no, end) for no in range(line, end))
        if not has_amount or (line > first and _is_prose(tokens, line, end)):
            return
        stop = next((at for at in range(line, end) if _ends_sentence(tokens, at)), end)
        yield from _substances(tokens, line, stop)


def _named_by_contents(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The one substance that the forms of a product contain by its summary: `Each tablet contains 200 mg exemplum`."""
    if all(section.code != "product_name" for section in monograph.sections):
        return None
    first, after = _stretch(monograph, tokens)
    found: dict[str, Span] = {}
    for _, start, _ in with_role("name_words", "contains").find(tokens, first, after - 2):
        if tokens.kinds[start] != NUMBER or not _has_unit(tokens, start, after):
            continue
        unit = vocabulary("unit_synonyms").longest(tokens, start + 1, after)
        begin = unit[1] if unit is not None else start + 1
        begin += begin < after and tokens.keys[begin] == "of"
        end = begin
        while end < after and tokens.kinds[end] == WORD and not _ends_substance(tokens, end, after):
            end += 1
        if end > begin:
            found.setdefault(fold(tokens.plain(begin, end)), (begin, end))
    span = next(iter(found.values())) if len(found) == 1 else None
    is_name = span is not None and _can_be_name(tokens, *span) and _has_stem_or_salt(tokens, *span)
    return _bare_name(tokens, *span) if span is not None and is_name else None


def _named_among_ingredients(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The substance that a leaflet calls an ingredient: `allergic to exemplum or any of the other ingredients`."""
    first, after = _stretch(monograph, tokens)
    others = with_role("name_words", "other ingredients")
    for _, start, _ in with_role("name_words", "allergic").find(tokens, first, after):
        end = start
        while end < min(after, start + _WORDS_BELOW_A_TITLE) and tokens.kinds[end] == WORD:
            if others.longest(tokens, end, after) is not None:
                break
            end += 1
        is_named = start < end < after and others.longest(tokens, end, after) is not None
        if is_named and _can_be_name(tokens, start, end) and tokens.plain(start, end).islower():
            return _bare_name(tokens, start, end) if _has_stem_or_salt(tokens, start, end) else None
    return None


def _ends_sentence(tokens: Tokens, at: int) -> bool:
    if tokens.kinds[at] == BULLET or at + 1 >= len(tokens):
        return True
    is_initial = at > 0 and tokens.kinds[at - 1] == WORD and len(tokens.keys[at - 1]) == 1 and tokens.is_tight(at)
    is_stop = tokens.keys[at] == "." and not is_initial
    return is_stop and (tokens.kinds[at + 1] == BREAK or not tokens.is_tight(at + 1))


def _substances(tokens: Tokens, first: int, after: int) -> Iterator[Span | None]:
    """The name at each amount between two tokens; None if one cannot be told."""
    amounts = [at for at in range(first, after) if tokens.kinds[at] == NUMBER and _has_unit(tokens, at, after)]
    used = first
    lead = with_role("name_words", "after substance")
    for no, at in enumerate(amounts):
        unit = vocabulary("unit_synonyms").longest(tokens, at + 1, after)
        end = unit[1] if unit is not None else at + 1
        limit = amounts[no + 1] if no + 1 < len(amounts) else after
        if tokens.keys[at - 1] == "(" and at > first:
            named = _name_before(tokens, first, at - 1)
            if no == 0 or named[0] > amounts[no - 1] + 1:  # else the amount before is said again
                yield _substance(tokens, *named)
            continue
        is_of = end < limit and tokens.keys[end] == "of"
        stop = next((no for no in range(end + is_of, limit) if _ends_substance(tokens, no, limit)), limit)
        before = _name_before(tokens, used, at)
        is_inside = _is_in_remark(tokens, used, at)
        if no and (is_inside or lead.longest(tokens, *before) is not None):
            continue  # `100 units of exemplum (equivalent to 3.5 mg)`, `2 mg of exemplum in 0.5 mL`
        if no or "of" in tokens.keys[slice(*before)]:
            before = _behind_purpose(tokens, *before), before[1]
        span = (end + is_of, stop) if is_of or not _words(tokens, *before) else before
        if no and not _words(tokens, *span):
            continue  # `Exemplum 6X, 12X`
        used = max(span[1], end)
        yield _substance(tokens, *span)


def _is_in_remark(tokens: Tokens, first: int, at: int) -> bool:
    """Whether an amount stands in a bracket that is open, with no name before it: `6X HPUS (0.4 mg a pellet)`."""
    opened = next((no for no in range(at - 1, first - 1, -1) if tokens.keys[no] in _OPENS), at)
    is_open = opened < at and _OPENS[tokens.keys[opened]] not in tokens.keys[opened:at]
    legal = with_role("name_words", "pharmacopoeia")
    return is_open and (opened == first or legal.whole(tokens, first, opened) is not None)


def _behind_purpose(tokens: Tokens, first: int, after: int) -> int:
    """Where a substance begins behind other words: `0.25% Lubricant Exemplum glycol`, `equal parts of Exemplum 3X`."""
    if tokens.is_substance(_printed(tokens, first, after)):
        return first
    for at in range(max(first + 1, after - _LONGEST_SUBSTANCE), after):
        is_apart = tokens.keys[at - 1] == "of" or tokens.printed_case(at)[0].isupper()
        is_salt = at == after - 1 and tokens.keys[at] in _words_of_salts()
        if is_apart and not is_salt and tokens.is_substance(_printed(tokens, at, after)):
            return at
    return first


def _substance(tokens: Tokens, first: int, after: int) -> Span | None:
    """The name of a substance, without what its brackets say; None if the words are more than a name."""
    first, after = _without_marks(tokens, first, after)
    bracket = next(_brackets(tokens, first, after), None)
    after = bracket.first if bracket is not None and bracket.after == after else after
    after = _without_legal(tokens, first, after)
    bare = _without_form(tokens, first, after)
    after = bare if tokens.is_substance(_printed(tokens, first, bare)) else after  # `exemplum solution 4.0% w/v`
    marks = {tokens.keys[at] for at in range(first, after) if tokens.kinds[at] == MARK}
    words = _words(tokens, first, after)
    is_name = 0 < len(words) <= _WORDS_BELOW_A_TITLE and marks <= {"-", "'", "/"}
    is_name = is_name and (
        NUMBER not in tokens.kinds[first:after] or tokens.is_substance(_printed(tokens, first, after))
    )
    span = _without_marks(tokens, first, after)
    is_unit = vocabulary("unit_synonyms").whole(tokens, *span) is not None
    return span if is_name and not is_unit and not _is_prose(tokens, first, after) else None


def _ends_substance(tokens: Tokens, at: int, limit: int) -> bool:
    is_mark = tokens.keys[at] in _ITEM_ENDS or tokens.keys[at] in _OPENS or tokens.kinds[at] == NUMBER
    is_mark = is_mark or (tokens.kinds[at] == BREAK and tokens.kinds[at - 1] == WORD and tokens.keys[at - 1] != "of")
    return is_mark or with_role("name_words", "after substance").longest(tokens, at, limit) is not None


def _name_before(tokens: Tokens, first: int, at: int) -> Span:
    """The name that ends before a token: back to the last separator, without a pharmacopoeia or `equivalent to`."""
    at = _without_legal(tokens, first, at)
    while at > first and tokens.keys[at - 1] in _ENDS:
        at -= 1
    start = at
    while start > first and not _begins_item(tokens, first, start):
        start -= 1
    joint = with_role("name_words", "joins").longest(tokens, start, at)
    start = joint[1] if joint is not None else start
    start += start < at and tokens.keys[start] in ("+", "&")
    behind = with_role("name_words", "after substance").find(tokens, start + 1, at)
    return start, next((no for no, _, _ in behind), at)


def _begins_item(tokens: Tokens, first: int, at: int) -> bool:
    """Whether a token begins an item: behind a separator, or on a line of its own behind an amount and its remark."""
    kind_before = tokens.kinds[at - 1]
    is_line = kind_before == SOFT_BREAK and at - 1 > first and tokens.printed_case(at)[0].isupper()
    is_line = is_line and tokens.keys[first] in _ENDS
    is_joined = tokens.keys[at - 1] in ("and", "+", "&", "plus") and at - 2 > first and tokens.keys[at - 2] == ")"
    remark = next(_brackets(tokens, first, at), None)  # `200 mg (NSAID) pseudoephedrine 30 mg`
    is_joined = is_joined or (remark is not None and (remark.first, remark.after) == (first, at))
    return is_line or is_joined or tokens.keys[at - 1] in _ITEM_ENDS or kind_before in (BREAK, BULLET)


def _named_in_sentence(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The substance that a sentence calls the active one: `The active substance is` …."""
    first, after = _stretch(monograph, tokens)
    for _, start, _ in with_role("name_words", "active").find(tokens, first, after):
        end = start
        while end < after and tokens.keys[end] not in (".", ";", ":", "(") and tokens.kinds[end] not in (BREAK, BULLET):
            if tokens.keys[end] in ("which", "and") and tokens.keys[end - 1] == ",":
                break
            end += 1
        begin = start + (tokens.keys[start] in (":", ","))
        cut = next((at for at in range(begin, end) if tokens.kinds[at] == NUMBER), end)
        span = _name_span(tokens, begin, cut)
        if 0 < len(_words(tokens, *span)) <= 2 * _WORDS_BELOW_A_TITLE and not _is_prose(tokens, *span):
            return _bare_name(tokens, *span)
    return None


# --- brands


def _brands_with_sign(monograph: Monograph, tokens: Tokens) -> Iterator[Passage]:
    """Names with a trademark sign in the title and the lines around it: `Pr EXEMPLAN® Ointment 5%`."""
    first, after = tokens.span(monograph.title)
    headed = next((section.heading for section in monograph.sections if section.heading), None)
    end = tokens.span(headed)[0] if headed and headed.start > monograph.title.start else after
    for at in range(max(1, first - _TOKENS_BEFORE_A_TITLE), min(max(end, after), after + _TOKENS_BEFORE_A_TITLE)):
        if tokens.keys[at] in _SIGNS:
            start = at
            while start > 0 and tokens.kinds[start - 1] == WORD and tokens.printed_case(start - 1)[0].isupper():
                if start < at and vocabulary("dose_form_synonyms").whole(tokens, start - 1, start) is not None:
                    break  # `Exemplan 5 mg Tablets EXEMPLAN®`
                start -= 1
            yield from _as_brand(tokens, start, at)


def _brands_below(monograph: Monograph, tokens: Tokens) -> Iterator[Passage]:
    """Names in a bracket on a line of its own below a title that names a substance, as they do not."""
    section = monograph.sections[0] if monograph.sections else None
    title = tokens.span(monograph.title)
    if section is None or section.code != "overview" or not _names_substance(tokens, *_name_span(tokens, *title)):
        return
    is_said = False
    for start, end in list(lines(tokens, *tokens.span(section.body)))[:_LINES_BELOW_A_TITLE]:
        bracket = next(_brackets(tokens, start, end), None)
        is_bracket = bracket is not None and (bracket.first, bracket.after) == (start, end) and start >= title[1]
        inner = (start + 1, end - 1) if is_bracket else (start, end)
        is_list = is_bracket or (is_said and _is_list_of_names(tokens, start, end))
        is_said = is_bracket and _pronunciation(tokens, *inner) is not None
        is_other = is_said or _is_about_the_product(tokens, *inner) or _names_substance(tokens, *inner)
        if is_list and not is_other and tokens.printed_case(inner[0])[0].isupper():
            yield from _brand_items(tokens, *inner)


def _is_list_of_names(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a line lists names with capitals, with commas between and nothing behind: `Exemplan XL, Otheran`."""
    at = [first, *(no + 1 for no in range(first, after - 1) if tokens.keys[no] == ",")]
    is_ended = tokens.kinds[after - 1] == WORD and not _is_prose(tokens, first, after)
    return is_ended and len(at) > 1 and all(tokens.printed_case(no)[0].isupper() for no in at)


def _brands_in_sections(monograph: Monograph, tokens: Tokens, own: str) -> Iterator[Passage]:
    """The brands of the fields for them; a field that repeats the generic name gives none."""
    for section in monograph.sections:
        if section.code == "brand_names" and section.body and fold(section.body.text) != own:
            yield from read_brands(tokens, *tokens.span(section.body))


def read_brands(tokens: Tokens, first: int, after: int) -> tuple[Passage, ...]:
    """The brand names of a field, in order, each spelling once. The field ends with the first line that is no list."""
    found: dict[str, Passage] = {}
    goes_on = True
    is_bulleted = False
    for start, end in lines(tokens, first, after):
        if is_bulleted and tokens.kinds[start] != BULLET and not _is_nothing(tokens, start, end):
            break
        is_bulleted = is_bulleted or tokens.kinds[start] == BULLET
        is_item = tokens.kinds[start] in (BULLET, NUMBER) or len(_words(tokens, start, end)) <= _LONGEST_BRAND
        if not goes_on and (not is_item or (start > first and _has_other_label(tokens, start, end))):
            break
        for brand in _brand_items(tokens, start, end):
            found.setdefault(fold(brand.text), brand)
        goes_on = tokens.keys[end - 1] in (",", ";") or tokens.keys[end - 1] == ":"
        if tokens.keys[end - 1] == "." and not is_item:
            break
    return tuple(found.values())


def _has_other_label(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a line begins with a label that is no country and does not lead to brands."""
    colon = next((at for at in range(first, after) if tokens.keys[at] == ":"), None)
    return colon is not None and with_role("brand_words", "nothing", "label").whole(tokens, first, colon) is None


def _brand_items(tokens: Tokens, first: int, after: int) -> Iterator[Passage]:
    """The brands of one line."""
    at = first
    for start, end in _separators(tokens, first, after):
        yield from _as_brand(tokens, at, start)
        at = end
    yield from _as_brand(tokens, at, after)


def _separators(tokens: Tokens, first: int, after: int) -> Iterator[Span]:
    """The places between two brands, outside of brackets."""
    brackets = iter(_brackets(tokens, first, after))
    bracket = next(brackets, None)
    words = with_role("brand_words", "separator")
    at = first
    while at < after:
        if bracket is not None and at == bracket.first:
            at, bracket = bracket.after, next(brackets, None)
            continue
        is_mark = tokens.keys[at] in _ITEM_ENDS or tokens.kinds[at] == BULLET
        word = words.longest(tokens, at, after)
        if is_mark:
            yield at, at + 1
        elif word is not None and not _is_inside_name(tokens, at, word[1], after):
            yield at, word[1]
        at = word[1] if word is not None else at + 1


def _is_inside_name(tokens: Tokens, first: int, after: int, end: int) -> bool:
    """Whether the word on either side of an `and` is one that brand names have there."""
    part = with_role("brand_words", "part")
    before = first > 0 and part.whole(tokens, first - 1, first) is not None
    return before or (after < end and part.longest(tokens, after, end) is not None)


def _as_brand(tokens: Tokens, first: int, after: int) -> tuple[Passage, ...]:
    """An item without its label, number, and the brackets and signs at its end; nothing if it is no name."""
    first, after = _without_label(tokens, first, after), _without_remarks(tokens, first, after)
    after = next((at for at in range(first + 1, after) if _ends_brand(tokens, at, after)), after)
    if first < after and not _begins_as_form(tokens, first, after):
        after = _without_remarks(tokens, first, _before_amount(tokens, first, after))
    if first >= after or not _is_brand(tokens, first, after):
        return ()
    place = tokens.passage(first, after)
    if place.text.startswith(_PREFIX_OF_CANADA) and place.text[2:4].isupper() and place.text[:2].istitle():
        place = place.part(2, len(place.text))
    return (place,)


def _ends_brand(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a sign, or words that a list goes on with elsewhere, follow a name."""
    is_sign = tokens.keys[at] in _SIGNS or tokens.keys[at] == "…"
    is_dash = tokens.keys[at] == "-" and at + 1 < after and not tokens.is_tight(at + 1)
    is_sign = is_sign or (is_dash and _begins_as_form(tokens, at + 1, after))
    return is_sign or with_role("brand_words", "more").longest(tokens, at, after) is not None


def _without_label(tokens: Tokens, first: int, after: int) -> int:
    colon = next((at for at in range(first, after) if tokens.keys[at] == ":"), None)
    first = first if colon is None else colon + 1
    for _, end, _ in with_role("brand_words", "lead").find(tokens, first, after):
        first = end
    while first < after and (
        tokens.kinds[first] in (BULLET, BREAK, SOFT_BREAK) or tokens.keys[first] in _ENDS | {"*", "+"}
    ):
        first += 1
    is_numbered = first + 2 < after and tokens.kinds[first] == NUMBER and tokens.keys[first + 1] in (".", ")")
    first = first + 2 if is_numbered else first
    is_prefix = first + 1 < after and tokens.printed_case(first) == _PREFIX_OF_CANADA
    return first + 1 if is_prefix else first


def _without_remarks(tokens: Tokens, first: int, after: int) -> int:
    """The token after the name, without the signs, marks and brackets at its end."""
    while after > first:
        key = tokens.keys[after - 1]
        if (
            key in _SIGNS
            or key in _ENDS
            or key in ("*", "†", "‡", "|")
            or tokens.kinds[after - 1] in (BREAK, SOFT_BREAK)
        ):
            after -= 1
        elif key in _OPENS.values():
            opens = next((at for at in range(after - 2, first, -1) if _OPENS.get(tokens.keys[at]) == key), None)
            if opens is None:
                return after - 1
            after = opens
        elif tokens.keys[after - 1] in _OPENS:
            after -= 1
        else:
            return after
    return after


def _is_brand(tokens: Tokens, first: int, after: int) -> bool:
    """Whether an item is a name: not empty, not `others`, not long, and no prose, which has verbs in small letters."""
    words = [at for at in range(first, after) if tokens.kinds[at] == WORD]
    if not words or len(words) > _LONGEST_BRAND or _is_nothing(tokens, first, after):
        return False
    if with_role("brand_words", "more").longest(tokens, first, after) is not None or "=" in tokens.keys[first:after]:
        return False
    if any(_is_glued(tokens.keys[at]) or tokens.keys[at] in _words_with_role("publication") for at in words):
        return False
    if _before_amount(tokens, first, after) < after and _begins_as_form(tokens, first, after):
        return False
    verbs = with_role("brand_words", "sentence")
    return all(verbs.longest(tokens, at, at + 1) is None or not tokens.printed_case(at).islower() for at in words)


def _is_glued(word: str) -> bool:
    """Whether a long name of a form and another word stand together without a space: `TABLETEXEMPLAN`."""
    return any(word.startswith(form) and len(word) - len(form) > _LONGEST_ENDING for form in _long_forms())


@cache
def _long_forms() -> tuple[str, ...]:
    """The names of forms that are one long word, as no brand begins."""
    words = (fold(row["name"]) for row in codes.rows("dose_forms"))
    return tuple(word for word in words if word.isalpha() and len(word) >= _SHORTEST_FORM)


def _begins_as_form(tokens: Tokens, first: int, after: int) -> bool:
    """Whether an item begins with a form or in small letters, as what goes on with a product does: `chewable 5 mg`."""
    piece = next(iter(form_pieces(tokens, first, after)), None)
    return tokens.printed_case(first)[0].islower() or (piece is not None and kind(piece) in _FORM_KINDS)


def _brands_in_sentences(monograph: Monograph, tokens: Tokens) -> Iterator[Passage]:
    """Brands behind words that lead to them in running text: `sold under the brand name Exemplan among others`."""
    first, after = _stretch(monograph, tokens)
    for _, start, _ in with_role("brand_words", "sentence lead").find(tokens, first, after):
        at = start + (start < after and tokens.keys[start] == ":")
        end = at
        while end < after and _goes_on(tokens, end, after):
            end += 1
        yield from _brand_items(tokens, at, end)


def _goes_on(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a token belongs to a list of brands in a sentence: a name with a capital, a sign, or what joins two."""
    if tokens.kinds[at] in (BREAK, BULLET):
        return False
    if tokens.kinds[at] == WORD and tokens.keys[at] not in ("and", "or"):
        return not tokens.printed_case(at)[0].islower()
    is_joint = tokens.keys[at] in (",", "and", "or")
    follows = at + 1 < after and (tokens.kinds[at + 1] == WORD and not tokens.printed_case(at + 1)[0].islower())
    is_pair = tokens.keys[at] == "," and at + 2 < after and tokens.keys[at + 1] in ("and", "or")
    return (
        (is_joint and (follows or is_pair))
        or tokens.keys[at] in _SIGNS
        or tokens.kinds[at] == NUMBER
        or (tokens.keys[at] == "-" and tokens.is_tight(at))
    )


def words_of_names(names: Iterable[str]) -> frozenset[str]:
    """The folded words by which a monograph may call its drug."""
    return frozenset(word for name in names for word in fold(name).split() if word[:1].isalpha())
