"""Which lines of a document open a section.

A heading by the document's own structure opens one. A known title opens one if it stands alone on its line, or begins
it and a break follows. But

* a title without punctuation begins with a capital, and neither it nor one in small letters ends a wrapped sentence;
* a bulleted title opens a section only beside its equals: if the section before it is bulleted just so;
* a title without punctuation right under the heading of contraindications is one of them (`Pregnancy`);
* a title that is also a common label (`Children: 5 mg`) stays in a section that holds a list;
* before the first section, a title with a date under it is a link to another page.

A line that looks like a heading and is unknown closes the section before it, so that nothing is read from the wrong
place. It stays in the section if that holds a list of labels, if its number continues the section's number (`5.1`
under `5`), if it is indented or bulleted under the section's heading, and if it groups reactions (`GI`). In a label,
one without a number before the next number, or in small letters between chapters in capitals, is a part of the chapter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from pipelines.lexer import NUMBER, WORD
from pipelines.lexicon import Vocabulary, is_incomplete, says_dose, vocabulary, with_role
from pipelines.parse.headings import LEAD, OTHER, WIDEST_SPACE, Heading, classify, read_unknown, structural
from pipelines.parse.lines import Line, after_date, is_wrapped, leading_date
from pipelines.parse.section_titles import (
    begins_as_question,
    begins_with_name_title,
    drug_in_line,
    drug_in_title,
    find_title,
    groups_reactions,
    sentence_words,
    title_key,
    words_with_role,
)
from pipelines.records import SectionCode
from schemas import codes

_SHORT_NAME = 80  # characters
_BETWEEN_NAMES = frozenset(",;[(")
_MOST_WORDS_IN_CAPITALS = 8
_FEWEST_CAPITALS = 3
_LONGEST_PRODUCT = 10  # tokens of a form and its label up to the amount
_FEWEST_WORDS_IN_TITLE_CASE = 3
_FEWEST_CHAPTERS = 4
_MOST_WORDS_OF_A_QUESTION = 10
_LINES_OF_A_TITLE = 12
_SHORTEST_NAME = 4  # characters
_MOST_WORDS_OF_NAMES = 8
_FEWEST_ENTRIES_OF_CONTENTS = 4
_FEWEST_COUNTED = 3  # headings with numbers before one that counts on
_MOST_WORDS_COUNTED = 3  # of a heading that counts on far down, of which the first alone has a capital
_CONTENTS = SectionCode("contents")
_CAUTIONS = frozenset({"contraindications", "contraindications_and_cautions", "cautions", "precautions"})
_CONDITIONS = frozenset(  # sections whose titles may be contraindications themselves
    {
        "abuse_dependence",
        "dependence",
        "geriatric_use",
        "hepatic_impairment",
        "lactation",
        "nursing_mothers",
        "overdose",
        "pediatric_use",
        "pregnancy",
        "pregnancy_and_lactation",
        "renal_impairment",
        "reproductive_potential",
        "specific_populations",
    }
)
_FIELDS = frozenset({"brand_names", "dosage_form", "drug_class", "generic_name", "product_name", "route"})
_LETTER = SectionCode("pregnancy_category")
_PREGNANCY = frozenset({"pregnancy", "pregnancy_and_lactation", "pregnancy_category", "pregnancy_teratogenic"})
_MOST_TOKENS_OF_A_LETTER = 3
_INGREDIENT_LISTS = frozenset({"active_ingredient", "composition"})
_INGREDIENTS = SectionCode("active_ingredient")
_FORMS_AND_STRENGTHS = frozenset({"available_dose", "dosage_form", "dosage_forms_strengths"})
_MOST_WORDS_OF_A_USE = 8
_DOSES = SectionCode("dosage_administration")
_CLASS = SectionCode("drug_class")
_USES = frozenset({"indications", "off_label_uses"})
_KINDS_OF_CLASS = ("label", "therapeutic label", "chemical label", "mechanism label")


@cache
def list_sections() -> frozenset[str]:
    """Codes of the sections that hold lists of labelled lines, such as strengths by form."""
    return frozenset(row["code"] for row in codes.rows("sections") if row["holds_list"])


@cache
def system_sections() -> frozenset[str]:
    """Codes of the sections that list reactions by part of the body."""
    return frozenset(row["code"] for row in codes.rows("sections") if row["holds_systems"])


@cache
def naming_sections() -> tuple[str, ...]:
    """Codes of the sections that name the drug, the surest first."""
    named = [row for row in codes.rows("sections") if row["title_rank"]]
    return tuple(row["code"] for row in sorted(named, key=lambda row: int(row["title_rank"])))


@cache
def opening_sections() -> frozenset[str]:
    """Codes of the sections that a monograph has once, and that begin the next one if they come again."""
    return frozenset(row["code"] for row in codes.rows("sections") if row["opens_monograph"])


@cache
def _by_loinc() -> dict[str, SectionCode]:
    return {row["loinc_code"]: SectionCode(row["code"]) for row in codes.rows("sections") if row["loinc_code"]}


class DocumentNames:
    """The names that a document gives its drugs.

    A name is what a short line is, what follows a heading that names the drug, or what two headings or more have where
    a title has a name: `What Exemplan is used for`, `How to store Exemplan`. Further words of a name's own kind
    (`Exemplan or exemplum`) make one, too.
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        """Remember the lines; they are read when a name is first asked for."""
        self._lines = lines
        self.agreed = names_in_titles(lines)
        self._keys: frozenset[str] | None = None
        self._words: frozenset[str] = frozenset()

    def __contains__(self, key: object) -> bool:
        """Whether the document gives a drug the name with this key."""
        if self._keys is None:
            self._read()
        return key in (self._keys or ()) or (isinstance(key, str) and self._is_made_of_names(key))

    def _read(self) -> None:
        named: set[str] = set()
        short: set[str] = set()
        is_before_headings = True
        for no, line in enumerate(self._lines):
            found = list(_names_on(line))
            is_before_headings = is_before_headings and no < _LINES_OF_A_TITLE and classify(line, ()) is None
            is_title = is_before_headings and line.length <= _SHORT_NAME and not line.ends_sentence
            if is_title:
                found += [drug for key in found if (drug := drug_in_title(key))]
                named.update(key for key in found if drug_in_title(key) is None)
            elif line.length > _SHORT_NAME:
                named.update(found)
            short.update(found)
        named.update(self.agreed)
        self._keys = frozenset(short | named)
        words = {word for name in named for word in name.split(" ")}
        self._words = frozenset(word for word in words if len(word) >= _SHORTEST_NAME)

    def _is_made_of_names(self, key: str) -> bool:
        words = [word for word in key.split(" ") if word not in _joining_words()]
        return 0 < len(words) <= _MOST_WORDS_OF_NAMES and all(word in self._words for word in words)


