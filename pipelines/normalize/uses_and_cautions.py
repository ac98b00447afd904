"""What a drug is for, and when not to use it or to take care: one row for each sentence or list item that says so.

    body      = { statement | lead { item } }      `Uses include:` is no statement; `Use with caution in:` gives its
                                                   kind to its items, `Not used for:` denies them
    statement = clause { turn clause }             cut only where one kind turns to another

A use:

    clause    = denial                             `is not indicated for …`, `Not for gout`, `does not cure …`: left out
              | unapproved use                     `not approved by the FDA but used for …`: off-label
              | sentence that states a use         `is indicated for …`, `relieves …`
              | words without a verb               `Pain and fever.`: an item, or a line where no sentence states a use

A contraindication or caution:

    clause    = denial                             `no known contraindications`, `safe to use …`: left out
              | words of a kind                    `contraindicated`, `do not use in …`; `use with caution`, `monitor`
              | words without a verb               `Hypersensitivity to baclofen`: of the kind that the section is about
              | item behind an open lead           `Do not take it if you:` `are allergic to baclofen`

Any other sentence is left out, with a finding, and so are headings, doses, groups of people alone, captions and rows of
tables, what stands under `References` and what belongs to the page. The words are rows of `use_words.csv`,
`caution_words.csv` and `grammar_words.csv`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from pipelines.lexer import NUMBER, WORD, Tokens
from pipelines.lexicon import Vocabulary, says_dose, vocabulary, with_role
from pipelines.normalize.statements import (
    Statement,
    Words,
    is_of_the_page,
    is_whole,
    read_statements,
    stretches,
    unread,
    verb_after,
    with_what_completes_them,
)
from pipelines.records import Block, Contraindication, Finding, FindingCode, Indication, Monograph, Section
from schemas.codes import Row

_USES = {"indications": False, "off_label_uses": True}
_CAUTIONS = {
    "contraindications": "contraindicated",
    "contraindications_and_cautions": "contraindicated",
    "otc_do_not_use": "contraindicated",
    "otc_ask_doctor": "caution",
    "otc_ask_doctor_pharmacist": "caution",
    "cautions": "caution",
    "precautions": "caution",
}
_WITH_DOSES = frozenset({"indications_and_dosage"})
_WARNINGS = frozenset({"warnings"})  # prose, of which only lists of conditions are read
_LEADING = frozenset({"otc_do_not_use"})  # their headings are the first words of what stands below
_SPEAKING = frozenset({"description", "introduction", "overview"})
_LABELLED, _OFF_LABEL, _NO_USE = "labelled", "off-label", "no use"
_CONTRAINDICATED, _CAUTION, _NEITHER = "contraindicated", "caution", "neither"
_UNREAD = FindingCode("STATEMENT_UNREAD")
_MOST_BEFORE_NEGATION = 6  # tokens
_LONGEST_DISEASE = 8  # tokens of a line above doses
_FARTHEST_CASE = 8  # tokens: `when corticosteroids are contraindicated`
_NEAREST_CASE = 6  # tokens: `Do not use this product on broken skin`
_CASES = frozenset({"in", "on", "with"})
_NEAREST_CONDITION = 3  # tokens: `if you do not take it` rules nothing out
_FARTHEST_USE = 10  # tokens from the beginning of a sentence to `used`
_FARTHEST_FOR = 12  # tokens between `used` and `for`
_FEWEST_WORDS_OF_A_USE = 6  # tokens behind `indicated`
_MOST_AFTER_ANNOUNCEMENT = 3  # tokens
_FEWEST_NUMBERS_OF_A_ROW = 3
_LONGEST_KIND = 3  # tokens: `Do not use` alone in its line
_LONGEST_HEADING = 12  # tokens
_FEWEST_LETTERS_IN_CAPITALS = 8


def _use(*roles: str) -> Vocabulary[Row]:
    return with_role("use_words", *roles)


def _caution(*roles: str) -> Vocabulary[Row]:
    return with_role("caution_words", *roles)


_BETWEEN = with_role("grammar_words", "auxiliary")
_REFERENCES = with_role("grammar_words", "references")
_CAPTION = with_role("grammar_words", "caption")
_GOES_ON, _CONDITION = with_role("grammar_words", "goes on"), with_role("grammar_words", "condition")
_CASE = with_role("grammar_words", "case")
_DISEASES, _TITLES = vocabulary("reaction_terms"), vocabulary("section_titles")
_FREQUENCY = vocabulary("severity_words")
_NONE = _caution("none")
_SUBJECT = with_role("name_words", "drug")

_USE_NEGATION, _AFFIRMED, _APPROVED = _use("negation"), _use("affirmation"), _use("approved")
_USE_WORD, _PURPOSE, _PURPOSE_DENIED = _use("use"), _use("purpose"), _use("purpose", "purpose denied")
_DENIAL, _DENIED_USE, _NO_USE_WORDS = _use("denial"), _use("denied use"), _use("no use")
_MAY_DENY = _use("denial", "denied use", "negation")
_OFF, _STATES, _FOR_OR_BESIDE = _use("off-label"), _use("states use"), _use("for", "beside")
_NO_INDICATION, _GROUP, _ADVICE, _LIMIT_OF_USE, _GROUP_PART = (
    _use("no indication"),
    _use("group"),
    _use("advice"),
    _use("limit"),
    _use("group part"),
)

_INDICATED, _ANNOUNCES = _use("indicated"), _use("announces")

_CAUTION_WORDS, _RULED_OUT, _AVOID = _caution("caution"), _caution("contraindicated"), _caution("avoid")
_NEGATION, _GIVING, _LIMIT = _caution("negation"), _caution("giving"), _caution("limit")
_DENIES, _DENIED_BETWEEN, _ALLOWED = _caution("denies"), _caution("between"), _caution("allowed")
_HAZARD, _ASKS, _OPEN = _caution("hazard"), _caution("asks"), _caution("open")
_CONTINUES = _caution("continues")
_PACKAGE, _AFTERWARDS, _STUDY = _caution("package"), _caution("afterwards"), _caution("study")
_SAYS_KIND = _caution("caution", "contraindicated")


def read_uses_and_cautions(
    monograph: Monograph, tokens: Tokens, blocks: Sequence[Block] = ()
) -> tuple[tuple[Indication, ...], tuple[Contraindication, ...], tuple[Finding, ...]]:
    """What a monograph's sections on use and on caution state, in reading order, and what gave no row; never raises."""
    findings: list[Finding] = []
    indications: list[Indication] = []
    for section in _sections(monograph, _USES):
        statements = _statements(section, tokens, blocks)
        uses = list(_indications(tokens, statements, _kind_of_section(section, tokens)))
        findings += unread(tokens, statements, (each.place for each in uses), "indications", _NONE)
        indications += uses
    if not any(True for _ in _sections(monograph, _USES)):
        indications += _indicated(monograph, tokens, blocks)
    for section in _sections(monograph, _WITH_DOSES):
        above = list(_uses_above_doses(section, tokens, blocks))
        findings += [] if above else [_no_use_told(section)]
        indications += above
    indications.sort(key=lambda each: each.place.start)
    contraindications: list[Contraindication] = []
    for section in _sections(monograph, _CAUTIONS):
        statements = _led_by_heading(section, tokens, _statements(section, tokens, blocks))
        is_led = section.code in _LEADING
        cautions = list(_contraindications(tokens, statements, _CAUTIONS[section.code], is_led=is_led))
        findings += unread(tokens, statements, (each.place for each in cautions), "contraindications", _NONE)
        contraindications += cautions
    for section in _sections(monograph, _WARNINGS):
        told = _statements(section, tokens, blocks)
        led = [each for each in told if _is_led_openly(tokens, each)]
        contraindications += _contraindications(tokens, led, _CAUTION)
        forbidden = [each for each in told if each not in led and _forbids(tokens, each)]
        contraindications += _contraindications(tokens, forbidden, _CAUTION)
    if not any(True for _ in _sections(monograph, _CAUTIONS)):
        contraindications += _ruled_out(monograph, tokens, blocks)
    contraindications.sort(key=lambda each: each.place.start)
    return tuple(indications), tuple(contraindications), tuple(findings)


