"""Adverse reactions: what sections of side effects and of warnings say may happen, each with how severe and how often.

Two evidences. `term`: the words are the name of a reaction (`reaction_terms`), nothing touches them that could belong
to the name, and the sentence says that it happens. `list`: a plain list of reactions has the words as an item. A row
of a list whose whole item is a name has `both`.

    body    = { statement | lead { item } }             `Serious side effects:` gives its severity to the items below,
                                                        and so does a line that only says how often: `Rare`
    sentence = part { ";" part }
    part    = label ":" { label ":" } list              `Very common (>10%): nausea`   `GI: nausea, vomiting`
            | frequency "," list                        `and, rarely, euphoria`
            | frequency list                            `rarely hepatitis`
            | subject `include` list                    `Common side effects include nausea`
            | subject `are` list                        if the subject is a word for reactions, or `the most common`
            | warning `if you have` list                if the warning has a severity: `Call a doctor if you have …`
            | list `have been reported`
            | list                                      no verb, no `you`: `Nausea, vomiting`

What a list is stands in `reaction_lists`, whose name counts in `reaction_names`.

A name is none behind words that deny it or give it to the patient before (`no cases of`, `history of`, `patients
with`), in a sentence on animals or on who was studied, as a heading or label, or as an organ class. In warnings a
sentence must say that it happens (`can cause`, `was reported`) and not what to do. Words are rows of
`reaction_words.csv`, `reaction_terms.csv` and `severity_words.csv`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipelines.lexer import BREAK, NUMBER, Span, Tokens, cut, read_text
from pipelines.lexicon import vocabulary, with_role
from pipelines.normalize.dose_forms import form_pieces, kind
from pipelines.normalize.reaction_lists import (
    FEWEST_COLUMN_GAPS,
    UNSPECIFIED,
    ReactionContext,
    after_label,
    bare_item,
    find_list,
    is_organ_label,
    is_short_item,
    items_of_list,
    parted_items,
    past_article,
    severity_and_frequency,
    trimmed_item,
    unknown_items,
)
from pipelines.normalize.reaction_names import (
    choices_of_name,
    is_column_mark,
    names_between,
    names_of_reactions,
)
from pipelines.normalize.reaction_terms import WIDEST_WORD_SPACE, name_after, terms
from pipelines.normalize.statements import (
    Statement,
    blocks_in,
    holds_verb,
    inside_brackets,
    is_numbered,
    is_of_the_page,
    read_statements,
    unread,
)
from pipelines.records import AdverseReaction, Block, Finding, Monograph, Passage, Section, SectionCode

_SAID = {
    "adverse_clinical_trials": (None, None),
    "adverse_postmarketing": (None, None),
    "adverse_reactions": (None, None),
    "common_adverse_reactions": (None, "common"),
    "serious_adverse_reactions": ("serious", None),
}
_OF_LABELS = frozenset({"adverse_clinical_trials", "adverse_postmarketing"})
_SPEAKING = frozenset({"description", "introduction", "other", "overview"})
_UNTOLD = frozenset({"other", "overview"})
_WARNINGS = frozenset({"boxed_warning", "cautions", "general_precautions", "precautions", "warnings"})
_LONGEST_BRACKET = 12  # tokens
_LONGEST_PLAIN = 800  # tokens on side effects; longer texts are those of labels, with studies and tables
_LONGEST_PAGE = 2500  # tokens of a monograph; what is longer is a label or a summary of one
_WIDEST_ITEM = 60  # characters


_SEVERITY = vocabulary("severity_words")
_KINDS_OF_ROUTES = frozenset({"use", "site"})
_EFFECT = with_role("reaction_words", "effect")
_LISTS = with_role("reaction_words", "lists")
_ARTICLE = with_role("reaction_words", "article")
_SAYS_NOTHING = with_role("reaction_words", "nothing", "system")
_ASSERTS = with_role("reaction_words", "asserts")
_ADVISES = with_role("reaction_words", "advises")
_COUNTED = with_role("reaction_words", "counted")
_REMARK = with_role("reaction_words", "remark")
_TO_PLACE = with_role("reaction_words", "to place")
_RESETS = with_role("reaction_words", "begins anew")
_CAPTION = with_role("grammar_words", "caption")
_CLASS = with_role("reaction_terms", "class")
_STANDING = with_role("reaction_terms", "standing")


_SPOKEN = ReactionContext(None, None, is_plain=True)


def read_adverse_reactions(
    monograph: Monograph, tokens: Tokens, blocks: Sequence[Block] = ()
) -> tuple[tuple[AdverseReaction, ...], tuple[Finding, ...]]:
    """The reactions that a monograph names, in order, each name once within a severity, and what gave none.

    Warnings, and sentences elsewhere that list side effects, add only what the sections of side effects do not name.
    A class of reactions and its examples are reactions each: `hypersensitivity reactions, including rash` gives two.
    Never raises.
    """
    found: dict[tuple[str, str], AdverseReaction] = {}
    findings: list[Finding] = []
    sections = list(_chapters(monograph, tokens))
    told = [section for section in sections if section.code in _SAID]
    length = sum(_length(section, tokens) for section in told)
    is_plain = length <= _LONGEST_PLAIN and not _is_label(monograph, tokens)
    warned = [section for section in sections if section.code in _WARNINGS or _may_list_effects(section, tokens)]
    for section in (*told, *warned):
        place = tokens.span(section.body)
        statements = read_statements(tokens, *place, blocks)
        cells = list(_cells(tokens, blocks_in(tokens, *place, blocks)))
        reactions = list(_of_section(section, tokens, statements, cells, is_plain=is_plain))
        if section.code in _SAID:
            places = (each.place for each in reactions)
            findings += unread(tokens, statements, places, "adverse_reactions", _SAYS_NOTHING)
        known = set() if section.code in _SAID else {name for _, name in found}
        _add(found, (reaction for reaction in reactions if reaction.name not in known))
    return tuple(sorted(found.values(), key=lambda reaction: reaction.place.start)), tuple(findings)


def _add(found: dict[tuple[str, str], AdverseReaction], reactions: Iterable[AdverseReaction]) -> None:
    """Takes in reactions, each name once within a severity, with the frequency that is said of it first."""
    for reaction in reactions:
        known = found.setdefault((reaction.severity, reaction.name), reaction)
        if known.frequency is None and reaction.frequency is not None:
            found[reaction.severity, reaction.name] = replace(known, frequency=reaction.frequency)


def _chapters(monograph: Monograph, tokens: Tokens) -> Iterator[Section]:
    """The sections with text; what goes on a chapter on reactions or warnings has the code of that chapter.

    A caption (`Table 2`), an organ class, a reaction or a heading on them goes on, and so does a paragraph without one
    in a label; and below a number, a heading without one that is not known, or that stands before another number of
    the same chapter: `6.1 Clinical trials`, `Laboratory tests`, `6.2 Postmarketing`.
    """
    code, chapter = SectionCode("other"), ""
    is_label = _is_label(monograph, tokens) or sum(_length(each, tokens) for each in monograph.sections) > _LONGEST_PAGE
    numbers = _numbers(monograph, tokens) if is_label else [""] * len(monograph.sections)
    for section, number, coming in zip(monograph.sections, numbers, _filled_from_below(numbers), strict=True):
        is_other = not number and section.code not in (*_SAID, *_WARNINGS)
        is_within = is_other and bool(chapter) and chapter == coming
        if number or (section.code not in _UNTOLD and not is_within):
            code, chapter = section.code, number
        is_chapter = (section.code in _UNTOLD or is_within) and code in (*_SAID, *_WARNINGS)
        goes_on = is_chapter and (bool(chapter) or _goes_on(section, tokens, is_label=is_label))
        goes_on = goes_on or (is_chapter and code in _SAID and _lists_names(section, tokens))
        if section.body:
            yield replace(section, code=code) if goes_on else section


def _lists_names(section: Section, tokens: Tokens) -> bool:
    """Whether nothing but names stands behind a label on its line: `Withdrawal: nausea, headache`."""
    first, after = tokens.span(section.body)
    if section.heading is None or first == after or BREAK in tokens.kinds[tokens.span(section.heading)[1] : first]:
        return False
    end = tokens.kinds.find(BREAK, first, after)
    pieces = [piece for piece in parted_items(tokens, first, end if end >= 0 else after) if piece[0] < piece[1]]
    return bool(pieces) and all(name_after(tokens, *piece) == piece[1] for piece in pieces)


def _numbers(monograph: Monograph, tokens: Tokens) -> list[str]:
    """The number of the chapter that each section has in its heading, of `6.1` the 6; empty for one without."""
    numbers = []
    for section in monograph.sections:
        first, after = tokens.span(section.heading) if section.heading else (0, 0)
        is_known = section.code not in _UNTOLD and first < after and tokens.kinds[first] == NUMBER
        has_number = is_known or (first < after and is_numbered(tokens, first, after))
        numbers.append(tokens.keys[first].split(".")[0] if has_number else "")
    return numbers


def _filled_from_below(numbers: Sequence[str]) -> list[str]:
    """For each section its number, or the next one below it."""
    filled: list[str] = []
    for number in reversed(numbers):
        filled.append(number or (filled[-1] if filled else ""))
    return filled[::-1]


def _is_label(monograph: Monograph, tokens: Tokens) -> bool:
    """Whether headings are numbered as those of labels are: `6.1 Clinical trials experience`."""
    headings = (tokens.span(section.heading) for section in monograph.sections if section.heading)
    return any(is_numbered(tokens, first, after) for first, after in headings if first < after)


def _goes_on(section: Section, tokens: Tokens, *, is_label: bool) -> bool:
    if section.heading is None:
        return is_label
    first, after = tokens.span(section.heading)
    if _CAPTION.longest(tokens, first, after) is not None or _CLASS.longest(tokens, first, after) is not None:
        return True
    return name_after(tokens, first, after) == after or _EFFECT.is_in(tokens, first, after)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell of a table, as tokens, and how often its column or its row says that it happens."""

    first: int
    after: int
    frequency: str | None


