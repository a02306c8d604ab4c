"""`slsacheck trust show`: the trust roots of build platforms and the trust data in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slsacheck.cli.parsing import add_colour, add_format
from slsacheck.cli.trust_age import origin_document, today
from slsacheck.cli.writing import Page, print_json

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.trustorigin import Origin
    from slsacheck.model import Catalogue, TrustRoot

__all__ = ["add_parser", "root_document", "run", "show_root"]

DESCRIPTION = """\
show: whose provenance is believed, up to which level and on what that rests; and the keys, logs and authorities in
force, with their origin and age. --config adds the trust roots of a configuration, and caps what it distrusts.
update: fetches newer keys, logs and authorities over TUF (needs slsacheck[trust]) and keeps them for later runs.
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command's parser."""
    parser = subparsers.add_parser("trust", description=DESCRIPTION, help="trust roots and trust data")
    parser.add_argument("action", choices=("show", "update"), help="print what is in force; fetch newer trust data")
    parser.add_argument("name", nargs="?", metavar="ID", help="one trust root")
    parser.add_argument("--config", metavar="FILE|REV:PATH", help="with the trust roots of this configuration")
    add_format(parser)
    update = parser.add_argument_group("update")
    update.add_argument("--repository", metavar="URL", help="a mirror of Sigstore's TUF repository")
    update.add_argument("--root", metavar="FILE", help="root metadata to begin with instead of the shipped one")
    update.add_argument("--offline", action="store_true", help="forbid every network access, which leaves no update")
    add_colour(parser)
    parser.set_defaults(run=run)


def run(options: Any) -> int:
    """Shows or updates; returns 0."""
    if options.action == "update":
        from slsacheck.cli.trust_update import run_update

        return run_update(options)
    from slsacheck.evidence.attestations.trustorigin import origins

    roots = _roots(options)
    data = _trust_data() if options.name is None else []
    sources = origins() if options.name is None else ()
    if options.format == "json":
        print_json(
            {
                "format": "slsacheck-trust",
                "format_version": "1.0",
                "trust_roots": [root_document(root) for root in roots],
                "origins": [origin_document(one) for one in sources],
                "trust_data": [
                    {"kind": kind, "name": name, "from": begin, "to": end} for kind, name, begin, end in data
                ],
            }
        )
        return 0
    page = Page(options.colour)
    if options.name is None:
        page.heading("Trust roots of build platforms")
        page.columns(
            (root.id, f"level {root.level}", f"v0.1 level {root.slsa_level}", root.date, root.title) for root in roots
        )
        page.heading("Where the trust data comes from")
        for one in sources:
            page.item(_described(one))
        page.heading("Trust data (keys, logs, authorities) in force")
        page.columns((kind, f"{begin or '…'} to {end or '…'}", name) for kind, name, begin, end in data)
        page.blank()
        page.text("`slsacheck trust show ID` says more about one trust root", indent=0)
    for root in roots if options.name else ():
        show_root(page, root)
    page.show()
    return 0


def _described(origin: Origin) -> str:
    stored = f", stored in {origin.path} ({origin.versions})" if origin.path else ", shipped"
    return f"{origin.name}: taken {origin.taken}, {origin.age(today())} days old{stored}; from {origin.origin}"


def _roots(options: Any) -> tuple[TrustRoot, ...]:
    from slsacheck import catalog, config
    from slsacheck.errors import UsageError

    catalogue: Catalogue = catalog.load()
    if options.config:
        catalogue = config.in_force(config.load(options.config), catalogue)
    if options.name is None:
        return catalogue.trust_roots
    root = catalogue.trust_root(options.name)
    if root is None:
        from slsacheck.config.near import suggestion

        advice = suggestion(options.name, [one.id for one in catalogue.trust_roots])
        raise UsageError(f"there is no trust root {options.name!r}", advice=advice)
    return (root,)


def show_root(page: Page, root: TrustRoot) -> None:
    """All that a trust root says."""
    page.heading(f"{root.id}: {root.title}")
    page.text(
        f"Trusted up to level {root.level} of the Build track, and level {root.slsa_level} of v0.1; since {root.date}."
    )
    page.text(f"On what that rests: {root.basis}")
    if root.documented:
        page.text("Documents alone: no signed sample was ever read, so a verified artifact counts for level 1.")
    page.heading("What must fit (patterns are regular expressions that fit the whole value)")
    page.columns(
        [("builder.id", root.builder_id), *((f"signer {name}", value) for name, value in root.signer), *root.conditions]
    )
    for title, names in (("Covers", root.covers), ("Refutes", root.refutes), ("Configured by", root.configured_by)):
        if names:
            page.heading(title)
            for name in sorted(names):
                page.item(name)
    if root.disputes:
        page.heading("Others say otherwise")
        for dispute in root.disputes:
            page.item(f"level {dispute.level}: {dispute.claim} ({dispute.source})")


def root_document(root: TrustRoot) -> dict[str, Any]:
    """A trust root for programs."""
    return {
        "id": root.id,
        "title": root.title,
        "level": root.level,
        "slsa_level": root.slsa_level,
        "builder_id": root.builder_id,
        "signer": _grouped(root.signer),
        "conditions": _grouped(root.conditions),
        "covers": sorted(root.covers),
        "refutes": sorted(root.refutes),
        "basis": root.basis,
        "date": root.date,
        "documented": root.documented,
        "configured_by": list(root.configured_by),
        "disputes": [{"claim": one.claim, "level": one.level, "source": one.source} for one in root.disputes],
    }


def _grouped(pairs: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _trust_data() -> list[tuple[str, str, str | None, str | None]]:
    """Kind, name, and from when to when each key, log and authority of the trust data in force counts."""
    from slsacheck.evidence.attestations import default_trust

    found: list[tuple[str, str, Any]] = []
    data = default_trust()
    for domain in data.domains:
        found += [("log", f"{domain.name}: {one.url}", one.window) for one in domain.logs]
        found += [("certificate log", f"{domain.name}: {one.url}", one.window) for one in domain.ct_logs]
        found += [("certificates", f"{domain.name}: {one.url}", one.window) for one in domain.authorities]
        found += [("timestamps", f"{domain.name}: {one.url}", one.window) for one in domain.timestamp_authorities]
    found += [("npm key", f"{key.id} ({key.usage})", key.window) for key in data.npm_keys]
    found += [("Cloud Build key", f"{key.id} ({key.usage})", key.window) for key in data.gcb_keys]
    return [(kind, name, _day(window.start), _day(window.end)) for kind, name, window in found]


def _day(moment: Any) -> str | None:
    return None if moment is None else moment.date().isoformat()
