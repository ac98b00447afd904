"""A list of doses: the strengths of its items, and the form that each belongs to.

    list   = entry { line end entry }            a line, with the lines that go on with it
    entry  = clause { ( ";" | "," | "." | "and" … ) clause }
    clause = [ label ":" ] { words | form | amounts }

    5 mg tablets, 10 mg capsules        a form stands behind its amounts
    Tablets 5 mg, 10 mg; syrup 2 mg/5 mL        or before them
    Tablets: 5 mg, 10 mg                a label speaks for what follows
    Tablets ⏎ 5 mg ⏎ 10 mg              so does a form that is alone on its line

All items decide together on which side the form stands: a clause with amounts and no form takes the form before it if
every clause that names its own has it first, and the form behind it if every one has it last. If they differ, or if
the lines leave two readings, the form is null and a finding says so. A list that names one form means it everywhere.

Words that are understood and belong to no amount divide what is read (`product_words.csv`): verbs such as `contains`,
looks (`white, round`), imprints up to the end of the sentence, packs, prices, excipients. What is left between two of
them is read whole or not at all: see `strengths`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from itertools import accumulate, groupby, pairwise

from pipelines.lexer import BREAK, BULLET, NUMBER, SOFT_BREAK, WORD, Tokens, cut_words
from pipelines.normalize.dose_forms import (
    UNMAPPED,
    FormName,
    find_forms,
    injection,
    words_of_code,
)
from pipelines.normalize.dose_words import role_of
from pipelines.normalize.product_marks import (
    LONGEST_FORM,
    MASKS,
    Mark,
    holds_code,
    is_unquantified,
    label_end,
    marks_of,
    product_words,
    speaks_of_strength,
    tells_look,
)
from pipelines.normalize.quantities import UNREAD, Unit, denominator
from pipelines.normalize.routes import all_routes, is_denied_behind, is_silent, routes_in
from pipelines.normalize.strengths import (
    EXCIPIENT_AMOUNT,
    Around,
    StrengthReading,
    read_strengths,
    speaks_of_doses,
)
from pipelines.records import (
    Component,
    DoseForm,
    DoseFormCode,
    Finding,
    FindingCode,
    Passage,
    Quantity,
    Route,
    Strength,
)
from schemas import codes
from schemas.codes import fold

_UNQUANTIFIED = FindingCode("STRENGTH_UNQUANTIFIED")
_NOT_STRENGTH = FindingCode("DOSE_NOT_STRENGTH")
_AMBIGUOUS = FindingCode("FORM_AMBIGUOUS")

_SILENT = frozenset(",;.:|*†‡-")
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
_NOTE_MARKS = frozenset("*†‡§>")
_WEAK = frozenset(",·")  # marks after which the words before a colon may still be of the clause before
_LIQUID = frozenset({"liquid"})  # the words of the FDA name of what looks so
_SHORTEST_NAME = 6  # letters of a name of a substance
_LONGEST_CODE = 3  # tokens of a line that is no more than a code
_PART = FindingCode("STRENGTH_AMBIGUOUS")
_NOT_WHOLE = "it may be a part of what one unit contains, or the strength of another one"
_NO_NUMBER = "No strength that can be read with certainty stands with the form."
_MASKED = "the words before it speak of an excipient, a part of a mix, an imprint or a price"
_EXPLAINS_NUMBER = frozenset({"amount", "pack", "look", "verb", "states", *MASKS})
_SAYS_AGAIN = frozenset({"look", "imprint", "pack", "whole"})
_NAMES = frozenset({"form", "whole"})
_EACH = frozenset({"each", "every", "one"})
_STOPS = frozenset({"states", "masked", "verb", "look", "pack", "end", "remark", *MASKS})


@dataclass(frozen=True, slots=True)
class DoseListReading:
    """Strengths and forms in order of print. The `row_no` of a finding is the ordinal of its strength."""

    strengths: tuple[Strength, ...] = ()
    forms: tuple[DoseForm, ...] = ()
    routes: tuple[Route, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Clause:
    """The marks between two gaps. `forms` are what its amounts belong to; `side` tells where the form stands.

    `kinds` are those of the marks. `has_number_alone` tells that a number stands here that may be a strength in words
    that are not known.
    """

    first: int
    after: int
    marks: list[Mark]
    label: Mark | None = None
    forms: list[FormName] | None = None
    side: str = ""
    why: str = ""
    kinds: set[str] = field(init=False)
    has_amount: bool = field(init=False)
    has_number_alone: bool = field(init=False)

    def __post_init__(self) -> None:
        self.kinds = {mark.kind for mark in self.marks}
        self.has_amount = "amount" in self.kinds
        self.has_number_alone = "number" in self.kinds and self.kinds.isdisjoint(_EXPLAINS_NUMBER)


@dataclass(slots=True)
class _Entry:
    """The clauses of a line and of what goes on with it."""

    first: int
    after: int
    clauses: list[_Clause]
    counted: list[FormName] = field(default_factory=list)  # what a pack holds: `bottles of 100 tablets`
    is_note: bool = False
    is_labelled: bool = False
    is_speaking: bool = False  # for an entry without a form
    is_unread: bool = False  # it speaks of a strength without a number: `Tablets: l0 mg`, `Syrup: various strengths`
    has_amount: bool = field(init=False)

    def __post_init__(self) -> None:
        self.has_amount = any(clause.has_amount for clause in self.clauses)

    @property
    def is_form_alone(self) -> bool:
        """Whether it names a form and says no amount, and so may speak for others."""
        return not self.has_amount and not self.is_unread and any(clause.forms for clause in self.clauses)


def read_dose_list(
    tokens: Tokens,
    ranges: Iterable[tuple[int, int]],
    declared: tuple[DoseForm, ...],
    around: Around,
    kind: str = "list",
) -> DoseListReading:
    """Every strength of a list of doses, whose entries are `ranges` of tokens: see `entries_of`, `sentences_of`.

    `declared` are the forms of the dosage-form field, for items that name none. The names of the drug, which `around`
    holds, may stand as labels. `kind` is `list`, in which only an entry that tells how the product looks or is packed
    says a strength again; `sentences`, which may say one again; or `names` or `contents` of one product, sentences
    too: amounts that have each a name of their own are one combination, as they are after `each tablet contains`.
    """
    read = [(span, _entry(tokens, *span, around)) for span in ranges]
    entries = [entry for _, entry in read if entry is not None]
    _mark_notes(tokens, entries)
    _mark_containers(entries)
    _bind_brands(tokens, entries)
    _bind_entries(tokens, entries)
    reading = _Reading(tokens, declared, around, kind)
    for span, entry in read:
        if entry is not None:
            reading.add(entry)
        elif kind == "list" and span[1] - span[0] <= LONGEST_FORM:
            reading.name_unknown(*span)
    return DoseListReading(
        tuple(reading.strengths), tuple(reading.forms), tuple(reading.routes), tuple(reading.findings)
    )


# --- entries ---------------------------------------------------------------------------------------------------------


def _mark_notes(tokens: Tokens, entries: list[_Entry]) -> None:
    """An entry that begins with the sign of a foot-note, in a list that does not begin so, is a note."""
    begins = tokens.keys[entries[0].first] if entries else ""
    for entry in entries:
        at = entry.first + (tokens.kinds[entry.first] == BULLET and tokens.keys[entry.first + 1] in _NOTE_MARKS)
        entry.is_note = tokens.keys[at] in _NOTE_MARKS and tokens.keys[at] != begins


def _mark_containers(entries: list[_Entry]) -> None:
    """After `one mL contains 0.68 mg`, what a pen or vial holds is the same again, and often rounded."""
    for former, latter in pairwise(entries):
        marks = [mark for clause in latter.clauses for mark in clause.marks]
        names = _names(marks)
        is_container = bool(names) and names[0].is_container and any(mark.kind == "states" for mark in marks)
        if is_container and any(mark.kind == "whole" for clause in former.clauses for mark in clause.marks):
            for clause in latter.clauses:
                clause.why = clause.why or "it is what a container holds, and the concentration is stated before"


# --- marks -----------------------------------------------------------------------------------------------------------


# --- clauses ---------------------------------------------------------------------------------------------------------


def _entry(tokens: Tokens, first: int, after: int, around: Around) -> _Entry | None:
    marks = marks_of(tokens, first, after)
    clauses = [clause for clause in _clauses(tokens, first, after, marks) if clause.marks or clause.label]
    for clause in clauses:
        _name_clause(tokens, clause, around)
    for clause in clauses[1:]:
        if clause.label is not None and _names_another_drug(tokens, clause.label, around):
            clause.why = clause.why or "it is of another drug"
    if not clauses:
        return None
    _bind_clauses(clauses)
    is_labelled = any(clause.label and clause.label.names for clause in clauses[:1])
    begin = clauses[0].first
    is_short = after - begin <= _LONGEST_CODE
    is_unread = is_labelled and (
        (is_short and holds_code(tokens, begin, after)) or speaks_of_strength(tokens, begin, after)
    )
    counted = [
        name
        for mark in marks
        if mark.kind == "number" and mark.after > mark.first + 1
        for name in find_forms(tokens, mark.first, mark.after)
        if name.code is not None
    ]
    return _Entry(first, after, clauses, counted, is_labelled=is_labelled, is_unread=is_unread)


def _names_another_drug(tokens: Tokens, label: Mark, around: Around) -> bool:
    """Whether a label inside an entry begins with another substance than the drug: `sitagliptin tablets:`."""
    if not label.names or not around.names or label.names[0].first != label.first + 1:
        return False
    word, printed = tokens.keys[label.first], tokens.printed_case(label.first)
    is_name = tokens.kinds[label.first] == WORD and printed.islower() and len(word) >= _SHORTEST_NAME
    return is_name and not any(word in name for name in around.names)


def _clauses(tokens: Tokens, first: int, after: int, marks: list[Mark]) -> list[_Clause]:
    """The clauses of an entry; a label inside one begins another, and so does every second form with its amounts."""
    found: list[_Clause] = []
    begun, kept = first, []
    label = label_end(tokens, first, after) or first
    is_behind = next((mark.kind for mark in marks if mark.kind in ("amount", "form")), "") == "amount"
    for mark in [*marks, Mark("gap", after, after)]:
        if mark.kind not in ("gap", "end") or mark.first < label:
            kept.append(mark)
            continue
        if kept or mark.first > begun:
            found += _with_label(tokens, begun, mark.first, kept, is_behind=is_behind)
        begun, kept = mark.after, [mark] if mark.kind == "end" else []
        if mark.first < after and tokens.keys[mark.first] not in _WEAK:
            label = label_end(tokens, begun, after) or begun
    return found


def _with_label(tokens: Tokens, first: int, after: int, marks: list[Mark], *, is_behind: bool = False) -> list[_Clause]:
    """A clause, cut before each form behind an amount that is followed by a colon; each part has its label told apart.

    `is_behind` tells that the entry begins with an amount, so that such a form is also that of the amounts before it.
    """
    found: list[_Clause] = []
    kept: list[Mark] = []
    has_amount = False
    for mark in marks:
        if has_amount and mark.kind == "form" and mark.after < after and tokens.keys[mark.after] == ":":
            if is_behind:
                label = Mark("label", mark.first, mark.after, mark.names)
                found.append(_Clause(first, mark.first, kept, label))
            else:
                found += _labelled(tokens, first, mark.first, kept)
            first, kept, has_amount, is_behind = mark.first, [], False, False
        kept.append(mark)
        has_amount = has_amount or mark.kind == "amount"
    return found + _labelled(tokens, first, after, kept)


def _labelled(tokens: Tokens, first: int, after: int, marks: list[Mark]) -> list[_Clause]:
    """A clause with its label told apart, or what it parts into."""
    end = label_end(tokens, first, after) or _dash_after_form(tokens, marks, after)
    if end is None:
        return _parted(_Clause(first, after, marks))
    before = [mark for mark in marks if mark.first < end]
    sizes = [mark.first for mark in before if mark.kind == "number"]
    names = [name for mark in before if mark.kind == "form" for name in mark.names]
    if any(mark.kind == "amount" for mark in before) or (sizes and not names):
        begin = end + 1 if _is_numbered_brand(tokens, first, end, marks) else first
        return _parted(_Clause(begin, after, [mark for mark in marks if mark.first >= begin]))
    rest = [mark for mark in marks if mark.first >= end]
    is_masked = any(mark.kind in MASKS for mark in before)
    why = "its label speaks of what does not act" if is_masked else ""
    whole = next((mark for mark in marks if mark.kind == "whole" and mark.after == end), None)  # `Each mL contains:`
    begin = sizes[0] - (tokens.keys[sizes[0] - 1] in ("per", "each")) if sizes else end + 1
    begin, names = (whole.first, [*names, *whole.names]) if whole is not None else (begin, names)
    return [_Clause(begin, after, rest, Mark("label", first, end, names), why=why)]


def _is_numbered_brand(tokens: Tokens, first: int, end: int, marks: list[Mark]) -> bool:
    """`EXEMPLA 50/12.5: exemplan 50 mg/exemplum 12.5 mg`: a label whose numbers are those of the amounts behind it."""
    amounts = [mark.first for mark in marks if mark.kind == "amount"]
    begin = next((at for at in range(first, end) if tokens.kinds[at] == NUMBER), end)
    numbers = tokens.keys[begin:end:2]
    is_joined = len(numbers) > 1 and all(key in ("/", "-") for key in tokens.keys[begin + 1 : end : 2])
    return is_joined and tokens.kinds[first] == WORD and list(numbers) == [tokens.keys[at] for at in amounts]


def _dash_after_form(tokens: Tokens, marks: list[Mark], after: int) -> int | None:
    """A dash or stroke between spaces behind a form, which ends a label as a colon does: `Tablets - 5 mg`."""
    form = marks[0] if marks and marks[0].kind == "form" else None
    if form is None or form.after + 1 >= after or tokens.keys[form.after] not in ("-", "/"):
        return None
    if tokens.keys[form.after] == "/" and tokens.kinds[form.after + 1] != NUMBER:
        return None
    is_apart = not tokens.is_tight(form.after) and not tokens.is_tight(form.after + 1)
    return form.after if is_apart else None


def _parted(clause: _Clause) -> list[_Clause]:
    """`10 mg tablets 20 mg capsules`: two clauses without a mark between them."""
    forms = [mark for mark in clause.marks if mark.kind == "form" and not mark.is_inside]
    if len(forms) < 2:  # noqa: PLR2004
        return [clause]
    order = [mark for mark in clause.marks if mark.kind == "amount" or (mark.kind == "form" and not mark.is_inside)]
    kinds = "".join(kind for kind, _ in groupby(mark.kind[0] for mark in order))
    if (
        len(forms) != kinds.count("f")
        or kinds not in ("afaf", "fafa", "afafaf", "fafafa")
        or len(_distinct(_names(forms))) != len(forms)
    ):
        return [clause]
    edges = [mark.after for mark in forms[:-1]] if kinds[0] == "a" else [mark.first for mark in forms[1:]]
    spans = pairwise((clause.first, *edges, clause.after))
    return [_Clause(begun, end, [mark for mark in clause.marks if begun <= mark.first < end]) for begun, end in spans]


def _names(marks: Iterable[Mark]) -> list[FormName]:
    return [name for mark in marks for name in mark.names]


def _name_clause(tokens: Tokens, clause: _Clause, around: Around) -> None:
    """The forms that the clause itself names, and the side on which they stand."""
    label = clause.label
    if label is not None:
        is_content = clause.first <= label.after  # `Each 0.5-mL dose contains:`
        if not is_content and speaks_of_doses(tokens, label.first, label.after):
            clause.why = "its label speaks of doses to be given"
        forms = [name for name in label.names if name.code] or label.names
        if _names_second(clause, forms):
            clause.forms, clause.side = [], "unclear"
            return
        if forms or not _is_silent(tokens, label, around):
            clause.forms, clause.side = _with_look(clause, forms), "first"
            return
    if clause.kinds.isdisjoint(_NAMES):
        return
    amounts = [mark.first for mark in clause.marks if mark.kind == "amount"]
    marks = [mark for mark in clause.marks if mark.kind in _NAMES and mark.names]
    coded = [mark for mark in marks if any(name.code for name in mark.names)]
    coded = coded or [mark for mark in marks if any(_is_known(name) for name in mark.names)]
    before = [mark for mark in marks if not amounts or mark.first < amounts[0]]
    unknown = [mark for mark in marks if not any(name.is_container for name in mark.names)]
    forms = _distinct(_names(coded)) or _distinct(_names(before))[:1] or _distinct(_names(unknown))[:1]
    if not forms:
        return
    if amounts and len(forms) > 1:
        near = _distinct(_names(mark for mark in coded if mark.first < amounts[0]))
        forms = near if len(near) == 1 and not clause.label else forms
    if _names_second(clause, forms):
        clause.forms, clause.side = [], "unclear"
        return
    clause.forms = forms
    is_first = not amounts or min(mark.first for mark in coded or before or unknown) < amounts[0]
    clause.side = "first" if is_first else "behind"


def _names_second(clause: _Clause, forms: list[FormName]) -> bool:
    """`Oral solution: 90 mg/5 mL oral tablet (37.5 mg)`: another form than the label's stands between two amounts."""
    amounts = [mark.first for mark in clause.marks if mark.kind == "amount"]
    if len(amounts) < 2:  # noqa: PLR2004
        return False
    between = [m for m in clause.marks if m.kind == "form" and not m.is_inside and amounts[0] < m.first < amounts[-1]]
    others = [name for name in _names(between) if name.code]
    return any(not any(_is_part(name, form) or _is_part(form, name) for form in forms) for name in others)


