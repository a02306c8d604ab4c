"""in-toto statements: header, subjects, and whether an artifact is one of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.envelope import INTOTO_PAYLOAD
from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, dig, parse_json
from slsacheck.evidence.attestations.limits import MAX_SUBJECTS
from slsacheck.evidence.attestations.steps import RefusedError, shown
from slsacheck.patterns import regex
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slsacheck.evidence.attestations.envelope import Attestation

__all__ = [
    "Statement",
    "Subject",
    "algorithm_name",
    "forget",
    "misspelt_algorithm",
    "parse_statement",
    "subjects_match",
]

_TYPES = ("https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1")
_PAYLOAD_TYPE = regex(r"application/vnd\.in-toto(?:\.[a-z0-9.-]{1,60})?\+json")
_WEAK = frozenset({"sha1", "md5", "gitCommit", "gitTree", "gitBlob", "gitTag", "dirHash"})
"""Digests that never match an artifact: too weak, or not of its bytes."""

_SPELLINGS = regex(r"sha[-_]?(1|224|256|384|512)", re.IGNORECASE | re.ASCII)
"""How people and programs write the names of hashes, beside in-toto's own."""

Subject = tuple[str, tuple[tuple[str, str], ...]]
"""Name and digests (algorithm, value) of a subject."""


_LAST: dict[str, tuple[bytes, tuple[str, str], Statement | RefusedError]] = {}
"""The statement that was read last: the same one is asked for several times in a row, and may have 24 MiB."""


@record
class Statement:
    """A statement: what it is about, of which kind, and the predicate as it was read."""

    subjects: tuple[Subject, ...]
    predicate_type: str
    predicate: Document


def _subject(value: object) -> Subject:
    digests = as_map(dig(value, "digest"))
    pairs = tuple((name, digest) for name, digest in digests.items() if isinstance(digest, str))
    name = as_text(dig(value, "name"))
    if "\0" in name or (".." in name and ".." in name.replace("\\", "/").split("/")):
        raise _refuse(
            f"the subject name {shown(name)!r} leads out of its folder or holds a NUL character; "
            "no build names its output so, and whoever saves the file under that name is attacked"
        )
    return name, pairs


def _refuse(message: str) -> RefusedError:
    return RefusedError("malformed", message, step="statement")


def parse_statement(attestation: Attestation) -> Statement:
    """The in-toto statement in the payload; both versions of the header go with every predicate.

    Raises RefusedError `malformed` for other payload types, other headers, and too many subjects.
    """
    kept = _LAST.get("read")
    if kept is None or kept[0] is not attestation.payload or kept[1] != (attestation.form, attestation.payload_type):
        forget()
        try:
            found: Statement | RefusedError = _parsed(attestation)
        except RefusedError as refused:
            found = refused
        kept = _LAST["read"] = (attestation.payload, (attestation.form, attestation.payload_type), found)
    if isinstance(kept[2], RefusedError):
        raise kept[2].with_traceback(None)
    return kept[2]


def forget() -> None:
    """Lets go of the statement that was read last: with the next one it would take twice the memory."""
    _LAST.clear()


def _parsed(attestation: Attestation) -> Statement:
    if attestation.form != "in-toto-statement" and not _PAYLOAD_TYPE.fullmatch(attestation.payload_type):
        raise _refuse(f"the payload is {shown(attestation.payload_type)!r}, not {INTOTO_PAYLOAD}")
    document = as_map(parse_json(attestation.payload, "the signed statement"))
    if document.get("_type") not in _TYPES:
        raise _refuse(f"the statement's _type {shown(document.get('_type'))} is not in-toto's")
    subjects = as_list(document.get("subject"))
    if len(subjects) > MAX_SUBJECTS:
        raise RefusedError(
            "limit-exceeded",
            f"the statement has more than {MAX_SUBJECTS} subjects",
            verdict="unknown",
            step="statement",
        )
    return Statement(
        tuple(_subject(one) for one in subjects),
        as_text(document.get("predicateType")),
        as_map(document.get("predicate")),
    )


def _matches(wanted: Mapping[str, str], stated: Mapping[str, str]) -> bool:
    """Whether a subject is that artifact: at least one strong digest is equal and none that both name differs."""
    common = [name for name in wanted if name in stated and name not in _WEAK]
    return bool(common) and all(wanted[name].lower() == stated[name].lower() for name in common)


def subjects_match(subjects: tuple[Subject, ...], digests: Mapping[str, str]) -> bool:
    """Whether an artifact with these digests (algorithm to hexadecimal value) is a subject. sha1 never matches."""
    return any(_matches(digests, dict(stated)) for _, stated in subjects)


def algorithm_name(text: str) -> str:
    """The name of a hash as in-toto's DigestSet has it, of a way in which users write it (`SHA-256`)."""
    match = _SPELLINGS.fullmatch(text)
    return f"sha{match[1]}" if match else text


def misspelt_algorithm(subjects: tuple[Subject, ...], digests: Mapping[str, str]) -> str | None:
    """A name under which a subject has the artifact's very digest, and that in-toto does not know; None without."""
    for _, stated in subjects:
        for name, value in stated:
            if name not in digests and digests.get(algorithm_name(name), "") == value.lower() != "":
                return name
    return None