@cache
def _joining_words() -> frozenset[str]:
    return words_with_role("name_words", "joins") | frozenset("()[]")


def names_in_titles(lines: Sequence[Line]) -> frozenset[str]:
    """Keys of the names that at least two headings, or one question, have where a title has a drug's name."""
    counts: Counter[str] = Counter()
    for line in lines:
        last = line.tokens.keys[line.after - 1]
        if last == "." or line.length > _SHORT_NAME:
            continue
        drug = drug_in_line(line)
        if drug is not None:
            counts[drug] += 1 + (last == "?")
    return frozenset(name for name, count in counts.items() if count > 1)


def _names_on(line: Line) -> Iterator[str]:
    """Names that the line may give: all of a short line, its beginning, or each item after a heading for a name."""
    tokens = line.tokens
    if line.length <= _SHORT_NAME:
        first, after = after_date(line)
        key = title_key(tokens, first, after)
        yield key
        number = tokens.kinds.find(NUMBER, line.first + 1, line.after)
        if number >= 0:
            yield title_key(tokens, line.first, number)  # `Exemplan 5 mg tablets`
        if not _BETWEEN_NAMES.isdisjoint(tokens.keys[line.first + 1 : line.after]):
            bracket = next(at for at in range(line.first + 1, line.after) if tokens.keys[at] in _BETWEEN_NAMES)
            yield title_key(tokens, line.first, bracket)  # `exemplum (Exemplan)`
    heading = classify(line, ()) if begins_with_name_title(line) else None
    if heading is not None and heading.code in naming_sections():
        start = heading.rest[0]
        for at in range(*heading.rest):
            if tokens.keys[at] in _BETWEEN_NAMES:
                yield title_key(tokens, start, at)
                start = at + 1
        yield title_key(tokens, start, heading.rest[1])