def _is_known(name: FormName) -> bool:
    """Whether a name is a form that deliberately has no code, such as `inhaler`, and no container."""
    return name.code is None and name.reason == UNMAPPED and not name.is_container


def _with_look(clause: _Clause, forms: list[FormName]) -> list[FormName]:
    """The form of a label, or the one that the look behind it tells more precisely: `Tablets: green, film-coated`."""
    if len(forms) != 1 or clause.kinds.isdisjoint(("look", "imprint")):
        return forms
    both = _distinct([*forms, *(name for name in _names(clause.marks) if name.code)])
    return both if len(both) == 1 else forms


def _is_silent(tokens: Tokens, label: Mark, around: Around) -> bool:
    """`Strengths:` and `Amoxicillin:` leave the form open; so does what stands before an amount of its own."""
    words = fold(tokens.plain(label.first, label.after))
    is_word = product_words().whole(tokens, label.first, label.after) in ("label", "states", "each")
    return is_word or words in _section_titles() or words in around.names


@cache
def _section_titles() -> frozenset[str]:
    return frozenset(codes.by_spelling("section_titles"))


def _distinct(names: Iterable[FormName]) -> list[FormName]:
    """The names that differ; `tablet` says the same as `film-coated tablet` beside it, and a container says nothing."""
    found: list[FormName] = []
    for name in names:
        if not any(_is_part(name, other) for other in found):
            found = [other for other in found if other.code is None or not _is_part(other, name)]
            found.append(name)
    return found