def _cells(tokens: Tokens, blocks: Iterable[Block]) -> Iterator[_Cell]:
    frequency: str | None = None
    of_columns: dict[str, str | None] = {"": None}
    for block in blocks:
        if block.kind == "row":
            frequency = None
        elif block.kind == "cell":
            first, after = tokens.span(Passage(" " * (block.end - block.start), block.start))
            begin, end = bare_item(tokens, first, after)
            if begin < end and _SEVERITY.whole(tokens, begin, end) is not None:
                frequency = severity_and_frequency(tokens, begin, end)[1]  # `Common | nausea, headache`
            elif first < after:
                column = block.column or ""
                if column not in of_columns:
                    of_columns[column] = _frequency_of(column)
                yield _Cell(first, after, of_columns[column] or frequency)


def _frequency_of(column: str) -> str | None:
    """How often the heading of a column says that what stands under it happens."""
    tokens = cut(read_text(column))
    return severity_and_frequency(tokens, 0, len(tokens))[1]


def _length(section: Section, tokens: Tokens) -> int:
    first, after = tokens.span(section.body)
    return after - first


def _of_section(
    section: Section, tokens: Tokens, statements: Sequence[Statement], cells: Sequence[_Cell], *, is_plain: bool
) -> Iterator[AdverseReaction]:
    if section.code in _WARNINGS:
        for statement in statements:
            yield from _warned_of(tokens, statement)
        return
    if section.code in _SPEAKING:
        yield from _told(tokens, [each for each in statements if _lists_effects(tokens, each)], _SPOKEN)
        return
    severity, frequency = _SAID[section.code]
    if section.heading:
        said = severity_and_frequency(tokens, *tokens.span(section.heading))
        begins_anew = _RESETS.is_in(tokens, *tokens.span(section.heading))
        severity, frequency = said[0] or severity, said[1] or (None if begins_anew else frequency)
    around = ReactionContext(severity, frequency, is_plain=is_plain and section.code not in _OF_LABELS)
    told = list(_told(tokens, statements, around))
    yield from told
    for cell in cells:
        for a, b in names_between(tokens, cell.first, cell.after):
            reaction = _reaction(tokens, a, b, replace(around, frequency=cell.frequency or frequency), "term")
            if not any(each.place.start <= reaction.place.start < each.place.end for each in told):
                yield reaction


