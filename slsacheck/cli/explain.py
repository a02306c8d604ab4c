"""`slsacheck explain ID`: what an id of a report means, of whatever kind it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slsacheck.cli.parsing import add_colour

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsacheck.api import Check
    from slsacheck.cli.writing import Page
    from slsacheck.model import Atom, Remedy, Requirement
    from slsacheck.plugins import Registry

__all__ = ["add_parser", "run"]

DESCRIPTION = """\
Says what a requirement, atom, trust root, hazard or check means: who is responsible, which evidence decides it and how
far, what to do on each platform, where the specification says it, and which checks decide it. Of a builder of container
images (buildkit, buildpacks, jib, ko …) it says what that records by itself, of a finding of `sbom` or a difference of
`compare` what it means.
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command's parser."""
    parser = subparsers.add_parser("explain", description=DESCRIPTION, help="what an id means")
    parser.add_argument("id", metavar="ID", help="as reports and `slsacheck rules` show it")
    parser.add_argument("--platform", metavar="NAME", help="the remedy for this platform in full, or `all`")
    parser.add_argument("-p", dest="plugin", action="append", default=[], metavar="NAME", help="load a plug-in")
    add_colour(parser)
    parser.set_defaults(run=run)


def run(options: Any) -> int:
    """Explains; returns 0. Raises UsageError for an id that nothing has."""
    from slsacheck import plugins
    from slsacheck.cli.writing import Page

    registry = plugins.load(tuple(options.plugin))
    page = Page(options.colour)
    for explain in (_requirement, _trust_root, _check, _hazard, _sbom, _image_builder, _difference):
        if explain(page, options, registry):
            page.show()
            return 0
    raise _nothing(options.id, registry)


def _nothing(name: str, registry: Registry) -> Exception:
    from slsacheck.catalog import image_builders
    from slsacheck.cli.hazard_rules import hazard_rules
    from slsacheck.cli.sbom_rules import SBOM_RULES
    from slsacheck.config.near import near
    from slsacheck.errors import UsageError

    catalogue = registry.catalogue
    known = [name for row in catalogue.requirements for name in (row.id, *(atom.id for atom in row.atoms))]
    known += [root.id for root in catalogue.trust_roots] + [check.name for check in registry.checks]
    found = near(name, [*known, *hazard_rules(), *SBOM_RULES, *image_builders()], 3)
    advice = (
        f"did you mean {', '.join(found)}?" if found else "`slsacheck rules`, `checks` and `trust show` list the ids"
    )
    return UsageError(f"nothing is called {name!r}", advice=advice)


def _requirement(page: Page, options: Any, registry: Registry) -> bool:
    row = registry.catalogue.requirement(options.id)
    if row is None:
        return False
    atom = registry.catalogue.atom(options.id)
    page.heading(f"{options.id}: {row.title}")
    page.text(atom.meaning if atom else row.meaning)
    if atom and row.id != atom.id:
        page.text(f"A part of {row.id}: {row.meaning}")
    page.heading("In short")
    page.columns(_facts(row, atom))
    if atom is None:
        page.heading("Atoms: what can be refuted one by one")
        page.columns((one.id, _asked(one), one.meaning) for one in row.atoms)
    page.heading("Which evidence decides it, and how far")
    page.text(row.evidence)
    page.text(_decidable(row, (atom,) if atom else row.atoms))
    _remedies(page, options)
    _deciders(page, [one.id for one in ((atom,) if atom else row.atoms)], registry.checks)
    _links(page, row)
    return True


def _facts(row: Requirement, atom: Atom | None) -> list[tuple[str, str]]:
    levels = (atom.level,) if atom else row.levels
    return [
        ("versions", ", ".join(row.versions)),
        ("track", ", ".join(dict.fromkeys(row.track_of(version) for version in row.versions))),
        (
            "levels",
            ", ".join(str(level) for level in levels)
            + (" (recommended, not required)" if atom and not atom.must else ""),
        ),
        ("subjects", ", ".join(row.subjects)),
        ("responsible", row.responsible),
    ]


def _asked(atom: Atom) -> str:
    return f"level {atom.level}" if atom.must else f"level {atom.level}, should"


_DECIDABLE = {
    "decidable": "Evidence from outside can prove it and refute it.",
    "pass-only": "Evidence from outside can prove it; nothing can refute it.",
    "fail-only": "Evidence from outside can refute it; nothing can prove it.",
    "undecidable": "No evidence from outside decides it",
}


def _decidable(row: Requirement, atoms: Sequence[Atom]) -> str:
    reasons = [atom.undecidable_reason for atom in atoms if atom.undecidable_reason]
    kinds = {atom.decidable for atom in atoms}
    kind = next(iter(kinds)) if len(kinds) == 1 else row.decidable
    return _DECIDABLE[kind] + (f": {reasons[0]}" if kind == "undecidable" and reasons else "")


def _remedies(page: Page, options: Any) -> None:
    from slsacheck import catalog

    found = catalog.remedies(options.id)
    if not found:
        return
    page.heading("What to do")
    page.columns((remedy.platform, remedy.effort, remedy.summary) for remedy in found)
    shown = _shown(found, options.platform)
    for remedy in shown:
        page.blank()
        page.text(f"{remedy.platform}: {remedy.summary}" + (f" ({remedy.who})" if remedy.who else ""))
        page.block(remedy.text)
    if len(shown) < len(found):
        page.blank()
        page.text("--platform NAME shows another one in full, --platform all every one")