def _is_part(name: FormName, other: FormName) -> bool:
    """Whether a name says no more than another one."""
    if name.code is None or other.code is None:
        return name.code is None and (other.code is None or holds(name, other))
    return name.code == other.code or is_less(name, other)


def is_less(form: FormName | DoseForm, other: FormName | DoseForm) -> bool:
    """Whether a form says the same as another one, and less of it: a tablet, and a film-coated tablet."""
    if form.code is None or other.code is None or form.code == other.code:
        is_less_told = form.code is None and other.code is not None and form.basis in (None, other.basis)
        return is_less_told and not (isinstance(form, DoseForm) and _says_more(form, other.code))
    less, more = words_of_code(form.code), words_of_code(other.code)
    is_elsewhere = form.route is not None and form.route != other.route and words_of_code(injection()) <= more - less
    return less < more and not is_elsewhere  # an oral solution is no injection that is told less well


def _says_more(form: DoseForm, code: DoseFormCode | None) -> bool:
    """Whether a form that has no code has all words of one that has it, and others: a chewable dispersible tablet."""
    said = {word.rstrip("s") for word in cut_words(form.place.text)}
    return code is not None and {word.rstrip("s") for word in words_of_code(code)} < said


def holds(name: FormName, other: FormName | DoseForm) -> bool:
    """Whether a form without a code may be the container of another: an ampoule of an injection, not of tablets.

    A solid that has no code is no container: chewable dispersible tablets beside tablets.
    """
    if name.basis == "solid" and not name.is_container:
        return False
    return name.basis == other.basis if name.basis is not None else other.basis in (None, "liquid", "powder")


