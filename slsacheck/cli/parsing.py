"""A parser that says what is wrong in one sentence with a suggestion, and the options that commands share."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Any, NoReturn

from slsacheck.cli.console import console_of
from slsacheck.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Parser",
    "add_attestations",
    "add_choice",
    "add_colour",
    "add_common",
    "add_expectations",
    "add_expected",
    "add_format",
    "add_gate",
    "add_network",
    "add_platform",
    "add_registries",
    "add_released",
    "add_reporting",
    "add_repository",
]

SPECS = ("v0.1", "v1.0", "v1.1", "v1.2", "draft")
ACCEPTED = ("declared", "configured", "unsigned")

argparse._ = str  # type: ignore[attr-defined]  # English, as all that stands beside it; to look for translations took 2 ms


class _Formatter(argparse.HelpFormatter):
    """Help as wide as the terminal; argparse itself would import shutil, which costs as much as argparse."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32, width=min(console_of("never").width, 120) - 2)


class Parser(argparse.ArgumentParser):
    """argparse that raises UsageError, takes no abbreviations and suggests what may have been meant.

    `operands` is the name of the list that takes any number of operands.
    """

    operands = ""

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("formatter_class", _Formatter)
        settings.setdefault("allow_abbrev", False)
        super().__init__(**settings)

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> tuple[Any, list[str]]:  # type: ignore[override]
        """Raises UsageError for what is not known, so that nothing is ever left over.

        Operands that stand after an option are added to those before it: argparse alone would refuse them.
        """
        found, left = super().parse_known_args(args, namespace)
        for argument in left:
            if argument.startswith("-") or not self.operands:
                raise self._unknown(argument)
            setattr(found, self.operands, [*getattr(found, self.operands), argument])
        return found, []

    def error(self, message: str) -> NoReturn:
        """Raises UsageError with argparse's sentence and where the help is."""
        raise UsageError(_plain(message), advice=f"`{self.prog} --help` shows what it takes")

    def _unknown(self, argument: str) -> UsageError:
        from slsacheck.config.near import near

        flag = argument.partition("=")[0]
        found = near(flag, self._option_string_actions)
        advice = f"did you mean {found[0]}?" if found else f"`{self.prog} --help` shows what it takes"
        return UsageError(f"{flag}: unknown {'option' if flag.startswith('-') else 'argument'}", advice=advice)