def _kind_of_section(section: Section, tokens: Tokens) -> str:
    """Whether the uses of a section are labelled or off-label, or its heading says that it has none: `It works by:`."""
    heading = tokens.span(section.heading) if section.heading else (0, 0)
    if Words(tokens, *heading).has(_NO_USE_WORDS):
        return _NO_USE
    return _OFF_LABEL if _USES[section.code] else _LABELLED


def _indicated(monograph: Monograph, tokens: Tokens, blocks: Sequence[Block]) -> Iterator[Indication]:
    """The sentences of a text without a section on uses that say what the drug is indicated, or used, for."""
    own = next(iter(tokens.keys[slice(*tokens.span(monograph.title))]), "")
    for section in _sections(monograph, _SPEAKING):
        for statement in _statements(section, tokens, blocks):
            words = Words(tokens, statement.first, statement.after)
            if not statement.is_lead and (words.has(_INDICATED) or _says_what_for(words, own)):
                yield from _indications(tokens, (statement,), _LABELLED)


def _says_what_for(words: Words, own: str) -> bool:
    """Whether a sentence begins with the drug, and soon goes on with what it is used for: `Exemplan is used to …`."""
    tokens, first = words.tokens, words.first
    is_own = first < words.after and (tokens.keys[first] == own or _SUBJECT.longest(tokens, first, words.after))
    last = min(words.after, first + _FARTHEST_USE)
    used = (end for at, end in words.find(_USE_WORD, first, last) if tokens.keys[at - 1] != "-")  # not `single-use`
    return bool(is_own) and any(_leads_to_use(words, end, words.after) for end in used)


