"""The `verify-*` commands: one attestation against what is expected, with the flags of slsa-verifier and cosign."""

from __future__ import annotations

import argparse
import json
import os.path
import sys
from typing import TYPE_CHECKING

from slsacheck.cli.parsing import add_addresses, add_expected, add_platform, add_repository
from slsacheck.model.attestation import EXPECTED_TEXTS, Case, Expectations
from slsacheck.record import replace

if TYPE_CHECKING:
    from slsacheck.model.attestation import Verification

__all__ = ["add_attestations", "add_expectations", "add_parser", "add_signers", "case_from", "signers_from"]

_DESCRIPTIONS = {
    "verify-artifact": "Verify files against SLSA provenance: signature, log, time, builder, source, subjects.",
    "verify-image": "Verify a container image by its signatures and attestations: registry, OCI layout, archive.",
    "verify-npm-package": "Verify an npm tarball against the registry's attestations.",
    "verify-pypi-package": "Verify a wheel or sdist against its attestations (PEP 740).",
    "verify-vsa": "Verify a verification summary attestation.",
    "verify-github-attestation": "Verify a file against a GitHub artifact attestation.",
    "verify-bundle": "Verify signature, certificate, log and time of attestations, without expectations.",
    "verify-rekor-entry": "Verify that an entry is in its transparency log.",
}
_PROVENANCE_FLAGS = {
    "verify-npm-package": ("--attestations-path", "--provenance-path"),
    "verify-vsa": ("--attestation-path", "--provenance-path"),
    "verify-github-attestation": ("--attestation-path", "--provenance-path"),
}
_SOURCE_REQUIRED = ("verify-artifact", "verify-npm-package", "verify-github-attestation")
_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}
_STATUS = {"pass": 0, "fail": 1, "unknown": 1, "error": 3}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the eight commands."""
    for command, description in _DESCRIPTIONS.items():
        parser = subparsers.add_parser(command, help=description, description=description)
        _add_target(parser, command)
        add_attestations(parser, command)
        add_expectations(parser)
        add_signers(parser)
        _add_network(parser, command)
        output = parser.add_argument_group("output")
        output.add_argument(
            "--format", choices=("text", "json"), default="text", help="text for people (default), or JSON"
        )
        output.add_argument(
            "--print-provenance",
            "--print-attestation",
            action="store_true",
            help="print the verified statement to standard output",
        )
        parser.set_defaults(run=_run, command=command)


def _add_target(parser: argparse.ArgumentParser, command: str) -> None:
    if command in ("verify-bundle", "verify-rekor-entry"):
        what = (
            "attestation files"
            if command == "verify-bundle"
            else "files with entries, as the log's API answers them; with --online also ids or indexes of entries"
        )
        several = "+" if command == "verify-bundle" else "*"
        parser.add_argument("provenance", nargs=several, metavar="FILE", help=what)
    elif command == "verify-image":
        parser.add_argument(
            "image",
            metavar="IMAGE",
            help="OCI layout or archive (LAYOUT, LAYOUT:tag, LAYOUT@sha256:…), or REGISTRY/NAME:tag",
        )
    else:
        parser.add_argument("artifact", nargs="*", metavar="FILE", help="the files that the attestation is about")


def add_attestations(parser: argparse.ArgumentParser, command: str) -> None:
    """Where the attestations are, and what they are about."""
    group = parser.add_argument_group("attestations")
    flags = _PROVENANCE_FLAGS.get(command, ("--provenance-path",))
    group.add_argument(
        *flags,
        dest="provenance_path",
        action="append",
        default=[],
        metavar="FILE",
        help="file with the attestation: DSSE, bundle, JSON lines, npm, gcloud, PEP 740; repeatable",
    )
    add_repository(group)
    if command == "verify-image":
        add_platform(group)
    group.add_argument(
        "--signature",
        dest="provenance_path",
        action="append",
        metavar="FILE",
        help="the same, for a signature of a file as `cosign sign-blob` writes it",
    )
    group.add_argument("--certificate", metavar="FILE", help="the signer's certificate, where it lies beside it")
    group.add_argument(
        "--rekor-entry", metavar="FILE", help="the log's answer about the entry, for a bare DSSE envelope"
    )
    group.add_argument(
        "--artifact", dest="artifact_flag", action="append", default=[], metavar="FILE", help="a file it is about"
    )
    group.add_argument(
        "--digest", action="append", default=[], type=_digest, metavar="ALGORITHM:HEX", help="instead of a file"
    )


def add_expectations(parser: argparse.ArgumentParser) -> None:
    """What the attestation is expected to say."""
    group = parser.add_argument_group("expectations")
    add_expected(group)
    group.add_argument(
        "--subject-digest", action="append", default=[], metavar="NAME:VALUE", help="a subject; repeatable"
    )
    group.add_argument(
        "--verified-level", action="append", default=[], metavar="LEVEL", help="a level vouched for; repeatable"
    )


def add_signers(parser: argparse.ArgumentParser, *key_flags: str) -> None:
    """Who may have signed: a key, or an identity under a trusted root."""
    group = parser.add_argument_group("trust")
    flags = key_flags or ("--key", "--public-key-path")
    group.add_argument(*flags, dest="key", metavar="FILE", help="the signer's public key")
    group.add_argument("--public-key-id", metavar="ID", help="the key id that the envelope must name")
    group.add_argument("--public-key-signing-hash-algo", metavar="HASH", help="sha256, sha384 or sha512")
    group.add_argument(
        "--trusted-root", metavar="FILE", help="trusted_root.json, or notation's root certificates in PEM"
    )
    group.add_argument("--trust-policy", metavar="FILE", help="notation's trustpolicy.json: which signers count")
    for flag, text in (
        ("--ca-roots", "PEM: roots of the authorities that issued the signers' certificates, instead of Sigstore's"),
        ("--ca-intermediates", "PEM: certificates between those roots and the signer's"),
        ("--certificate-chain", "PEM: both in one file, the root last"),
    ):
        group.add_argument(flag, metavar="FILE", help=text)
    group.add_argument(
        "--timestamp-root",
        "--timestamp-certificate-chain",
        metavar="FILE",
        help="PEM: roots of the timestamp authorities, for signatures of notation and under --ca-roots",
    )
    group.add_argument("--certificate-identity", "--identity", dest="identity", metavar="IDENTITY", help="the signer")
    group.add_argument(
        "--certificate-identity-regexp",
        dest="identity_regexp",
        metavar="REGEX",
        help="fits the whole signer; one that begins with ^, its beginning",
    )
    group.add_argument(
        "--certificate-oidc-issuer", "--issuer", dest="issuer", metavar="URL", help="who vouches for the signer"
    )
    group.add_argument(
        "--certificate-oidc-issuer-regexp",
        dest="issuer_regexp",
        metavar="REGEX",
        help="fits the whole issuer, or its beginning",
    )


def _add_network(parser: argparse.ArgumentParser, command: str) -> None:
    group = parser.add_argument_group("network")
    if command == "verify-image":
        group.add_argument("--offline", action="store_true", help="ask nobody, the image's registry included")
    group.add_argument(
        "--online",
        action="store_true",
        help="look up what was not given: attestations by digest, log entries; without it nobody is asked",
    )
    group.add_argument("--plain-http", action="store_true", help="speak HTTP to services whose address is given")
    add_addresses(group)


def _digest(text: str) -> tuple[tuple[str, str], ...]:
    algorithm, colon, value = text.partition(":")
    if not colon or not algorithm or not value:
        raise argparse.ArgumentTypeError(f"{text!r} is not ALGORITHM:HEX, as in sha256:5891b5…")
    digits = _DIGITS.get(algorithm)
    if digits is not None and (len(value) != digits or not set(value.lower()) <= set("0123456789abcdef")):
        raise argparse.ArgumentTypeError(f"{text!r}: a {algorithm} digest has {digits} hexadecimal digits")
    return ((algorithm, value.lower()),)


def _either(plain: str | None, pattern: str | None) -> str | None:
    """What is expected by a flag or by its twin with a pattern.

    For cosign a pattern fits if any part does. Here it has to fit the whole, but for one that says itself where it
    begins (`^https://github.com/OWNER/`) and not where it ends.
    """
    if plain is not None or pattern is None:
        return plain
    begins = pattern.startswith("^") and not pattern.endswith("$")
    return f"regexp:(?:{pattern}).*" if begins else f"regexp:{pattern}"


def _expectations(options: argparse.Namespace, signers: Expectations) -> Expectations:
    texts = {name: getattr(options, name) for name in EXPECTED_TEXTS}
    texts["identity"], texts["issuer"] = signers.identity, signers.issuer
    return Expectations(
        build_workflow_input=tuple(options.build_workflow_input),
        subject_digest=tuple(options.subject_digest),
        verified_level=tuple(options.verified_level),
        **texts,
    )


def signers_from(options: argparse.Namespace, command: str) -> Case:
    """A case of which only the signers are said, by the flags of `add_signers`."""
    return Case(
        command=command,
        public_key=options.key,
        trusted_root=options.trusted_root,
        trust_policy=options.trust_policy,
        timestamp_root=options.timestamp_root,
        ca_roots=options.ca_roots,
        ca_intermediates=options.ca_intermediates,
        certificate_chain=options.certificate_chain,
        expectations=Expectations(
            identity=_either(options.identity, options.identity_regexp),
            issuer=_either(options.issuer, options.issuer_regexp),
            public_key_id=options.public_key_id,
            public_key_signing_hash_algo=options.public_key_signing_hash_algo,
        ),
    )


def case_from(options: argparse.Namespace) -> Case:
    """The case that the arguments describe."""
    signers = signers_from(options, options.command)
    case = replace(
        signers,
        artifact=(*getattr(options, "artifact", ()), *options.artifact_flag),
        digests=tuple(options.digest),
        provenance=(*getattr(options, "provenance", ()), *options.provenance_path),
        rekor_entry=options.rekor_entry,
        certificate=options.certificate,
        expectations=_expectations(options, signers.expectations),
    )
    return _with_image(case, options.image) if options.command == "verify-image" else case


def _with_image(case: Case, image: str) -> Case:
    """The image: a layout with an optional tag or digest, else a reference, whose digest alone is used."""
    if os.path.isdir(image):  # noqa: PTH112 - pathlib costs start-up time
        return replace(case, oci_layout=image)
    path, at, digest = image.rpartition("@")
    if at and os.path.isdir(path):  # noqa: PTH112 - see above
        return replace(case, oci_layout=path, image_digest=digest)
    path, colon, tag = image.rpartition(":")
    if colon and os.path.isdir(path):  # noqa: PTH112 - see above
        return replace(case, oci_layout=path, image_ref=tag)
    return replace(case, image_ref=image)


def _run(options: argparse.Namespace) -> int:
    from slsacheck.cli.network import asked_services
    from slsacheck.cli.verify_answer import as_document, as_text
    from slsacheck.evidence.attestations import verify

    if options.command in _SOURCE_REQUIRED and options.source_uri is None and options.format == "text":
        sys.stderr.write("slsacheck: without --source-uri nothing can pass; see --help\n")
    case = case_from(options)
    services = asked_services(options)
    if options.command == "verify-image" and not case.provenance:
        answer, asked = _image_answer(options, case), None
    elif services is None:
        answer, asked = verify(case), None
    else:
        from slsacheck.evidence.online import verify_online

        asked = verify_online(case, services)
        answer = asked.verification
    if options.format == "json":
        sys.stdout.write(json.dumps(as_document(answer, case, asked), indent=1) + "\n")
    else:
        stream = sys.stderr if options.print_provenance else sys.stdout
        stream.write(as_text(answer, case, asked))
    if options.print_provenance and options.format == "text":
        _print_provenance(answer)
    return _STATUS[answer.verdict]


def _image_answer(options: argparse.Namespace, case: Case) -> Verification:
    from slsacheck.cli.targets import repository_of
    from slsacheck.evidence.oci import Access
    from slsacheck.evidence.oci.verifying import verify_image

    access = Access(
        offline=options.offline,
        plain_http=options.plain_http,
        repository=repository_of(options),
        platform=options.platform,
    )
    return verify_image(options.image, case, access)


def _print_provenance(answer: Verification) -> None:
    """The statement that was verified, as JSON in ASCII; nothing unless the verdict is pass."""
    if answer.verdict == "pass" and answer.payload is not None:
        sys.stdout.write(json.dumps(json.loads(answer.payload)) + "\n")