@dataclass(slots=True)  # not frozen, since there is one for each line of a document
class _Setting:
    """A line between its neighbours, and the section that is open there."""

    previous: Line | None
    line: Line
    following: Line | None
    section: Heading | None
    width: int | None

    @property
    def ends_wrapped_sentence(self) -> bool:
        return is_wrapped(self.previous, self.line, self.width)

    @property
    def begins_contraindications(self) -> bool:
        """Whether the line stands right under that heading, where `Pregnancy` is a contraindication."""
        if self.section is None or self.previous is None or self.section.code != "contraindications":
            return False
        return not self.section.has_rest and self.section.words[0] >= self.previous.first

    @property
    def holds_list(self) -> bool:
        return self.section is not None and self.section.code in list_sections()


def read_outline(lines: Sequence[Line], width: int | None) -> tuple[Heading | None, ...]:
    """For each line the heading that opens a section there, or None."""
    names = DocumentNames(lines)
    outline: list[Heading | None] = []
    section: Heading | None = None
    numbered: dict[str, Heading] = {}
    chapter: Heading | None = None  # the chapter on reactions that an organ class goes on with
    for no, line in enumerate(lines):
        previous = lines[no - 1] if no else None
        following = lines[no + 1] if no + 1 < len(lines) else None
        # The first line may be the title itself: `Exemplan Side Effects`.
        known = names.agreed if no == 0 else names
        heading = _opening(_Setting(previous, line, following, section, width), known)
        if heading is not None and heading.number:
            if section is not None and section.is_known and not section.number and heading.number.endswith(".1"):
                numbered.setdefault(heading.number.removesuffix(".1"), section)  # `1.1 Angina` below `INDICATIONS`
            heading = _in_chapter(heading, numbered)
        if heading is not None and not heading.is_known and chapter is not None and _groups_reactions(heading):
            heading = replace(heading, code=chapter.code, role="label")
        if heading is not None and heading.is_known:
            chapter = heading if heading.code in system_sections() else None
        outline.append(heading)
        section = heading or section
    return _without_contents(_with_chapters(outline))


def _in_chapter(heading: Heading, numbered: dict[str, Heading]) -> Heading:
    """An unknown `5.9` belongs to the known chapter `5`, whatever stands between; known ones are remembered."""
    chapter = numbered.get(heading.number.rpartition(".")[0])
    if not heading.is_known and chapter is not None and chapter.code not in list_sections():
        return replace(heading, code=chapter.code, role="label")
    if heading.is_known:
        numbered[heading.number] = heading
    return heading


def _with_chapters(outline: Sequence[Heading | None]) -> list[Heading | None]:
    """The outline, in which an unknown heading below a chapter of a label belongs to it, unless that holds a list.

    Chapters have numbers, and what stands without one before the next number is within; or all known headings are in
    capitals, and what is in small letters between two of them is.
    """
    with_chapters = list(outline)
    known = [heading for heading in outline if heading is not None and heading.is_known and not heading.has_rest]
    has_capitals = len(known) >= _FEWEST_CHAPTERS and all(_is_in_capitals(heading) for heading in known)
    for no, chapter in _chapters(outline, has_capitals=has_capitals):
        heading = outline[no]
        if heading is not None and chapter.code not in list_sections():
            with_chapters[no] = replace(heading, code=chapter.code, role="label")
    return with_chapters


