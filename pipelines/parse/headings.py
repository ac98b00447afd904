"""One line read as a heading: `classify` answers once for a line.

    heading   [bullet] [sign] [mark] [number] title [break] [text]
    sign      a symbol such as an emoji
    mark      `#`, `##` …, or `**` and `__` around the title
    number    `4.6` | `1.` | `3` | `IV.` | `a)`
    title     a title of `section_titles.csv`, with or without a bracketed remark, a name of the document before it, or
              `of`, `for` or `with` such a name behind it; or an unknown one
    break     `:` | `?` | ` - ` | `—` | the end of a cell

A title matches whatever its case, hyphens, commas and `&` or `/` for `and`. `{drug}` in a title stands for a few words:
any in a question, and elsewhere a name that the document itself gives, or a word such as `it` (`name_words.csv`).
Only the line itself is looked at here; whether a heading there opens a section is decided in `outline`.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from functools import cache

from pipelines.lexer import BREAK, MARK, NUMBER, WORD, Tokens, cut_words
from pipelines.parse.lines import Line
from pipelines.parse.section_titles import (
    LONGEST_TITLE,
    MOST_TOKENS_OF_A_TITLE,
    SECTION_WORD,
    SectionTitle,
    begins_as_question,
    find_title,
    known_titles,
    may_be_title,
    sentence_words,
    title_key,
    words_with_role,
)
from pipelines.records import Passage, SectionCode
from schemas import codes

OTHER = SectionCode("other")
_ACTIVE = SectionCode("active_ingredient")
_STRENGTH = SectionCode("available_dose")
_PURPOSE = SectionCode("otc_purpose")

SAYS_MORE = "says more"  # the role of a heading that says something of what stands below it: `Each tablet contains`
LEAD = "lead"  # the role of a heading that leads to a list, which ends its section
RUN_ON = "run on"  # the role of a heading before the sentences of its section, in which paragraphs may follow
FEWEST_WORDS_RUN_ON = 3
_FEWEST_CAPITALISED = 2  # words at the end of a title that begins with a name in small letters
FEWEST_CAPITALS = 4  # letters of the first word of a title before its text
_EDGES = frozenset("*_#:-|")
_BREAKS = frozenset(":?-*_|")
_OPENS, _CLOSES = frozenset("(["), frozenset(")]")
_STOPS = frozenset(".)")

_MOST_BREAKS = 4
_MOST_TOKENS_TO_A_BREAK = 40
_LONGEST_LABEL = 60  # characters
_MOST_WORDS_OF_A_LABEL = 7
_MOST_WORDS_OF_A_QUESTION = 14
_MOST_WORDS_OF_A_REMARK = 14
WIDEST_SPACE = 3  # characters; more of them part two columns
HIGHEST_NUMBER = 2  # digits of each part of a heading's number
_ROMAN = frozenset({"i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"})
_NOT_MEASURED = frozenset({"presentation", "time"})
_AFTER_A_VALUE = frozenset("(,;/:.*_-")


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that can open a section; places are numbers of tokens.

    `words` is the heading as printed, with its number and without punctuation; `rest` the text on the same line.
    `form` tells how the print sets it apart: `marked` (`#`, a question, alone with a number or in capitals, or a
    heading by the document's own structure), `punctuated` (a break, bold), or `plain` (nothing but its words). `level`
    counts the `#` of a markdown heading, or is the level that the structure gives.
    """

    code: SectionCode
    tokens: Tokens
    words: tuple[int, int]
    rest: tuple[int, int]
    form: str
    number: str = ""
    level: int = 0
    role: str = ""
    is_bulleted: bool = False
    indent: int = 0

    @property
    def is_known(self) -> bool:
        """Whether the title is in the vocabulary."""
        return self.code != OTHER

    @property
    def has_rest(self) -> bool:
        """Whether text follows on the line."""
        return self.rest[0] < self.rest[1]

    @property
    def printed(self) -> Passage:
        """The heading as printed."""
        return self.tokens.passage(*self.words)

    def is_part_of(self, other: Heading) -> bool:
        """Whether the print makes this a part of `other`: `5.1` under `5`, or `###` under `##`."""
        continues_number = bool(other.number) and self.number.startswith(f"{other.number}.")
        return continues_number or self.level > other.level > 0

    @property
    def is_capitalised(self) -> bool:
        """Whether the first letter of the title is a capital; true for a script without capitals.

        A name in small letters may stand before it: `exemplum Side Effects`.
        """
        words = [at for at in range(*self.words) if self.tokens.kinds[at] == WORD]
        capitals = [not self.tokens.printed_case(at)[0].islower() for at in words]
        return not words or capitals[0] or (len(words) > _FEWEST_CAPITALISED and all(capitals[-_FEWEST_CAPITALISED:]))