def _ruled_out(monograph: Monograph, tokens: Tokens, blocks: Sequence[Block]) -> Iterator[Contraindication]:
    """The sentences of a text without a section on contraindications that say when the drug is contraindicated."""
    for section in _sections(monograph, _SPEAKING):
        for statement in _statements(section, tokens, blocks):
            words = Words(tokens, statement.first, statement.after)
            if not statement.is_lead and words.has(_RULED_OUT):
                found = _contraindications(tokens, (statement,), _CAUTION)
                yield from (each for each in found if each.kind == _CONTRAINDICATED)


def _sections(monograph: Monograph, section_codes: Iterable[str]) -> Iterator[Section]:
    return (section for section in monograph.sections if section.code in section_codes and section.body)


def _statements(section: Section, tokens: Tokens, blocks: Sequence[Block]) -> tuple[Statement, ...]:
    told = read_statements(tokens, *tokens.span(section.body), blocks)
    return tuple(with_what_completes_them(tokens, told))


def _led_by_heading(section: Section, tokens: Tokens, statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """The statements of a section whose heading leads to them as words above a list do: `Do not take it if you:`."""
    if section.heading is None:
        return statements
    first, after = tokens.span(section.heading)
    if all(_CONDITION.longest(tokens, at, after) is None for at in range(first + 1, after)):
        return statements
    return tuple(replace(statement, leads=((first, after), *statement.leads)) for statement in statements)


def _uses_above_doses(section: Section, tokens: Tokens, blocks: Sequence[Block]) -> Iterator[Indication]:
    """The uses of a section that states uses and doses together: diseases above doses, and sentences that say so.

    A disease is a short line that holds the name of one, has no number and no verb, and stands right above a dose.
    """
    statements = _statements(section, tokens, blocks)
    for statement, following in zip_longest(statements, statements[1:]):
        words = Words(tokens, statement.first, statement.after)
        if words.has(_INDICATED) and not statement.is_lead:
            yield from _indications(tokens, (statement,), _LABELLED)
        elif following is not None and _is_disease_above_dose(words, statement, following):
            yield Indication(
                tokens.passage(words.first, _without_colon(tokens, words.first, words.after)), words.has(_OFF)
            )


def _is_disease_above_dose(words: Words, statement: Statement, following: Statement) -> bool:
    tokens, first, after = words.tokens, words.first, words.after
    is_line = statement.opens and not statement.is_item and after - first <= _LONGEST_DISEASE
    if not is_line or NUMBER in tokens.kinds[first:after] or words.has_verb(first, after):
        return False
    if _TITLES.whole(tokens, first, after) is not None or not tokens.printed_case(first)[0].isupper():
        return False
    roles = {role for _, _, row in _DISEASES.find(tokens, first, after) for role in row["roles"].split("; ")}
    return bool(roles & {"term", "head"}) and says_dose(tokens, following.first, following.after)


def _no_use_told(section: Section) -> Finding:
    """A section that states uses and doses together, and in which no line is certain to be a use."""
    message = "Uses and doses stand under one heading; no use was read from it."
    return Finding(_UNREAD, message, section.heading, "indications")


def _of_the_monograph(tokens: Tokens, statements: Iterable[Statement]) -> Iterator[tuple[Statement, Words]]:
    """The statements up to a list of references or a heading in capitals, without the page's words and its tables."""
    is_after_caption = is_first = True
    for statement in statements:
        words = Words(tokens, *_without_marks(tokens, statement))
        if not any(words.holds_word(at) for at in range(words.first, words.after)):
            continue  # a reference alone
        if words.is_whole(_REFERENCES) or (not (is_first or statement.leads) and _is_in_capitals(words, statement)):
            return
        if is_of_the_page(tokens, statement) or words.is_whole(_NONE) or _says_none(words):
            continue
        is_caption = statement.opens and _CAPTION.longest(tokens, words.first, words.after) is not None
        is_after_caption = is_caption or (is_after_caption and _is_row(words))
        if not is_caption and not _is_row(words):
            yield statement, words
        is_first = is_first and _is_in_capitals(words, statement)


def _says_none(words: Words) -> bool:
    """Whether a statement only says that there is none: `Off-label: none`, `None in poisoning`."""
    tokens, first, after = words.tokens, words.first, words.after
    colon = next((at for at in range(first, after) if tokens.keys[at] == ":"), first - 1)
    if colon >= first and is_whole(_NONE, tokens, colon + 1, after):
        return True
    begins = _NONE.longest(tokens, first, after)
    is_alone = begins is not None and begins[0]["roles"] == "none" and begins[1] == first + 1
    return is_alone and not words.has_verb(first, after)


def _without_marks(tokens: Tokens, statement: Statement) -> tuple[int, int]:
    """A statement without pictures and stray marks before its first word."""
    first = statement.first
    while (
        first < statement.after and tokens.kinds[first] not in (WORD, NUMBER) and tokens.keys[first] not in "([\"'<>≥≤%"
    ):
        first += 1
    return (first, statement.after) if first < statement.after else (statement.first, statement.after)


def _is_row(words: Words) -> bool:
    """Whether a statement is a row of a table: numbers, one after the other, and few words."""
    kinds = words.tokens.kinds[words.first : words.after]
    numbers = kinds.count(NUMBER)
    return numbers >= _FEWEST_NUMBERS_OF_A_ROW and numbers >= kinds.count(WORD)


def _is_in_capitals(words: Words, statement: Statement) -> bool:
    """Whether a line in capitals stands alone, as a heading does."""
    text = words.tokens.plain(words.first, words.after)
    is_short = words.after - words.first <= _LONGEST_HEADING and statement.opens and not statement.is_item
    return is_short and text.isupper() and " " in text and len(text) >= _FEWEST_LETTERS_IN_CAPITALS and text[-1] != "."


# --- uses ----------------------------------------------------------------------------------------------------------


def _indications(tokens: Tokens, statements: Sequence[Statement], default: str) -> Iterator[Indication]:
    states_uses = is_limited = is_begun = False
    told: set[int] = set()  # where leads end that are statements of use themselves
    told_of = list(_of_the_monograph(tokens, statements))
    for number, (statement, words) in enumerate(told_of):
        following = told_of[number + 1][1] if number + 1 < len(told_of) else None
        if following is not None and _is_said_below(words, statement, following):
            continue
        if statement.opens and not statement.is_item and not words.has_verb(words.first, words.after):
            is_limited = words.has(_LIMIT_OF_USE)
        if is_limited or (statement.is_lead and not _is_use_itself(words)):
            continue
        if statement.is_lead:
            told.add(statement.after)
        is_detail = any(end in told for _, end in statement.leads)
        is_begun = is_begun and not statement.opens
        for (first, after), kind in _uses_in(words, statement, default):
            if _announces(words, first, after) or _ends_open(words, first, after):
                continue
            is_sentence = words.has_verb(first, words.main_end(first, after))
            states_uses = states_uses or is_sentence
            if kind == _NO_USE or is_detail:
                continue
            is_listed = is_begun or not (number and states_uses)
            is_begun = is_begun or (is_sentence and ":" in tokens.keys[first : after - 1])
            if is_sentence or _may_be_use(words, first, after, statement, is_listed=is_listed):
                yield Indication(tokens.passage(first, _without_colon(tokens, first, after)), kind == _OFF_LABEL)


def _is_said_below(words: Words, statement: Statement, following: Words) -> bool:
    """Whether a line is a sub-heading, all of whose words stand in the sentence below it."""
    is_line = statement.opens and not statement.is_item and not words.has_verb(words.first, words.after)
    if not is_line or words.tokens.keys[words.after - 1] in (".", ";", ",", ":"):
        return False
    own = {words.tokens.keys[at] for at in range(words.first, words.after) if words.tokens.kinds[at] == WORD}
    below = words.tokens.keys[following.first : following.after]
    return bool(own) and own <= set(below) and following.has_verb(following.first, following.after)


def _is_use_itself(words: Words) -> bool:
    """Whether a sentence above a list states a use without the list: `is indicated for recurrent otitis, if:`."""
    tokens, last = words.tokens, _without_colon(words.tokens, words.first, words.after)
    if last <= words.first or _announces(words, words.first, words.after):
        return False
    found = next(words.find(_INDICATED), None)
    is_open = _FOR_OR_BESIDE.whole(tokens, last - 1, last) or _GOES_ON.whole(tokens, last - 1, last)
    return found is not None and is_open is None and last - found[1] > _FEWEST_WORDS_OF_A_USE


def _announces(words: Words, first: int, after: int) -> bool:
    """Whether words end with `for the following conditions:`, and name no use before it."""
    announced = list(words.find(_ANNOUNCES, first, after))
    if not announced:
        return False
    begin, end = announced[-1]
    people = _GROUP_PART.starts(words.tokens, end, after)  # `infections in adults and children:`
    last = next((at - 1 for at in people if words.tokens.keys[at - 1] == "in"), words.main_end(end, after))
    is_led = words.tokens.keys[after - 1] == ":"
    behind = 0 if is_led else sum(not words.inside[at - words.first] for at in range(end, last))
    used = [last for _, last in words.find(_USE_WORD, first, begin)]
    return behind <= _MOST_AFTER_ANNOUNCEMENT and begin - (used[-1] if used else first) <= _FARTHEST_FOR


def _ends_open(words: Words, first: int, after: int) -> bool:
    """Whether words end with the verb of a use, whose object stands on the lines below: `temporarily relieves`."""
    last = _without_colon(words.tokens, first, after)
    return any(end == last for _, end in words.find(_STATES, first, last))


def _without_colon(tokens: Tokens, first: int, after: int) -> int:
    return after - 1 if after > first and tokens.keys[after - 1] == ":" else after


def _uses_in(words: Words, statement: Statement, default: str) -> Iterator[tuple[tuple[int, int], str]]:
    """The stretches of a statement, each labelled, off-label or no use."""
    tokens = words.tokens
    for first, after in statement.leads:
        lead = Words(tokens, first, after)
        default = _NO_USE if lead.has(_NO_INDICATION) else _kind_of_use(lead, first, after, default, default)
        default = _LABELLED if default == _NO_USE and not _denies(lead) else default
    if _marks_items(tokens, words.first, words.after):
        yield from stretches(words, lambda _: True, lambda a, b, _: _kind_of_item(words, a, b, default), default)
        return
    yield from stretches(
        words, lambda at: _turns_use(words, at), lambda a, b, kind: _kind_of_use(words, a, b, kind, default), default
    )


def _denies(lead: Words) -> bool:
    return (
        lead.has(_NO_INDICATION)
        or lead.has(_NO_USE_WORDS)
        or lead.has(_LIMIT_OF_USE)
        or any(_denial_at(lead, at) for at in _MAY_DENY.starts(lead.tokens, lead.first, lead.after))
    )


def _marks_items(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a bracket marks one item of a list: `spasticity, hiccups (off-label)`."""
    opened = None
    for at in range(first, after):
        if tokens.keys[at] in ("(", "["):
            opened = at
        elif tokens.keys[at] in (")", "]"):
            opened = None
        elif opened is not None and _OFF.longest(tokens, at, after) is not None:
            return True
    return False


def _kind_of_item(words: Words, first: int, after: int, default: str) -> str:
    """The kind of one use in a list that marks some."""
    if _marks_items(words.tokens, first, after):
        return _OFF_LABEL
    return _kind_of_use(words, first, after, default, default)


def _kind_of_use(words: Words, first: int, after: int, before: str, default: str) -> str:
    """The kind of a clause: what it says itself, or else `default` for a sentence and `before` for mere words."""
    main = words.main_end(first, after)
    negations = _MAY_DENY.starts(words.tokens, first, main)
    denial = next(filter(None, (_denial_at(words, at, first) for at in negations)), None)
    if denial == "unapproved" and _is_used(words, first, after):
        return _OFF_LABEL
    if denial is not None or _tells_no_use(words, first, after) or words.has(_LIMIT_OF_USE, first, after):
        return _NO_USE
    if words.has(_OFF, first, after):
        return _OFF_LABEL
    if not words.has_verb(first, main):
        return before
    is_advice = words.has(_ADVICE, first, main) and not words.has(_INDICATED, first, after)
    return default if default != _NO_USE and not is_advice and _states_use(words, first, after) else _NO_USE


def _tells_no_use(words: Words, first: int, after: int) -> bool:
    """Whether a clause tells no use: `belongs to a class of …`, unless `which is used to` follows."""
    tokens = words.tokens
    if not words.has(_NO_USE_WORDS, first, after):
        return False
    indicated = next((at for at, _ in words.find(_INDICATED, first, after)), after)
    if indicated < words.start_of(_NO_USE_WORDS, first, after) and words.has(_RULED_OUT, first, after):
        return False  # `is indicated in adults for whom another drug is contraindicated`
    used = (at for at, end in words.find(_USE_WORD, first, after) if _leads_to_use(words, end, after))
    return all(not {"which", "that"} & set(tokens.keys[max(first, at - 2) : at]) for at in used)


def _is_used(words: Words, first: int, after: int) -> bool:
    """Whether a word of use stands there that is not `approved` itself."""
    spans = words.find(_USE_WORD, first, after)
    return any(_APPROVED.whole(words.tokens, start, end) is None for start, end in spans)


def _states_use(words: Words, first: int, after: int) -> bool:
    """Whether a sentence states a use: `relieves`, or `indicated`, `used` and the like before `for` or `to`."""
    if words.has(_STATES, first, words.main_end(first, after)):
        return True
    return any(_leads_to_use(words, end, after) for _, end in words.find(_USE_WORD, first, after))


def _leads_to_use(words: Words, first: int, after: int) -> bool:
    """Whether `for`, `to` and the like follow on a word of use; `in combination with` does not count."""
    found = _FOR_OR_BESIDE.find(words.tokens, first, min(after, first + _FARTHEST_FOR))
    return any("for" in row["roles"].split("; ") for _, _, row in found)


def _denial_at(words: Words, at: int, first: int | None = None) -> str | None:
    """What begins at a token: `denied` a use, `unapproved`, or None; inside brackets nothing is denied."""
    tokens, after = words.tokens, words.after
    if at >= after or not _MAY_DENY.starts_at(tokens, at):
        return None
    if words.inside[at - words.first] or _AFFIRMED.longest(tokens, at, after) is not None:
        return None
    denied = _DENIAL.longest(tokens, at, after)
    is_denied = denied is not None and words.leads_to(denied[1], after, _PURPOSE_DENIED, _BETWEEN)
    if is_denied or _DENIED_USE.longest(tokens, at, after) is not None:
        return "denied"
    negated = _USE_NEGATION.longest(tokens, at, after)
    return _denied_by(words, at, negated[1], words.first if first is None else first) if negated is not None else None


def _denied_by(words: Words, at: int, end: int, first: int) -> str | None:
    """What a negation from `at` to `end` denies."""
    if words.leads_to(end, words.after, _APPROVED, _BETWEEN):
        return "unapproved"
    if words.leads_to(end, words.after, _USE_WORD, _BETWEEN):
        return "denied"
    is_main = at == first or _follows_verb(words.tokens, first, at)
    return "denied" if is_main and words.leads_to(end, words.after, _PURPOSE_DENIED, _BETWEEN) else None


def _follows_verb(tokens: Tokens, first: int, at: int) -> bool:
    """Whether a verb stands before a negation, with no more than small words between."""
    for begin in range(at - 1, max(first, at - _MOST_BEFORE_NEGATION) - 1, -1):
        end = verb_after(tokens, begin, at)
        if end is not None and _fills(tokens, end, at):
            return True
    return False


def _fills(tokens: Tokens, first: int, after: int) -> bool:
    while first < after:
        found = _BETWEEN.longest(tokens, first, after)
        if found is None:
            return False
        first = found[1]
    return True


def _turns_use(words: Words, at: int) -> bool:
    """Whether the kind turns at a token: `off-label for hiccups` is a clause, `, unlicensed use` is not."""
    if at >= words.after:
        return False
    off = _OFF.longest(words.tokens, at, words.after)
    if off is not None:
        return list(words.tokens.kinds[off[1] : min(words.after, off[1] + 2)]) == [WORD, WORD]
    return _denial_at(words, at, at) is not None


def _may_be_use(words: Words, first: int, after: int, statement: Statement, *, is_listed: bool) -> bool:
    """Whether words without a verb may be a use: no dose, no group of people alone, no sub-heading among sentences."""
    if words.has(_NO_INDICATION, first, after) or _is_group(words, first, after) or words.has(_ADVICE, first, after):
        return False
    keys = words.tokens.keys
    ends = keys[statement.after - 1] in (".", ";", ",")
    is_led = bool(statement.leads) and keys[statement.leads[-1][1] - 1] == ":"
    has_purpose = words.has(_PURPOSE, first, after)
    return statement.is_item or is_listed or is_led or (ends and has_purpose)


def _is_group(words: Words, first: int, after: int) -> bool:
    """Whether the words only name people: `Adults`, `2 to 16 years`."""
    if is_whole(_GROUP, words.tokens, first, after):
        return True
    return all(words.tokens.kinds[at] == NUMBER or _GROUP_PART.is_word(words.tokens, at) for at in range(first, after))


# --- contraindications and cautions ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around a statement: what its section is about, whether it is prose, and what its leads say.

    The last lead is open if its sentence goes on in the item: `Do not take it if you:`. A list is closed by a heading.
    """

    section: str
    before: str
    is_prose: bool = False
    is_open: bool = False


def _contraindications(
    tokens: Tokens, statements: Sequence[Statement], section: str, *, is_led: bool = False
) -> Iterator[Contraindication]:
    is_prose = any(_is_sentence(tokens, statement) for statement in statements)
    closed: tuple[tuple[int, int], ...] | None = None
    for statement, words in _of_the_monograph(tokens, statements):
        is_kind_alone = words.after - words.first <= _LONGEST_KIND and _kind_said(
            words, words.first, words.after, section
        )
        if statement.is_lead or is_kind_alone or _says_how_often(words):
            continue
        around = _around(tokens, statement, section, is_prose=is_prose, is_led=is_led)
        if statement.leads and _is_heading_or_sentence(words, statement) and around.is_open:
            closed = statement.leads
        if statement.leads == closed:
            around = _Around(section, _NEITHER, is_prose=True)
        if not (section == _CAUTION and is_prose and _is_sub_heading(words, statement)):
            told = words.first  # what is published up to here
            for (begin, after), kind in _cautions_in(words, around):
                if kind != _NEITHER:
                    lacks_subject = begin > told == words.first and verb_after(tokens, begin, after) is not None
                    first = words.first if lacks_subject and words.has_verb(begin, after) else begin
                    yield Contraindication(tokens.passage(first, after), kind)
                    told = after


def _says_how_often(words: Words) -> bool:
    """Whether a label says how often something happens, as in a list of reactions: `Common: headache`."""
    found = _FREQUENCY.longest(words.tokens, words.first, words.after)
    return found is not None and found[1] < words.after and words.tokens.keys[found[1]] == ":"


def _cautions_in(words: Words, around: _Around) -> Iterator[tuple[tuple[int, int], str]]:
    return stretches(
        words, lambda at: _turns_caution(words, at), lambda a, b, kind: _kind(words, a, b, kind, around), around.before
    )


def _is_sentence(tokens: Tokens, statement: Statement) -> bool:
    if statement.is_lead or statement.is_item or tokens.keys[statement.after - 1] != ".":
        return False
    return Words(tokens, statement.first, statement.after).has_verb(statement.first, statement.after)


def _is_heading_or_sentence(words: Words, statement: Statement) -> bool:
    """Whether a line behind a list is no part of it: it has a subject of its own, or stands there as a heading."""
    tokens, first = words.tokens, words.first
    if statement.is_item or not statement.opens or not tokens.printed_case(first)[0].isupper():
        return False
    has_verb = words.has_verb(first, words.main_end(first, words.after))
    return has_verb and verb_after(tokens, first, words.after) is None


def _is_sub_heading(words: Words, statement: Statement) -> bool:
    """Whether a line without a verb and a full stop stands among sentences, as a heading does."""
    if statement.is_item or not statement.opens or words.tokens.keys[statement.after - 1] in (".", ";", ","):
        return False
    return not statement.leads and not words.has_verb(words.first, words.after) and not words.has(_SAYS_KIND)


def _forbids(tokens: Tokens, statement: Statement) -> bool:
    """Whether a sentence of warnings begins with `Do not use` and says when, where or with what."""
    words = Words(tokens, *_without_marks(tokens, statement))
    if statement.is_lead or _prohibition(words, words.first, words.after) > words.first + 1:
        return False
    near = range(words.first + 2, min(words.after - 1, words.first + _NEAREST_CASE))
    is_said = any(tokens.keys[at] in _CASES or _CASE.longest(tokens, at, words.after) is not None for at in near)
    return is_said and not words.has(_LIMIT, words.first, words.after)


def _is_led_openly(tokens: Tokens, statement: Statement) -> bool:
    """Whether words such as `Tell your doctor if you have:` lead to a statement."""
    return bool(statement.leads) and _around(tokens, statement, _CAUTION, is_prose=True, is_led=False).is_open


def _around(tokens: Tokens, statement: Statement, section: str, *, is_prose: bool, is_led: bool) -> _Around:
    kind, is_open = section, False
    for first, after in statement.leads:
        lead = Words(tokens, first, after)
        said = _kind_said(lead, first, after, section)
        if said is not None:
            kind = said
        elif lead.has_verb(first, after) or lead.has(_CONTINUES):
            kind = _NEITHER
        is_open = said not in (None, _NEITHER) and statement.opens
    if not statement.leads and (statement.is_item or (is_led and statement.opens)) and section == _CONTRAINDICATED:
        is_open = _CONDITION.longest(tokens, statement.first, statement.after) is not None  # `Do not use it` is above
    return _Around(section, kind, is_prose and not statement.is_item and not is_open, is_open)


def _kind(words: Words, first: int, after: int, before: str, around: _Around) -> str:
    """The kind of a clause: what it says itself, or else that of what stands before it, for words without a verb."""
    said = _kind_said(words, first, after, around.section)
    if said is not None:
        return said
    has_verb = words.has_verb(first, words.main_end(first, after))
    if around.is_open or not (has_verb or (around.is_prose and around.section == _CAUTION)):
        return before
    is_hazard = words.has(_HAZARD, first, after) and not words.has(_STUDY, first, after)
    return _CAUTION if around.section == _CAUTION and has_verb and is_hazard else _NEITHER


def _kind_said(words: Words, first: int, after: int, section: str) -> str | None:
    """The kind that the words state; None if they state none."""
    is_allowed = (
        words.has(_ALLOWED, first, after) and _asks(words, first, after) == after
    )  # not `to make sure it is safe`
    if is_allowed or is_whole(_NONE, words.tokens, first, after):
        return _NEITHER
    denials = words.find(_DENIES, first, after)
    is_denied = any(words.leads_to(end, after, _SAYS_KIND, _DENIED_BETWEEN) for _, end in denials)
    if is_denied or words.has(_PACKAGE, first, after):
        return _NEITHER
    prohibited = _prohibition(words, first, after)
    start, kind = min(
        (words.start_of(_CAUTION_WORDS, first, after), _CAUTION),
        (_start_of_rule(words, first, after), _CONTRAINDICATED),
        (prohibited, _CONTRAINDICATED),
        (words.start_of(_AVOID, first, after), section),
        (_asks(words, first, after), _CAUTION),
        key=lambda said: said[0],
    )
    if start == after:
        return _NEITHER if words.has(_ASKS, first, after) else None
    return _CAUTION if start == prohibited and words.has(_LIMIT, first, after) else kind


def _start_of_rule(words: Words, first: int, after: int) -> int:
    """Where `contraindicated` or the like is said of the drug; `after` if nowhere.

    `when corticosteroids are contraindicated` is said of another one; behind a comma a case is over.
    """
    for start, _ in words.find(_RULED_OUT, first, after):
        begin = next((at + 1 for at in range(start - 1, first - 1, -1) if words.tokens.keys[at] == ","), first)
        near = range(max(begin, start - _FARTHEST_CASE), start)
        if all(_CASE.longest(words.tokens, at, start) is None for at in near):
            return start
    return after


def _asks(words: Words, first: int, after: int) -> int:
    """Where words such as `tell your doctor` begin, if a condition follows; `after` if nowhere."""
    begin = words.start_of(_ASKS, first, after)
    has_condition = words.main_end(first, after) < after or words.has(_OPEN, first, after)
    return begin if has_condition and not words.has(_AFTERWARDS, first, after) else after


def _prohibition(words: Words, first: int, after: int) -> int:
    """Where `do not use` or the like begins; `after` if nowhere."""
    for start, end in words.find(_NEGATION, first, after):
        near = range(max(first, start - _NEAREST_CONDITION), start)
        is_condition = any(_CONDITION.longest(words.tokens, at, start) is not None for at in near)
        if not is_condition and words.leads_to(end, after, _GIVING, _BETWEEN):
            return start
    return after


def _turns_caution(words: Words, at: int) -> bool:
    if at >= words.after:
        return False
    if _SAYS_KIND.longest(words.tokens, at, words.after) is not None:
        return True
    negated = _NEGATION.longest(words.tokens, at, words.after)
    return negated is not None and words.leads_to(negated[1], words.after, _GIVING, _BETWEEN)