def _bind_clauses(clauses: list[_Clause]) -> None:
    """Gives the clauses with amounts and no form of their own the form that the whole entry ties them to."""
    named = [clause for clause in clauses if clause.forms is not None]
    if not named or len(clauses) == 1:
        return
    _join_looks(clauses)
    forms = _apart(name for clause in named for name in clause.forms or ())
    is_one = len(forms) == 1 and all(clause.forms for clause in named)
    sides = {clause.side for clause in named if clause.has_amount}
    if not sides:
        sides = {"first"} if clauses[0].forms is not None else {"behind"}
    before = list(accumulate((clause.forms for clause in clauses), _latest))
    behind = list(accumulate((clause.forms for clause in reversed(clauses)), _latest))[::-1]
    sides_of_runs = _sides_of_runs(clauses) if not is_one else {}
    for number, clause in enumerate(clauses):
        if clause.forms is not None:
            if is_one and clause.forms and len(clause.forms) == 1:
                clause.forms = forms
            continue
        if not clause.has_amount:
            continue
        own = sides_of_runs.get(number)
        nearest = before[number] if own == "first" or (own is None and sides == {"first"}) else behind[number]
        if is_one:
            clause.forms = forms
        elif own is not None or (len(sides) == 1 and nearest is not None):
            clause.forms = nearest
        else:
            clause.forms, clause.side = [], "unclear"


