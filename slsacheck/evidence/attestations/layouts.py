"""in-toto layouts and link metadata: who did which step, and whether the links obey the layout.

Signatures, thresholds and artifact rules are decided by the library in-toto. Inspections are never run: they are
commands in a file. A layout that has some is answered with unknown, as are sublayouts, whose inspections would be run
by whoever follows them. Source: the in-toto specification, section 4.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from slsacheck.evidence.attestations.files import artifact_digests, read_bounded
from slsacheck.evidence.attestations.givenkey import load_given_key
from slsacheck.evidence.attestations.jsondoc import Document, as_map, as_text, dig, parse_json
from slsacheck.evidence.attestations.links import as_subjects
from slsacheck.evidence.attestations.statement import Subject, subjects_match
from slsacheck.evidence.attestations.steps import RefusedError, Trail, shown
from slsacheck.model.attestation import Signer, StatementFacts, Verification
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["verify_layout"]

_MAX_LINK_BYTES = 24 * 1024 * 1024
"""A link lists every file of a step with its hash: 24 MiB hold a hundred thousand."""
_MAX_STEPS = 200
"""Steps of a layout: genuine ones have less than twenty."""
_GPG_FIELDS = ("subkeys", "hashes")
"""Fields that only keys of GPG have in a layout."""
_RSA_DIGITS = 512
"""Hexadecimal digits of the modulus of an RSA key of 2048 bits."""


def _refuse(reason: str, message: str, step: str) -> RefusedError:
    return RefusedError(reason, message, step=step)


def _open(reason: str, message: str, step: str) -> RefusedError:
    return RefusedError(reason, message, verdict="unknown", step=step)


def _metadata(raw: bytes, path: str) -> Any:
    """A layout or link, traditional or in a DSSE envelope, as the library has it; raises RefusedError."""
    from in_toto.models.metadata import Metadata  # type: ignore[import-untyped]

    document = as_map(parse_json(raw, shown(path)))
    try:
        return Metadata.from_dict(document)
    except Exception as error:
        raise _refuse("malformed", f"{shown(path)} is no in-toto metadata ({type(error).__name__})", "read") from error


def _keys(paths: Sequence[str]) -> dict[str, Document]:
    """The owner's public keys as the library wants them, by the key id that the library makes."""
    from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]  # not in its __all__

    found: dict[str, Document] = {}
    for path in paths:
        key = load_given_key(read_bounded(path), shown(path)).key
        made = SSlibKey.from_crypto(key)
        found[made.keyid] = {"keyid": made.keyid, **made.to_dict()}
    return found


@contextmanager
def _library(step: str) -> Iterator[None]:
    """What the library raises, as a refusal in one sentence."""
    import in_toto.exceptions as said  # type: ignore[import-untyped]
    from securesystemslib.exceptions import FormatError

    reasons: dict[type[Exception], str] = {
        said.SignatureVerificationError: "no-valid-signature",
        said.LayoutExpiredError: "certificate-invalid",
        said.LinkNotFoundError: "subject-missing",
        said.ThresholdVerificationError: "no-valid-signature",
        said.RuleVerificationError: "statement-mismatch",
        FormatError: "malformed",
    }
    try:
        yield
    except RefusedError:
        raise
    except Exception as error:
        reason = next((name for kind, name in reasons.items() if isinstance(error, kind)), "malformed")
        first = str(error).strip().partition("\n")[0] or type(error).__name__
        raise _refuse(reason, f"in-toto refuses it: {shown(first)}", step) from error


def _check_shape(layout: Any) -> None:
    """What is not decided here: inspections; and what the library leaves to its caller."""
    if layout.inspect:
        names = ", ".join(shown(one.name) for one in layout.inspect[:5])
        raise _open(
            "unsupported",
            f"the layout has inspections ({names}): commands that a verifier is to run. slsacheck runs nothing of what "
            "it verifies; run `in-toto-verify` where that is safe, or use a layout without inspections",
            "inspections",
        )
    if len(layout.steps) > _MAX_STEPS:
        raise _open("limit-exceeded", f"the layout has more than {_MAX_STEPS} steps", "layout")
    keys = [one for key in layout.keys.values() for one in (key, *as_map(key.get("subkeys")).values())]
    for key in layout.keys.values():
        if any(field in key for field in _GPG_FIELDS):
            _check_gpg(key)
    publics = [json.dumps(dig(key, "keyval", "public"), sort_keys=True) for key in keys]
    if len(set(publics)) != len(publics):
        raise _refuse("malformed", "the layout names one key under two ids, so one person counts twice", "layout")
    if any(os.path.basename(step.name) != step.name or not step.name for step in layout.steps):  # noqa: PTH119 - a name
        raise _refuse("malformed", "a step's name is the path of a file", "layout")


def _check_gpg(key: Document) -> None:
    """A key of GPG and its subkeys, as in-toto writes them, are of a kind and length that count.

    The library verifies by them without GPG itself, and refuses one that has expired.
    """
    for one in (key, *(as_map(value) for value in as_map(key.get("subkeys")).values())):
        kind, public = as_text(one.get("type")), as_map(dig(one, "keyval", "public"))
        strong = kind == "rsa" and len(as_text(public.get("n")).lstrip("0")) >= _RSA_DIGITS
        if not strong and not (kind == "eddsa" and public.get("q")):
            message = f"the layout names a key of GPG that is too short or of a kind without trust ({shown(kind)})"
            raise _refuse("no-valid-signature", message, "layout")


