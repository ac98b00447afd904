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
    list    = item { separator item }                   separator: "," ";" `and` `or` `including` …, outside brackets
    item    = quality { separator quality } rest        `fast or irregular heartbeat` is one item
            | rest { separator part }                   `swelling of the face, lips or tongue` is one item
            | rest preposition …                        `pain in the arms` is one item

A name is none behind words that deny it or give it to the patient before (`no cases of`, `history of`, `patients
with`), in a sentence on animals or on who was studied, as a heading or label, or as an organ class. In warnings a
sentence must say that it happens (`can cause`, `was reported`) and not what to do. Words are rows of
`reaction_words.csv`, `reaction_terms.csv` and `severity_words.csv`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pipelines.lexer import BREAK, BULLET, MARK, NUMBER, SOFT_BREAK, WORD, Span, Tokens, cut, read_text
from pipelines.lexicon import Vocabulary, vocabulary, with_role
from pipelines.normalize.dose_forms import form_pieces, kind
from pipelines.normalize.reaction_terms import name_after, terms
from pipelines.normalize.statements import (
    Statement,
    Words,
    blocks_in,
    holds_verb,
    inside_brackets,
    is_numbered,
    is_of_the_page,
    read_statements,
    unread,
    verb_after,
)
from pipelines.records import AdverseReaction, Block, Finding, Monograph, Passage, Section, SectionCode
from schemas.codes import Row, rows

_UNSPECIFIED = "unspecified"
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
_LONGEST_ITEM = 12  # words; what is longer is a sentence
_MOST_UNKNOWN = 3  # one item in three
_LONGEST_LISTED = 7  # words of an item that is no known name
_LONGEST_SHORT_FORM = 6  # characters
_LONGEST_BRACKET = 12  # tokens
_LONGEST_PLAIN = 800  # tokens on side effects; longer texts are those of labels, with studies and tables
_LONGEST_PAGE = 2500  # tokens of a monograph; what is longer is a label or a summary of one
_LONGEST_WITH_PARTS = 40  # tokens
_SHORTEST_WITH_ENDING = 6
_LONGEST_SCOPE = 80  # tokens behind a denial
_FARTHEST_DENIAL = 40  # tokens before `have not been reported`
_WIDEST_ITEM = 60  # characters
_WIDEST_SPACE = 2  # characters; wider ones part columns, and so do several of this width
_FEWEST_COLUMN_GAPS = 2


def _role(*roles: str) -> Vocabulary[Row]:
    return with_role("reaction_words", *roles)


_SEVERITY = vocabulary("severity_words")
_KINDS_OF_ROUTES = frozenset({"use", "site"})
_EFFECT, _KNOWN_LABEL = _role("effect"), _role("effect", "lists", "system")
_OTHER_SUBJECT, _LISTS, _EQUALS, _WHEN = (
    _role("other subject", "denies"),
    _role("lists"),
    _role("equals"),
    _role("when"),
)
_LISTED, _SEPARATOR, _ARTICLE, _WHOLE = _role("listed before"), _role("separator"), _role("article"), _role("whole")
_FREQUENCY, _STOP, _ASIDE, _NOTHING = _role("frequency"), _role("stop", "effect"), _role("aside"), _role("nothing")
_GOES_ON, _TAKES_PARTS, _COMPLAINT = _role("goes on"), _role("takes parts"), _role("complaint")
_PART, _QUALITY, _NOUN = _role("part"), _role("quality"), _role("noun")
_SAYS_NOTHING = _role("nothing", "system")
_SYSTEM, _OTHER_EVENT = _role("system"), _role("other event", "denies")
_BESIDE, _CUES, _NO, _NOT_AFTER = _role("beside"), _role("not here", "no"), _role("no"), _role("not after")
_ENDS_SCOPE, _ASSERTS, _ADVISES = _role("ends scope"), _role("asserts"), _role("advises")
_COUNTED, _REMARK, _TO_PLACE = _role("counted"), _role("remark"), _role("to place")
_NOT_TOLD, _RESETS = _role("animals", "baseline"), _role("begins anew")
_BIDS = _role("bids", "advises")
_CAPTION = with_role("grammar_words", "caption")
_EXAMPLE = _role("example")
_CLASS = with_role("reaction_terms", "class")
_LOCAL_SITE, _LOCAL = with_role("reaction_terms", "local site"), with_role("reaction_terms", "local")
_GENERIC, _STANDING = with_role("reaction_terms", "generic"), with_role("reaction_terms", "standing")
_ENDINGS = tuple(
    row["text"].removeprefix("-") for row in rows("reaction_words") if "quality ending" in row["roles"].split("; ")
)