def _chapters(outline: Sequence[Heading | None], *, has_capitals: bool) -> Iterator[tuple[int, Heading]]:
    """The places of unknown headings without a number, each with the chapter that ends below it."""
    chapter: Heading | None = None
    waiting: list[int] = []
    for no, heading in enumerate(outline):
        if heading is None or (chapter is not None and _is_label_of(heading, chapter)):
            continue
        if chapter is not None and _ends(heading, chapter, has_capitals=has_capitals):
            yield from ((place, chapter) for place in waiting)
        if heading.number or heading.is_known:
            is_chapter = heading.is_known and not heading.has_rest and (bool(heading.number) or has_capitals)
            chapter, waiting = (heading if is_chapter else None), []
        elif chapter is not None and (chapter.number or not _is_in_capitals(heading)):
            waiting.append(no)


def _is_label_of(heading: Heading, chapter: Heading) -> bool:
    """Whether a line is a label with its text in a chapter: `Depression: Zephide is indicated …`."""
    return heading.role == "label" and heading.has_rest and heading.code == chapter.code


def _ends(heading: Heading, chapter: Heading, *, has_capitals: bool) -> bool:
    """Whether a heading shows that the chapter went on to it: the next number, or the next one in capitals."""
    if chapter.number:
        begun, next_one = (each.number.partition(".")[0] for each in (chapter, heading))
        is_counted = begun.isdecimal() and next_one.isdecimal()
        return is_counted and int(next_one) - int(begun) in (0, 1)
    return has_capitals and heading.is_known


def _is_in_capitals(heading: Heading) -> bool:
    return heading.tokens.plain(*heading.words).isupper()


def _without_contents(outline: Sequence[Heading | None]) -> tuple[Heading | None, ...]:
    """The outline without lists of contents: headings right below each other that all come again further down."""
    last = {heading.code: no for no, heading in enumerate(outline) if heading is not None and heading.is_known}
    kept = list(outline)
    at = 0
    while at < len(kept):
        end = at
        while end < len(kept) and _comes_again(outline[end], end, last):
            end += 1
        if end - at >= _FEWEST_ENTRIES_OF_CONTENTS:
            kept[at] = replace(_contents(outline[at]), role="label")
            kept[at + 1 : end] = [None] * (end - at - 1)
        at = max(end, at + 1)
    return tuple(kept)


def _comes_again(heading: Heading | None, at: int, last: dict[SectionCode, int]) -> bool:
    if heading is None or heading.has_rest:
        return False
    return not heading.is_known or last[heading.code] > at + _FEWEST_ENTRIES_OF_CONTENTS


def _contents(heading: Heading | None) -> Heading:
    if heading is None:
        raise ValueError("a list of contents begins with a heading")
    return replace(heading, code=_CONTENTS)


def _opening(at: _Setting, names: Container[str]) -> Heading | None:
    given = structural(at.line, names, _by_loinc())
    if given is not None:
        return given if given.is_known or _unknown_closes(given, at) else None
    if at.line.is_rule or (at.line.block is not None and at.line.block.kind in ("furniture", "row")):
        return _cell_heading(at, names)
    known = classify(at.line, names)
    if known is not None and not _counts_on(known, at):
        return known if _stands_over_text(known, at) or _known_opens(known, at) else None
    if at.section is None or at.ends_wrapped_sentence:
        return None
    unknown = _unknown(at)
    if unknown is None and _begins_doses(at):
        return replace(_whole(at.line), code=_DOSES, role="label", indent=at.line.indent)
    is_heading = unknown is not None and (unknown.is_known or _unknown_closes(unknown, at))
    return unknown if is_heading else None