def _reaction(tokens: Tokens, first: int, after: int, context: ReactionContext, evidence: str) -> AdverseReaction:
    name = " ".join(tokens.plain(first, after).replace("*", "").lower().split())
    place = tokens.passage(first, after)
    return AdverseReaction(place, name, context.severity or UNSPECIFIED, context.frequency, evidence)


def _may_list_effects(section: Section, tokens: Tokens) -> bool:
    """A cheap first test: most texts on other things do not speak of side effects."""
    return section.code in _SPEAKING and _EFFECT.is_in(tokens, *tokens.span(section.body))


def _lists_effects(tokens: Tokens, statement: Statement) -> bool:
    """Whether a sentence says itself that it lists side effects: `Common side effects include …`."""
    effect = next(_EFFECT.find(tokens, statement.first, statement.after), None)
    return effect is not None and not statement.is_lead and _LISTS.is_in(tokens, effect[1], statement.after)


# --- names in sentences --------------------------------------------------------------------------------------------


def _warned_of(tokens: Tokens, statement: Statement) -> Iterator[AdverseReaction]:
    """The names of a sentence of warnings that says that something happens, and not what to do."""
    first, after = statement.first, statement.after
    if statement.is_lead or not _ASSERTS.is_in(tokens, first, after) or _ADVISES.is_in(tokens, first, after):
        return
    for begin, end in names_of_reactions(tokens, first, after, is_warning=True):
        if _may_happen(tokens, begin, end, statement):
            yield _reaction(tokens, begin, end, ReactionContext(None, None), "term")