def _links(layout: Any, folder: str) -> dict[str, dict[str, Any]]:
    """The links of every step by the functionary's key id: `STEP.KEYID-PREFIX.link` (specification, section 4.2)."""
    found: dict[str, dict[str, Any]] = {}
    for step in layout.steps:
        found[step.name] = {}
        for keyid in (one for key in step.pubkeys for one in (key, *layout.keys.get(key, {}).get("subkeys", {}))):
            path = os.path.join(folder, f"{step.name}.{keyid[:8]}.link")  # noqa: PTH118 - pathlib costs start-up time
            if os.path.lexists(path):
                found[step.name][keyid] = _metadata(read_bounded(path, _MAX_LINK_BYTES), path)
        if len(found[step.name]) < step.threshold:
            raise _refuse(
                "subject-missing",
                f"the step {shown(step.name)} needs {step.threshold} link(s) of its functionaries, "
                f"{shown(folder)} holds {len(found[step.name])}",
                "links",
            )
    return found


def _payloads(steps: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    found = {name: {keyid: one.get_payload() for keyid, one in links.items()} for name, links in steps.items()}
    if any(one.type_ != "link" for links in found.values() for one in links.values()):
        message = "a step is itself a layout; verify that one by itself, with its own key and links"
        raise _open("unsupported", message, "sublayouts")
    return found


def _products(reduced: dict[str, Any], layout: Any) -> tuple[Subject, ...]:
    """The products of the last step, as subjects."""
    return as_subjects(as_map(reduced[layout.steps[-1].name].products)) if layout.steps else ()


def _compare(artifacts: Sequence[str], subjects: tuple[Subject, ...], trail: Trail) -> None:
    """Every artifact is a product of the last step: what in-toto itself leaves to an inspection."""
    if not artifacts:
        trail.impossible(
            "subject", "subject-missing", "no artifact was given to compare the last step's products with; name it"
        )
    for path in artifacts:
        if subjects_match(subjects, artifact_digests(path)):
            trail.passed("subject", f"{shown(path)} is a product of the last step")
        else:
            trail.refute("subject", "hash-mismatch", f"{shown(path)} is no product of the last step")


def verify_layout(path: str, link_dir: str, keys: Sequence[str], artifacts: Sequence[str]) -> Verification:
    """Verify links and artifacts against a signed layout. Never raises; proves no SLSA level."""
    trail = Trail()
    try:
        import in_toto.verifylib  # type: ignore[import-untyped]  # noqa: F401 - asked for once, before anything is read
    except ModuleNotFoundError:
        trail.impossible("read", "unsupported", "layouts need the library in-toto: pip install 'slsacheck[in-toto]'")
        return _answer(trail, path)
    try:
        owners = _keys(keys)
        raw = read_bounded(path, _MAX_LINK_BYTES)
        facts = _verified(_metadata(raw, path), owners, link_dir, artifacts, trail)
    except RefusedError as problem:
        trail.failed(problem)
        return _answer(trail, path)
    return replace(
        _answer(trail, path),
        statement=facts,
        signer=Signer(", ".join(owners)),
        signed=True,
        authentic=not any(one.verdict == "fail" for one in trail.problems),
        digest=hashlib.sha256(raw).hexdigest(),
    )


def _verified(
    metadata: Any, owners: dict[str, Document], link_dir: str, artifacts: Sequence[str], trail: Trail
) -> StatementFacts:
    from in_toto import verifylib

    with _library("signature"):
        verifylib.verify_metadata_signatures(metadata, owners)
    trail.passed("signature", f"the layout is signed by all of the {len(owners)} given key(s)")
    layout = metadata.get_payload()
    if layout.type_ != "layout":
        raise _refuse("malformed", "it is a link, not a layout", "layout")
    with _library("expiry"):
        verifylib.verify_layout_expiration(layout)
    trail.passed("expiry", f"the layout counts until {shown(layout.expires)}")
    _check_shape(layout)
    links = _links(layout, link_dir)
    with _library("links"):
        links = verifylib.verify_link_signature_thresholds(layout, links)
    payloads = _payloads(links)
    trail.passed(
        "links", f"every step has links by as many of its functionaries as it asks for ({len(payloads)} steps)"
    )
    with _library("rules"):
        verifylib.verify_threshold_constraints(layout, payloads)
        reduced = verifylib.reduce_chain_links(payloads)
        verifylib.verify_all_item_rules(layout.steps, reduced)
    trail.passed("rules", "materials and products of every step obey the layout's rules")
    subjects = _products(reduced, layout)
    _compare(artifacts, subjects, trail)
    return StatementFacts(predicate_type="in-toto layout", subjects=subjects)


def _answer(trail: Trail, path: str) -> Verification:
    worst = trail.worst
    return Verification(
        verdict=worst.verdict if worst else "pass",
        message=worst.message if worst else "verified: the steps obey the layout",
        reason_class=worst.reason_class if worst else None,
        steps=tuple(trail.steps),
        level_why="a layout says what its owner demands; SLSA levels are proved by provenance",
        form="in-toto-layout",
        path=path,
    )