def _unknown(at: _Setting) -> Heading | None:
    """An unknown heading, but no item of a numbered list, and no product that is a paragraph of its own.

    A disease and a colon before a sentence, among uses or cautions, are a label of their section.
    """
    unknown = read_unknown(at.line) or _next_number(at) or _as_question(at) or _in_capitals(at)
    if unknown is None or _counts_on(unknown, at) or _leads_to(unknown, at) or _is_of_page(unknown):
        return None
    section = at.section
    if section is not None and _is_letter(unknown, section):
        return None
    if section is not None and section.code in _USES | _CAUTIONS:
        if _advises(unknown, section) or is_incomplete(unknown.tokens, *unknown.words):
            return None  # `Hypersensitivity to:`
        if _names_condition(unknown):
            is_sentence = not sentence_words().isdisjoint(unknown.tokens.keys[slice(*unknown.rest)])
            return replace(unknown, code=section.code, role="label") if is_sentence else None
    is_product = begins_product(at.line, label=":") or _says_what_each_holds(unknown)
    return None if not at.holds_list and is_product else unknown


def _says_what_each_holds(heading: Heading) -> bool:
    """Whether a label stands before what each unit holds: `Solution for injection: Each mL contains: …`."""
    tokens, (first, after) = heading.tokens, heading.rest
    is_each = first < after and with_role("product_words", "each").longest(tokens, first, after) is not None
    return is_each and NUMBER in tokens.kinds[first:after]


def _counts_on(heading: Heading, at: _Setting) -> bool:
    """Whether the line goes on with a numbered list: `2. Renal impairment` after `1. Gout`."""
    if not heading.number.isdecimal() or at.previous is None or at.section is None or at.section.number:
        return False
    before = (
        [at.previous.first, at.section.rest[0]] if at.section.words[0] >= at.previous.first else [at.previous.first]
    )
    wanted = str(int(heading.number) - 1)
    return any(at.line.tokens.keys[place] == wanted for place in before)


def _is_of_page(heading: Heading) -> bool:
    """Whether a label belongs to the page: `FDA Article Code: 34067-9`."""
    title = find_title(title_key(heading.tokens, *heading.words), ())
    return title is not None and title.role == "furniture"


def _is_letter(heading: Heading, section: Heading) -> bool:
    """Whether a label is the pregnancy category itself: `Category C: …`, `PO: C`, `Teratogenic Effects Category C:`."""
    words = heading.tokens.keys[slice(*heading.words)]
    is_category = len(words) > 1 and words[-2] == "category" and len(words[-1]) == 1
    is_field = section.code == _LETTER and not section.has_rest
    return heading.has_rest and (is_field or (is_category and section.code in _PREGNANCY))


def _is_letter_and_no_class(heading: Heading, section: Heading | None) -> bool:
    """Whether the title of a class stands before a pregnancy category: `Category: B` below `Pregnancy`."""
    is_short = heading.rest[1] - heading.rest[0] <= _MOST_TOKENS_OF_A_LETTER
    return heading.code == _CLASS and is_short and section is not None and section.code in _PREGNANCY


def _leads_to(heading: Heading, at: _Setting) -> bool:
    """Whether a label alone on its line parts a list of ingredients: `VITAMINS:` below `Each caplet contains:`."""
    is_list = at.section is not None and at.section.code in _INGREDIENT_LISTS
    return (
        is_list
        and not heading.has_rest
        and at.previous is not None
        and at.previous.tokens.keys[at.previous.after - 1] == ":"
    )


def _next_number(at: _Setting) -> Heading | None:
    """A numbered line after a gap that counts on from the heading before: `3. Education` after `2. Effects`.

    Its words begin with capitals; an item of a list under that heading would begin again, or stand farther in. From the
    fourth heading on neither is asked: `7. Product details`.
    """
    line, section = at.line, at.section
    if section is None or not section.number.isdecimal() or line.indent != section.indent:
        return None
    is_far = int(section.number) >= _FEWEST_COUNTED
    if not (line.has_gap or is_far):
        return None
    tokens, first = line.tokens, line.first
    is_next = tokens.keys[first] == str(int(section.number) + 1) and line.after - first <= _MOST_WORDS_IN_CAPITALS
    if not is_next or tokens.keys[first + 1 : first + 2] != ["."] or line.ends_sentence or line.leads_on:
        return None
    words = [tokens.printed_case(no) for no in range(first + 2, line.after) if tokens.kinds[no] == WORD]
    small = words_with_role("title_words", "small")
    asked = words[:1] if is_far and len(words) <= _MOST_WORDS_COUNTED else words
    is_title = bool(words) and all(word[0].isupper() or word in small for word in asked)
    return replace(_whole(line), form="marked", number=tokens.keys[first]) if is_title else None