def _sides_of_runs(clauses: list[_Clause]) -> dict[int, str]:
    """Where the form stands for amounts that alternate with forms: `cream, 1%; ointment, 2%; gel, 3%`.

    A run of clauses that hold one of the two begins with a form and ends with an amount, or the other way round; at
    the beginning of an entry a form stands before its amounts.
    """
    found: dict[int, str] = {}
    run: list[int] = []
    for number, clause in enumerate([*clauses, _Clause(0, 0, [], forms=[])]):
        if number < len(clauses) and clause.has_amount != bool(clause.forms):
            run.append(number)
            continue
        kinds = ["a" if clauses[at].has_amount else "f" for at in run]
        if kinds.count("f") > 1 and (kinds[0] != kinds[-1] or (run[0] == 0 and kinds[0] == "f")):
            found |= dict.fromkeys(run, "first" if kinds[0] == "f" else "behind")
        run = []
    return found


def _latest(earlier: list[FormName] | None, forms: list[FormName] | None) -> list[FormName] | None:
    return earlier if forms is None else forms


def _join_looks(clauses: list[_Clause]) -> None:
    """`Xyl tablets 5 mg are white, film-coated tablets`: the look tells the form more precisely."""
    latest: _Clause | None = None
    is_look = False
    for clause in clauses:
        is_look = is_look or not clause.kinds.isdisjoint(("look", "imprint"))
        if not clause.forms:
            continue
        if clause.has_amount:
            latest = clause
        elif latest is not None and is_look:
            both = _distinct([*(latest.forms or ()), *clause.forms])
            if len(both) == 1:
                latest.forms = clause.forms = both


def _apart(names: Iterable[FormName]) -> list[FormName]:
    """The names with different codes; a container that may hold an earlier one says nothing."""
    found: list[FormName] = []
    for name in names:
        if not any(name.code == other.code if name.code else holds(name, other) for other in found):
            found.append(name)
    return found


def _bind_entries(tokens: Tokens, entries: list[_Entry]) -> None:
    """Gives the entries without a form the one of a line that speaks for them; doses to be given decide nothing."""
    heads = [n for n, entry in enumerate(entries) if entry.is_form_alone or (entry.is_labelled and entry.has_amount)]
    opened = [n for n, entry in enumerate(entries) if entry.has_amount and _is_open(entry)]
    opened = [n for n in opened if not speaks_of_doses(tokens, entries[n].first, entries[n].after)]
    if not opened:
        return
    alone = [head for head in heads if entries[head].is_form_alone]
    forms = _apart(name for entry in entries for clause in entry.clauses for name in clause.forms or ())
    has_unnamed = any(clause.forms == [] for entry in entries for clause in entry.clauses)
    for number in opened:
        speaker = _speaker(heads, alone, opened, number)
        if speaker is not None:
            told = [name for clause in entries[speaker].clauses for name in clause.forms or ()]
            entries[speaker].is_speaking = True
        elif len(forms) == 1 and not has_unnamed and forms[0].code:
            told = forms if all(name.code == forms[0].code for name in entries[number].counted) else []
        elif len(forms) > 1:
            told = []
        else:
            continue
        for clause in entries[number].clauses:
            if clause.forms is None:
                clause.forms, clause.side = told, clause.side or ("first" if told else "unclear")


def _bind_brands(tokens: Tokens, entries: list[_Entry]) -> None:
    """`Tablet, Oral:` ⏎ `Exempla: 5 mg`: a label of unknown words below a form with a colon is what it is sold as."""
    head: _Entry | None = None
    for entry in entries:
        if any(clause.forms for clause in entry.clauses):
            head = entry if entry.is_form_alone and tokens.keys[entry.after - 1] == ":" else None
            continue
        label = entry.clauses[0].label
        if head is not None and label is not None and entry.has_amount and _is_brand(tokens, label):
            told = [name for clause in head.clauses for name in clause.forms or ()]
            head.is_speaking = True
            for clause in entry.clauses:
                clause.forms = told


def _is_brand(tokens: Tokens, label: Mark) -> bool:
    """Whether a label says nothing that is known, but for a word of a form such as `XR`."""
    words = [role_of(tokens, at, label.after)[0] for at in range(label.first, label.after)]
    return "name" in words and set(words) <= {"name", "form", "mark"} and tokens.printed_case(label.first)[0].isupper()


def _is_open(entry: _Entry) -> bool:
    return not entry.is_note and all(clause.forms is None for clause in entry.clauses)


def _speaker(heads: list[int], alone: list[int], opened: list[int], number: int) -> int | None:
    """The line that speaks for an entry: the one above if the lines begin with one, the one below if they end so."""
    if not heads:
        return None
    if heads[0] < opened[0]:
        return heads[bisect_left(heads, number) - 1]
    if alone and alone[-1] > opened[-1]:
        return alone[bisect_left(alone, number)]
    return None


