"""The grammar of a printed dose, from tokens to amounts.

    dose        = [ whole "contains" ] { amount | bracket | joint | words }
    whole       = [ "each" ] [ number ] unit                   Each 5 mL contains 25 mg    1 g of cream contains 20 mg
    amount      = numbers unit { words | bracket } [ denominator ]
    numbers     = number { joint number }                      a unit given once: 5, 10 and 20 mg    400/57 mg
                | "1" ":" number                               a ratio: 1:1000 is 1 g in 1000 mL
    denominator = ( "/" | "per" | "in" ) [ number ] unit       unit of volume, time, area, presentation, or mass
    bracket     = "(" … ")"                                    a remark, or the same strength in another unit
    joint       = "," | ";" | "/" | "+" | "-" | "to" | "and" | "or"

Words say what a quantity is not: after `equivalent to`, `contains` or `in combination with` it is a remark; beside
`daily`, `kg` or `serum` it is a dose or a measurement; beside `lactose` it is an excipient; after `up to` a bound.
Volumes, times and counts without a substance are sizes of containers. None of these becomes a strength.
"""

from __future__ import annotations

from pipelines.normalize.strength.amount import AMBIGUOUS, NOT_STRENGTH, Amount, Dose, Refusal
from pipelines.normalize.strength.denominators import DenominatorReader
from pipelines.normalize.strength.quantities import JOINTS
from pipelines.normalize.strength.tokens import Token, tokens_of

_OPEN, _CLOSE = "([{", ")]}"
_REMARKS = frozenset({"equivalent", "content", "instruction", "dosing"})


def read_dose(text: str, *, decimal_comma: bool = False, is_weighed: bool = False) -> Dose:
    """Every amount of a printed dose. Linear in the length of the text; never raises.

    `is_weighed`: the form is sold by weight, so that `0.5 mg/3 g` is a concentration and not a combination.
    """
    reader = _Reader(text, tokens_of(text, decimal_comma=decimal_comma), is_weighed=is_weighed)
    reader.read()
    return reader.dose