def _plain(message: str) -> str:
    """The message `argument -a/--all: …` as `-a/--all: …`."""
    return re.sub(r"^argument ", "", message)


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Which specification, tracks and checks."""
    group = parser.add_argument_group("what is asked")
    group.add_argument("--spec", choices=SPECS, metavar="VERSION", help=f"{' '.join(SPECS)} (default v1.2)")
    group.add_argument("--track", action="append", default=[], metavar="TRACK", help="only this track; repeatable")
    group.add_argument("-k", dest="keyword", default="", metavar="EXPR", help="checks whose words match, as in pytest")
    group.add_argument(
        "-m", dest="mark", default="", metavar="EXPR", help="checks with marks: build, l2, publication, …"
    )
    group.add_argument(
        "-p", dest="plugin", action="append", default=[], metavar="NAME", help="load a plug-in (no:NAME: leave one out)"
    )
    group.add_argument(
        "--trust-plugin",
        action="append",
        default=[],
        metavar="NAME",
        help="let this plug-in raise levels and add trust roots",
    )


def add_released(parser: argparse.ArgumentParser) -> None:
    """The artifacts of an audit."""
    group = parser.add_argument_group("what is released")
    many: dict[str, Any] = {"action": "append", "default": []}
    group.add_argument("--artifact", metavar="FILE[=PUBLICATION]", help="files or globs; repeatable", **many)
    group.add_argument("--image", metavar="REF", help="a container image; repeatable", **many)
    group.add_argument("--package", metavar="PURL", help="as in pkg:npm/NAME@VERSION; repeatable", **many)
    group.add_argument(
        "--complete", action="store_true", help="what is given is all that the release has, so that the gate can be met"
    )


def add_attestations(parser: argparse.ArgumentParser) -> None:
    """Attestations of artifacts, and by what they are verified."""
    group = parser.add_argument_group("attestations")
    group.add_argument(
        "--attestation", action="append", default=[], metavar="FILE", help="provenance, bundles, VSAs; files or globs"
    )
    group.add_argument("--trusted-root", metavar="FILE", help="trust data instead of the shipped one")
    group.add_argument("--key", metavar="FILE", help="the public key of the signer")
    add_platform(group)
    add_repository(group)


def add_platform(group: argparse._ActionsContainer) -> None:
    """Which image of an index is meant."""
    group.add_argument("--platform", metavar="OS/ARCH", help="of an image for several platforms, this one alone")


def add_repository(group: argparse._ActionsContainer) -> None:
    """Where the attestations of images are."""
    group.add_argument(
        "--provenance-repository",
        metavar="REPOSITORY",
        help="where signatures and attestations of images are kept, if elsewhere (COSIGN_REPOSITORY)",
    )


def add_gate(parser: argparse.ArgumentParser) -> None:
    """What makes the run fail."""
    group = parser.add_argument_group("the gate")
    group.add_argument(
        "--require",
        action="append",
        default=[],
        metavar="TRACK=LEVEL",
        help="every subject must have this level proved; repeatable",
    )
    group.add_argument(
        "--accept",
        action="append",
        default=[],
        choices=ACCEPTED,
        help="count this too: declared, configured, unsigned; repeatable",
    )
    group.add_argument("--strict", action="store_true", help="any FAIL, and any hazard from medium up, fails the run")
    group.add_argument("-x", "--exitfirst", dest="stop", action="store_true", help="stop after the first FAIL or ERROR")


def add_network(parser: argparse.ArgumentParser) -> None:
    """Who may be asked."""
    group = parser.add_argument_group("network")
    which = group.add_mutually_exclusive_group()
    which.add_argument("--online", action="store_true", help="ask logs and the APIs of forges and registries too")
    which.add_argument("--offline", action="store_true", help="ask nobody, the target included")
    group.add_argument("--plain-http", action="store_true", help="speak HTTP to the registry that is named")
    add_addresses(group)


def add_registries(parser: argparse.ArgumentParser) -> None:
    """Whether the registries of the images that are named may be asked, and how."""
    group = parser.add_argument_group("network")
    group.add_argument("--offline", action="store_true", help="ask nobody, the registries that are named included")
    group.add_argument("--plain-http", action="store_true", help="speak HTTP to the registries that are named")


def add_addresses(group: argparse._ActionsContainer) -> None:
    """Where the services are that `--online` asks."""
    for flag, name in (
        ("--rekor-url", "the transparency log"),
        ("--github-api-url", "GitHub's API"),
        ("--npm-url", "the npm registry"),
        ("--pypi-url", "the Python package index"),
    ):
        group.add_argument(flag, metavar="URL", help=f"{name} that --online asks, instead of the public one")


def add_common(parser: argparse.ArgumentParser) -> None:
    """Configuration, evidence, workers."""
    group = parser.add_argument_group("input")
    group.add_argument(
        "--config", metavar="FILE|REV:PATH", help="configuration; only what is named here may raise trust"
    )
    group.add_argument(
        "--revision", metavar="REV", help="the revision that is assessed (default: the tag at HEAD, else HEAD)"
    )
    group.add_argument("--evidence", metavar="FILE", help="assess the evidence that `slsacheck collect` saved")
    group.add_argument(
        "--jobs", type=_jobs, metavar="N", help="threads for checks (default 1), requests to registries (default 6)"
    )


def add_reporting(parser: argparse.ArgumentParser) -> None:
    """What is shown, and where."""
    group = parser.add_argument_group("output")
    group.add_argument(
        "--report",
        action="append",
        default=[],
        metavar="FORMAT[=FILE]",
        help="a format and where to, as in json=FILE; - is standard output; repeatable",
    )
    group.add_argument("-q", "--quiet", action="count", default=0, help="say less")
    group.add_argument("-v", "--verbose", action="count", default=0, help="say more")
    group.add_argument(
        "--tb", choices=("auto", "long", "short", "line", "no"), default="auto", help="how much of a finding is shown"
    )
    add_colour(group)


def add_format(group: argparse._ActionsContainer) -> None:
    """For people or for programs."""
    group.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")


def add_colour(group: argparse._ActionsContainer) -> None:
    """`--colour`, and as others spell it."""
    group.add_argument(
        "--colour", "--color", choices=("auto", "always", "never"), default="auto", help="colour (default auto)"
    )


def add_expectations(parser: argparse.ArgumentParser) -> None:
    """What is expected of provenance: the flags of slsa-verifier and a few more."""
    group = parser.add_argument_group(
        "expectations", "What provenance must say; without them nothing of an artifact is proved."
    )
    add_expected(group)
    group.add_argument(
        "--certificate-identity", "--identity", dest="identity", metavar="IDENTITY", help="the signer's identity"
    )
    group.add_argument(
        "--certificate-oidc-issuer", "--issuer", dest="issuer", metavar="ISSUER", help="who vouches for the identity"
    )


EXPECTED = (
    ("--source-uri", "URI", "the source repository, as in github.com/OWNER/NAME"),
    ("--source-branch", "BRANCH", "the branch it was built from"),
    ("--source-tag", "TAG", "the tag it was built from"),
    ("--source-versioned-tag", "TAG", "a version the tag begins with: v1 takes v1.2.3"),
    ("--source-revision", "COMMIT", "the commit it was built from"),
    ("--builder-id", "ID", "the builder, with or without @version"),
    ("--build-type", "URI", "the buildType"),
    ("--package-name", "NAME", "the package's name"),
    ("--package-version", "VERSION", "the package's version"),
    ("--verifier-id", "ID", "the verifier of a summary"),
    ("--resource-uri", "URI", "the resource of a summary"),
)
"""The expectations that every command takes, each under its name in `slsacheck.model.attestation.EXPECTED_TEXTS`."""


def add_expected(group: argparse._ActionsContainer) -> None:
    """The flags for what provenance is expected to say."""
    for flag, metavar, text in EXPECTED:
        group.add_argument(flag, metavar=metavar, help=text)
    group.add_argument(
        "--build-workflow-input",
        action="append",
        default=[],
        type=_pair,
        metavar="NAME=VALUE",
        help="an input of the build, an external parameter; repeatable",
    )


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _jobs(text: str) -> int:
    """Workers: 1 to 256, which is above what helps anywhere."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 256):  # noqa: PLR2004 - see above
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 256")
    return int(text)
