"""`slsacheck vsa`: verifies an artifact and writes down what was proved, as a verification summary (VSA v1)."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from slsacheck.cli.verify import add_attestations, add_expectations, add_signers, case_from
from slsacheck.model.attestation import Expectations
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.evidence.attestations.summary import Policy, Summary
    from slsacheck.evidence.attestations.trustdata import TrustData
    from slsacheck.model.attestation import Case

__all__ = ["add_parser", "run"]

DESCRIPTION = """\
Verifies an artifact as the verify-* commands do and writes a verification summary attestation: an in-toto statement
that names verifier, policy, attestations and the level that was proved. A refuted artifact gets FAILED; one that
cannot be decided, or for which no level is proved, gets no summary. Sign it with --key, or leave that to
`cosign attest-blob --statement`.
"""
COMMANDS = (
    "verify-artifact",
    "verify-image",
    "verify-npm-package",
    "verify-pypi-package",
    "verify-github-attestation",
)
PASSWORD = "SLSACHECK_KEY_PASSWORD"  # noqa: S105 - the name of an environment variable
"""Where the password of an encrypted signing key is: arguments are seen by every user of a machine."""
_OK, _NOT_MET, _BROKEN = 0, 1, 3


def add_parser(subparsers: Any) -> None:
    """Adds the command's parser."""
    parser = subparsers.add_parser("vsa", description=DESCRIPTION, help="write a verification summary")
    parser.add_argument("target", nargs="*", metavar="TARGET", help="the files; for --verify-as verify-image the image")
    parser.add_argument(
        "--verify-as", choices=COMMANDS, default=COMMANDS[0], help="how to verify it (default verify-artifact)"
    )
    summary = parser.add_argument_group("the summary (with --verifier-id and --resource-uri)")
    summary.add_argument(
        "--config", metavar="FILE|REV:PATH", help="the policy: its expectations and trust roots count, named by digest"
    )
    summary.add_argument("--policy-uri", metavar="URI", help="where the policy can be fetched (default: as --config)")
    summary.add_argument(
        "--key", dest="signing_key", metavar="FILE", help=f"private key in PEM that signs it (password: ${PASSWORD})"
    )
    summary.add_argument("-o", "--output", default="-", metavar="FILE", help="where to (default - is standard output)")
    _add_dependencies(parser)
    add_attestations(parser, "vsa")
    add_expectations(parser)
    add_signers(parser, "--public-key-path")
    parser.set_defaults(run=run)


def _add_dependencies(parser: Any) -> None:
    group = parser.add_argument_group(
        "dependencies", "What the provenance names with a digest is counted by the level that these prove."
    )
    group.add_argument(
        "--dependency", action="append", default=[], metavar="FILE", help="attestations of dependencies; repeatable"
    )
    group.add_argument("--dependency-key", metavar="FILE", help="the public key of their signers")
    group.add_argument(
        "--dependency-verifier-id",
        metavar="ID",
        help="the verifier of their summaries; what else is expected of one stands in --config, by its package",
    )


def run(options: Any) -> int:
    """Writes the summary; 0 where it says PASSED, 1 where it says FAILED or was not written."""
    from slsacheck.cli.reporting import write_file, write_stdout
    from slsacheck.errors import InputError
    from slsacheck.evidence.attestations.steps import RefusedError

    _check(options)
    try:
        summary, raw = _summary(options)
    except RefusedError as problem:
        raise InputError(problem.message, advice="no summary was written") from problem
    if summary is None:
        return _undecided(raw.decode())
    if options.output == "-":
        write_stdout(raw.decode())
    else:
        write_file(options.output, raw)
    return _OK if summary.passed else _NOT_MET


def _check(options: Any) -> None:
    from slsacheck.errors import UsageError

    for flag, value in (("--verifier-id", options.verifier_id), ("--resource-uri", options.resource_uri)):
        if not value or ":" not in value:
            raise UsageError(
                f"{flag} must be given, as a URI", advice="readers of a summary compare both with what they expect"
            )
    if options.verify_as == "verify-image" and len(options.target) != 1:
        raise UsageError("--verify-as verify-image takes one image")


def _undecided(message: str) -> int:
    import sys

    from slsacheck.cli.console import clean

    sys.stderr.write(f"slsacheck: no summary was written: {clean(message)}\n")
    return _NOT_MET