def _may_happen(tokens: Tokens, begin: int, end: int, statement: Statement) -> bool:
    """Whether words of a warning name what may happen: not `a seizure`, a disease that stands, or what is only said."""
    is_one = begin > statement.first and _ARTICLE.whole(tokens, begin - 1, begin) is not None
    is_standing = _STANDING.is_in(tokens, begin, end)
    is_remark = end < statement.after and _REMARK.longest(tokens, end, statement.after) is not None
    if is_one or is_standing or is_remark:
        return False
    is_of = begin - 2 >= statement.first and _TO_PLACE.is_word(tokens, begin - 1)
    return not is_of or _COUNTED.whole(tokens, begin - 2, begin) is not None


def _told(tokens: Tokens, statements: Sequence[Statement], around: ReactionContext) -> Iterator[AdverseReaction]:
    """The reactions of a section of side effects: names, and items of lists."""
    line: Span | None = None
    has_items = False
    for number, statement in enumerate(statements):
        if has_items and statement.opens and not (statement.is_item or statement.leads):
            around = replace(around, frequency=None)  # a paragraph below the list that a heading speaks of
        has_items = has_items or statement.is_item
        if _is_frequency_alone(tokens, statement):
            line = (statement.first, statement.after)  # `Frequency not defined`, alone on its line
            continue
        following = statements[number + 1] if number + 1 < len(statements) else None
        above = statements[number - 1] if number else None
        is_item = above is not None and _is_name(tokens, statement) and _is_name(tokens, above)  # the last of a list
        if is_of_the_page(tokens, statement) or (not is_item and _is_heading(tokens, statement, following)):
            continue
        if _is_form_alone(tokens, statement):
            continue  # `Oral capsule`: the product that the page is about
        names = list(names_of_reactions(tokens, statement.first, statement.after, is_warning=False))
        if statement.is_lead:
            yield from (
                _reaction(tokens, a, b, _after_leads(tokens, statement, line, around), "term") for a, b in names
            )
        else:
            yield from _listed(tokens, _under(statement, line), around, names)


def _is_name(tokens: Tokens, statement: Statement) -> bool:
    """Whether a line is the name of a reaction and no more."""
    first, after = bare_item(tokens, statement.first, statement.after)
    return first < after and name_after(tokens, first, after) == after


