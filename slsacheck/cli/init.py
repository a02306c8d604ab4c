"""`slsacheck init`: a starter configuration, with what the repository and one verified release let us propose."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from slsacheck.cli.parsing import add_colour

if TYPE_CHECKING:
    from slsacheck.model import Publication, Verification

__all__ = ["add_parser", "run", "toml_string"]

DESCRIPTION = """\
Writes slsacheck.toml for a repository: the gate, the expectations (proposed from the origin, and from a release that
is verified here where --artifact and --attestation give one), and examples of everything else as comments.
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command's parser."""
    parser = subparsers.add_parser("init", description=DESCRIPTION, help="a starter configuration")
    parser.add_argument("target", nargs="?", default=".", metavar="FOLDER", help="the repository (default .)")
    parser.add_argument("--artifact", action="append", default=[], metavar="FILE", help="a released file; repeatable")
    parser.add_argument("--attestation", action="append", default=[], metavar="FILE", help="its provenance; repeatable")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="where to (default FOLDER/slsacheck.toml; - is standard output)"
    )
    parser.add_argument("--force", action="store_true", help="overwrite what is there")
    add_colour(parser)
    parser.set_defaults(run=run)


def run(options: Any) -> int:
    """Writes the file; returns 0. Raises UsageError where it is there already or the target is no folder."""
    from pathlib import Path

    from slsacheck.cli.console import console_of
    from slsacheck.cli.reporting import write_file, write_stdout
    from slsacheck.errors import UsageError

    folder = Path(options.target)
    if not folder.is_dir():
        raise UsageError(f"{options.target} is not a folder", advice="give the folder of a repository")
    output = options.output or str(folder / "slsacheck.toml")
    if output != "-" and not options.force and (Path(output).exists() or Path(output).is_symlink()):
        raise UsageError(f"{output} is there already", advice="--force overwrites it; -o FILE writes another one")
    text = _text(options)
    if output == "-":
        write_stdout(text)
        return 0
    write_file(output, text)
    name = output.removeprefix("./")
    console_of(options.colour).say(f"wrote {name}; it counts where a command names it: slsacheck --config {name}")
    return 0