def _shown(found: Sequence[Remedy], platform: str | None) -> list[Remedy]:
    """The remedies in full: of the platform asked for; without one the first."""
    if platform == "all":
        return list(found)
    if platform is None:
        return [next((remedy for remedy in found if remedy.platform == "any"), found[0])]
    chosen = [remedy for remedy in found if remedy.platform == platform]
    if not chosen:
        from slsacheck.errors import UsageError

        names = ", ".join(dict.fromkeys(remedy.platform for remedy in found))
        raise UsageError(f"--platform {platform}: no remedy of its own", advice=f"there are: {names}")
    return chosen


def _deciders(page: Page, atoms: Sequence[str], checks: Sequence[Check]) -> None:
    page.heading("Decided by")
    found = [check for check in checks if set(check.atoms) & set(atoms)]
    page.columns((check.name, check.subject or "", check.title) for check in found)
    if not found:
        page.text("no check: it stays UNKNOWN")


def _links(page: Page, row: Requirement) -> None:
    page.heading("Where it is written")
    for version, _ in row.anchors:
        page.item(row.spec_url(version))
    if row.crosswalks:
        page.heading("Elsewhere")
        page.columns(
            (cross.framework, cross.id, f"{cross.relation}: {cross.basis}" if cross.basis else cross.relation)
            for cross in row.crosswalks
        )


def _trust_root(page: Page, options: Any, registry: Registry) -> bool:
    root = registry.catalogue.trust_root(options.id)
    if root is None:
        return False
    from slsacheck.cli.trust import show_root

    show_root(page, root)
    return True


def _check(page: Page, options: Any, registry: Registry) -> bool:
    check = next((check for check in registry.checks if check.name == options.id), None)
    if check is None:
        return False
    page.heading(f"{check.name}: {check.title}")
    rest = (check.function.__doc__ or "").strip().split("\n", 1)[1:]
    if rest and rest[0].strip():
        page.text(" ".join(rest[0].split()))
    page.heading("Judges")
    page.text(f"each {check.subject}" if check.subject else "the target as a whole")
    page.heading("Decides")
    page.columns((atom, row.title if (row := registry.catalogue.requirement(atom)) else "") for atom in check.atoms)
    page.heading("Needs the evidence")
    page.text(", ".join(check.needs))
    return True


def _hazard(page: Page, options: Any, _registry: Registry) -> bool:
    from slsacheck.cli.hazard_rules import hazard_rules

    rule = hazard_rules().get(options.id)
    if rule is None:
        return False
    severities = f", {' or '.join(rule.severities)}" if rule.severities else ""
    page.heading(f"{options.id}: a {rule.kind} on the way to a release{severities}")
    page.text(rule.meaning)
    if rule.remedies:
        page.heading("What to do")
        for remedy in rule.remedies:
            page.item(remedy)
    if rule.crosswalk:
        page.heading("Elsewhere")
        for name in rule.crosswalk:
            page.item(name)
    page.blank()
    strict = "; --strict fails the run from medium up" if rule.kind == "hazard" else ""
    page.text(f"A {rule.kind} never moves a level{strict}.")
    return True


def _sbom(page: Page, options: Any, _registry: Registry) -> bool:
    from slsacheck.cli.sbom_rules import SBOM_RULES

    rule = SBOM_RULES.get(options.id)
    if rule is None:
        return False
    page.heading(f"{options.id}: a finding of `slsacheck sbom`, {rule.severity}")
    page.text(rule.meaning)
    page.heading("What to do")
    page.item(rule.remedy)
    page.blank()
    page.text("An SBOM never moves a level: SLSA does not ask for one.")
    return True


def _difference(page: Page, options: Any, _registry: Registry) -> bool:
    from slsacheck.evidence.comparison.findings import MEANING, METADATA

    if options.id not in MEANING:
        return False
    page.heading(f"{options.id}: a difference that `slsacheck compare` counts")
    page.text(f"{MEANING[options.id]}.")
    alone = options.id in METADATA
    page.text(
        "It is of metadata: the contents are the same, and the answer may still be `reproducible`."
        if alone
        else "It is of the contents: the answer is `different`."
    )
    return True


def _image_builder(page: Page, options: Any, _registry: Registry) -> bool:
    from slsacheck.catalog import image_builders

    row = image_builders().get(options.id)
    if row is None:
        return False
    words = {"yes": "by itself", "asked": "where asked for", "no": "no"}
    page.heading(f"{options.id}: {row.title}, a builder of container images")
    page.text(row.means)
    page.heading("What it makes")
    page.columns(
        (name, words[getattr(row, key)], row.note(key))
        for name, key in (
            ("provenance", "provenance"),
            ("SBOM", "sbom"),
            ("signature", "signs"),
            ("the same bytes each time", "reproducible"),
        )
    )
    page.text("It reads a Dockerfile." if row.dockerfile else "It needs no Dockerfile.")
    page.heading("What cannot be told")
    page.text(row.cannot)
    page.heading("What slsacheck does not read of it")
    page.text(row.unread)
    page.heading("Where it is written")
    for url in row.sources:
        page.item(url)
    return True