@dataclass(slots=True)  # not frozen, since there is one for each line of a document
class _Prefix:
    """What stands before a title, which begins at token `start`: its number, and how many `#`."""

    start: int
    number: tuple[int, int] | None = None
    level: int = 0
    is_bold: bool = False


def _read_prefix(line: Line) -> _Prefix:
    tokens, at, after = line.tokens, line.first, line.after
    keys, kinds = tokens.keys, tokens.kinds
    if kinds[at] not in (WORD, NUMBER, MARK):
        at += 1
    if at + 1 < after and kinds[at] == WORD and keys[at + 1] not in _STOPS:
        return _Prefix(at)  # most lines
    while (
        at < after and kinds[at] == MARK and (keys[at] == "|" or not keys[at].isascii()) and keys[at] not in ("“", "«")
    ):
        at += 1  # an emoji or the like, or the pipe that opens a row
    marks = at
    while at < after and keys[at] == "#":
        at += 1
    level = at - marks
    is_bold = not level and at + 1 < after and keys[at] in ("*", "_") and keys[at + 1] == keys[at]
    at += 2 if is_bold else 0
    number = _number_end(tokens, at, after)
    place = (at, number) if number > at else None
    at = number
    if not is_bold and at + 1 < after and keys[at] in ("*", "_") and keys[at + 1] == keys[at]:
        is_bold = True
        at += 2
    return _Prefix(at, place, level, is_bold)


def _number_end(tokens: Tokens, at: int, after: int) -> int:
    """The token after a heading's number, with its stop or bracket; `at` if there is none."""
    if at + 1 >= after:
        return at
    key = tokens.keys[at]
    is_number = tokens.kinds[at] == NUMBER and all(
        part.isdecimal() and len(part) <= HIGHEST_NUMBER for part in key.split(".")
    )
    end = at + 1
    has_stop = tokens.keys[end] in _STOPS and tokens.is_tight(end)
    is_lettered = has_stop and (key in _ROMAN or (len(key) == 1 and key.isalpha()))
    if not is_number and not is_lettered:
        return at
    end += has_stop
    is_apart = end < after and (not tokens.is_tight(end) or (has_stop and "." in key) or "." in key)
    is_glued = end < after and tokens.keys[end] in known_titles().first_words and tokens.printed_case(end).isupper()
    return end if is_apart or is_glued else at  # `1INDICATIONS AND USAGE`


@dataclass(slots=True)
class _Candidate:
    """A title that ends before token `end`, and the text that begins at token `rest`."""

    end: int
    rest: int
    is_punctuated: bool


def _candidates(line: Line, start: int) -> Iterator[_Candidate]:
    """Titles that the line may hold from `start`: the whole line, then each part that a break ends."""
    tokens, after = line.tokens, line.after
    limit = tokens.starts[start] + LONGEST_TITLE if start < after else 0
    if start < after and tokens.ends[after - 1] <= limit:
        end = _bare_end(tokens, start, after)
        if end > start:
            yield _Candidate(end, after, is_punctuated=tokens.keys[after - 1] in (":", "-"))
    last = min(after, start + _MOST_TOKENS_TO_A_BREAK)
    if not _has_break(tokens, start, last):
        return
    has_gap = _has_gap(tokens, start, last)
    found = 0
    for at, key in enumerate(tokens.keys[start + 1 : last], start + 1):
        if tokens.ends[at - 1] > limit or found == _MOST_BREAKS:
            return
        if key not in _BREAKS and not has_gap:
            continue
        rest = _break_end(tokens, at, after)
        if rest > at or _starts_cell(tokens, at):
            found += 1
            end = at + 1 if tokens.keys[at] == "?" else at
            yield _Candidate(end, _text_start(tokens, rest, after), is_punctuated=True)


