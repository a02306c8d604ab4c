"""The tables of levels in the terminal: a row a subject, or a row for many that are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.api import field, record
from slsacheck.model import Artifact, Publication

from ._common import floor_and_best, level_text, plural, subject_label, track_title, type_words, ungated
from ._text import columns, cut, pad

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slsacheck.model import AssessedSubject, TrackLevels, Verification

    from ._ink import Ink

__all__ = ["Row", "level_table", "rows_of"]

MANY_ROWS = 12
"""From more rows on, rows that are alike become one; -v shows them all."""
ROOM_FOR_NAMES = 24
"""Columns that names need; where there are fewer, the type of a subject is left out."""
NARROW = 56
"""On terminals of fewer columns the headings of the numbers are cut short."""
OPEN_NAMES = ("$", "{{")
"""Signs of expressions in names."""
NAMES = 4
"""Attestations that are named without -v."""


@record(frozen=False)
class Row:
    """A subject, with others that have the same type, channel, levels and reason."""

    one: AssessedSubject
    levels: TrackLevels
    more: list[AssessedSubject] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The name of the subject, and how many more are alike."""
        name = subject_label(self.one.subject)
        return f"{name} and {len(self.more)} more" if self.more else name


def level_table(ink: Ink, title: str, track: str, subjects: Iterable[AssessedSubject]) -> None:
    """The levels of subjects on one track, the floor and the best of them, and why a row is not higher."""
    pairs = [(one, levels) for one in subjects if (levels := one.track(track)) is not None]
    if not pairs:
        return
    rows = rows_of(pairs, every=ink.options.verbosity > 0)
    names = _columns(pairs, track)
    what = f"{track_title(track)} level"
    layout = Layout.of(ink, rows, names, what)
    layout.head(ink, title, what)
    said = ""
    for row in rows:
        layout.row(ink, row.label, type_words(row.one.subject), _cells(row.levels, names))
        _notes(ink, row, said)
        said = row.levels.why
    _edges(ink, layout, pairs, names)
    if any(mark in row.label for row in rows for mark in OPEN_NAMES):
        ink.say("`$…` and `{{…}}` stand in names for what only a run fills in", 2, "dim")


def rows_of(pairs: list[tuple[AssessedSubject, TrackLevels]], *, every: bool) -> list[Row]:
    """A row for each subject; of many subjects a row for those that are alike, unless `every` is asked for."""
    if every or len(pairs) <= MANY_ROWS:
        return [Row(one, levels) for one, levels in pairs]
    found: dict[tuple[object, ...], Row] = {}
    for one, levels in pairs:
        subject = one.subject
        channel = subject.channel if isinstance(subject, Publication | Artifact) else None
        numbers = (levels.defined, levels.applies, levels.proved, levels.configured, levels.declared, levels.possible)
        key = (type_words(subject), channel, *numbers, levels.why)
        if key in found:
            found[key].more.append(one)
        else:
            found[key] = Row(one, levels)
    return list(found.values())


def _columns(pairs: list[tuple[AssessedSubject, TrackLevels]], track: str) -> list[str]:
    """The columns that say something: the Source track has no configured, and declared matters where it is more."""
    more = any(levels.declared > max(levels.configured or 0, levels.proved) for _, levels in pairs)
    names = ["proved", "configured", "declared", "possible"]
    return [name for name in names if not (name == "configured" and track == "source") and (name != "declared" or more)]


def _cells(levels: TrackLevels, names: list[str]) -> list[tuple[str, str]]:
    if not levels.defined or not levels.applies:
        return [("\N{EN DASH}", "dim")] * len(names)
    return [_cell(getattr(levels, name), name, levels.top) for name in names]


def _cell(value: int | None, name: str, top: int) -> tuple[str, str]:
    if value is None:
        return level_text(value), "ask"
    if name == "proved" and value:
        return level_text(value), "good"
    return level_text(value), "dim" if value == 0 else "would" if value == top else ""


