"""The commands by name, with the module of each, and the help that costs no import."""

from __future__ import annotations

from slsacheck.record import record

__all__ = ["COMMANDS", "EXIT_STATUS", "Command", "help_text", "split"]


@record
class Command:
    """A command: the module under `slsacheck.cli` that holds it, the group of the help, and what it does."""

    module: str
    group: str
    help: str


COMMANDS = {
    "scan": Command("scan", "Assess", "assess repositories, files, images and packages (the default command)"),
    "audit": Command("audit", "Assess", "a repository together with what it releases, before the release"),
    "collect": Command("collect", "Assess", "save the evidence of a target, to be assessed elsewhere or later"),
    "init": Command("init", "Assess", "write a starter configuration, slsacheck.toml"),
    "rules": Command("rules", "Learn", "the requirements by version, track and level"),
    "checks": Command("checks", "Learn", "the checks, and which atoms each decides"),
    "explain": Command("explain", "Learn", "what a requirement, atom, trust root, hazard or check means"),
    "trust": Command("trust", "Learn", "trust roots of build platforms; trust data, its age, and its update"),
    "verify-artifact": Command("verify", "Verify", "a file against its provenance"),
    "verify-image": Command("verify", "Verify", "a container image against its attestations"),
    "verify-npm-package": Command("verify", "Verify", "an npm package against the registry's attestations"),
    "verify-pypi-package": Command("verify", "Verify", "a Python package against its attestations (PEP 740)"),
    "verify-vsa": Command("verify", "Verify", "a verification summary attestation"),
    "verify-github-attestation": Command("verify", "Verify", "a GitHub artifact attestation"),
    "verify-bundle": Command("verify", "Verify", "signature and log of a bundle, without expectations"),
    "verify-rekor-entry": Command("verify", "Verify", "an entry of the transparency log"),
    "verify-layout": Command("verify_layout", "Verify", "the steps of a build against an in-toto layout"),
    "vsa": Command("vsa", "Verify", "write a verification summary (VSA) of an artifact that was verified"),
    "compare": Command("compare", "Verify", "two artifacts side by side; a rebuild; an image before and after a copy"),
    "sbom": Command("sbom", "Verify", "the SBOMs of an image or file: taken out, judged, merged into one"),
    "verify-batch": Command("verify_batch", "Verify", "many cases in one process, JSON lines in and out"),
}

_OPTIONS = """\
Most used options of scan (`slsacheck scan --help` shows all):
  --spec VERSION          v0.1 v1.0 v1.1 v1.2 draft (default v1.2)
  --require TRACK=LEVEL   the gate: exit status 1 unless this level is proved, as in build=2
  --report FORMAT[=FILE]  terminal json html junit sarif markdown …; repeatable; json=- is standard output
  --config FILE|REV:PATH  the configuration that may raise trust; one in the target may only lower it
  --online, --offline     also ask logs, forges and registries; ask nobody
  -k EXPR, -m EXPR        choose checks by words or marks, as pytest does
  -x, -q, -v, --tb        stop at the first FAIL; say less; say more; how much of a finding is shown
"""
EXIT_STATUS = (
    "Exit status: 0 gate met; 1 not met; 2 interrupted; 3 a check broke; 4 usage or configuration; 5 nothing assessed"
)


def split(argv: list[str]) -> tuple[str | None, list[str]]:
    """The command that the arguments name and what is left for it; None where they ask for the help.

    Without the name of a command it is `scan`: write `./rules` for a folder called as a command is.
    """
    if argv and argv[0] in COMMANDS:
        return argv[0], argv[1:]
    if argv[:1] == ["help"] and len(argv) > 1 and argv[1] in COMMANDS:
        return argv[1], ["--help"]
    if argv in (["--help"], ["-h"], ["help"]):
        return None, []
    return "scan", argv


def help_text() -> str:
    """The help of the whole command."""
    lines = [
        "usage: slsacheck [TARGET ...] [options]",
        "       slsacheck COMMAND [options]",
        "",
        "Which SLSA level do this repository and these artifacts really reach, what proves it, and what to do next.",
    ]
    group = ""
    for name, command in COMMANDS.items():
        if command.group != group:
            group = command.group
            lines += ["", f"{group}:"]
        lines.append(f"  {name:<26} {command.help}")
    lines += [
        "",
        "  --version, --help; `slsacheck COMMAND --help` shows the options of a command",
        "",
        _OPTIONS,
        EXIT_STATUS,
        "",
    ]
    return "\n".join(lines)
