"""What a pregnancy category depends on: the trimester, the route, the dose.

condition = "(" … ")" | opener …                     (oral)     in patients with cancer     before 30 weeks
| condition ":"                            First trimester: C
"""

from __future__ import annotations

from dataclasses import replace

from pipelines.normalize.pregnancy.found import (
    BEFORE_LETTER,
    BRACKETS,
    CATEGORY,
    EXPLAINS,
    LABEL,
    LONGEST_CONDITION,
    LONGEST_LABEL,
    LONGEST_NAME,
    RUN,
    STOPS,
    Condition,
    Statement,
)
from pipelines.normalize.pregnancy.letters import LetterReader
from pipelines.normalize.pregnancy.words import condition_kind

_LONGEST_PREFIX = 8
_TIMES = frozenset({"trimester", "gestation"})
_CUTS = frozenset({"verb", "modal"})
_SEPARATES = frozenset({"separator", "break"})
_MOST_TAILS = 3


class ConditionReader(LetterReader):
    """Letters, and what they depend on. `last_condition` is that of the value before, in a list."""

    last_condition: Condition | None = None

    def condition(self, first: int, after: int, *, is_bracketed: bool = False) -> Condition | None:
        """The words of some tokens as a condition."""
        if not first < after <= len(self.tokens):
            return None
        start, end = self.tokens[first].start, self.tokens[after - 1].end
        kind = condition_kind(self.text[start:end], is_bracketed=is_bracketed)
        is_shared = any(self.is_a(i, "depends") for i in range(first, after))
        return None if kind is None else Condition(kind, start, end, is_shared)

    def condition_before(self, at: int) -> tuple[Condition | None, int]:
        """`First trimester:` or `injection, category` up to the value; None and `at` where one begins at once."""
        for colon in range(at, at + _LONGEST_PREFIX):
            if self.is_a(colon, "category") and self.is_letter(colon + 1, is_led=True):
                condition = self.condition(at, colon - (self.says(colon - 1) == ","))
                return (condition, colon) if condition is not None else (None, at)
            if self.is_any(colon, STOPS | {"code", "other"} | LABEL) or self.says(colon) in (",", ";", "("):
                break
            if self.says(colon) == ":":
                condition = self.condition(at, colon)
                return (condition, colon + 1) if condition is not None else (None, at)
        return None, at

    def condition_leading(self, at: int) -> Condition | None:
        """A time at the head of the sentence, `In the third trimester it is`, or any condition before a colon."""
        first = self.sentence.first
        if not first < at <= first + LONGEST_LABEL:
            return None
        cut = next((i for i in range(first, at) if self.says(i) in (",", ":") or self.is_any(i, _CUTS)), at)
        while cut > first and self.is_a(cut - 1, "join"):
            cut -= 1
        condition = self.condition(first, cut)
        if condition is None or (self.says(cut) == ":" and cut == at - 1):
            return condition
        return condition if self.is_a(first, "opener") and condition.kind in _TIMES else None

    def with_tail(self, statement: Statement, at: int) -> tuple[Statement, int]:
        """The statement with the condition and the system that stand after its letter."""
        for _ in range(_MOST_TAILS):
            system = self.system_after(at)
            condition, after = (None, at) if system is not None else self.condition_after(at)
            if system is not None:
                after = system
                statement = replace(statement, systems=self.systems_between(at, after))
            if condition is not None:
                statement = replace(statement, condition=statement.condition or condition)
            if after == at:
                break
            at = after
            statement = replace(statement, end=self.tokens[at - 1].end) if system or condition else statement
        return statement, at

    def systems_between(self, first: int, after: int) -> tuple[str, ...]:
        """The systems that the tokens name."""
        return tuple(self.tokens[i].value for i in range(first, after) if self.is_a(i, "system"))

    def system_after(self, at: int) -> int | None:
        """The token after a system that is named behind the letter: `by the FDA`, `(Australia)`."""
        end = self.skip(at, frozenset({"join"}), LONGEST_NAME)
        if not self.is_a(end, "system") or self.is_any(at, frozenset({"verb", "stop"})):
            return None
        if self.says(at) not in BRACKETS:
            names_next = self.is_any(end + 1, LABEL | {"code", "verb"}) or self.says(end + 1) in EXPLAINS
            return None if names_next else end + 1
        close = next(
            (i for i in range(end + 1, end + _LONGEST_PREFIX) if self.says(i) == BRACKETS[self.says(at)]), None
        )
        is_all_label = close is not None and self.skip(end + 1, RUN | {"separator"}, close - end - 1) == close
        return close + 1 if close is not None and is_all_label else None

    def condition_after(self, at: int) -> tuple[Condition | None, int]:
        """The condition behind a letter and the token after it; None and `at` where there is none."""
        if self.says(at) in BRACKETS:
            return self.bracket(at)
        if self.says(at) == ",":
            return self.to_bracket_end(at)
        if self.says(at) in EXPLAINS:
            end = next((i for i in range(at + 1, at + 1 + _LONGEST_PREFIX) if self.ends_condition(i)), at)
            condition = self.condition(at + 1, end) if not self.is_legend_like(at + 1, end) else None
            return (condition, end) if condition is not None else (None, at)
        if not self.is_any(at, frozenset({"opener", "depends"})):
            return None, at
        end = next((i for i in range(at + 1, at + LONGEST_CONDITION) if self.ends_condition(i)), at)
        if end == at + 1 and self.last_condition is not None:  # `before 30 weeks; category D after`
            return Condition(self.last_condition.kind, self.tokens[at].start, self.tokens[at].end), end
        end = self.before_verb(at, end)
        condition = self.condition(at, end)
        return (condition, end) if condition is not None else (None, at)

    def is_legend_like(self, first: int, after: int) -> bool:
        """Whether words after `C:` explain the letter: they hold a verb."""
        return any(self.is_any(i, frozenset({"verb", "modal"})) for i in range(first, after))

    def bracket(self, at: int) -> tuple[Condition | None, int]:
        """A condition in brackets; a bracket that explains the letter is passed over."""
        close = next((i for i in range(at, at + LONGEST_CONDITION) if self.says(i) == BRACKETS[self.says(at)]), None)
        if close is None or self.is_nested(at):
            return None, at
        return self.condition(at + 1, close, is_bracketed=True), close + 1

    def to_bracket_end(self, at: int) -> tuple[Condition | None, int]:
        """`(category D, injection)`: the condition between a comma and the end of the bracket that the letter is in."""
        close = next((i for i in range(at, at + _LONGEST_PREFIX) if self.ends_condition(i)), at)
        condition = self.condition(at + 1, close) if self.says(close) in BRACKETS.values() else None
        return (condition, close) if condition is not None else (None, at)

    def ends_condition(self, at: int) -> bool:
        """At the end of a sentence or line, at `;`, before the next value, or where a reason begins."""
        if at >= len(self.tokens) or self.is_any(at, STOPS | {"stop"}) or self.says(at) in (";", ")", "]", "("):
            return True
        if not self.is_a(at, "separator"):
            return False
        after = self.skip(self.separated(at), BEFORE_LETTER, LONGEST_NAME)
        return self.is_value(after, is_led=False) or self.is_any(after, LABEL - {"assign"})

    def before_verb(self, first: int, after: int) -> int:
        """`in the third trimester and should be avoided` ends before the conjunction."""
        verb = next((i for i in range(first, after) if self.is_any(i, frozenset({"verb", "modal"}))), after)
        joints = [i for i in range(first, verb) if self.is_a(i, "separator")]
        end = joints[-1] if verb < after and joints else after
        while end > first and self.is_a(end - 1, "separator"):
            end -= 1
        return end

    def separated(self, at: int) -> int:
        """Past the separator between two values; `at` where there is none."""
        if self.says(at) in BRACKETS:
            return at + 1 if self.is_nested(at) else at
        end = self.skip(at, _SEPARATES, LONGEST_NAME)
        return self.skip(end, frozenset({"mark"}), 1) if self.is_a(end - 1, "break") and end > at else end

    def is_nested(self, at: int) -> bool:
        """A bracket that begins with a value: `C (D in the third trimester)`, `A (injection: category C)`."""
        begin = self.condition_before(at + 1)[1]
        inner = self.skip(begin, BEFORE_LETTER, LONGEST_NAME)
        return self.is_letter(inner, is_led=inner > begin and self.is_any(inner - 1, CATEGORY))