def _case(options: Any) -> Case:
    options.command = options.verify_as
    options.artifact = () if options.verify_as == "verify-image" else tuple(options.target)
    options.image = options.target[0] if options.verify_as == "verify-image" else None
    case = case_from(options)
    return replace(case, expectations=replace(case.expectations, verifier_id=None, resource_uri=None))


def _policy(options: Any, case: Case) -> tuple[Policy, Case, TrustData, Callable[[str], Expectations]]:
    """The policy in force: the configuration with the flags above it, its trust roots, and what it says of packages."""
    from slsacheck import catalog, config
    from slsacheck.config.loading import config_from, content
    from slsacheck.evidence.attestations import default_trust
    from slsacheck.evidence.attestations.summary import Policy

    if options.config is None:
        policy = Policy(options.policy_uri, None, case.expectations, _trusted(case))
        return policy, case, default_trust(), lambda _: Expectations()
    raw = content(options.config)
    settings = config_from(raw, options.config)
    names = [os.path.basename(path) for path in case.artifact]  # noqa: PTH119 - a name
    below = settings.expectations_of(
        artifact=names[0] if len(names) == 1 else None, package=case.expectations.package_name
    )
    trust = replace(default_trust(), roots=config.in_force(settings, catalog.load()).trust_roots)
    policy = Policy(options.policy_uri or options.config, raw, case.expectations, _trusted(case))
    alone = replace(settings, expectations=Expectations())  # what is expected of this artifact is not of others
    overlaid = replace(case, expectations=config.overlaid(below, case.expectations))
    return policy, overlaid, trust, lambda package: alone.expectations_of(package=package)


def _trusted(case: Case) -> tuple[tuple[str, str], ...]:
    """The digests of the key and the trusted root that were given: they decide as much as the expectations."""
    import hashlib

    from slsacheck.evidence.attestations.files import read_bounded

    files = {"public_key": case.public_key, "trusted_root": case.trusted_root}
    return tuple(
        (name, f"sha256:{hashlib.sha256(read_bounded(path)).hexdigest()}") for name, path in files.items() if path
    )


def _summary(options: Any) -> tuple[Summary | None, bytes]:
    """The summary and the bytes to write; None and the reason where nothing was decided."""
    from slsacheck.evidence.attestations import verify_each
    from slsacheck.evidence.attestations.compared import all_compared
    from slsacheck.evidence.attestations.steps import RefusedError
    from slsacheck.evidence.attestations.summary import summarise
    from slsacheck.evidence.contents import now

    policy, case, trust, expected_of = _policy(options, _case(options))
    sign = _signer(options.signing_key)
    try:
        summary = summarise(
            case,
            [all_compared(case, answer) for answer in verify_each(case, trust)],
            verifier_id=options.verifier_id,
            resource_uri=options.resource_uri,
            policy=policy,
            time=now(),
            evaluate=_evaluation(options, case, trust, expected_of) if options.dependency else None,
        )
    except RefusedError as problem:
        if problem.verdict != "unknown":
            raise
        return None, problem.message.encode()
    return summary, sign(json.dumps(summary.statement, indent=1).encode() + b"\n")


def _evaluation(options: Any, case: Case, trust: TrustData, expected_of: Callable[[str], Expectations]) -> Any:
    """How the dependencies are evaluated: by the same trust data, each by what is expected of it."""
    from slsacheck.evidence.attestations.dependencies import evaluate
    from slsacheck.evidence.attestations.giventrust import trusted_by

    def expected(uri: str) -> Expectations:
        found = expected_of(uri)
        return replace(found, verifier_id=found.verifier_id or options.dependency_verifier_id)

    trust = trusted_by(case, trust)
    return lambda answer: evaluate(answer, options.dependency, trust, expected, options.dependency_key)


def _signer(path: str | None) -> Any:
    """What turns the statement into the bytes to write; the key is opened before anything is verified."""
    if path is None:
        return lambda statement: statement
    from slsacheck.evidence.attestations.files import read_bounded
    from slsacheck.evidence.attestations.signing import load_private_key, sign_statement

    password = os.environ.get(PASSWORD)
    key = load_private_key(read_bounded(path), path, password.encode() if password else None)
    return lambda statement: json.dumps(sign_statement(statement, key)).encode() + b"\n"