def _cell_heading(at: _Setting, names: Container[str]) -> Heading | None:
    """The heading of a table's row whose first cell is a known title and whose second is its text, or empty.

    Of a row that heads columns only the active ingredients of an American label open a section.
    """
    if at.line.block is None or at.line.block.kind != "row":
        return None
    known = classify(at.line, names)
    if known is None or known.role == "label":
        return None
    is_empty = known.words[1] < at.line.after and set(at.line.tokens.keys[known.words[1] : at.line.after]) == {"|"}
    is_ingredients = known.code == _INGREDIENTS and known.words[1] < at.line.after
    return known if known.has_rest or is_empty or is_ingredients else None


def _known_opens(heading: Heading, at: _Setting) -> bool:
    is_set_off = heading.form != "plain" and heading.is_capitalised
    if not is_set_off and at.ends_wrapped_sentence and not _stands_apart(heading, at):
        return False
    is_condition = at.begins_contraindications and heading.code in _CONDITIONS
    if heading.form == "plain" and (heading.is_bulleted or not heading.is_capitalised or is_condition):
        return False
    if heading.is_bulleted and not _is_beside_equal(heading, at.section):
        return False
    if _is_letter_and_no_class(heading, at.section) or (
        heading.role == "label" and heading.form != "marked" and at.holds_list
    ):
        return False
    if heading.role == LEAD and (at.begins_contraindications or _is_within(heading, at)):
        return False
    return not _is_link_to_other_page(at)


def _stands_over_text(heading: Heading, at: _Setting) -> bool:
    """Whether a bulleted title is alone between two gaps, and text stands below it farther in, as web pages print it.

    An item of a list that is called like a section has another item below it.
    """
    if not heading.is_bulleted or heading.has_rest or not heading.is_capitalised or at.following is None:
        return False
    is_outer = at.line.has_gap or (at.previous is not None and at.previous.indent > at.line.indent)
    is_apart = is_outer and at.following.has_gap and at.following.indent > at.line.indent
    is_apart = is_apart or (heading.form == "marked" and not at.following.is_bulleted)  # `- CONTRAINDICATIONS`
    return is_apart and (at.section is None or at.line.indent <= at.section.indent)


def _is_within(heading: Heading, at: _Setting) -> bool:
    """Whether a line that leads to a list stands in a section of which it is a part.

    Such are sections on cautions; and those on reactions, in which `Tell your doctor if you have:` leads to reactions.
    """
    if at.section is None or at.section.role == LEAD:
        return False
    is_of_reactions = heading.code == "cautions" and at.section.code in system_sections()
    return at.section.code in _CAUTIONS or is_of_reactions


def _stands_apart(heading: Heading, at: _Setting) -> bool:
    """Whether a title alone on its line is no end of a wrapped sentence.

    A capital begins it and the next line; or it has several words, all with capitals.
    """
    is_whole = heading.form == "plain" and not heading.has_rest and not at.line.ends_sentence
    if not is_whole or not heading.is_capitalised or at.following is None:
        return False
    words = [heading.tokens.printed_case(no) for no in range(*heading.words) if heading.tokens.kinds[no] == WORD]
    small = words_with_role("title_words", "small")
    is_title = len(words) >= _FEWEST_WORDS_IN_TITLE_CASE and all(word[0].isupper() or word in small for word in words)
    return is_title or not at.following.begins_small