@dataclass(frozen=True, slots=True)
class _Context:
    """What stands before a part of a statement says of it."""

    severity: str | None
    frequency: str | None
    is_list: bool = True
    is_led: bool = False
    is_plain: bool = False
    is_of_the_drug: bool = True


_SPOKEN = _Context(None, None, is_plain=True)


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
    pieces = [piece for piece in _pieces(tokens, first, end if end >= 0 else after) if piece[0] < piece[1]]
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
    return name_after(tokens, first, after) == after or _holds(_EFFECT, tokens, first, after)


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
            begin, end = _bare(tokens, first, after)
            if begin < end and _SEVERITY.whole(tokens, begin, end) is not None:
                frequency = _said(tokens, begin, end)[1]  # `Common | nausea, headache`
            elif first < after:
                column = block.column or ""
                if column not in of_columns:
                    of_columns[column] = _frequency_of(column)
                yield _Cell(first, after, of_columns[column] or frequency)


def _frequency_of(column: str) -> str | None:
    """How often the heading of a column says that what stands under it happens."""
    tokens = cut(read_text(column))
    return _said(tokens, 0, len(tokens))[1]


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
        said = _said(tokens, *tokens.span(section.heading))
        begins_anew = _holds(_RESETS, tokens, *tokens.span(section.heading))
        severity, frequency = said[0] or severity, said[1] or (None if begins_anew else frequency)
    around = _Context(severity, frequency, is_plain=is_plain and section.code not in _OF_LABELS)
    told = list(_told(tokens, statements, around))
    yield from told
    for cell in cells:
        for a, b in _names(tokens, cell.first, cell.after):
            reaction = _reaction(tokens, a, b, replace(around, frequency=cell.frequency or frequency), "term")
            if not any(each.place.start <= reaction.place.start < each.place.end for each in told):
                yield reaction


def _reaction(tokens: Tokens, first: int, after: int, context: _Context, evidence: str) -> AdverseReaction:
    name = " ".join(tokens.plain(first, after).lower().split())
    place = tokens.passage(first, after)
    return AdverseReaction(place, name, context.severity or _UNSPECIFIED, context.frequency, evidence)


def _may_list_effects(section: Section, tokens: Tokens) -> bool:
    """A cheap first test: most texts on other things do not speak of side effects."""
    return section.code in _SPEAKING and _holds(_EFFECT, tokens, *tokens.span(section.body))


def _lists_effects(tokens: Tokens, statement: Statement) -> bool:
    """Whether a sentence says itself that it lists side effects: `Common side effects include …`."""
    effect = next(_EFFECT.find(tokens, statement.first, statement.after), None)
    return effect is not None and not statement.is_lead and _holds(_LISTS, tokens, effect[1], statement.after)


# --- names in sentences --------------------------------------------------------------------------------------------


def _warned_of(tokens: Tokens, statement: Statement) -> Iterator[AdverseReaction]:
    """The names of a sentence of warnings that says that something happens, and not what to do."""
    first, after = statement.first, statement.after
    if statement.is_lead or not _holds(_ASSERTS, tokens, first, after) or _holds(_ADVISES, tokens, first, after):
        return
    for begin, end in _names_of_the_drug(tokens, first, after, is_warning=True):
        if _may_happen(tokens, begin, end, statement):
            yield _reaction(tokens, begin, end, _Context(None, None), "term")


def _may_happen(tokens: Tokens, begin: int, end: int, statement: Statement) -> bool:
    """Whether words of a warning name what may happen: not `a seizure`, a disease that stands, or what is only said."""
    is_one = begin > statement.first and _ARTICLE.whole(tokens, begin - 1, begin) is not None
    is_standing = _STANDING.is_in(tokens, begin, end)
    is_remark = end < statement.after and _REMARK.longest(tokens, end, statement.after) is not None
    if is_one or is_standing or is_remark:
        return False
    is_of = begin - 2 >= statement.first and _is_one(_TO_PLACE, tokens, begin - 1)
    return not is_of or _COUNTED.whole(tokens, begin - 2, begin) is not None


def _told(tokens: Tokens, statements: Sequence[Statement], around: _Context) -> Iterator[AdverseReaction]:
    """The reactions of a section of side effects: names, and items of lists."""
    line: Span | None = None
    for number, statement in enumerate(statements):
        if _is_frequency_alone(tokens, statement):
            line = (statement.first, statement.after)  # `Frequency not defined`, alone on its line
            continue
        following = statements[number + 1] if number + 1 < len(statements) else None
        if is_of_the_page(tokens, statement) or _is_heading(tokens, statement, following):
            continue
        if _is_form_alone(tokens, statement):
            continue  # `Oral capsule`: the product that the page is about
        names = list(_names_of_the_drug(tokens, statement.first, statement.after, is_warning=False))
        if statement.is_lead:
            yield from (
                _reaction(tokens, a, b, _after_leads(tokens, statement, line, around), "term") for a, b in names
            )
        else:
            yield from _listed(tokens, _under(statement, line), around, names)