@record
class Layout:
    """The widths of a table's columns."""

    name: int
    type: int
    numbers: dict[str, str]

    @classmethod
    def of(cls, ink: Ink, rows: list[Row], numbers: list[str], what: str) -> Layout:
        """What fits: the numbers always, then the type, and the names in what is left."""
        heads = {name: name if ink.options.width >= NARROW else name[:4] for name in numbers}
        room = ink.options.width - 2 - sum(len(head) + 2 for head in heads.values())
        kind = max(columns(type_words(row.one.subject)) for row in rows) + 2
        kind = kind if room - kind >= ROOM_FOR_NAMES else 0
        wanted = max(columns(ink.clean(row.label)) for row in rows)
        return cls(max(12, columns(what) - 2 - kind, min(wanted, room - kind)), kind, heads)

    @property
    def left(self) -> int:
        """The columns before the numbers."""
        return 2 + self.name + self.type

    def head(self, ink: Ink, title: str, what: str) -> None:
        """The title and the names of the columns, on one line where there is room."""
        title = ink.clean(title)
        names = "".join(f"  {head}" for head in self.numbers.values())
        gap = self.left - columns(title) - columns(what)
        ink.add()
        if gap >= 2:  # noqa: PLR2004 - two spaces between the words
            ink.add(ink.paint(title, "bold") + " " * gap + ink.paint(what + names, "dim"))
        else:
            ink.add(ink.paint(title, "bold"))
            ink.add(" " * max(0, self.left - columns(what)) + ink.paint(what + names, "dim"))

    def row(self, ink: Ink, label: str, kind: str, cells: list[tuple[str, str]], style: str = "") -> None:
        """A row; a name that is too long gets a line of its own."""
        label = cut(ink.clean(label), max(self.name, ink.options.width - 2))
        if columns(label) > self.name:
            ink.add("  " + ink.paint(label, style))
            label = ""
        kind = pad(f"  {kind}", self.type) if self.type else ""
        numbers = "".join(
            "  " + " " * (len(head) - columns(text)) + ink.paint(text, paint)
            for head, (text, paint) in zip(self.numbers.values(), cells, strict=True)
        )
        ink.add("  " + ink.paint(pad(label, self.name), style) + ink.paint(kind, "dim") + numbers)


def _edges(ink: Ink, layout: Layout, pairs: list[tuple[AssessedSubject, TrackLevels]], names: list[str]) -> None:
    counted = [(one.subject, levels) for one, levels in pairs]
    floor, best = floor_and_best(counted)
    left_out = sum(ungated(subject) or not levels.applies for subject, levels in counted)
    if not floor or len(counted) - left_out < 2:  # noqa: PLR2004 - of one row the floor is the row
        return
    shown = [name for name in names if name in floor]
    rule = "".join("  " + ("─" if name in shown else " ") * len(head) for name, head in layout.numbers.items())
    ink.add(" " * layout.left + ink.paint(rule, "dim"))
    note = f"{left_out} not counted" if left_out else ""
    for label, values in (("floor", floor), ("best", best)):
        cells = [(level_text(values[name]), "bold") if name in values else ("", "") for name in names]
        layout.row(ink, label, note if label == "floor" else "", cells, "bold")


def _notes(ink: Ink, row: Row, said: str) -> None:
    """Below a row: why it is not higher, and what else must be known to read the numbers."""
    levels, one = row.levels, row.one
    if ink.options.verbosity >= 0:
        why = levels.why if levels.defined else "this version of the specification does not define the track"
        if why:
            ink.say("as above" if why == said else why, 4, "dim", limit=0 if ink.options.verbosity else 2)
    if levels.areas:
        ink.say("areas, as configured: " + ", ".join(_area(name, area) for name, area in levels.areas), 4, "dim")
    for note in _cautions(one, levels):
        ink.say(note, 4, "warn")
    if isinstance(one.subject, Artifact) and ink.options.verbosity >= 0:
        if one.subject.image is not None:
            from ._tree import image_tree

            image_tree(ink, one.subject)
        if one.subject.image is None or ink.options.verbosity > 0:
            _attestations(ink, one.subject)


def _area(name: str, area: TrackLevels) -> str:
    return f"{name} {level_text(area.configured)}"


def _cautions(one: AssessedSubject, levels: TrackLevels) -> list[str]:
    found: list[str] = []
    if levels.authentic is False and levels.proved:
        found.append("level 1 rests on provenance that nobody signed, or that no log holds")
    if one.coverage.given or one.coverage.expected:
        whole = "an unknown number of" if one.coverage.expected is None else str(one.coverage.expected)
        found.append(f"{one.coverage.given} of {whole} artifacts given")
    if isinstance(one.subject, Publication) and one.subject.read != "full":
        found.append("its path was read only in part")
    return found


def _attestations(ink: Ink, artifact: Artifact) -> None:
    shown = artifact.verifications if ink.options.verbosity else artifact.verifications[:NAMES]
    for verification in shown:
        ink.say(attestation_line(verification), 4, "dim")
        if ink.options.verbosity:
            for step in verification.steps:
                ink.say(f"{step.outcome}: {step.name}: {step.detail}", 6, "dim")
    if len(artifact.verifications) > len(shown):
        ink.say(f"and {plural(len(artifact.verifications) - len(shown), 'attestation')} more; -v shows them", 4, "dim")


def attestation_line(verification: Verification) -> str:
    """An attestation in one line: whose it is, whether that is verified, and how far its signer is trusted."""
    state = "verified" if verification.authentic else "signed, not verified" if verification.signed else "unsigned"
    parts = [f"attestation, {state}"]
    if verification.signer:
        parts.append(f"by {verification.signer.identity}")
    if verification.trust_root and verification.step1_level is not None:
        parts.append(f"trusted for level {verification.step1_level} ({verification.trust_root})")
    parts.append(f"expectations: {verification.expectations}")
    return " · ".join(parts)