def _unknown_closes(heading: Heading, at: _Setting) -> bool:
    section = at.section
    if section is None or heading.is_part_of(section):
        return False
    if section.code in system_sections() and _groups_reactions(heading):
        return False
    if section.code == _CLASS and heading.has_rest and _groups_classes(heading):
        return False
    if section.code in _USES and not heading.has_rest and _names_people(heading):
        return False
    if heading.is_bulleted:
        return section.is_bulleted and _is_beside_equal(heading, section) and not at.holds_list
    return heading.form == "marked" or (heading.indent <= section.indent and not at.holds_list)


def _groups_reactions(heading: Heading) -> bool:
    return groups_reactions(title_key(heading.tokens, *heading.words))


def _names_people(heading: Heading) -> bool:
    """Whether a label alone on its line only tells for whom the uses below are: `In adults:`."""
    words = title_key(heading.tokens, *heading.words).removeprefix("in ").split(" ")
    people = words_with_role("use_words", "group part")
    return not people.isdisjoint(words) and all(word in people or word.isdigit() for word in words)


def _names_condition(heading: Heading) -> bool:
    """Whether text stands behind a label that is the name of a disease: `Renal impairment`, but not `Liver`."""
    if not heading.has_rest or heading.number:
        return False
    tokens, at, names = heading.tokens, heading.words[0], False
    terms = vocabulary("reaction_terms")
    while at < heading.words[1] and (found := terms.longest(tokens, at, heading.words[1])) is not None:
        names = names or not {"term", "head"}.isdisjoint(found[0]["roles"].split("; "))
        at = found[1]
    return names and at >= heading.words[1]


def _advises(heading: Heading, section: Heading) -> bool:
    """Whether words of care stand right behind a label among cautions: `Long QT syndrome: avoid use`."""
    if section.code not in _CAUTIONS or not heading.has_rest or heading.number:
        return False
    advice = with_role("caution_words", "avoid", "caution", "contraindicated", "hazard", "negation")
    return advice.longest(heading.tokens, *heading.rest) is not None


def _groups_classes(heading: Heading) -> bool:
    """Whether a label tells what kind of class stands behind it: `Therapeutic:` under `Classification`."""
    key = title_key(heading.tokens, *heading.words)
    return any(key in words_with_role("class_list_words", role) for role in _KINDS_OF_CLASS)


def _is_beside_equal(heading: Heading, section: Heading | None) -> bool:
    return section is None or (section.is_bulleted and section.indent == heading.indent)


def _is_link_to_other_page(at: _Setting) -> bool:
    return at.section is None and at.following is not None and leading_date(at.following) > at.following.first


def begins_product(line: Line, label: str = "") -> bool:
    """Whether a line begins with a form, a label's mark if one is asked for, and an amount: `Tab: 62.5 mcg`."""
    tokens, first = line.tokens, line.first
    near = min(line.after, first + _LONGEST_PRODUCT)
    if tokens.kinds.find(NUMBER, first, near) < 0 or (label and label not in tokens.keys[first:near]):
        return False
    form = _form_words().longest(tokens, first, line.after)
    told = None if form else _before_forms().longest(tokens, first, line.after)
    if told is not None:
        form = _form_words().longest(tokens, told[1], line.after)  # `Nasal spray: …`
    at = form[1] if form is not None else line.after
    at += label != "" and at < line.after and tokens.keys[at] == label
    is_number = form is not None and at + 1 < line.after and tokens.kinds[at] == NUMBER
    is_labelled = tokens.keys[at - 1] == label or not label
    return is_number and is_labelled and vocabulary("unit_synonyms").longest(tokens, at + 1, line.after) is not None