def toml_string(text: str) -> str:
    """A TOML basic string: JSON's, with the one control character that JSON leaves as it is."""
    return json.dumps(text.encode("utf-8", "backslashreplace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    """A text of the target as a comment can hold it: on one line, without control characters."""
    return "".join(char if char.isprintable() else "?" for char in text)[:300]


def _text(options: Any) -> str:
    origin, publications, problem = _repository(options.target)
    verified, note = _verified(options)
    parts = [_HEAD, _expectations(origin, verified, note), _published(publications, problem), _TAIL]
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def _repository(folder: str) -> tuple[str | None, tuple[Publication, ...], str]:
    """The origin's address, what the configuration publishes, and what could not be read."""
    from slsacheck import plugins
    from slsacheck.assessing import Request, bench_of
    from slsacheck.config.targets import target_of
    from slsacheck.evidence.git import source_uri
    from slsacheck.evidence.targets import open_target

    registry = plugins.load()
    request = Request(targets=(), open=open_target)
    origin, found, problem = None, (), ""
    try:
        bench = bench_of(target_of(folder), request, registry)
        address = bench.get("repository").origin
        origin = source_uri(address) if address else None
        found = bench.get("publications")
    except Exception as error:  # noqa: BLE001 - a starter is written whatever the repository holds
        problem = f"{type(error).__name__}: {error}"
    return origin, found, problem


def _verified(options: Any) -> tuple[Verification | None, str]:
    """The verification of the release that was given, None where it does not hold; and a word on it."""
    if not options.attestation:
        return None, ""
    from slsacheck.cli.targets import files_of
    from slsacheck.evidence.attestations import verify
    from slsacheck.model import Case

    case = Case(
        command="verify-bundle",
        artifact=files_of(options.artifact, "--artifact"),
        provenance=files_of(options.attestation, "--attestation"),
    )
    answer = verify(case)
    names = ", ".join(options.attestation)
    if answer.verdict == "pass" and answer.authentic:
        return answer, f"from the provenance in {names}, whose signature verified"
    return None, f"{names} did not verify, so nothing is proposed from it: {answer.message}"


def _expectations(origin: str | None, verified: Verification | None, note: str) -> str:
    lines = [
        "[expectations]",
        "# What provenance must say. Look at each value: what is wrong here is wrong in every audit.",
    ]
    if note:
        lines.append(f"# Proposed {_comment(note)}" if verified else f"# {_comment(note)}")
    elif origin:
        lines.append("# source_uri is proposed from the origin of the checkout.")
    proposed = _proposed(verified)
    proposed.setdefault("source_uri", origin or "")
    for key, (example, meaning) in _EXAMPLES.items():
        if value := proposed.get(key):
            lines.append(f"{key} = {toml_string(value)}")
        else:
            lines.append(f"# {key} = {toml_string(example)}  # {meaning}")
    return "\n".join([*lines, _MORE_EXPECTATIONS.strip("\n")]) + "\n"


def _proposed(verified: Verification | None) -> dict[str, str]:
    """What the next release will say too: a builder without its tag, an identity only where it names no tag."""
    if verified is None:
        return {}
    facts, signer = verified.statement, verified.signer
    found = {
        "source_uri": facts.source_uri,
        "builder_id": (facts.builder_id or "").partition("@refs/tags/")[0],
        "build_type": facts.build_type,
        "identity": signer.identity if signer and "@refs/tags/" not in signer.identity else None,
        "issuer": signer.issuer if signer else None,
    }
    return {key: value for key, value in found.items() if value}


_EXAMPLES = {
    "source_uri": ("github.com/OWNER/NAME", "the source repository"),
    "builder_id": ("https://…", "builder.id of the provenance; without its @refs/tags/… any tag fits"),
    "build_type": ("https://…", "buildType of the provenance"),
    "identity": ("https://…", "who signs; regexp: before it makes it a pattern"),
    "issuer": ("https://…", "who vouches for the signer"),
}


def _published(publications: tuple[Publication, ...], problem: str) -> str:
    lines = [
        "# What the build configuration publishes: subjects of waivers and declarations, and of [[expectations.for]]."
    ]
    lines += [f"#   {_comment(publication.id)}" for publication in publications]
    if problem:
        lines.append(f"#   could not be read: {_comment(problem)}")
    elif not publications:
        lines.append("#   nothing was seen")
    return "\n".join(lines) + "\n"


_HEAD = """
# slsacheck.toml: the gate of this repository, and what it expects of its own releases.
#
# Expectations, trust roots, waivers, declarations and acceptance count only where a command names this file:
#     slsacheck audit --config slsacheck.toml --artifact 'dist/*'
# and in the check of a pull request, where the file itself may have been changed, that of the base:
#     slsacheck --config origin/main:slsacheck.toml
# Without --config, require, strict and distrust still count: they can only ask for more.

spec = "v1.2"               # v0.1 v1.0 v1.1 v1.2 draft
# tracks = ["build"]        # only these; all of the version where it is left out
# require = ["build=2"]     # every publication and artifact must have this level proved
# accept = ["configured"]   # declared, configured, unsigned: what a gate counts beside what is proved
# strict = true             # any FAIL, and any hazard from medium up, fails the run
# report = ["json=slsacheck.json"]
# distrust = ["ID", {id = "ID", level = 2}]   # trust roots that count less here; `slsacheck trust show` lists them
"""

_MORE_EXPECTATIONS = """
# source_branch = "main"
# package_name = "NAME"

# [expectations.build_workflow_input]   # each external parameter of the build
# channel = "stable"

# [[expectations.for]]                  # for some things only: publication, package or artifact; * stands for anything
# artifact = "*.whl"
# package_name = "NAME"
"""

_TAIL = """
# [[waiver]]                            # what the gate does not ask of one subject for now; a level never changes
# atom = "build.isolated"               # an atom or requirement: `slsacheck rules`
# subject = "publication:…"             # as above, or as the JSON report shows it
# reason = "why, in a sentence"
# expires = 2027-01-31                  # the last day on which it counts

# [[declaration]]                       # somebody's word: DECLARED, which proves nothing
# requirement = "source.identity-management"
# subject = "*"
# reason = "what is so, in a sentence"
# by = "who says so"
# date = 2026-01-31

# [[trust_root]]                        # whose provenance is believed, and how far; see rules/trust_roots.toml
# id = "our-builder"
# title = "Our build platform"
# level = 2
# slsa_level = 2
# builder_id = 'https://builder\\.example/v1'
# basis = "on what that rests"
# date = "2026-01-31"
# covers = ["build.provenance-authentic", "build.hosted"]
# signer = {kind = "fulcio", issuer = 'https://…', identity = 'https://…'}
"""
