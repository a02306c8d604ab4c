"""A case as JSON (output contract, section 2) read into the model."""

from __future__ import annotations

from typing import Any

from slsacheck.model.attestation import EXPECTED_TEXTS, Case, Expectations

__all__ = ["CaseError", "case_of"]

_MAX_ITEMS = 10_000
_TEXTS = (
    "oci_layout",
    "image_digest",
    "image_ref",
    "public_key",
    "trusted_root",
    "rekor_entry",
    "certificate",
    "trust_policy",
    "timestamp_root",
    "ca_roots",
    "ca_intermediates",
    "certificate_chain",
)


class CaseError(ValueError):
    """The case is not one: the message says which field."""


def _text(document: dict[str, Any], name: str) -> str | None:
    value = document.get(name)
    if value is not None and not isinstance(value, str):
        raise CaseError(f"{name} is a string or null")
    if value is not None and "\0" in value:
        raise CaseError(f"{name} holds a NUL character")
    return value


def _texts(document: dict[str, Any], name: str) -> tuple[str, ...]:
    values = document.get(name)
    if values is None:
        return ()
    if not isinstance(values, list) or not all(isinstance(one, str) and "\0" not in one for one in values):
        raise CaseError(f"{name} is a list of strings")
    if len(values) > _MAX_ITEMS:
        raise CaseError(f"{name} has more than {_MAX_ITEMS} entries")
    return tuple(values)


def _pairs(value: object, name: str) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise CaseError(f"{name} is an object of strings")
    return tuple(value.items())


def _digests(document: dict[str, Any]) -> tuple[tuple[tuple[str, str], ...], ...]:
    values = document.get("digests")
    if values is None:
        return ()
    if not isinstance(values, list) or len(values) > _MAX_ITEMS:
        raise CaseError("digests is a list of objects")
    return tuple(_pairs(one, "an entry of digests") for one in values)


def _expectations(arguments: object) -> Expectations:
    if arguments is None:
        return Expectations()
    if not isinstance(arguments, dict):
        raise CaseError("args is an object")
    return Expectations(
        build_workflow_input=_pairs(arguments.get("build_workflow_input"), "build_workflow_input"),
        subject_digest=_texts(arguments, "subject_digest"),
        verified_level=_texts(arguments, "verified_level"),
        **{name: _text(arguments, name) for name in EXPECTED_TEXTS if name in arguments},
    )


def case_of(value: object) -> Case:
    """The case, without its id, which is whoever asked's own; raises CaseError that names the field which is wrong."""
    if not isinstance(value, dict):
        raise CaseError("a case is a JSON object")
    command = _text(value, "command")
    if not command:
        raise CaseError("command is missing")
    return Case(
        command=command,
        artifact=_texts(value, "artifact"),
        digests=_digests(value),
        provenance=_texts(value, "provenance"),
        expectations=_expectations(value.get("args")),
        **{name: _text(value, name) for name in _TEXTS if name in value},
    )