def _is_form_alone(tokens: Tokens, statement: Statement) -> bool:
    """Whether a line is a dose form with its route: `Oral capsule`, but not `Gas`."""
    pieces = form_pieces(tokens, statement.first, statement.after)
    kinds = {kind(piece) for piece in pieces}
    return "form" in kinds and bool(kinds & _KINDS_OF_ROUTES) and kinds <= {"form", "quality"} | _KINDS_OF_ROUTES


def _is_frequency_alone(tokens: Tokens, statement: Statement) -> bool:
    """Whether a line only says how often: `Rare`, `Uncommon side effects that may affect up to 1 in 100 people`."""
    first, after = bare_item(tokens, statement.first, statement.after)
    if first < after and _SEVERITY.whole(tokens, first, after) is not None:
        return True
    is_line = statement.opens and not statement.is_item and tokens.keys[statement.after - 1] not in (".", ":", ",", ";")
    if not is_line or severity_and_frequency(tokens, first, after)[1] is None or "," in tokens.keys[first:after]:
        return False
    is_of_effects = _EFFECT.is_in(tokens, first, after) and not _LISTS.is_in(tokens, first, after)
    return is_of_effects and next(names_between(tokens, first, after), None) is None


def _under(statement: Statement, line: Span | None) -> Statement:
    """A statement with the line that groups it as its last lead, unless a later lead does."""
    if line is None or (statement.leads and statement.leads[-1][0] > line[0]):
        return statement
    return replace(statement, leads=(*statement.leads, line))


def _is_heading(tokens: Tokens, statement: Statement, following: Statement | None) -> bool:
    """Whether a line without a verb stands above a sentence, as a heading does."""
    if statement.is_item or not statement.opens or following is None or following.is_item:
        return False
    if tokens.keys[statement.after - 1] in (".", ",", ";", ":") or tokens.keys[following.after - 1] != ".":
        return False
    if NUMBER in tokens.kinds[statement.first + 1 : statement.after]:
        return False
    return not _has_verb(tokens, statement) and _has_verb(tokens, following)


def _has_verb(tokens: Tokens, statement: Statement) -> bool:
    return holds_verb(tokens, statement.first, statement.after)


# --- lists ---------------------------------------------------------------------------------------------------------


def _after_leads(tokens: Tokens, statement: Statement, line: Span | None, around: ReactionContext) -> ReactionContext:
    context = around
    for first, after in _under(statement, line).leads:
        context = after_label(tokens, first, after, context)
    return context


def _listed(
    tokens: Tokens, statement: Statement, around: ReactionContext, names: Sequence[Span]
) -> Iterator[AdverseReaction]:
    """The names and items of a statement, in order."""
    if not around.is_plain and not terms().starts(tokens, statement.first, statement.after):
        return  # a list counts only if most of its items are known names
    context = _after_leads(tokens, statement, None, around)
    for begin, part_end in _parts(tokens, statement.first, statement.after):
        end = _before_signs(tokens, begin, part_end) if around.is_plain else part_end
        if around.is_plain and statement.is_item and (label := _named_by_label(tokens, begin, end)) is not None:
            end = label  # `Liver problems: dark urine, yellow skin`
        first, after, context = find_list(tokens, begin, end, context)
        items = list(items_of_list(tokens, first, after)) if context.is_list else []
        own = _between(names, begin, end) if context.is_of_the_drug else []
        found = _of_plain_list(tokens, items, own) if context.is_plain else _of_label(tokens, items, own, context)
        said = severity_and_frequency(tokens, begin, first)
        spoken = replace(context, severity=said[0] or context.severity, frequency=said[1] or context.frequency)
        for a, b, evidence in sorted(found):
            yield _reaction(tokens, a, b, _in_brackets(tokens, b, end, spoken), evidence)
        context = replace(context, is_list=bool(items))


def _named_by_label(tokens: Tokens, first: int, after: int) -> int | None:
    """The end of a label that is the name of a reaction, whose signs follow; not of a class of organs or reactions."""
    colon = next((at for at in range(first, after) if tokens.keys[at] == ":"), first)
    if colon == first or _CLASS.whole(tokens, first, colon) is not None:
        return None
    return colon if name_after(tokens, first, colon) == colon else None