def _begins_doses(at: _Setting) -> bool:
    """Whether the line is the use for which doses are given below, in a section that lists forms and strengths.

    `Spasticity`, and under it `5 mg PO q8hr`: what follows is no strength of the product.
    """
    line, following, section = at.line, at.following, at.section
    if section is None or section.code not in _FORMS_AND_STRENGTHS or following is None or at.previous is None:
        return False
    tokens = line.tokens
    is_title = line.after - line.first <= _MOST_WORDS_OF_A_USE and not line.is_bulleted and not line.leads_on
    if not is_title or not tokens.printed_case(line.first)[0].isupper() or at.previous.first <= section.words[1]:
        return False
    has_number = NUMBER in tokens.kinds[line.first : line.after]
    names_form = next(_form_words().find(tokens, line.first, line.after), None) is not None
    return not has_number and not names_form and says_dose(following.tokens, following.first, following.after)


@cache
def _before_forms() -> Vocabulary[codes.Row]:
    """Spellings that stand before a form and say how or where it acts."""
    qualities = (row for row in codes.rows("dose_form_words") if row["kind"] == "quality")
    spellings = [row["text"] for row in (*qualities, *codes.rows("route_synonyms"))]
    spellings += [row["name"] for row in codes.rows("routes")]
    return Vocabulary("dose_form_words", ((text, {}, False) for text in dict.fromkeys(spellings)))


@cache
def _form_words() -> Vocabulary[codes.Row]:
    """Spellings that name a form, a container or how it is given."""
    rows = (row for row in codes.rows("dose_form_words") if row["kind"] in ("form", "use", "container", "unclear"))
    spellings = [row["text"] for row in (*rows, *codes.rows("dose_form_synonyms"))]
    spellings += [row["name"] for row in codes.rows("dose_forms") if row["name"].isalpha()]
    return Vocabulary("dose_form_words", ((text, {}, False) for text in dict.fromkeys(spellings)))


def _as_question(at: _Setting) -> Heading | None:
    """A short line after a gap that begins as a question does: `How and when to use it`."""
    line = at.line
    is_alone = line.has_gap and not line.is_bulleted and not (line.ends_sentence or line.leads_on)
    if not is_alone or not line.tokens.printed_case(line.first)[0].isupper():
        return None
    keys = line.tokens.keys[line.first : line.after]
    if len(keys) > _MOST_WORDS_OF_A_QUESTION or not begins_as_question(title_key(line.tokens, line.first, line.after)):
        return None
    if "," in keys or (at.following is not None and at.following.begins_small):
        return None  # the first line of a wrapped paragraph
    return replace(_whole(line), form="marked", indent=line.indent)


def _in_capitals(at: _Setting) -> Heading | None:
    """A short line in capitals after a gap, in a section that already has text: an unknown heading without mark."""
    line = at.line
    if not line.has_gap or line.is_bulleted or line.after - line.first > 2 * _MOST_WORDS_IN_CAPITALS:
        return None
    text = line.text
    if not text.isupper() or line.ends_sentence or line.leads_on or sum(map(str.isupper, text)) < _FEWEST_CAPITALS:
        return None
    is_right_below = at.section is not None and at.previous and at.section.words[0] >= at.previous.first
    if at.section is not None and is_right_below and at.section.code in _FIELDS:
        return None  # the value of a field, on the line below: `Route:` / `ORAL`
    if at.previous is None or at.previous.text.isupper() or (at.following and at.following.text.isupper()):
        return None
    is_short = len(text.split()) <= _MOST_WORDS_IN_CAPITALS
    has_word = any(len(word) >= _FEWEST_CAPITALS and word.isalpha() for word in text.split())
    is_title = is_short and has_word and not _holds_figures(line)
    return replace(_whole(line), indent=line.indent) if is_title else None


def _holds_figures(line: Line) -> bool:
    """Whether a number stands in a column of its own, as in a row of a table: `TOTAL      23 (100)`."""
    tokens = line.tokens
    numbers = (at for at in range(line.first + 1, line.after) if tokens.kinds[at] == NUMBER)
    return any(tokens.starts[at] - tokens.ends[at - 1] >= WIDEST_SPACE for at in numbers)


def _whole(line: Line) -> Heading:
    return Heading(OTHER, line.tokens, (line.first, line.after), (line.after, line.after), form="plain")