def _is_form_alone(tokens: Tokens, statement: Statement) -> bool:
    """Whether a line is a dose form with its route: `Oral capsule`, but not `Gas`."""
    pieces = form_pieces(tokens, statement.first, statement.after)
    kinds = {kind(piece) for piece in pieces}
    return "form" in kinds and bool(kinds & _KINDS_OF_ROUTES) and kinds <= {"form", "quality"} | _KINDS_OF_ROUTES


def _is_frequency_alone(tokens: Tokens, statement: Statement) -> bool:
    first, after = _bare(tokens, statement.first, statement.after)
    return first < after and _SEVERITY.whole(tokens, first, after) is not None


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


def _holds(known: Vocabulary[Row], tokens: Tokens, first: int, after: int) -> bool:
    return known.is_in(tokens, first, after)


def _names_of_the_drug(tokens: Tokens, first: int, after: int, *, is_warning: bool) -> Iterator[Span]:
    """The names of a sentence that are not denied, the patient's before, or parts of an elliptic list of a place."""
    names = list(_names(tokens, first, after))
    if not names or _holds(_NOT_TOLD, tokens, first, after):
        return
    denied = _joined(_denied(tokens, first, after, is_warning=is_warning))
    sites = [end for _, end, _ in _LOCAL_SITE.find(tokens, first, after)]
    told, is_at_site = first, False
    for begin, last in names:
        end = _with_second_part(tokens, begin, last, after)
        is_at_site = is_at_site or any(told <= site <= begin for site in sites)
        is_local = is_at_site and _LOCAL.whole(tokens, begin, end) is not None
        told, is_at_site = begin, is_local
        is_denied = _is_in(denied, begin)
        is_label = end < after and tokens.keys[end] == ":"
        is_open = _GENERIC.whole(tokens, begin, end) is not None and not _is_closed(tokens, begin, end, first, after)
        if not (is_local or is_denied or is_label or is_open or _is_short_form(tokens, begin, end)):
            yield begin, end


def _with_second_part(tokens: Tokens, begin: int, end: int, after: int) -> int:
    """The token after a name, with a second thing that changes just so: `increased pulse and blood pressure`."""
    joint = _SEPARATOR.longest(tokens, end, after) if end < after else None
    if joint is None or not _is_one(_TAKES_PARTS, tokens, begin) or tokens.keys[end] not in ("and", "or"):
        return end
    at = joint[1]
    while at < after and _is_one(_PART, tokens, at):
        at += 1
    is_whole = at > joint[1] and name_after(tokens, joint[1], after) is None
    return at if is_whole and (at == after or _may_end(tokens, at, after)) else end


def _is_short_form(tokens: Tokens, begin: int, end: int) -> bool:
    """Whether a bracket holds the short form of the name before it: `(EPS)`; it is no second reaction."""
    is_in_bracket = begin > 0 and tokens.keys[begin - 1] == "(" and end < len(tokens) and tokens.keys[end] == ")"
    text = tokens.plain(begin, end)
    return is_in_bracket and text.isupper() and len(text) <= _LONGEST_SHORT_FORM


def _is_closed(tokens: Tokens, begin: int, end: int, first: int, after: int) -> bool:
    """Whether marks, numbers or `and` stand on both sides: `infection` alone is a reaction in a list only."""
    before = (
        begin == first or _closes(tokens, begin - 1) or tokens.starts[begin] - tokens.ends[begin - 1] > _WIDEST_SPACE
    )
    behind = end >= after or _closes(tokens, end) or tokens.starts[end] - tokens.ends[end - 1] > _WIDEST_SPACE
    return before and behind


def _closes(tokens: Tokens, at: int) -> bool:
    return tokens.kinds[at] in (BREAK, NUMBER, MARK, BULLET) or _SEPARATOR.whole(tokens, at, at + 1) is not None