class _Reader(DenominatorReader):
    """The whole grammar: quantities, denominators, and the words, joints and brackets between them."""

    def read(self) -> None:
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if self.begins_line(token):
                self.join(";", skip=0)
            if token.kind == "number":
                self.quantity()
            elif token.text in _OPEN:
                self.bracket()
            elif token.kind == "each":
                self.each()
            elif token.kind in ("per", "in") and self.denominator():
                continue
            elif token.kind in JOINTS or token.text in JOINTS:
                self.join(JOINTS.get(token.kind) or JOINTS[token.text])
            else:
                self.word(token)
        self.keep_words()

    def begins_line(self, token: Token) -> bool:
        """Whether a token begins a line after one that is complete, which is then a statement of its own."""
        if self.at == 0 or self.joint or "\n" not in self.text[self.tokens[self.at - 1].end : token.start]:
            return False
        return self.tokens[self.at - 1].kind not in ("per", "in", "plus", "and", "or", "to")

    def word(self, token: Token) -> None:
        """A word with a role sets what the quantities after it are; a full stop ends that."""
        self.at += 1
        self.is_in = self.is_in or (token.kind == "in" and not self.joint)
        if token.text == "." and self.ends_sentence(token):
            self.join(";", skip=0)
        elif self.begins_content(token) or self.says_nothing_yet(token):
            return
        elif token.kind == "content" and self.is_beside_amount(token):
            self.refuse(self.last, Refusal(AMBIGUOUS, "what it contains is stated too, and either may be the strength"))
            self.context = "remark"
        elif token.kind in ("equivalent", "content", "remark", "other", "inexact"):
            self.context = self.context or token.kind
        elif token.kind == "unquantified":
            self.dose.is_unquantified = True
        else:
            self.words.append(token)

    def says_nothing_yet(self, token: Token) -> bool:
        """`EQ 4 mg base` and `Each tablet contains 5 mg` state a strength: nothing before it is remarked on."""
        if token.kind == "equivalent":
            return bool(self.joint) or not self.dose.amounts
        return token.kind in ("content", "remark") and not self.dose.amounts

    def begins_content(self, token: Token) -> bool:
        """`5 mL of syrup contains …`: what was measured off is the denominator of what follows."""
        if token.kind not in ("content", "equivalent"):
            return False
        if self.is_measured_off():
            only = self.dose.amounts.pop()
            self.whole, self.last = (only.value, only.unit), []
        if self.dose.amounts or self.whole is None:
            return False
        self.contained_in, self.words = self.whole, []
        return True

    def is_measured_off(self) -> bool:
        """`1 g of cream`: a weight of a form, where nothing else was stated."""
        if len(self.dose.amounts) != 1 or self.dose.amounts[0].unit.code != "g" or self.joint:
            return False
        return self.words[:1] != [] and self.words[0].kind == "of"

    def is_beside_amount(self, token: Token) -> bool:
        """`1 g contains 900 mg of …`: the word follows the amount at once."""
        return bool(self.last) and not self.text[self.last[-1].end : token.start].strip()

    def ends_sentence(self, token: Token) -> bool:
        following = self.tokens[self.at] if self.at < len(self.tokens) else None
        between = self.text[token.end : following.start] if following else "\n"
        return "\n" in between or (between != "" and following is not None and following.text[0].isupper())

    def join(self, joint: str, skip: int = 1) -> None:
        """A joint ends an equivalence; only a new statement ends a remark."""
        self.at += skip
        self.keep_words()
        if self.context in ("equivalent", "inexact") or (joint == ";" and self.context == "other"):
            self.context = ""
        self.is_in = self.is_in and joint not in (",", ";")
        if joint == ";":
            self.whole = self.contained_in = None
        self.joint = joint if joint == ";" or self.joint in ("", "-", joint) else self.joint

    def bracket(self) -> None:
        """A remark, the same strength in other words, or the strength itself where nothing stands before it."""
        end = self.closing()
        inner = _Reader(self.text, self.tokens[self.at + 1 : end], self.depth + 1, is_weighed=self.is_weighed)
        self.at = end + 1
        if self.depth > 1 or not inner.tokens:
            return
        inner.words = []
        inner.read()
        self.dose.is_unquantified |= inner.dose.is_unquantified
        self.dose.not_strengths += inner.dose.not_strengths
        if self.context in ("content", "remark", "other") or not inner.dose.amounts:
            self.dose.not_strengths += _left_out(inner.dose.amounts)
        elif self.joint or not self.dose.amounts:
            inner.dose.amounts[0].before, inner.dose.amounts[0].joint = self.words, self.joint
            self.words, self.joint, self.last = [], "", inner.dose.amounts
            self.dose.amounts += inner.dose.amounts
        else:
            self.alternate(inner)

    def closing(self) -> int:
        """The place of the bracket's end, or of the last token where it is never closed."""
        depth = 0
        for at in range(self.at, len(self.tokens)):
            depth += self.tokens[at].text in _OPEN
            depth -= self.tokens[at].text in _CLOSE
            if depth == 0:
                return at
        return len(self.tokens)

    def alternate(self, inner: _Reader) -> None:
        """The same strength in another unit; `equivalent to …`, `contains …` and `starting dose …` are left out."""
        if any(token.kind in _REMARKS for token in inner.tokens):
            self.dose.not_strengths += _left_out(inner.dose.amounts)
            return
        stated = self.dose.amounts[-len(inner.dose.amounts) :]
        if len(stated) == len(inner.dose.amounts):
            for amount, alternate in zip(stated, inner.dose.amounts, strict=True):
                amount.alternates.append(alternate)


def _left_out(amounts: list[Amount]) -> list[tuple[int, int, Refusal]]:
    remark = Refusal(NOT_STRENGTH, "a remark on the strength or on another product")
    return [(amount.start, amount.end, remark) for amount in amounts]