# --- strengths -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Reading:
    """What has been read of a list so far."""

    tokens: Tokens
    declared: tuple[DoseForm, ...]
    around: Around
    kind: str
    strengths: list[Strength] = field(default_factory=list)
    forms: list[DoseForm] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    said: set[object] = field(default_factory=set)
    arounds: dict[object, Around] = field(default_factory=dict)
    told: set[object] = field(default_factory=set)  # words that say nothing new when they come again

    def add(self, entry: _Entry) -> None:
        """The strengths of an entry."""
        said = len(self.findings)
        for clause in entry.clauses:
            self._route_of_label(clause)
        if not entry.has_amount:
            for clause in entry.clauses:
                if clause.has_number_alone and not entry.is_note and not clause.why:
                    self._read_group([clause])
                if self.kind != "list" and clause.forms and is_unquantified(self.tokens, clause.first, clause.after):
                    place = self.tokens.passage(clause.first, clause.after)
                    self.findings.append(Finding(_UNQUANTIFIED, _NO_NUMBER, place))
                self._pass_over(clause)
            self._without_amount(entry, said)
            return
        groups = list(_groups(entry.clauses))
        grouped = {id(clause) for group in groups for clause in group}
        of_all = "it stands in a note to the list" if entry.is_note else ""
        given = "its line tells how it is given" if self._is_dose(entry) else ""
        for clause in entry.clauses:
            self._pass_over(clause)
            if id(clause) not in grouped:
                self._name_unquantified(clause)
        for group in groups:
            why = of_all or next((clause.why for clause in group if clause.why), "") or given
            if why:
                self._refuse(group, why)
            else:
                self._read_group(group)

    def name_unknown(self, first: int, after: int) -> None:
        """A line of a few words which may be a strength that is not known: `D6`, `one million units`."""
        if holds_code(self.tokens, first, after) or speaks_of_strength(self.tokens, first, after):
            why = "Not read as a strength: the words are not known."
            self.findings.append(Finding(UNREAD, why, self.tokens.passage(first, after)))

    def _is_dose(self, entry: _Entry) -> bool:
        """Whether a line without a form of its own speaks of giving: `2 g IV every 12 hours`."""
        if self.kind == "contents" or any(clause.label or _names(clause.marks) for clause in entry.clauses):
            return False
        is_told = any("instruction" in clause.kinds for clause in entry.clauses)
        return is_told or bool(routes_in(self.tokens, entry.first, entry.after))

    def _route_of_label(self, clause: _Clause) -> None:
        if clause.label is not None and not clause.label.names:
            behind = clause.label.after
            behind += behind < clause.after and self.tokens.keys[behind] == ":"
            if is_denied_behind(self.tokens, behind, clause.after):
                return
            told = all_routes(self.tokens, clause.label.first, clause.label.after)
            self.routes += (route for route in told if not is_silent(self.tokens, route))

    def _without_amount(self, entry: _Entry, said: int) -> None:
        """A form that stands alone, or as a label, and that no amount stands with is one strength without a number."""
        is_told = self.kind != "list" or any("instruction" in clause.kinds for clause in entry.clauses)
        for clause in entry.clauses:
            names = [name for name in clause.forms or () if name.code]
            place = self._unquantified_place(clause)
            if place is not None:
                self._keep_uncoded(clause)
            elif is_told:
                continue
            for name in names:
                form = name.form(self.tokens)
                self.forms.append(form if place is None else _with_strength(form))
                if place is not None and not entry.is_speaking:
                    self._keep_unquantified(form, place)
        is_short = entry.after - entry.first <= LONGEST_FORM
        if self.kind == "list" and is_short and len(self.findings) == said:
            self.name_unknown(entry.first, entry.after)

    def _keep_uncoded(self, clause: _Clause) -> None:
        """A form that stands alone and is known to have no code is a form, and a finding says why it has none."""
        for name in clause.forms or ():
            if name.code is None and name.reason == UNMAPPED and not name.is_container:
                self.forms.append(replace(name.form(self.tokens), has_strength=True))
                self.findings.append(name.finding(self.tokens))

    def _unquantified_place(self, clause: _Clause) -> Passage | None:
        """The words that stand for a form's strength: those after its label, else the form itself; None in prose."""
        if clause.label is not None:
            first, after = _trimmed(self.tokens, clause.first, clause.after)
            return self.tokens.passage(first, after) or self.tokens.passage(clause.label.first, clause.label.after)
        first, after = _trimmed(self.tokens, clause.first, clause.after)
        names = clause.forms or []
        is_alone = bool(names) and after - first <= sum(name.after - name.first for name in names) + 1
        return self.tokens.passage(first, after) if is_alone else None

    def _keep_unquantified(self, form: DoseForm, place: Passage) -> None:
        self.strengths.append(Strength((Component(place, "unquantified"),), form))
        self.findings.append(Finding(_UNQUANTIFIED, _NO_NUMBER, place, "strengths", len(self.strengths)))

    def _pass_over(self, clause: _Clause) -> None:
        """Amounts that belong to something else by the words before them."""
        for mark in clause.marks if "masked" in clause.kinds else ():
            if mark.kind == "masked":
                place = self.tokens.passage(mark.first, mark.after)
                self.findings.append(Finding(_NOT_STRENGTH, f"Not read as a strength: {_MASKED}.", place))

    def _name_unquantified(self, clause: _Clause) -> None:
        """A form as a label that no amount stands with."""
        if clause.label is not None and clause.label.names and not clause.has_amount:
            self.findings.append(Finding(_UNQUANTIFIED, _NO_NUMBER, self._unquantified_place(clause)))

    def _refuse(self, group: list[_Clause], why: str) -> None:
        for clause in group:
            self._name_unquantified(clause)
            for mark in clause.marks:
                if mark.kind == "amount":
                    place = self.tokens.passage(mark.first, mark.after)
                    self.findings.append(Finding(_NOT_STRENGTH, f"Not read as a strength: {why}.", place))

    def _read_group(self, group: list[_Clause]) -> None:
        """The strengths of clauses that belong to the same forms."""
        names = group[0].forms
        forms = [self._exact(name, group) for name in names or ()]
        spoken: list[DoseForm | None] = [*forms] or list(self.declared if len(self.declared) == 1 else (None,))
        if len(spoken) > 1 and group[0].label is None:
            spoken = [None]
        dose, per = self._dose_of(group)
        stretches = [(max(first, dose), after) for first, after in _stretches(self.tokens, group)]
        has_strength = False
        is_unclear = group[0].side == "unclear" or (len(forms) > 1 and spoken == [None])
        is_again, of_each = self._is_again(group), _first_of_each(self.tokens, group[0].first, group[-1].after)
        for form in spoken if not is_unclear else [None]:
            around = self._around((form,) if form else self.declared if not is_unclear else (), per)
            for first, after in stretches:
                is_whole = self.kind in ("contents", "names") or of_each <= first
                words = form and _code(form), id(around), is_whole, *self._words(first, after)
                if words in self.told:
                    has_strength = True
                    continue
                read = (_read_content if is_whole else read_strengths)(self.tokens, first, after, around)
                self._keep(read, form, is_unclear=is_unclear, is_again=is_again)
                has_strength = has_strength or bool(read.strengths)
                if not read.strengths and not read.findings:
                    self._name_unread(first, after)
                elif _says_nothing_again(read):
                    self.told.add(words)
        for clause in group if not has_strength and any(clause.has_amount for clause in group) else ():
            self._name_unquantified(clause)
        told = [_with_strength(form) for form in forms if form.code]
        if told != self.forms[-len(told) :]:
            self.forms += told

    def _words(self, first: int, after: int) -> tuple[str, str, bytes]:
        """Words as they are printed, and as they are read: where all is the same, the same is read."""
        tokens = self.tokens
        return tokens.passage(first, after).text, tokens.plain(first, after), bytes(tokens.kinds[first:after])

    def _around(self, forms: tuple[DoseForm, ...], per: Quantity | None) -> Around:
        """What is known around an amount, with what its forms share, and what holds it."""
        bases, given = {form.basis for form in forms}, {form.code for form in forms}
        basis, code = bases.pop() if len(bases) == 1 else None, given.pop() if len(given) == 1 else None
        found = self.arounds.get((basis, code, per))
        if found is None:
            found = replace(self.around, basis=basis, form=code, per=per or self.around.per)
            self.arounds[basis, code, per] = found
        return found

    def _dose_of(self, group: list[_Clause]) -> tuple[int, Quantity | None]:
        """`Each 0.5-mL dose contains`: the volume that holds the amounts behind it, and the token where they begin."""
        for mark in (mark for clause in group if "whole" in clause.kinds for mark in clause.marks):
            if mark.kind == "whole" and speaks_of_doses(self.tokens, mark.first, mark.after):
                found = denominator(self.tokens, mark.first, mark.after, decimal_comma=self.around.decimal_comma)
                if found is not None and isinstance(found[0], Decimal) and isinstance(found[1], Unit):
                    return mark.after, Quantity(found[0], found[1].code)
        return 0, None

    def _name_unread(self, first: int, after: int) -> None:
        """A number of which nothing became."""
        if any(self.tokens.kinds[at] == NUMBER for at in range(first, after)):
            why = "Not read as a strength: no number in these words has a unit that is known."
            self.findings.append(Finding(UNREAD, why, self.tokens.passage(first, after)))

    def _is_again(self, group: list[_Clause]) -> bool:
        """Whether clauses may say a strength again, since they tell how the product looks or is packed."""
        return self.kind != "list" or any(not clause.kinds.isdisjoint(_SAYS_AGAIN) for clause in group)

    def _exact(self, name: FormName, group: list[_Clause]) -> DoseForm:
        """The form that `one mL of solution contains` speaks of: the one named before, if that says more.

        In prose so does the only form that is declared: that of a vial, if the vial may hold it, or of a clear liquid.
        """
        form = name.form(self.tokens)
        only = self.declared[0] if len(self.declared) == 1 and self.kind != "list" else None
        if only is not None and self._is_told_less(name, only):
            return only
        if group[0].label is not None or not any("whole" in clause.kinds for clause in group):
            return form
        wholes = [mark for clause in group for mark in clause.marks if mark.kind == "whole"]
        if not any(found.code == form.code for found in _names(wholes)):
            return form
        return next((earlier for earlier in reversed(self.forms) if is_less(form, earlier)), form)

    def _is_told_less(self, name: FormName, only: DoseForm) -> bool:
        if name.code is None:
            return name.is_container and holds(name, only)
        is_liquid = words_of_code(name.code) == _LIQUID and only.basis == name.basis
        return is_less(name, only) or (is_liquid and tells_look(self.tokens, name.first, name.after))

    def _has(self, strength: Strength, form: DoseForm | None, *, is_again: bool) -> bool:
        """Whether the list has said a strength of a form before, and in a list with the same words beside it.

        `The 15 mg tablets are yellow` says again what was said of orally disintegrating tablets.
        """
        code = form and _code(form)
        plain = tuple((part.numerator, part.denominator) for part in strength.components)
        told = (code, plain, tuple(part.beside for part in strength.components))
        is_known = ((code, plain) if is_again else told) in self.said
        if form is not None and not is_known:
            begin = self.tokens.span(strength.components[0].place)[0]
            if begin > 0 and self.tokens.keys[begin - 1] == "the":
                is_known = any((more.code, plain) in self.said for more in self.forms if is_less(form, more))
        self.said.update(((code, plain), told))
        return is_known and all(part.numerator is not None for part in strength.components)

    def _keep(
        self, reading: StrengthReading, form: DoseForm | None, *, is_unclear: bool, is_again: bool = False
    ) -> None:
        """Adds what was read. `is_again` tells that it may say what was said before."""
        before = len(self.strengths)
        rows: dict[int, int] = {}
        for number, strength in enumerate(reading.strengths, start=1):
            if not self._has(strength, form, is_again=is_again):
                self.strengths.append(Strength(strength.components, form))
                rows[number] = len(self.strengths)
        for finding in reading.findings:
            if finding.row_no is None or finding.row_no in rows:
                self.findings.append(finding.in_row(rows[finding.row_no] if finding.row_no else None))
        if is_unclear:
            for number, strength in enumerate(self.strengths[before:], start=before + 1):
                why = "The list names several forms, and not on which side of it this one stands."
                self.findings.append(Finding(_AMBIGUOUS, why, strength.components[0].place, "strengths", number))


