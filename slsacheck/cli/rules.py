"""`slsacheck rules`: the requirements by version, track and level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slsacheck.cli.parsing import SPECS, add_colour, add_format

if TYPE_CHECKING:
    from slsacheck.model import Atom, Catalogue, Requirement, TrackRule

__all__ = ["add_parser", "run"]

DESCRIPTION = """\
Lists the requirements of a version of SLSA by track and level, each with who is responsible and how far evidence from
outside can decide it. `slsacheck explain ID` says more about one of them.
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command's parser."""
    parser = subparsers.add_parser("rules", description=DESCRIPTION, help="the requirements")
    parser.add_argument(
        "pattern",
        nargs="?",
        default="",
        metavar="ID|PATTERN",
        help="an id, a part of an id or title, or a pattern with *",
    )
    parser.add_argument("--spec", choices=SPECS, metavar="VERSION", help=f"{' '.join(SPECS)} (default v1.2)")
    parser.add_argument("--track", metavar="TRACK", help="only this track")
    parser.add_argument("--level", type=int, choices=(1, 2, 3, 4), metavar="N", help="only what is asked at this level")
    add_format(parser)
    parser.add_argument("-v", "--verbose", action="store_true", help="show the atoms of each requirement")
    add_colour(parser)
    parser.set_defaults(run=run)


def run(options: Any) -> int:
    """Lists; returns 0, or 1 where nothing fits."""
    from slsacheck import catalog

    catalogue = catalog.load()
    if options.spec is None:
        options.spec = _version(options.pattern, catalogue)
    chosen = _chosen(options, catalogue)
    if options.format == "json":
        _as_json(options, catalogue, chosen)
    else:
        _as_text(options, catalogue, chosen)
    return 0 if any(rows for _, rows in chosen) else 1


def _version(name: str, catalogue: Catalogue) -> str:
    """v1.2, or the newest version that has what was asked for by its id."""
    row = catalogue.requirement(name)
    return "v1.2" if row is None or "v1.2" in row.versions else row.versions[-1]


def _chosen(options: Any, catalogue: Catalogue) -> list[tuple[TrackRule, list[Requirement]]]:
    from slsacheck.errors import UsageError

    rules = catalogue.tracks_of(options.spec)
    if options.track and options.track not in {rule.track for rule in rules}:
        names = ", ".join(rule.track for rule in rules)
        raise UsageError(f"SLSA {options.spec} has no track {options.track!r}", advice=f"tracks: {names}")
    return [
        (rule, [row for row in catalogue.of(options.spec, rule.track) if _fits(row, options)])
        for rule in rules
        if options.track in (None, rule.track)
    ]


def _fits(row: Requirement, options: Any) -> bool:
    if options.level and options.level not in {atom.level for atom in row.atoms}:
        return False
    pattern = options.pattern.lower()
    names = [row.id, row.title.lower(), *(atom.id for atom in row.atoms)]
    if "*" in pattern:
        from slsacheck.config.settings import matches

        return any(matches(pattern, name) for name in names)
    return any(pattern in name for name in names)


def _as_text(options: Any, catalogue: Catalogue, chosen: list[tuple[TrackRule, list[Requirement]]]) -> None:
    from slsacheck.cli.writing import Page

    page = Page(options.colour)
    shown = 0
    for rule, rows in chosen:
        if not rows:
            continue
        page.heading(
            f"SLSA {options.spec}, {rule.track} track: levels 1 to {rule.top}, of {' and '.join(rule.subjects)}"
        )
        for level in range(1, rule.top + 1):
            first = [row for row in rows if min(atom.level for atom in row.atoms) == level]
            if first:
                page.blank()
                page.text(f"From level {level}")
                page.columns(_lines(first, options), indent=4)
                shown += len(first)
    if not shown:
        page.text(f"no requirement of SLSA {options.spec} fits {options.pattern!r}", indent=0)
    else:
        page.blank()
        page.text(f"{shown} requirements, catalogue {catalogue.version}; `slsacheck explain ID` says more", indent=0)
    page.show()


def _lines(rows: list[Requirement], options: Any) -> list[tuple[str, str, str]]:
    lines = []
    for row in rows:
        note = "" if row.decidable == "decidable" else f" ({row.decidable})"
        lines.append((row.id, row.responsible, row.title + note))
        if options.verbose and len(row.atoms) > 1:
            lines += [(f"  {atom.id}", _asked(atom), atom.meaning) for atom in row.atoms]
    return lines


def _asked(atom: Atom) -> str:
    return f"level {atom.level}" if atom.must else f"level {atom.level}, should"


def _as_json(options: Any, catalogue: Catalogue, chosen: list[tuple[TrackRule, list[Requirement]]]) -> None:
    from slsacheck.cli.writing import print_json

    print_json(
        {
            "format": "slsacheck-rules",
            "format_version": "1.0",
            "catalogue": catalogue.version,
            "spec": options.spec,
            "tracks": [{"track": rule.track, "top": rule.top, "subjects": list(rule.subjects)} for rule, _ in chosen],
            "requirements": [_document(row, options.spec) for _, rows in chosen for row in rows],
        }
    )


def _document(row: Requirement, spec: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "track": row.track_of(spec),
        "area": row.area,
        "levels": list(row.levels),
        "subjects": list(row.subjects),
        "responsible": row.responsible,
        "meaning": row.meaning,
        "evidence": row.evidence,
        "decidable": row.decidable,
        "spec_url": row.spec_url(spec),
        "atoms": [
            {
                "id": atom.id,
                "level": atom.level,
                "must": atom.must,
                "meaning": atom.meaning,
                "decidable": atom.decidable,
                "undecidable_reason": atom.undecidable_reason or None,
            }
            for atom in row.atoms
        ],
        "crosswalks": [
            {"framework": cross.framework, "id": cross.id, "relation": cross.relation, "basis": cross.basis}
            for cross in row.crosswalks
        ],
    }