def _denied(tokens: Tokens, first: int, after: int, *, is_warning: bool) -> Iterator[Span]:
    """The stretches behind words that deny, or give to the patient before, and those before `did not occur`."""
    for begin, end, row in _CUES.find(tokens, first, after):
        is_wide = is_warning or "no" in row["roles"].split("; ")
        yield begin, _scope_end(tokens, end, after, passes_commas=is_wide)
    for begin, _, _ in _NOT_AFTER.find(tokens, first, after):
        at = begin
        while at > max(first, begin - _FARTHEST_DENIAL) and tokens.keys[at - 1] not in (".", ";", ":", "\n"):
            at -= 1
        yield at, begin


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that touch as one."""
    joined: list[Span] = []
    for first, after in sorted(spans):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], after))
        else:
            joined.append((first, after))
    return joined


def _is_in(spans: Sequence[Span], at: int) -> bool:
    """Whether a token stands in one of some spans that are in order and do not touch."""
    number = bisect_right(spans, at, key=_first) - 1
    return number >= 0 and at < spans[number][1]


def _first(span: Span) -> int:
    return span[0]


def _scope_end(tokens: Tokens, begin: int, after: int, *, passes_commas: bool) -> int:
    limit = min(after, begin + _LONGEST_SCOPE)
    examples = begin
    for at in range(begin, limit):
        key = tokens.keys[at]
        if key == "(" and _EXAMPLE.longest(tokens, at + 1, after) is not None:
            examples = next((end for end in range(at, limit) if tokens.keys[end] == ")"), at)
        if at < examples:
            continue  # `patients with obstruction (e.g., aortic stenosis, …)`
        if key in (".", ";", ":", "(", "\n") or (key == "," and not passes_commas):
            return at
        if at > begin and _ENDS_SCOPE.longest(tokens, at, after) is not None:
            return at
    return limit


def _names(tokens: Tokens, first: int, after: int) -> Iterator[Span]:
    """The names between two tokens that nothing unknown touches; organ classes are none."""
    known = terms()
    end = first
    for at in known.starts(tokens, first, after):
        if at < end:
            continue
        organ = _CLASS.longest(tokens, at, after)
        last = name_after(tokens, at, after)
        is_class = organ is not None and (last is None or organ[1] >= last)
        is_term = organ is not None and "term" in organ[0]["roles"].split("; ")  # allergic reactions, in a list
        if organ is not None and is_class and not (is_term and tokens.keys[organ[1] : organ[1] + 1] != [":"]):
            end = organ[1]
        elif last is not None:
            spans = list(_choices(tokens, at, last, after))
            end = spans[-1][1]
            if _may_begin(tokens, at, first) and _may_end(tokens, end, after):
                yield from spans


def _choices(tokens: Tokens, first: int, end: int, after: int) -> Iterator[Span]:
    """A name, and the names that a stroke ties to it: `pruritus/rash`, not `abdominal pain/discomfort`."""
    while end + 1 < after and tokens.keys[end] == "/" and tokens.is_tight(end):
        last = name_after(tokens, end + 1, after)
        if last is None or _GENERIC.whole(tokens, end + 1, last) is not None:
            break
        yield first, end
        first, end = end + 1, last
    yield first, end


def _may_begin(tokens: Tokens, at: int, first: int) -> bool:
    return at == first or tokens.starts[at] - tokens.ends[at - 1] > _WIDEST_SPACE or _is_beside(tokens, at - 1, at)


def _may_end(tokens: Tokens, at: int, after: int) -> bool:
    if at >= after or tokens.starts[at] - tokens.ends[at - 1] > _WIDEST_SPACE:
        return True
    return _is_beside(tokens, at, at) or _is_organ_label(tokens, at, after) or _is_column_mark(tokens, at)


def _is_column_mark(tokens: Tokens, at: int) -> bool:
    """Whether a token is the cross of a table's column: `Lipodystrophy X`."""
    return tokens.printed_case(at) == "X" and (at + 1 == len(tokens) or tokens.kinds[at + 1] == BREAK)


def _is_beside(tokens: Tokens, at: int, tight: int) -> bool:
    """Whether a token may stand beside a name: marks, numbers, small words, and words for how severe it was."""
    if tokens.kinds[at] == SOFT_BREAK:
        return True
    if tokens.kinds[at] != WORD:
        return not (tokens.keys[at] in ("-", "/") and tokens.is_tight(tight))
    if _BESIDE.whole(tokens, at, at + 1) is not None:
        return True
    found = terms().whole(tokens, at, at + 1)
    return found is not None and "skip" in found


# --- lists ---------------------------------------------------------------------------------------------------------


def _after_leads(tokens: Tokens, statement: Statement, line: Span | None, around: _Context) -> _Context:
    context = around
    for first, after in _under(statement, line).leads:
        context = _after_label(tokens, first, after, context)
    return context


def _listed(tokens: Tokens, statement: Statement, around: _Context, names: Sequence[Span]) -> Iterator[AdverseReaction]:
    """The names and items of a statement, in order."""
    if not around.is_plain and not terms().starts(tokens, statement.first, statement.after):
        return  # a list counts only if most of its items are known names
    context = _after_leads(tokens, statement, None, around)
    for begin, end in _parts(tokens, statement.first, statement.after):
        first, after, context = _list_in(tokens, begin, end, context)
        items = list(_items(tokens, first, after)) if context.is_list else []
        own = _between(names, begin, end) if context.is_of_the_drug else []
        found = _of_plain_list(tokens, items, own) if context.is_plain else _of_label(tokens, items, own, context)
        said = _said(tokens, begin, first)
        spoken = replace(context, severity=said[0] or context.severity, frequency=said[1] or context.frequency)
        for a, b, evidence in sorted(found):
            yield _reaction(tokens, a, b, _in_brackets(tokens, b, end, spoken), evidence)
        context = replace(context, is_list=bool(items))


