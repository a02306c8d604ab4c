"""Choosing checks with `-k` and `-m`: the expressions that pytest has, read by a parser of our own.

    expression: or_expression | nothing        or_expression: and_expression ("or" and_expression)*
    and_expression: not_expression ("and" not_expression)*
    not_expression: "not" not_expression | "(" or_expression ")" | identifier

`-k` matches identifiers as substrings, without regard to case, of the check's name and title and of the ids and
titles of what it decides. `-m` matches whole words: see `marks_of`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import UsageError
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from slsacheck.api import Check, Source
    from slsacheck.model import Requirement

__all__ = ["chooser", "compiled", "keywords_of", "marks_of", "networked"]

MAX_EXPRESSION = 10_000
"""Characters of an expression: more is no longer typed by hand."""
MAX_DEPTH = 100
"""Parentheses and `not` in each other, far below the interpreter's own limit."""

_TOKEN = regex(r"[ \t\n]*([()]|[^\s()]+)")


class _Parser:
    """Recursive descent over the tokens of one expression: words and parentheses, each with its column."""

    def __init__(self, text: str, flag: str, tokens: list[tuple[str, int]]) -> None:
        self.text = text
        self.flag = flag
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    def expression(self) -> Callable[[Callable[[str], bool]], bool]:
        parts = [self._conjunction()]
        while self._take("or"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else lambda holds: any(part(holds) for part in parts)

    def _conjunction(self) -> Callable[[Callable[[str], bool]], bool]:
        parts = [self._negation()]
        while self._take("and"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else lambda holds: all(part(holds) for part in parts)

    def _negation(self) -> Callable[[Callable[[str], bool]], bool]:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"is nested more than {MAX_DEPTH} deep")
        found = self._operand()
        self.depth -= 1
        return found

    def _operand(self) -> Callable[[Callable[[str], bool]], bool]:
        if self._take("not"):
            inner = self._negation()
            return lambda holds: not inner(holds)
        if self._take("("):
            inner = self.expression()
            if not self._take(")"):
                raise self.error("expected right parenthesis")
            return inner
        word = self._next()
        if word in ("and", "or", ")", ""):
            raise self.error("expected 'not', '(' or an identifier")
        self.at += 1
        return lambda holds: holds(word)

    def _next(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def _take(self, word: str) -> bool:
        if self._next() != word:
            return False
        self.at += 1
        return True

    def error(self, message: str) -> UsageError:
        """What is wrong, with a caret under the place."""
        column = self.tokens[self.at][1] if self.at < len(self.tokens) else len(self.text)
        found = f"got {self._next()!r}" if self._next() else "got the end"
        return UsageError(
            f"{self.flag}: at column {column + 1}: {message}; {found}\n  {self.text}\n  {' ' * column}^",
            advice="operators: and, or, not, ( )",
        )


def compiled(text: str, flag: str = "-k") -> Callable[[Callable[[str], bool]], bool]:
    """An expression as a function that asks, for each identifier, whether it holds. Raises UsageError with a caret."""
    if len(text) > MAX_EXPRESSION:
        raise UsageError(f"{flag}: the expression is longer than {MAX_EXPRESSION} characters")
    tokens = [(match[1], match.start(1)) for match in _TOKEN.finditer(text)]
    parser = _Parser(text.replace("\n", " ").replace("\t", " "), flag, tokens)
    if not tokens:
        return lambda _holds: True
    found = parser.expression()
    if parser.at < len(tokens):
        raise parser.error("expected the end, 'and' or 'or'")
    return found


def keywords_of(check: Check, rows: Iterable[Requirement]) -> tuple[str, ...]:
    """What `-k` looks into, in lower case."""
    words = [check.name, check.title, *check.atoms]
    for row in rows:
        words += [row.id, row.title]
    return tuple(word.lower() for word in words)


def marks_of(check: Check, rows: Iterable[Requirement], spec: str, network: Collection[str] = ()) -> frozenset[str]:
    """What `-m` matches: tracks, areas, levels (`l1`…), subject kind, responsible party, `network`, `experimental`.

    `network` names the evidence that needs the network, directly or through other evidence.
    """
    marks = {check.subject} if check.subject else set[str]()
    for row in rows:
        marks |= {row.track_of(spec), *([row.area] if row.area else [])}
        marks |= {word.strip(",;").lower() for word in row.responsible.split()}
        marks |= {f"l{atom.level}" for atom in row.atoms if atom.id in check.atoms}
    if check.experimental:
        marks.add("experimental")
    if any(need in network for need in check.needs):
        marks.add("network")
    return frozenset(mark.lower() for mark in marks)


def networked(sources: Iterable[Source]) -> frozenset[str]:
    """The evidence that needs the network, directly or through what it is made from."""
    known = list(sources)
    found = {source.name for source in known if source.network}
    while True:
        more = {source.name for source in known if source.name not in found and found.intersection(source.needs)}
        if not more:
            return frozenset(found)
        found |= more


def chooser(
    keyword: str, mark: str, spec: str, sources: Iterable[Source] = ()
) -> Callable[[Check, tuple[Requirement, ...]], bool]:
    """The choice that `-k` and `-m` make, for the plan. Raises UsageError where an expression cannot be read."""
    by_keyword, by_mark = compiled(keyword, "-k"), compiled(mark, "-m")
    network = networked(sources) if mark else frozenset[str]()

    def chosen(check: Check, rows: tuple[Requirement, ...]) -> bool:
        texts = keywords_of(check, rows)
        if not by_keyword(lambda word: any(word.lower() in text for text in texts)):
            return False
        if not mark:
            return True
        marks = marks_of(check, rows, spec, network)
        return by_mark(lambda word: word.lower() in marks)

    return chosen