def _before_signs(tokens: Tokens, first: int, after: int) -> int:
    """The end of a part without the signs that stand behind a reaction and a dash: `liver problems - dark urine`."""
    for at in range(first + 1, after - 1):
        is_dash = tokens.keys[at] == "-" and not (tokens.is_tight(at) or tokens.is_tight(at + 1))
        if is_dash and tokens.kinds[at - 1] != NUMBER and tokens.printed_case(at + 1)[0].islower():
            return at
        if tokens.keys[at] == ",":
            return after
    return after


def _between(spans: Sequence[Span], first: int, after: int) -> Sequence[Span]:
    """The spans that begin between two tokens, of spans in order."""
    return spans[bisect_left(spans, (first, 0)) : bisect_left(spans, (after, 0))]


def _of_plain_list(tokens: Tokens, items: Iterable[Span], names: Sequence[Span]) -> list[tuple[int, int, str]]:
    """The items of a short section, whole, and names outside them; an item with a number gives its names alone."""
    found: list[tuple[int, int, str]] = []
    taken: set[Span] = set()
    for first, after in items:
        begin, end = trimmed_item(tokens, past_article(tokens, first, after), after)
        inside = _between(names, begin, end)
        bare = bare_item(tokens, begin, end)
        if (
            inside
            and list(choices_of_name(tokens, *inside[0], after)) == list(inside)
            and (inside[0][0], inside[-1][1]) == bare
        ):
            found += ((*name, "both") for name in inside)
        elif (inside or is_short_item(tokens, begin, end)) and _is_plain_item(tokens, begin, end):
            found.append((begin, end, "both" if inside else "list"))
        else:
            continue
        taken.update(inside)
    return found + [(*name, "term") for name in names if name not in taken]


def _is_plain_item(tokens: Tokens, first: int, after: int) -> bool:
    """Whether an item is short, in one column, and holds no number."""
    if NUMBER in tokens.kinds[first:after] or tokens.ends[after - 1] - tokens.starts[first] > _WIDEST_ITEM:
        return False
    if is_column_mark(tokens, after - 1):
        return False
    gaps = [tokens.starts[at] - tokens.ends[at - 1] for at in range(first + 1, after)]
    return max(gaps, default=0) <= WIDEST_WORD_SPACE and gaps.count(WIDEST_WORD_SPACE) < FEWEST_COLUMN_GAPS


def _of_label(
    tokens: Tokens, items: Sequence[Span], names: Sequence[Span], context: ReactionContext
) -> list[tuple[int, int, str]]:
    """The names of a long section, and the few unknown items of a list of which most are known."""
    bare = {bare_item(tokens, *item) for item in items}
    found = [(a, b, "both" if (a, b) in bare else "term") for a, b in names]
    return found + [(*item, "list") for item in unknown_items(tokens, items, context)]


def _in_brackets(tokens: Tokens, at: int, after: int, context: ReactionContext) -> ReactionContext:
    """What a bracket behind an item says of it: `rash (serious)`."""
    if at >= after or tokens.keys[at] not in ("(", "["):
        return context
    ahead = range(at, min(after, at + _LONGEST_BRACKET))
    close = next((i for i in ahead if tokens.keys[i] in (")", "]")), at)
    severity, frequency = severity_and_frequency(tokens, at + 1, close)
    return replace(context, severity=severity or context.severity, frequency=frequency or context.frequency)


def _parts(tokens: Tokens, first: int, after: int) -> Iterator[Span]:
    """The parts of a statement between semicolons outside brackets, and before labels of organs inside a line."""
    if not {";", ":"} & set(tokens.keys[first:after]):
        yield first, after
        return
    inside = inside_brackets(tokens, first, after)
    begin = first
    for at in range(first, after):
        is_end = tokens.keys[at] == ";"
        if inside[at - first] or not (is_end or (at > begin and is_organ_label(tokens, at, after))):
            continue
        if at > begin:
            yield begin, at
        begin = at + 1 if is_end else at
    if after > begin:
        yield begin, after