def _between(spans: Sequence[Span], first: int, after: int) -> Sequence[Span]:
    """The spans that begin between two tokens, of spans in order."""
    return spans[bisect_left(spans, (first, 0)) : bisect_left(spans, (after, 0))]


def _of_plain_list(tokens: Tokens, items: Iterable[Span], names: Sequence[Span]) -> list[tuple[int, int, str]]:
    """The items of a short section, whole, and names outside them; an item with a number gives its names alone."""
    found: list[tuple[int, int, str]] = []
    taken: set[Span] = set()
    for first, after in items:
        begin, end = _trimmed(tokens, _past_article(tokens, first, after), after)
        inside = _between(names, begin, end)
        bare = _bare(tokens, begin, end)
        if (
            inside
            and list(_choices(tokens, *inside[0], after)) == list(inside)
            and (inside[0][0], inside[-1][1]) == bare
        ):
            found += ((*name, "both") for name in inside)
        elif (inside or _is_short(tokens, begin, end)) and _is_plain_item(tokens, begin, end):
            found.append((begin, end, "both" if inside else "list"))
        else:
            continue
        taken.update(inside)
    return found + [(*name, "term") for name in names if name not in taken]


def _is_plain_item(tokens: Tokens, first: int, after: int) -> bool:
    """Whether an item is short, in one column, and holds no number."""
    if NUMBER in tokens.kinds[first:after] or tokens.ends[after - 1] - tokens.starts[first] > _WIDEST_ITEM:
        return False
    if _is_column_mark(tokens, after - 1):
        return False
    gaps = [tokens.starts[at] - tokens.ends[at - 1] for at in range(first + 1, after)]
    return max(gaps, default=0) <= _WIDEST_SPACE and gaps.count(_WIDEST_SPACE) < _FEWEST_COLUMN_GAPS


def _of_label(
    tokens: Tokens, items: Sequence[Span], names: Sequence[Span], context: _Context
) -> list[tuple[int, int, str]]:
    """The names of a long section, and the few unknown items of a list of which most are known."""
    bare = {_bare(tokens, *item) for item in items}
    found = [(a, b, "both" if (a, b) in bare else "term") for a, b in names]
    return found + [(*item, "list") for item in _unknown(tokens, items, context)]


def _in_brackets(tokens: Tokens, at: int, after: int, context: _Context) -> _Context:
    """What a bracket behind an item says of it: `rash (serious)`."""
    if at >= after or tokens.keys[at] not in ("(", "["):
        return context
    ahead = range(at, min(after, at + _LONGEST_BRACKET))
    close = next((i for i in ahead if tokens.keys[i] in (")", "]")), at)
    severity, frequency = _said(tokens, at + 1, close)
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
        if inside[at - first] or not (is_end or (at > begin and _is_organ_label(tokens, at, after))):
            continue
        if at > begin:
            yield begin, at
        begin = at + 1 if is_end else at
    if after > begin:
        yield begin, after


def _is_organ_label(tokens: Tokens, at: int, after: int) -> bool:
    """Whether `Central nervous system:` or the like begins at a token."""
    if tokens.kinds[at] != WORD or not tokens.printed_case(at)[0].isupper():
        return False
    organ = _CLASS.longest(tokens, at, after) or _SYSTEM.longest(tokens, at, after)
    return organ is not None and organ[1] < after and tokens.keys[organ[1]] == ":"


def _after_label(tokens: Tokens, first: int, after: int, context: _Context) -> _Context:
    severity, frequency = _said(tokens, first, after)
    if frequency is None and _holds(_RESETS, tokens, first, after):
        context = replace(context, frequency=None)
    has_share = "%" in tokens.keys[first:after]
    is_known = severity or frequency or has_share or _holds(_KNOWN_LABEL, tokens, first, after)
    is_list = bool(is_known) and _is_of_the_drug(tokens, first, after)
    return _with(context, severity, frequency, is_list=is_list, is_led=is_list)


def _with(context: _Context, severity: str | None, frequency: str | None, *, is_list: bool, is_led: bool) -> _Context:
    """What a label or subject says, and else what was said before."""
    severity, frequency = severity or context.severity, frequency or context.frequency
    return replace(context, severity=severity, frequency=frequency, is_list=is_list, is_led=is_led)


