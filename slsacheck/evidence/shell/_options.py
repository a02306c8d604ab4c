"""What the words that a script or a function is given decide: the arms of `case $1`, and tests of what these set."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

__all__ = ["MAYBE", "NEVER", "arms", "assigned", "called", "holds"]

NEVER: tuple[int, ...] = ()
"""An arm that none of the words takes."""
MAYBE = (-1,)
"""An arm of which only a run can tell."""

_SUBJECT = regex(r'"?\$(?:1|\{1(?::?-)?\})"?')
_PATTERN = regex(r"[\w.=:/*?@+-]*")
_COMPARED = regex(
    r"""^\[\[?\s+(?P<left>"[^"$`]*"|'[^']*'|[\w./-]+)\s+(?P<how>==?|!=)\s+(?P<right>"[^"$`]*"|'[^']*'|[\w./-]+)\s+\]\]?$"""
)
_EMPTY = regex(r"""^\[\[?\s+(?P<how>-[nz])\s+(?P<text>"[^"$`]*"|'[^']*')\s+\]\]?$""")
_CONSTANT = {"true": True, "false": False, ":": True}


def arms(
    subject: str, patterns: Sequence[Sequence[str]], given: Sequence[str] | None, *, looped: bool
) -> list[tuple[int, ...]] | None:
    """For each arm of a `case` about `$1` the words in `given` that take it; None where it is about something else.

    In a loop every word has its turn, elsewhere the first one.
    """
    if given is None or not _SUBJECT.fullmatch(subject.strip()):
        return None
    words = list(given) if looped else [*given, ""][:1]
    plain = not any(sign in word for word in words for sign in "$`*")
    found: list[tuple[int, ...]] = []
    for arm in patterns:
        texts = [text.strip("\"'") for text in arm]
        if not all(map(_PATTERN.fullmatch, texts)):
            found.append(MAYBE)
        elif any(sign in text for text in texts for sign in "*?"):
            missed = plain and not any(fnmatchcase(word, text) for word in words for text in texts)
            settled = not looped and plain and any(one not in (NEVER, MAYBE) for one in found)
            found.append(NEVER if missed or settled else MAYBE)
        else:
            hits = tuple(index for index, word in enumerate(words) if word in texts)
            found.append(hits or (NEVER if plain else MAYBE))
    return found


def holds(guard: str) -> bool | None:
    """Whether a condition holds that compares constants alone; None where that isn't all."""
    text = guard.strip()
    if text.startswith("not (") and text.endswith(")"):
        inner = holds(text[5:-1])
        return None if inner is None else not inner
    if text in _CONSTANT:
        return _CONSTANT[text]
    compared = _COMPARED.match(text)
    if compared:
        equal = compared["left"].strip("\"'") == compared["right"].strip("\"'")
        return equal if compared["how"] != "!=" else not equal
    empty = _EMPTY.match(text)
    if empty:
        return (not empty["text"].strip("\"'")) == (empty["how"] == "-z")
    return None


def assigned(node: Node) -> set[str]:
    """The variables that get a value somewhere below."""
    names = (one.child_by_field_name("name") for one in _below(node) if one.type == "variable_assignment")
    return {(name.text or b"").decode("utf-8", "replace") for name in names if name is not None}


def called(node: Node) -> set[str]:
    """The words that begin the commands below."""
    return {(one.text or b"").decode("utf-8", "replace") for one in _below(node) if one.type == "command_name"}


def _below(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting += current.named_children