def _has_break(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a mark of a break, a tab or a wide space stands anywhere: a quick look that is enough for most lines."""
    return not _BREAKS.isdisjoint(tokens.keys[first:after]) or _has_gap(tokens, first, after)


def _has_gap(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a tab or a wide space stands anywhere between two tokens."""
    words = tokens.text.plain.text[tokens.starts[first] : tokens.ends[after - 1]] if first < after else ""
    return "\t" in words or "   " in words


def _break_end(tokens: Tokens, at: int, after: int) -> int:
    """The token after a break; `at` if there is none."""
    key = tokens.keys[at]
    if key in (":", "?"):
        return at + 1
    if key == "-" and at + 1 < after:
        is_spaced = not tokens.is_tight(at) and not tokens.is_tight(at + 1)
        return at + 1 if is_spaced or tokens.passage(at, at + 1).text == "—" else at
    if key in ("*", "_") and at + 1 < after and tokens.keys[at + 1] == key:
        return at + 2
    return at


def _starts_cell(tokens: Tokens, at: int) -> bool:
    """Whether a token is the first of a table's cell: a tab stands before it, or a pipe."""
    if tokens.keys[at] == "|":
        return True
    gap = tokens.text.plain.text[tokens.ends[at - 1] : tokens.starts[at]]
    return "\t" in gap or len(gap) >= WIDEST_SPACE


def _text_start(tokens: Tokens, at: int, after: int) -> int:
    """The first token of the text after a break, without the marks of bold print, of cells and a second break."""
    while at < after and tokens.keys[at] in ("*", "_", "|", ":") and not _may_be_digit(tokens, at, after):
        at += 1
    if at + 1 < after and tokens.keys[at] == "-" and not tokens.is_tight(at + 1):
        at += 1
    return at


def _may_be_digit(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a pipe may be a damaged digit: `|20 mg` may have been 120 mg."""
    return tokens.keys[at] == "|" and at + 1 < after and tokens.kinds[at + 1] == NUMBER and tokens.is_tight(at + 1)


def _bare_end(tokens: Tokens, start: int, after: int) -> int:
    while after > start and tokens.keys[after - 1] in _EDGES:
        after -= 1
    is_named = after - 2 > start and tokens.keys[after - 2 : after] == [SECTION_WORD, "."]
    return after - 1 if is_named else after  # `WARNINGS SECTION.`


def classify(line: Line, names: Container[str]) -> Heading | None:
    """The heading of the vocabulary that the line begins with or consists of. A title without code is none."""
    prefix = _read_prefix(line)
    tokens = line.tokens
    if not _may_hold_title(tokens, prefix.start, line.after) or _is_amount(line, prefix):
        return None
    for candidate in _candidates(line, prefix.start):
        title = _title_in(tokens, prefix.start, candidate.end, names)
        if title is not None:
            if not title.code or _heads_columns(tokens, candidate, title, _rest_end(line, prefix, candidate.rest)):
                return None
            return _heading(line, prefix, _without_column(tokens, candidate, line.after), title)
    run_on = _valued(line, prefix, names) or _run_on(line, prefix, names)
    return run_on or _with_purpose(line, prefix) or _in_capitals(line, prefix)


def _heads_columns(tokens: Tokens, candidate: _Candidate, title: SectionTitle, after: int) -> bool:
    """Whether a title is the first of three columns or more: `Strength   Usual dose   Maximum`; none has a colon.

    One with its unit is the first of two: `Strength (mcg) | Color`.
    """
    if candidate.rest >= after or title.code == _ACTIVE:
        return False
    if not _starts_cell(tokens, candidate.rest) and tokens.keys[candidate.rest - 1] != "|":
        return False
    if ":" in tokens.keys[candidate.end : candidate.rest]:
        return False
    has_unit = title.code == _STRENGTH and tokens.keys[candidate.end - 1] in _CLOSES
    has_words = NUMBER not in tokens.kinds[candidate.rest : after]
    return (has_unit and has_words) or any(_starts_cell(tokens, at) for at in range(candidate.rest + 1, after))


def _without_column(tokens: Tokens, candidate: _Candidate, after: int) -> _Candidate:
    """A heading with another one beside it heads a column, and has no text there: `Active ingredient   Purpose`."""
    end = after - 1 if tokens.keys[after - 1] == "|" else after
    title = find_title(title_key(tokens, candidate.rest, end), ()) if candidate.rest < end else None
    is_cell = title is not None and (_starts_cell(tokens, candidate.rest) or tokens.keys[candidate.rest - 1] == "|")
    if title is None or not title.code or not is_cell:
        return candidate
    return _Candidate(candidate.end, after, is_punctuated=True)


def _may_hold_title(tokens: Tokens, start: int, after: int) -> bool:
    """Whether the first or last word is one of a title, or a break stands near: a quick look that most lines fail."""
    if start >= after:
        return False
    titles = known_titles()
    first, last = tokens.keys[start], tokens.keys[after - 1]
    if first in titles.first_words or last in titles.last_words or last == SECTION_WORD:
        return True
    if last == "." and tokens.keys[after - 2] == SECTION_WORD:
        return True
    if first in titles.by_first_word or last in titles.by_last_word:
        return True
    return _has_break(tokens, start, min(after, start + _MOST_TOKENS_TO_A_BREAK)) or tokens.keys[after - 1] in _CLOSES


def _title_in(tokens: Tokens, start: int, end: int, names: Container[str]) -> SectionTitle | None:
    is_question = tokens.keys[end - 1] == "?"
    end -= is_question
    if "(" in tokens.keys[start:end] and ")" not in tokens.keys[start:end]:
        return None  # the break stands inside a bracket
    title = _find_title(tokens, start, end, names, is_question=is_question)
    if title is None and tokens.keys[end - 1] in _CLOSES:
        title = _find_title(tokens, start, _before_remark(tokens, start, end), names)
    if title is None and end - 2 > start and tokens.keys[end - 2] in _CLOSES and not _starts_cell(tokens, end - 1):
        column = find_title(title_key(tokens, end - 1, end), ())  # `Active ingredients (in each tablet) Purpose`
        title = _title_in(tokens, start, end - 1, names) if column is not None and column.code else None
    return title


def _find_title(
    tokens: Tokens, start: int, end: int, names: Container[str], *, is_question: bool = False
) -> SectionTitle | None:
    """The row that words of a text mean; none if neither their first nor their last is one of a title, as most are."""
    if start >= end or not may_be_title(tokens.keys[start], tokens.keys[end - 1]):
        return None
    return find_title(title_key(tokens, start, end), names, is_question=is_question)


def _before_remark(tokens: Tokens, start: int, end: int) -> int:
    """The token at which the bracketed remark at the end of a title opens; `start` if it does not."""
    for at in range(end - 2, max(start, end - _MOST_WORDS_OF_A_REMARK), -1):
        if tokens.keys[at] in _OPENS:
            return at
        if tokens.keys[at] in _CLOSES:
            return start
    return start


def _heading(line: Line, prefix: _Prefix, candidate: _Candidate, title: SectionTitle) -> Heading:
    tokens = line.tokens
    start = prefix.number[0] if prefix.number else prefix.start
    end = candidate.end
    while end > start and tokens.keys[end - 1] in _EDGES:
        end -= 1
    return Heading(
        code=title.code or OTHER,
        tokens=tokens,
        words=(start, end),
        rest=(candidate.rest, _rest_end(line, prefix, candidate.rest)),
        form=_form(line, prefix, candidate),
        number=tokens.plain(*prefix.number).strip(".)") if prefix.number else "",
        level=prefix.level,
        role=title.role,
        is_bulleted=line.is_bulleted,
        indent=line.indent,
    )


def _rest_end(line: Line, prefix: _Prefix, start: int) -> int:
    """The token after the text, without the mark that closes bold print, and without the pipe that closes a row."""
    tokens, after = line.tokens, line.after
    while after > start and tokens.keys[after - 1] == "|":
        after -= 1
    if prefix.is_bold and after - start > 1 and tokens.keys[after - 1] in ("*", "_"):
        mark = tokens.keys[after - 1]
        if tokens.keys[after - 2] == mark and mark not in tokens.keys[start : after - 2]:
            after -= 2
    return max(start, after)


def _form(line: Line, prefix: _Prefix, candidate: _Candidate) -> str:
    stands_alone = candidate.rest >= line.after
    words = line.tokens.plain(prefix.start, candidate.end)
    is_marked = prefix.level or words.endswith("?") or (line.block is not None and line.block.kind == "heading")
    if is_marked or (stands_alone and (prefix.number or words.isupper())):
        return "marked"
    return "punctuated" if candidate.is_punctuated or prefix.is_bold else "plain"


def _valued(line: Line, prefix: _Prefix, names: Container[str]) -> Heading | None:
    """A heading whose value follows it on the line without punctuation: `Pregnancy Category B (oral), C (IV)`."""
    tokens = line.tokens
    if prefix.start >= line.after or tokens.keys[prefix.start] not in known_titles().before_value:
        return None
    for at in range(prefix.start + 1, min(line.after, prefix.start + _MOST_WORDS_OF_A_LABEL)):
        if _is_value(tokens, at, line.after):
            title = find_title(title_key(tokens, prefix.start, at), names)
            if title is None or title.role != "value":
                return None
            return _heading(line, prefix, _Candidate(at, at, is_punctuated=True), title)
    return None


def _run_on(line: Line, prefix: _Prefix, names: Container[str]) -> Heading | None:
    """A heading of three words or more that its sentence follows: `Driving and using machines Do not drive until …`."""
    tokens, start = line.tokens, prefix.start
    begins = tokens.keys[start] in known_titles().first_words or tokens.keys[start] in known_titles().by_first_word
    if not begins or not line.ends_sentence or not tokens.printed_case(start)[0].isupper():
        return None
    for end in range(start + FEWEST_WORDS_RUN_ON, min(line.after - 2, start + MOST_TOKENS_OF_A_TITLE)):
        is_sentence = tokens.kinds[end - 1] == tokens.kinds[end] == tokens.kinds[end + 1] == WORD
        if is_sentence and tokens.printed_case(end)[0].isupper() and tokens.printed_case(end + 1).islower():
            title = find_title(title_key(tokens, start, end), names)
            if title is not None and find_title(title_key(tokens, start, end + 1), names) is None:
                is_heading = title.code is not None and title.role == ""
                heading = _heading(line, prefix, _Candidate(end, end, is_punctuated=True), title)
                return replace(heading, form="marked", role=RUN_ON) if is_heading else None
    return None


def _with_purpose(line: Line, prefix: _Prefix) -> Heading | None:
    """Active ingredients and their purpose on one line: `Active ingredient (in each pill) Exemplan 5 mg Purpose …`."""
    tokens, start = line.tokens, prefix.start
    if tokens.keys[start] not in known_titles().first_words or NUMBER not in tokens.kinds[start : line.after]:
        return None
    titles = {
        end: known_titles().exact.get(title_key(tokens, start, end))
        for end in range(start + 1, line.after)[:MOST_TOKENS_OF_A_TITLE]
    }
    end = max((end for end, title in titles.items() if title is not None and title.code == _ACTIVE), default=start)
    title = titles.get(end)
    if title is None:
        return None
    if tokens.keys[end] in _OPENS:
        end = next((at + 1 for at in range(end, line.after) if tokens.keys[at] in _CLOSES), line.after)
    below = (known_titles().exact.get(tokens.keys[at]) for at in range(end + 1, line.after))
    if (
        end >= line.after
        or not tokens.printed_case(end)[0].isupper()
        or not any(t and t.code == _PURPOSE for t in below)
    ):
        return None
    return replace(_heading(line, prefix, _Candidate(end, end, is_punctuated=True), title), form="marked")


def _in_capitals(line: Line, prefix: _Prefix) -> Heading | None:
    """A known title in capitals that the text of its section follows: `INDICATIONS Exemplan is used for …`.

    What follows is a bullet, a label of the same section, or a word that begins with a capital and goes on small.
    """
    tokens, start = line.tokens, prefix.start
    if tokens.keys[start] not in known_titles().first_words or len(tokens.keys[start]) < FEWEST_CAPITALS:
        return None
    last = start
    while last < line.after - 1 and (tokens.kinds[last] != WORD or tokens.printed_case(last).isupper()):
        last += 1
    for end in range(min(last, start + MOST_TOKENS_OF_A_TITLE), start, -1):
        title = known_titles().exact.get(title_key(tokens, start, end))
        if title is None:
            continue
        is_text = title.code is not None and title.role == "" and end == last and _begins_text(tokens, end, line.after)
        if not is_text or tokens.kinds[end - 1] != WORD or not tokens.printed_case(end - 1).isupper():
            return None
        return replace(_heading(line, prefix, _Candidate(end, end, is_punctuated=True), title), form="marked")
    return None


def _begins_text(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a word with a capital, and small letters in it, begins a text of several words."""
    if after - at < FEWEST_WORDS_RUN_ON or tokens.kinds[at] != WORD or tokens.is_tight(at):
        return False
    printed = tokens.printed_case(at)
    return printed[0].isupper() and any(map(str.islower, printed))


def _is_value(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a token is a capital letter, with or without a digit, that ends the line or a mark follows."""
    printed = tokens.printed_case(at)
    is_letter = printed[0].isupper() and printed[0].isascii() and (len(printed) == 1 or printed[1:].isdigit())
    return is_letter and (at + 1 == after or tokens.keys[at + 1] in _AFTER_A_VALUE)


def read_unknown(line: Line) -> Heading | None:
    """The heading that the line looks like, although its words are not in the vocabulary: a section `other`.

    A label that is known to open no section, such as `Note:`, is none.
    """
    prefix = _read_prefix(line)
    tokens = line.tokens
    is_set_off = prefix.number is not None or prefix.level > 0 or prefix.is_bold or tokens.keys[line.after - 1] == "?"
    if (
        not is_set_off
        and ":" not in tokens.keys[prefix.start : min(line.after, prefix.start + _MOST_TOKENS_TO_A_BREAK)]
    ):
        return None
    whole = next(_candidates(line, prefix.start), None)
    title = SectionTitle(OTHER, "")
    if whole and whole.rest == line.after and _stands_out(line, prefix, whole.end):
        return _heading(line, prefix, whole, title)
    label = _label_end(line, prefix.start)
    if label is not None and tokens.keys[prefix.start] in words_with_role("title_words", "caption"):
        return None  # `Table 2:` goes with the text
    if label is None or find_title(title_key(line.tokens, prefix.start, label.end), ()) is not None:
        return None
    heading = _heading(line, prefix, label, title)
    is_question = begins_as_question(title_key(line.tokens, *heading.words))
    return replace(heading, form="marked") if is_question else heading


def structural(line: Line, names: Container[str], by_loinc: dict[str, SectionCode]) -> Heading | None:
    """The heading that the document's own structure says the line is; None if it says nothing."""
    block = line.block
    if block is None or block.kind != "heading":
        return None
    known = classify(line, names)
    code = by_loinc.get(block.code or "") or (known.code if known else OTHER)
    if known is not None and known.has_rest and code == known.code:
        return replace(known, form="marked", level=block.level)
    prefix = _read_prefix(line)
    start = prefix.number[0] if prefix.number else min(prefix.start, line.after - 1)
    number = line.tokens.plain(*prefix.number).strip(".)") if prefix.number else ""
    end = max(start + 1, _bare_end(line.tokens, start, line.after))
    return Heading(code, line.tokens, (start, end), (line.after, line.after), "marked", number, block.level)


def after_repeated_title(tokens: Tokens, start: int, end: int, heading: Heading) -> int:
    """The first token of a section's text, behind the title that it repeats: `Uses` under `INDICATIONS`."""
    at = _number_end(tokens, start, end)
    if (
        at >= end
        or tokens.kinds[at] != WORD
        or not heading.is_known
        or tokens.keys[at] not in known_titles().first_words
    ):
        return start
    for after in range(min(end - 1, at + MOST_TOKENS_OF_A_TITLE), at, -1):
        key = title_key(tokens, at, after)
        title = known_titles().exact.get(key)
        if title is not None and title.code and title.code != heading.code:
            return start  # `Pregnancy risk factor: C` under `Use in pregnancy` is no `Pregnancy risk` again
        if title is not None and title.role in (SAYS_MORE, LEAD):
            return start  # `Composition: Each tablet contains:`, `Do not take this medicine if you:`
        if title is not None and title.code and tokens.keys[after] == ":" and after + 1 < end:
            return after + 1  # `CONTRAINDICATION Contraindications: Gout`
        if title is not None and title.code:
            is_same = at > start or key == title_key(tokens, *heading.words) or tokens.plain(at, after).isupper()
            is_begun = tokens.printed_case(after)[0].isupper() and not _leads_on(tokens, after, end)
            is_again = is_begun if " " in key else _is_label_before(tokens, after)
            return after if tokens.printed_case(at)[0].isupper() and (is_same or is_again) else start
    return start


def _leads_on(tokens: Tokens, at: int, end: int) -> bool:
    """Whether a line ends as one that leads on does: `Do not take Exemplan if you:`."""
    line_end = tokens.kinds.find(BREAK, at, end)
    return tokens.keys[(line_end if line_end >= 0 else end) - 1] == ":"


def _is_label_before(tokens: Tokens, at: int) -> bool:
    """Whether a title before a token is a label: `Uses temporarily relieves`, not `Uses of` or `Uses are`."""
    is_small = tokens.kinds[at] == WORD and tokens.printed_case(at)[0].islower()
    return (
        is_small
        and tokens.keys[at] not in sentence_words()
        and tokens.keys[at] not in words_with_role("title_words", "before drug")
    )


def is_furniture(line: Line) -> bool:
    """Whether the words are known to belong to the page or to name the kind of document."""
    if line.block is not None and line.block.kind == "furniture":
        return True
    if line.length > LONGEST_TITLE:
        return False
    start, end = line.first, _bare_end(line.tokens, line.first, line.after)
    while start < end and (line.tokens.keys[start] in _EDGES or not _is_word_like(line.tokens, start)):
        start += 1
    title = find_title(title_key(line.tokens, start, end), ()) if start < end else None
    return title is not None and title.role == "furniture"


def _is_word_like(tokens: Tokens, at: int) -> bool:
    return tokens.kinds[at] in (WORD, NUMBER) or tokens.keys[at].isascii()


def is_label(line: Line) -> bool:
    """Whether the line begins with a short capitalised label and a colon."""
    return _label_end(line, _read_prefix(line).start) is not None


def _stands_out(line: Line, prefix: _Prefix, end: int) -> bool:
    """Whether an unknown title alone on its line can only be a heading."""
    tokens = line.tokens
    title = tokens.plain(prefix.start, end)
    words = title.split()
    if not title[:1].isupper() or len(words) > _MOST_WORDS_OF_A_QUESTION or title.endswith((".", ";", ",")):
        return False
    if title.endswith("?") or prefix.level:
        return True
    if prefix.number:
        if _is_amount(line, prefix):
            return False  # 25 MG/ML
        if tokens.is_tight(prefix.start) and any(character.isdigit() for character in tokens.keys[prefix.start]):
            return False  # 2.5E3%
        is_nested = "." in tokens.plain(*prefix.number).rstrip(".)")
        return is_nested or title.isupper() or begins_as_question(title_key(tokens, prefix.start, end))
    return prefix.is_bold and not any(mark in title for mark in ("**", "__"))


def _label_end(line: Line, start: int) -> _Candidate | None:
    """The end of a label: capital first, few words, none that makes a sentence, and a colon with space or nothing."""
    tokens = line.tokens
    near = tokens.keys[start : min(line.after, start + _MOST_TOKENS_TO_A_BREAK)]
    colon = start + near.index(":") if ":" in near else start
    is_in_bracket = "(" in tokens.keys[start:colon] and ")" not in tokens.keys[start:colon]
    if colon == start or is_in_bracket or tokens.starts[colon] - tokens.starts[start] > _LONGEST_LABEL:
        return None
    is_open = colon + 1 == line.after or not tokens.is_tight(colon + 1) or tokens.keys[colon + 1] in ("*", "_")
    end = _bare_end(tokens, start, colon)
    if end == start or not is_open or not tokens.printed_case(start)[0].isupper():
        return None
    words = [at for at in range(start, end) if tokens.kinds[at] in (WORD, NUMBER)]
    has_stop = any(tokens.keys[at] in (".", ";", ",", "!", "?") for at in range(start, end))
    is_sentence = any(tokens.keys[at] in sentence_words() for at in words)
    if len(words) > _MOST_WORDS_OF_A_LABEL or has_stop:
        return None
    if is_sentence and not begins_as_question(title_key(tokens, start, end)):
        return None
    return _Candidate(end, _text_start(tokens, colon + 1, line.after), is_punctuated=True)


def _is_amount(line: Line, prefix: _Prefix) -> bool:
    """Whether the number before a title is an amount: a unit in which something is measured follows it."""
    if prefix.number is None or line.tokens.kinds[prefix.number[1] - 1] != NUMBER:
        return False
    most = min(line.after - prefix.start, _MOST_WORDS_OF_A_LABEL)
    words = line.tokens.keys[prefix.start : prefix.start + most]
    return any(tuple(words[:length]) in _measuring_units() for length in range(1, most + 1))


@cache
def _measuring_units() -> frozenset[tuple[str, ...]]:
    units = codes.by_code("units")
    rows = ((cut_words(row["text"]), row["code"]) for row in codes.rows("unit_synonyms"))
    return frozenset(
        words for words, code in rows if (units[code]["dimension"] not in _NOT_MEASURED if code else len(words) > 1)
    )