def _first_of_each(tokens: Tokens, first: int, after: int) -> int:
    """The first word which says that the amounts after it are in each unit; `after` if there is none."""
    keys = tokens.keys[first:after]
    return after if _EACH.isdisjoint(keys) else next(at for at, key in enumerate(keys, first) if key in _EACH)


def _read_content(tokens: Tokens, first: int, after: int, around: Around) -> StrengthReading:
    """What one product holds: a combination, if each of several amounts has a name of its own."""
    read = read_strengths(tokens, first, after, around)
    if _is_excipient_first(read):
        around = replace(around, is_active=True)
        read = read_strengths(tokens, first, after, around)
    if len(read.strengths) < 2 or any(len(strength.components) > 1 for strength in read.strengths):  # noqa: PLR2004
        return read
    again = read_strengths(tokens, first, after, replace(around, ingredients=len(read.strengths)))
    parts = again.strengths[0].components if len(again.strengths) == 1 else ()
    beside = {fold(" ".join(part.beside)) for part in parts if part.numerator is not None}
    is_whole = len(parts) == len(read.strengths) and len(beside) == len(parts) and "" not in beside
    if not is_whole and any(tokens.kinds[at] == BREAK for at in range(first, after)):
        return _refused(read)
    return again if is_whole else read


def _refused(read: StrengthReading) -> StrengthReading:
    """Amounts on lines below `each tablet contains` that make no whole: parts are no strengths."""
    parts = [part for strength in read.strengths for part in strength.components]
    told = (Finding(_PART, f"Not read as a strength: {_NOT_WHOLE}.", part.place) for part in parts)
    return StrengthReading((), (*(replace(found, row_no=None) for found in read.findings), *told))