def _is_of_the_drug(tokens: Tokens, first: int, after: int) -> bool:
    """Whether the words deny nothing (but a frequency: `not known`) and name no overdose, withdrawal or the like."""
    spoken = [(begin, end) for begin, end, _ in _SEVERITY.find(tokens, first, after)]
    return all(_is_in(spoken, begin) for begin, _, _ in _OTHER_SUBJECT.find(tokens, first, after))


def _said(tokens: Tokens, first: int, after: int) -> tuple[str | None, str | None]:
    """The severity and the frequency that words state; two at once are `unspecified`, and none."""
    rows = [row for _, _, row in _SEVERITY.find(tokens, first, after)]
    severities = {row["severity"] for row in rows} - {""}
    frequencies = {row["frequency"] for row in rows} - {""}
    words = {frequency for frequency in frequencies if frequency.replace(" ", "").isalpha()}
    severity = severities.pop() if len(severities) == 1 else _UNSPECIFIED if severities else None
    return severity, next(iter(words or frequencies)) if len(words or frequencies) == 1 else None


def _list_in(tokens: Tokens, first: int, after: int, context: _Context) -> tuple[int, int, _Context]:
    """Where the list of a part begins and ends, and what is said of it: by its label, then by its sentence."""
    label = _label_end(tokens, first, after)
    if label is not None:
        context = _after_label(tokens, first, label, context)
        if not context.is_list:
            return label, after, context
        first = label
    return _list_in_sentence(Words(tokens, first, after), context)


def _label_end(tokens: Tokens, first: int, after: int) -> int | None:
    """The token after a label: `GI:`, `Nervous system disorders: Very common:`, or a frequency and a comma."""
    inside = inside_brackets(tokens, first, after)
    last, has_comma = None, False
    for at in range(first, after):
        if inside[at - first]:
            continue
        is_dash = last is None and at > first and not has_comma and _is_dash_behind_label(tokens, at, after)
        if tokens.keys[at] == ":" or is_dash:
            last = at + 1
        elif tokens.keys[at] == "," and last is not None:
            break
        has_comma = has_comma or tokens.keys[at] == ","
    if last is not None:
        return last
    at = _past_joiner(tokens, first, after)
    found = _SEVERITY.longest(tokens, at, after)
    return found[1] + 1 if found is not None and found[1] < after and tokens.keys[found[1]] == "," else None


