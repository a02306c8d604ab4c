"""An image in the terminal: the tree of what hangs on it, its claims and its bases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._common import plural
from ._hanging import base_line, branches_of, claim_lines, short

if TYPE_CHECKING:
    from slsacheck.model import Artifact

    from ._hanging import Branch, Leaf
    from ._ink import Ink

__all__ = ["image_tree"]

MOST_LEAVES = 6
"""Attachments of one image that are shown without -v."""
MOST_LINES = 4
"""Claims, and bases, that are shown without -v."""
BODY = 4
_WORDS = {"proved": "good", "declared": "dim", "refuted": "bad"}


def image_tree(ink: Ink, artifact: Artifact) -> None:
    """What hangs on the image, by the image of which it speaks; then what the image says of where it comes from."""
    branches = branches_of(artifact)
    for branch in branches:
        _branch(ink, branch)
    lines = list(claim_lines(artifact))
    for word, claim, known in _some(ink, lines):
        ink.say(f"{word}: {claim} · {known}", BODY, _WORDS.get(word, "ask"))
    bases = list(artifact.image.bases) if artifact.image is not None else []
    for base in _some(ink, bases):
        word, name, told = base_line(base)
        ink.say(f"{word}: {name} · {told}", BODY, _WORDS.get(word, "ask"))
    left = sum(max(0, len(items) - MOST_LINES) for items in (lines, bases)) if ink.options.verbosity <= 0 else 0
    if left:
        ink.say(f"and {plural(left, 'claim')} more; -v shows them", BODY, "dim")


def _some(ink: Ink, items: list[Any]) -> list[Any]:
    return items if ink.options.verbosity > 0 else items[:MOST_LINES]


def _branch(ink: Ink, branch: Branch) -> None:
    times = _alike(branch.leaves) if ink.options.verbosity <= 0 else [(leaf, 1) for leaf in branch.leaves]
    shown = times if ink.options.verbosity > 0 else times[:MOST_LEAVES]
    if not branch.leaves:
        ink.say(f"nothing hangs on {branch.title}", BODY, "dim")
        return
    ink.say(f"{branch.title} · {short(branch.digest)}" if branch.digest else branch.title, BODY)
    for number, (leaf, count) in enumerate(shown, 1):
        _leaf(ink, leaf, count, last=number == len(times), foreign=branch.foreign)
    left = len(branch.leaves) - sum(count for _, count in shown)
    if left:
        ink.say(f"└ and {left} more; -v shows them", BODY, "dim")


def _alike(leaves: tuple[Leaf, ...]) -> list[tuple[Leaf, int]]:
    """Attachments that differ in nothing but their digest as one, with their number."""
    found: dict[tuple[str, ...], list[Leaf]] = {}
    for leaf in leaves:
        looks = (leaf.kind, leaf.form, leaf.state, leaf.says, leaf.by, leaf.found, leaf.reason, leaf.trust)
        found.setdefault(looks, []).append(leaf)
    return [(ones[0], len(ones)) for ones in found.values()]


def _leaf(ink: Ink, leaf: Leaf, count: int, *, last: bool, foreign: bool) -> None:
    """One attachment: a line with what it is and whether it holds, and below it who signed or why it does not."""
    sign, below = ("└ ", "  ") if last else ("├ ", "│ ")
    times = f" ({count} times)" if count > 1 else ""
    head = f"{leaf.kind} {leaf.says}".rstrip() + times
    state = ink.paint(leaf.state, "dim" if foreign else leaf.style)
    rest = f" · {leaf.form}, {leaf.found}"
    room = ink.options.width - BODY - 2
    line = ink.paint(head) + " · " + state
    fits = len(f"{head} · {leaf.state}{rest}") <= room
    ink.add(" " * BODY + ink.paint(sign, "dim") + line + (ink.paint(rest, "dim") if fits else ""))
    texts = [] if fits else [f"{leaf.form}, {leaf.found}"]
    texts += [f"by {leaf.by}"] if leaf.by else []
    texts += [leaf.reason] if leaf.reason and leaf.state != "not signed" else []
    texts += [leaf.trust] if leaf.trust else []
    for text in texts:
        _below(ink, text, below)
    if ink.options.verbosity > 0:
        _below(ink, leaf.digest, below)


def _below(ink: Ink, text: str, below: str) -> None:
    start = len(ink.lines)
    ink.say(text, BODY + 4, "dim")
    for number in range(start, len(ink.lines)):
        if below.strip():
            ink.lines[number] = " " * BODY + ink.paint(below, "dim") + ink.lines[number][BODY + 2 :]