def _is_excipient_first(read: StrengthReading) -> bool:
    """Whether what seemed an excipient stands before what acts, as dextrose does in an infusion: it acts, too."""
    acting = [strength.components[0].place.start for strength in read.strengths]
    passed = [finding.place.start for finding in read.findings if finding.message == EXCIPIENT_AMOUNT and finding.place]
    return len(acting) > 1 and any(place < acting[0] for place in passed)


def _says_nothing_again(read: StrengthReading) -> bool:
    """Whether all that words say is strengths, which a list has once: nothing is left out, or has no number."""
    return all(finding.row_no is not None for finding in read.findings) and all(
        part.numerator is not None for strength in read.strengths for part in strength.components
    )


def _code(form: DoseForm) -> str:
    return form.code or fold(form.place.text)


def _with_strength(form: DoseForm) -> DoseForm:
    return DoseForm(form.place, form.code, form.is_declared, True, form.route, form.basis)  # noqa: FBT003


def _groups(clauses: list[_Clause]) -> Iterator[list[_Clause]]:
    """Clauses in a row that belong to the same forms; one without amounts goes with the one before it."""
    group: list[_Clause] = []
    for clause in clauses:
        is_same = bool(group) and clause.label is None and not clause.why and not group[0].why
        if is_same and (not clause.has_amount or clause.forms is group[0].forms or clause.forms == group[0].forms):
            group.append(clause)
            continue
        if any(earlier.has_amount for earlier in group):
            yield group
            group = []
        if not group or clause.has_amount or clause.label is not None:
            group = [*(earlier for earlier in group if clause.label is None), clause]
            group = group if group[0].forms == clause.forms else [clause]
    if any(earlier.has_amount for earlier in group):
        yield group


def _stretches(tokens: Tokens, group: list[_Clause]) -> Iterator[tuple[int, int]]:
    """What is to be read of the clauses: between the words that are understood and belong to no amount."""
    begun, has_amount, amount_after = group[0].first, False, -1
    for clause in group:
        for mark in clause.marks:
            if mark.kind == "states" and mark.first == amount_after:
                continue  # 1 g contains 900 mg: one of the two is the strength
            if mark.kind == "amount":
                has_amount, amount_after = True, mark.after
            has_amount = has_amount or (mark.kind == "number" and clause.has_number_alone)
            if mark.kind in _STOPS or (mark.kind == "form" and not mark.is_inside):
                if has_amount:
                    yield _trimmed(tokens, begun, mark.first)
                has_amount, begun = False, mark.after
    if has_amount:
        yield _trimmed(tokens, begun, group[-1].after)


def _is_silent_mark(tokens: Tokens, at: int) -> bool:
    return tokens.keys[at] in _SILENT or tokens.kinds[at] in (BREAK, SOFT_BREAK, BULLET)


def _leads(tokens: Tokens, at: int) -> bool:
    """Whether a mark stands close before a number, of which it may be a part."""
    return tokens.is_tight(at + 1) and tokens.kinds[at + 1] == NUMBER


def _trimmed(tokens: Tokens, first: int, after: int) -> tuple[int, int]:
    """A stretch without marks at its ends, and without a bracket that it does not hold both ends of."""
    unclosed = sum((key in _OPEN) - (key in _CLOSE) for key in tokens.keys[first:after])
    while first < after:
        if _is_silent_mark(tokens, first) and not (tokens.keys[first] == "|" and _leads(tokens, first)):
            first += 1
        elif _is_silent_mark(tokens, after - 1):
            after -= 1
        elif unclosed > 0 and tokens.keys[first] in _OPEN:
            first, unclosed = first + 1, unclosed - 1
        elif unclosed < 0 and tokens.keys[after - 1] in _CLOSE:
            after, unclosed = after - 1, unclosed + 1
        else:
            break
    return first, after