def _is_dash_behind_label(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a dash between spaces parts a label from a list that begins with a capital: `Allergic – Urticaria`."""
    if tokens.keys[at] != "-" or at + 1 >= after or tokens.is_tight(at) or tokens.is_tight(at + 1):
        return False
    return tokens.kinds[at + 1] == WORD and tokens.printed_case(at + 1)[0].isupper()


def _past_joiner(tokens: Tokens, at: int, after: int) -> int:
    found = _SEPARATOR.longest(tokens, at, after)
    at = found[1] if found is not None else at
    return at + 1 if at < after and tokens.keys[at] == "," else at


def _list_in_sentence(words: Words, context: _Context) -> tuple[int, int, _Context]:
    tokens, first, after = words.tokens, words.first, words.after
    lead_in = _lead_in(words)
    if lead_in is not None:
        severity, frequency = _said(tokens, first, lead_in)
        is_list = _is_of_the_drug(tokens, first, lead_in)
        is_of_the_drug = is_list or not _holds(_OTHER_EVENT, tokens, first, lead_in)
        context = replace(context, is_of_the_drug=is_of_the_drug)
        return lead_in, after, _with(context, severity, frequency, is_list=is_list, is_led=is_list)
    listed = words.start_of(_LISTED, first, after)
    if listed < after:
        severity, frequency = _said(tokens, listed, after)
        is_list = context.is_list and _is_of_the_drug(tokens, first, after)
        if listed - first > 1 and _is_one(_SEVERITY, tokens, listed - 1):
            severity, frequency = _said(tokens, listed - 1, after)
            listed -= 1  # `bradycardia occasionally reported`
        return first, listed, _with(context, severity, frequency, is_list=is_list, is_led=context.is_led)
    how_often = _frequency_behind(tokens, first, after)
    if how_often is not None:
        return first, after - 1, replace(context, frequency=how_often)
    often = _often_end(tokens, first, after)
    if often is not None:
        frequency = _said(tokens, first, often)[1]
        return often, after, replace(context, frequency=frequency or context.frequency)
    return first, after, context


def _frequency_behind(tokens: Tokens, first: int, after: int) -> str | None:
    """The frequency that ends a list of two or more without a verb: `raised pulse and pressure common`."""
    if after - first <= _FEWEST_COLUMN_GAPS or not _is_one(_SEVERITY, tokens, after - 1):
        return None
    is_list = any(_SEPARATOR.whole(tokens, at, at + 1) is not None for at in range(first, after))
    return _said(tokens, after - 1, after)[1] if is_list and "," not in tokens.keys[first:after] else None


def _often_end(tokens: Tokens, first: int, after: int) -> int | None:
    """The token after a frequency that a list begins with: `rarely hepatitis`."""
    at = _past_joiner(tokens, first, after)
    found = _FREQUENCY.longest(tokens, at, after)
    if found is None or found[1] >= after or tokens.kinds[found[1]] != WORD:
        return None
    return found[1] if _WHOLE.longest(tokens, at, after) is None else None


def _lead_in(words: Words) -> int | None:
    """The token after the word that leads to a list in a part of a sentence."""
    tokens, first = words.tokens, words.first
    lists = next(words.find(_LISTS), None)
    if lists is not None:
        return lists[1]
    when = next(words.find(_WHEN), None)
    if when is not None:
        return when[1] if _said(tokens, first, when[0]) != (None, None) else None
    equals = next(words.find(_EQUALS), None)
    if equals is None:
        return None
    begin = _past_article(tokens, first, equals[0])
    is_frequency = begin < equals[0] and _SEVERITY.whole(tokens, begin, equals[0]) is not None
    is_of_effects = is_frequency or words.has(_EFFECT, first, equals[0])
    return equals[1] if is_of_effects else None


def _past_article(tokens: Tokens, at: int, after: int) -> int:
    found = _ARTICLE.longest(tokens, at, after)
    return found[1] if found is not None else at


def _bare(tokens: Tokens, first: int, after: int) -> Span:
    """An item without the marks, shares, brackets, articles and words of severity at its ends."""
    while first < after:
        article = _ARTICLE.longest(tokens, first, after) or _SEPARATOR.longest(tokens, first, after)
        skipped = terms().longest(tokens, first, after)
        if article is not None:
            first = article[1]
        elif skipped is not None and "skip" in skipped[0] and skipped[1] < after:
            first = skipped[1]
        elif tokens.kinds[first] != WORD:
            first += 1
        else:
            break
    inside = inside_brackets(tokens, first, after)
    while after > first and (tokens.kinds[after - 1] != WORD or inside[after - 1 - first]):
        after -= 1
    return first, after


def _unknown(tokens: Tokens, items: Sequence[Span], context: _Context) -> Iterator[Span]:
    """The items that hold no known name, of a list that is led to and of which most are known."""
    unknown = [item for item in items if not _holds_name(tokens, *item)]
    if not context.is_led or _MOST_UNKNOWN * len(unknown) > len(items):
        return
    for first, after in unknown:
        begin, end = _trimmed(tokens, first, after)
        begin = _past_article(tokens, begin, end)
        if _is_short(tokens, begin, end):
            yield begin, end


def _holds_name(tokens: Tokens, first: int, after: int) -> bool:
    return any(name_after(tokens, at, after) is not None for at in terms().starts(tokens, first, after))


def _is_short(tokens: Tokens, first: int, after: int) -> bool:
    """Whether an item is a few words, without numbers, and none that only leads to something else."""
    words = [at for at in range(first, after) if tokens.kinds[at] == WORD]
    is_bare = NUMBER not in tokens.kinds[first:after] and not {"(", "%", ":", "/"} & set(tokens.keys[first:after])
    if not words or len(words) > _LONGEST_LISTED or not is_bare or words[0] != first:
        return False
    is_part = _BESIDE.longest(tokens, first, after) is not None or _is_one(_GOES_ON, tokens, first)
    is_open = _is_one(_BESIDE, tokens, words[-1]) or _CLASS.longest(tokens, first, after) is not None
    return not (is_part or is_open)


@dataclass(slots=True)
class _Items:
    """The items found so far; `waiting` is the token at which a quality stands that the next item completes."""

    tokens: Tokens
    found: list[Span] = field(default_factory=list)
    waiting: int | None = None
    is_open: bool = False

    def add(self, first: int, after: int) -> None:
        """Takes in a piece: as an item, as a part of the item before, or as the beginning of the next."""
        words = _outside(self.tokens, first, after)
        if self.is_open and self.waiting is None and self.completes_last(words):
            self.found[-1] = (self.found[-1][0], after)
        elif self.is_incomplete(words):
            self.waiting = first if self.waiting is None else self.waiting
        else:
            self.found.append((first if self.waiting is None else self.waiting, after))
            self.waiting, self.is_open = None, True

    def completes_last(self, words: list[int]) -> bool:
        """Whether the words belong to the item before."""
        first, after = self.found[-1]
        if after - first > _LONGEST_WITH_PARTS:
            return False
        if _is_one(_GOES_ON, self.tokens, words[0]):
            return True
        if len(words) > 1 and _is_one(_COMPLAINT, self.tokens, words[-1]):
            return False  # `eye pain, eye discharge`
        takes_parts = any(_is_one(_TAKES_PARTS, self.tokens, at) for at in _outside(self.tokens, first, after))
        return takes_parts and self.are(words, _PART)

    def is_incomplete(self, words: list[int]) -> bool:
        """Whether the words only qualify, or lead to, what comes next: `chest tightness` does not."""
        if len(words) > 1 and _is_one(_COMPLAINT, self.tokens, words[-1]):
            return False
        is_leading = _is_one(_GOES_ON, self.tokens, words[-1])
        return is_leading or self.are(words, _PART) or self.are(words, _QUALITY, has_ending=True)

    def are(self, words: list[int], known: Vocabulary[Row], *, has_ending: bool = False) -> bool:
        """Whether every word is an article or of a vocabulary, or ends as qualities do."""
        return all(
            _is_one(_ARTICLE, self.tokens, at)
            or _is_one(known, self.tokens, at)
            or (has_ending and self.has_quality_ending(at))
            for at in words
        )

    def has_quality_ending(self, at: int) -> bool:
        key = self.tokens.keys[at]
        return len(key) >= _SHORTEST_WITH_ENDING and key.endswith(_ENDINGS) and not _is_one(_NOUN, self.tokens, at)

    def close(self, after: int) -> None:
        """Ends the list; qualities that wait go with an item that asks for them: `feeling tired or weak`."""
        if self.waiting is not None and self.is_open:
            first, last = self.found[-1]
            if any(_is_one(_TAKES_PARTS, self.tokens, at) for at in _outside(self.tokens, first, last)):
                self.found[-1] = (first, after)
        self.waiting, self.is_open = None, False


def _is_one(known: Vocabulary[Row], tokens: Tokens, at: int) -> bool:
    return known.whole(tokens, at, at + 1) is not None


def _outside(tokens: Tokens, first: int, after: int) -> list[int]:
    """The words outside brackets."""
    inside = inside_brackets(tokens, first, after)
    return [at for at in range(first, after) if tokens.kinds[at] == WORD and not inside[at - first]]


def _items(tokens: Tokens, first: int, after: int) -> list[Span]:
    """The reactions of a list; one that turns into a sentence ends there."""
    items = _Items(tokens)
    last = first
    for begin, end in _pieces(tokens, first, after):
        words = _outside(tokens, begin, end)
        if words and _is_prose(tokens, begin, end, len(words)):
            break
        is_aside = words and _is_one(_ASIDE, tokens, words[0])
        if words and not is_aside and _NOTHING.whole(tokens, begin, end) is None:
            items.add(begin, end)
            last = end
    items.close(last)
    return items.found


def _pieces(tokens: Tokens, first: int, after: int) -> Iterator[Span]:
    """The words between separators that stand outside brackets and outside phrases that are one whole."""
    inside = inside_brackets(tokens, first, after)
    begin = at = first
    while at < after:
        whole = _WHOLE.longest(tokens, at, after)
        separator = None if inside[at - first] or whole is not None else _separator_end(tokens, at, after)
        if separator is None:
            at = whole[1] if whole is not None else at + 1
            continue
        yield _trimmed(tokens, begin, at)
        begin = at = separator
    yield _trimmed(tokens, begin, after)


def _separator_end(tokens: Tokens, at: int, after: int) -> int | None:
    if tokens.keys[at] in (",", ";") or tokens.kinds[at] == BREAK:
        return _past_joiner(tokens, at + 1, after)
    found = _SEPARATOR.longest(tokens, at, after)
    return found[1] if found is not None else None


def _trimmed(tokens: Tokens, first: int, after: int) -> Span:
    """A piece without the marks at its ends; a closed bracket stays."""
    while first < after and tokens.kinds[first] not in (WORD, NUMBER) and tokens.keys[first] not in ("(", "["):
        first += 1
    while (
        after > first
        and tokens.kinds[after - 1] not in (WORD, NUMBER)
        and tokens.keys[after - 1] not in (")", "]", "%")
    ):
        after -= 1
    return first, after


def _is_prose(tokens: Tokens, first: int, after: int, words: int) -> bool:
    if words > _LONGEST_ITEM or _BIDS.longest(tokens, first, after) is not None:
        return True
    if not _STOP.starts(tokens, first, after) and not holds_verb(tokens, first, after):
        return False
    inside = inside_brackets(tokens, first, after)
    at = first
    while at < after:
        whole = _WHOLE.longest(tokens, at, after)
        if whole is not None:
            at = whole[1]
            continue
        is_stop = _STOP.longest(tokens, at, after) is not None or verb_after(tokens, at, after) is not None
        if is_stop and not inside[at - first]:
            return True
        at += 1
    return False
