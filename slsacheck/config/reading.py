"""From a document's tables to a `Config`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from slsacheck.config.settings import Config, Declaration, Distrust, Expected
from slsacheck.errors import CatalogError, ConfigError
from slsacheck.model import Expectations, Waiver
from slsacheck.model.attestation import EXPECTED_TEXTS

if TYPE_CHECKING:
    from slsacheck.config.document import Table
    from slsacheck.model import TrustRoot

__all__ = ["ACCEPTED", "EXPECTATIONS", "KEYS", "SPECS", "config_of", "lowering_of"]

SPECS = ("v0.1", "v1.0", "v1.1", "v1.2", "draft")
ACCEPTED = ("declared", "configured", "unsigned")
KEYS = (
    "spec",
    "tracks",
    "require",
    "accept",
    "strict",
    "expectations",
    "trust_root",
    "distrust",
    "waiver",
    "declaration",
    "report",
)
"""The settings of `slsacheck.toml`, in the order in which the documentation shows them."""

LISTS = ("verified_level", "subject_digest")
EXPECTATIONS = (*EXPECTED_TEXTS, *LISTS, "build_workflow_input")
"""The keys of `[expectations]`: the flags of the command line with underscores."""
KINDS = ("publication", "package", "artifact")


def config_of(table: Table, origin: str) -> Config:
    """A configuration that the user named. Raises ConfigError for every fault."""
    table.only(KEYS)
    expectations = table.table("expectations").only((*EXPECTATIONS, "for"))
    return Config(
        origin=(origin,),
        spec=table.text("spec", SPECS),
        tracks=table.texts("tracks"),
        require=_require(table),
        accept=table.texts("accept", ACCEPTED),
        strict=table.flag("strict"),
        expectations=_expectations(expectations),
        expected=tuple(_expected(entry) for entry in expectations.tables("for")),
        trust_roots=_trust_roots(table),
        distrust=_distrust(table),
        waivers=tuple(_waiver(entry) for entry in table.tables("waiver")),
        declarations=tuple(declared for entry in table.tables("declaration") for declared in _declarations(entry)),
        reports=table.texts("report"),
    )


def lowering_of(table: Table, origin: str) -> Config:
    """What counts of a configuration that was merely found: what can only lower trust."""
    table.only((*KEYS, "plugins"))
    return Config(origin=(origin,), require=_require(table), strict=table.flag("strict"), distrust=_distrust(table))


def _require(table: Table) -> tuple[str, ...]:
    found = table.texts("require")
    for text in found:
        track, equals, level = text.partition("=")
        if not (track and equals and level.isascii() and level.isdigit()):
            raise table.error("require", f"holds {text!r}", 'write a track and a level: require = ["build=2"]')
    return found


def _expectations(table: Table) -> Expectations:
    values: dict[str, Any] = {key: table.text(key) for key in EXPECTED_TEXTS} | {key: table.texts(key) for key in LISTS}
    inputs = table.table("build_workflow_input")
    values["build_workflow_input"] = tuple((name, _input(inputs, name)) for name in inputs.values)
    return Expectations(**values)


def _input(table: Table, name: str) -> str:
    """An input as a workflow sees it: text; numbers and booleans are written as YAML writes them."""
    value = table.values[name]
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int):
        raise table.error(name, "must be a string, a whole number, true or false")
    return str(value)


def _expected(table: Table) -> Expected:
    table.only((*EXPECTATIONS, *KINDS))
    given = [kind for kind in KINDS if kind in table.values]
    if len(given) != 1:
        raise table.error("", f"needs exactly one of {', '.join(KINDS)}: the pattern that says what it is for")
    return Expected(given[0], table.required(given[0], "a pattern"), _expectations(table))


def _trust_roots(table: Table) -> tuple[TrustRoot, ...]:
    entries = table.tables("trust_root")
    if not entries:
        return ()
    from slsacheck.catalog import read_trust_roots

    found: list[TrustRoot] = []
    for entry in entries:
        place = table.document.where(entry.path)
        try:
            found += read_trust_roots([entry.values], place)
        except CatalogError as error:
            message = error.message.removeprefix("trust_root[0].").removeprefix("trust_root[0]")
            raise ConfigError(f"trust_root: {message}", advice=error.advice, where=place) from error
    return tuple(found)


def _distrust(table: Table) -> tuple[Distrust, ...]:
    """`distrust = ["id", {id = "other", level = 2}]`."""
    value = table.values.get("distrust", [])
    if not isinstance(value, list):
        raise table.error("distrust", "must be a list of ids of trust roots")
    found = []
    for number, entry in enumerate(value):
        if isinstance(entry, str) and entry.strip():
            found.append(Distrust(entry))
            continue
        if not isinstance(entry, dict):
            raise table.error("distrust", f"holds {entry!r}", 'write "id", or {id = "…", level = 2}')
        own = type(table)(table.document, (*table.path, "distrust", number), entry).only(("id", "level"))
        found.append(Distrust(own.required("id", "the trust root"), own.number("level", 0, 3) or 0))
    return tuple(found)


def _waiver(table: Table) -> Waiver:
    table.only(("atom", "subject", "reason", "expires"))
    expires = table.date("expires", "the last day on which it counts, so that it is looked at again")
    return Waiver(
        atom=table.required("atom", "the atom or requirement that is waived (`slsacheck rules` lists them)"),
        subject=table.required("subject", "the id of the subject, as the JSON report shows it"),
        reason=table.required("reason", "why it is waived; every report shows it"),
        expires=expires,
        expired=datetime.now(UTC).date().isoformat() > expires,
    )


def _declarations(table: Table) -> tuple[Declaration, ...]:
    table.only(("atom", "requirement", "subject", "reason", "by", "date"))
    if ("atom" in table.values) == ("requirement" in table.values):
        raise table.error("", "needs either 'atom' or 'requirement': what is declared")
    key = "atom" if "atom" in table.values else "requirement"
    return (
        Declaration(
            atom=table.required(key, "what is declared"),
            subject=table.text("subject") or "*",
            reason=table.required("reason", "what is so, in a sentence; every report shows it"),
            by=table.required("by", "who says so"),
            date=table.date("date", "when it was said"),
            path=table.document.name,
            line=table.line(),
        ),
    )
