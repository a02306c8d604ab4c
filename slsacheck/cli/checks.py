"""`slsacheck checks`: the checks, and which atoms each decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slsacheck.cli.parsing import add_choice, add_colour, add_format

if TYPE_CHECKING:
    from slsacheck.api import Check
    from slsacheck.model import Catalogue, Requirement

__all__ = ["add_parser", "run"]

DESCRIPTION = """\
Lists the checks: what each judges, and which atoms of the requirements it decides. -k and -m choose as in a scan.
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command's parser."""
    parser = subparsers.add_parser("checks", description=DESCRIPTION, help="the checks")
    add_choice(parser)
    add_format(parser)
    add_colour(parser)
    parser.set_defaults(run=run)


def run(options: Any) -> int:
    """Lists; returns 0, or 1 where nothing was chosen."""
    from slsacheck import plugins
    from slsacheck.engine import plan
    from slsacheck.select import chooser

    registry = plugins.load(tuple(options.plugin), tuple(options.trust_plugin))
    spec = options.spec or "v1.2"
    chosen = chooser(options.keyword, options.mark, spec, registry.sources.values())
    if options.spec or options.track:
        planned = plan(registry.checks, registry.sources, registry.catalogue, spec, options.track, chosen).checks
        checks = [item.check for item in planned]
    else:
        checks = [check for check in registry.checks if chosen(check, _rows(check, registry.catalogue))]
    if options.format == "json":
        _as_json(checks)
    else:
        _as_text(options, checks)
    return 0 if checks else 1


def _rows(check: Check, catalogue: Catalogue) -> tuple[Requirement, ...]:
    found = (catalogue.requirement(atom) for atom in check.atoms)
    return tuple(row for row in found if row is not None)


def _as_text(options: Any, checks: list[Check]) -> None:
    from slsacheck.cli.writing import Page

    page = Page(options.colour)
    for check in checks:
        traits = [check.subject or "target", *(["experimental"] if check.experimental else [])]
        if check.plugin != "slsacheck":
            traits.append(f"from {check.plugin}")
        page.heading(f"{check.name} ({', '.join(traits)})")
        page.text(check.title)
        page.text(f"decides {', '.join(check.atoms)}")
    page.blank()
    page.text(f"{len(checks)} checks", indent=0)
    page.show()


def _as_json(checks: list[Check]) -> None:
    from slsacheck.cli.writing import print_json

    print_json(
        {
            "format": "slsacheck-checks",
            "format_version": "1.0",
            "checks": [
                {
                    "name": check.name,
                    "title": check.title,
                    "subject": check.subject,
                    "atoms": list(check.atoms),
                    "needs": list(check.needs),
                    "experimental": check.experimental,
                    "plugin": check.plugin,
                }
                for check in checks
            ],
        }
    )
