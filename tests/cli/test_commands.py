"""init, collect, audit, waivers and declarations from the command line; help and versions."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from slsacheck import __version__, config
from slsacheck.cli.commands import COMMANDS
from slsacheck.cli.init import toml_string
from slsacheck.cli.targets import artifact_inputs, files_of
from slsacheck.config.document import parse
from slsacheck.config.targets import target_of, told_apart
from slsacheck.errors import UsageError

from .conftest import ATTESTED, Ended

Command = Callable[..., Ended]


def subject_of(command: Command) -> str:
    subjects = json.loads(command("--report", "json=-").out)["subjects"]
    return str(next(subject["id"] for subject in subjects if subject["kind"] == "publication"))


def test_init_writes_a_configuration_that_loads_and_assesses(command: Command, released: Path) -> None:
    ended = command("init")
    assert (ended.status, ended.err) == (0, "")
    found = config.load("slsacheck.toml")
    assert (found.spec, found.require, found.waivers) == ("v1.2", (), ())
    assert "publication:archive:" in (released / "slsacheck.toml").read_text()
    assert command("--config", "slsacheck.toml").status == 0


def test_every_example_of_the_starter_is_valid_once_uncommented(command: Command, released: Path) -> None:
    text = command("init", "-o", "-").out
    kept = [re.sub(r"^# (?=\[|[a-z_]+ = )", "", line) for line in text.splitlines() if "distrust" not in line]
    path = released / "all.toml"
    path.write_text("\n".join(kept))
    found = config.load(str(path))
    assert found.waivers
    assert found.declarations
    assert found.trust_roots
    assert found.expected
    from slsacheck import catalog

    assert config.checked_names(found, catalog.load()) == ()


def test_init_never_overwrites_without_force(command: Command, released: Path) -> None:
    path = released / "slsacheck.toml"
    path.write_text("mine")
    assert command("init").status == 4
    assert path.read_text() == "mine"
    assert command("init", "--force").status == 0
    assert "[expectations]" in path.read_text()
    path.unlink()
    path.symlink_to(released / "elsewhere")
    assert command("init").status == 4


def test_init_proposes_the_origin(
    command: Command, make_repository: Callable[..., Path], run_git: Callable[..., str]
) -> None:
    path = make_repository({"a": "b"})
    run_git(path, "remote", "add", "origin", "https://user:secret@github.com/acme/widget.git")
    assert command("init", str(path)).status == 0
    text = (path / "slsacheck.toml").read_text()
    assert config.load(str(path / "slsacheck.toml")).expectations.source_uri is not None
    assert "acme/widget" in text
    assert "secret" not in text


def test_init_proposes_nothing_from_what_does_not_verify(command: Command, released: Path) -> None:
    (released / "a.intoto.jsonl").write_text("{}\n")
    text = command("init", "-o", "-", "--attestation", "a.intoto.jsonl").out
    assert "did not verify, so nothing is proposed from it" in text
    assert parse(text.encode(), "f").values["expectations"] == {}


@pytest.mark.parametrize("text", ['a"b\\c', "é\x7f\x01\n", "\udc80", "\U0001d538"])
def test_any_text_becomes_a_toml_string(text: str) -> None:
    value = parse(f"a = {toml_string(text)}".encode(), "f").values["a"]
    assert value == text.encode("utf-8", "backslashreplace").decode()


def test_collected_evidence_gives_the_same_assessment(command: Command, released: Path, tmp_path: Path) -> None:
    live = json.loads(command("--report", "json=-").out)
    assert command("collect", "-o", "evidence.zip").status == 0
    elsewhere = tmp_path / "elsewhere.zip"
    (released / "evidence.zip").rename(elsewhere)
    (released / ".github" / "workflows" / "release.yml").unlink()
    replayed = json.loads(command("--evidence", str(elsewhere), "--report", "json=-").out)
    for key in ("subjects", "results", "facts"):
        assert replayed[key] == live[key]
    assert command(".", "--evidence", str(elsewhere)).status == 4
    elsewhere.write_bytes(b"PK no zip")
    ended = command("--evidence", str(elsewhere))
    assert ended.status == 3
    assert "Traceback" not in ended.err


def test_a_waiver_moves_the_gate_and_no_level(command: Command, released: Path) -> None:
    subject = subject_of(command)
    gate = ["--require", "build=3", "--accept", "configured"]
    before = json.loads(command(*gate, "--report", "json=-").out)
    blocked = {
        result["atom"]
        for result in before["results"]
        if result["outcome"] in ("FAIL", "UNKNOWN") and result["level"] == 3
    }
    assert blocked
    waivers = [
        f'[[waiver]]\natom = "{atom}"\nsubject = "{subject}"\nreason = "agreed"\nexpires = 2999-01-01\n'
        for atom in sorted(blocked)
    ]
    (released / "own.toml").write_text("\n".join(waivers))
    ended = command(*gate, "--config", "own.toml", "--report", "json=-")
    after = json.loads(ended.out)
    assert (before["gate"]["met"], after["gate"]["met"], ended.status) == (False, True, 0)
    assert [one["levels"] for one in after["subjects"]] == [one["levels"] for one in before["subjects"]]
    assert {waiver["reason"] for waiver in after["waivers"]} == {"agreed"}
    (released / "own.toml").write_text("\n".join(waivers).replace("2999", "2020"))
    assert command(*gate, "--config", "own.toml").status == 1


def test_expectations_and_signatures_are_never_waived(command: Command, released: Path) -> None:
    for atom in ("verify.expectations", "build.provenance-authentic.integrity", "v01.provenance.authenticated"):
        (released / "own.toml").write_text(
            f'[[waiver]]\natom = "{atom}"\nsubject = "s"\nreason = "r"\nexpires = 2999-01-01\n'
        )
        ended = command("--config", "own.toml")
        assert (ended.status, ended.out) == (4, "")
        assert f"waiver of {atom}: it is never waived" in ended.err


def test_a_declaration_is_shown_as_declared_with_its_line(command: Command, released: Path) -> None:
    (released / "own.toml").write_text(
        '\n[[declaration]]\natom = "build.isolated.ephemeral"\nreason = "machines are thrown away"\nby = "Ada"\ndate = 2026-01-31\n'
    )
    results = json.loads(command("--config", "own.toml", "--report", "json=-").out)["results"]
    (result,) = [one for one in results if one["check"] == "declaration"]
    assert (result["outcome"], result["atom"]) == ("DECLARED", "build.isolated.ephemeral")
    assert (result["at"][0]["path"], result["at"][0]["line"]) == ("own.toml", 2)


def test_an_audit_assesses_the_files_that_were_given(command: Command, released: Path) -> None:
    (released / "dist").mkdir()
    for name in ("a.tar.gz", "b.tar.gz"):
        (released / "dist" / name).write_bytes(name.encode())
    ended = command("audit", "--artifact", "dist/*.tar.gz", "--report", "json=-", "--require", "build=1")
    report = json.loads(ended.out)
    artifacts = [subject for subject in report["subjects"] if subject["kind"] == "artifact"]
    assert [subject["name"] for subject in artifacts] == ["a.tar.gz", "b.tar.gz"]
    assert ended.status == 1


def test_a_genuine_release_is_proved_with_the_configuration_that_init_proposes(
    command: Command, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = shared / "corpus" / "attestations"
    cases = (json.loads(line) for line in (corpus / "index.jsonl").read_text().splitlines())
    files = next(
        case["files"]
        for case in cases
        if case.get("family") == "gha_container-based"
        and case["expect"] == "pass"
        and case["offline"]
        and case["files"]["artifact"][0]
    )
    monkeypatch.chdir(tmp_path)
    Path("app").write_bytes((corpus / files["artifact"][0]).read_bytes())
    Path("app.json").write_bytes((corpus / files["provenance"]).read_bytes())
    given = ["--attestation", "app.json"]
    gate = ["--require", "build=3", "--report", "json=-"]
    for argv in (["scan", "app"], ["audit", "--artifact", "app"]):
        bare = command(*argv, *given, *gate)
        assert bare.status == 1
        assert "--source-uri" in json.loads(bare.out)["gate"]["reasons"][0]
    assert command("init", "--artifact", "app", *given).status == 0
    for argv in (["scan", "app"], ["audit", "--artifact", "app"]):
        ended = command(*argv, *given, *gate, "--config", "slsacheck.toml")
        assert ended.status == 0
        artifacts = [one for one in json.loads(ended.out)["subjects"] if one["kind"] == "artifact"]
        assert [one["levels"]["build"]["proved"] for one in artifacts] == [3]
    root = artifacts[0]["levels"]["build"]["trust_root"]["id"]
    Path("own.toml").write_text(
        Path("slsacheck.toml")
        .read_text()
        .replace("[expectations]", f'distrust = [{{id = "{root}", level = 2}}]\n[expectations]')
    )
    capped = command("audit", "--artifact", "app", *given, *gate, "--config", "own.toml")
    assert capped.status == 1
    assert [
        one["levels"]["build"]["proved"] for one in json.loads(capped.out)["subjects"] if one["kind"] == "artifact"
    ] == [2]
    Path("slsacheck.toml").write_text(f'distrust = [{{id = "{root}", level = 2}}]\n')
    assert command("audit", "--artifact", "app", *given, *gate, "--source-uri", "github.com/x/y").status == 1


def test_a_narrowed_run_says_that_it_is_one(command: Command, released: Path) -> None:
    def told(*argv: str) -> list[str]:
        errors = json.loads(command("--report", "json=-", *argv).out)["errors"]
        return [error["where"] for error in errors]

    assert told() == []
    assert told("-k", "hosted", "-m", "l2") == ["-k hosted", "-m l2"]
    assert told("-x") == ["-x"]


def test_several_targets_are_told_apart(command: Command, tmp_path: Path) -> None:
    for parent in ("a", "b"):
        workflow = tmp_path / parent / "widget" / ".github" / "workflows" / "release.yml"
        workflow.parent.mkdir(parents=True)
        workflow.write_text(ATTESTED)
    report = json.loads(
        command(str(tmp_path / "a" / "widget"), "--report", "json=-", str(tmp_path / "b" / "widget")).out
    )
    assert [target["id"] for target in report["targets"]] == ["widget", "widget (2)"]
    assert len({subject["id"] for subject in report["subjects"]}) == len(report["subjects"])


def test_what_a_word_points_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("app", "image.tar", "repo.git/HEAD", "layout/oci-layout", "rules/x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    kinds = {
        text: target_of(text).kind for text in (".", "app", "image.tar", "repo.git", "layout", "layout:v1", "./rules")
    }
    assert kinds == {
        ".": "repository",
        "app": "file",
        "image.tar": "image",
        "repo.git": "repository",
        "layout": "image",
        "layout:v1": "image",
        "./rules": "repository",
    }
    images = ["registry.example:5000/a/b:v1", "ghcr.io/acme/widget", f"ghcr.io/acme/widget@sha256:{'0' * 64}"]
    images += ["[::1]:5000/a/b", "layout:ghcr.io/acme/widget:v1", f"layout@sha256:{'0' * 64}", "image.tar:v1"]
    for text in images:
        assert target_of(text).kind == "image"
    assert target_of("pkg:npm/widget@1").kind == "package"
    remote = target_of("https://user:secret@git.example/acme/widget.git")
    assert (remote.kind, "secret" in remote.name) == ("repository", False)
    for text in ("no such thing", "./layout.d/b", "acme/widget:v1", "nowhere:v1", "ghcr.io/Acme/widget"):
        with pytest.raises(UsageError):
            target_of(text)
    assert [one.name for one in told_apart([target_of("app"), target_of("app")])] == ["app", "app (2)"]


class Released:
    """The options that speak of what is released."""

    def __init__(self, *artifact: str) -> None:
        self.artifact = list(artifact)
        self.image = ["ghcr.io/acme/widget"]
        self.package = ["pkg:npm/widget"]


def test_artifacts_are_files_or_globs_with_their_publication(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.whl", "b.whl", "odd=name", "dir/c.whl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    inputs = artifact_inputs(Released("*.whl", "a.whl=publication:x", "odd=name", "odd=name=y=z"))
    assert [(one.reference, one.publication, one.kind) for one in inputs] == [
        ("a.whl", "publication:x", "file"),
        ("b.whl", None, "file"),
        ("odd=name", "y=z", "file"),
        ("ghcr.io/acme/widget", None, "image"),
        ("pkg:npm/widget", None, "package"),
    ]
    assert files_of(["**/*.whl"], "--artifact") == ("a.whl", "b.whl", "dir/c.whl")
    with pytest.raises(UsageError, match=r"--artifact dir: there is no such file"):
        files_of(["dir"], "--artifact")


def test_the_version_answers_alone(command: Command) -> None:
    assert command("--version") == (0, f"slsacheck {__version__}\n", "")


def test_the_help_names_every_command_and_exit_status(command: Command) -> None:
    text = command("--help").out
    for name, entry in COMMANDS.items():
        assert f"  {name:<26} {entry.help}\n" in text
    assert command("-h").out == command("help").out == text
    assert command("help", "rules").out == command("rules", "--help").out
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(command: Command, name: str) -> None:
    ended = command(name, "--help")
    assert (ended.status, ended.err) == (0, "")
    assert f"slsacheck {name}" in ended.out
    assert "==SUPPRESS==" not in ended.out


COMMON = (
    "--spec --track --require --accept --strict --report --config --revision --evidence --jobs --online --offline "
    "--plain-http --trust-plugin --colour --color --source-uri --source-branch --source-tag --builder-id --build-type "
    "--build-workflow-input -k -m -x -q -v -p --tb"
)


@pytest.mark.parametrize("name", ["scan", "audit"])
def test_the_options_of_the_design_are_there(command: Command, name: str) -> None:
    text = command(name, "--help").out
    assert [flag for flag in COMMON.split() if not re.search(rf"(?<![\w-]){flag}(?![\w-])", text)] == []


LAZY = ("argparse", "dataclasses", "inspect", "slsacheck.model", "slsacheck.plugins", "pluggy", "shutil", "json")
HEAVY = ("requests", "jsonschema", "jinja2", "cryptography", "pytest", "tree_sitter", "in_toto", "importlib.metadata")


@pytest.mark.parametrize(
    ("argv", "never"),
    [
        (["--version"], (*LAZY, *HEAVY, "typing", "re")),
        (["--help"], (*LAZY, *HEAVY)),
        (["scan", "--help"], ("slsacheck.model", "slsacheck.plugins", "pluggy", "shutil", *HEAVY)),
        (["rules"], ("slsacheck.plugins", "pluggy", *HEAVY)),
    ],
    ids=" ".join,
)
def test_what_a_quick_answer_never_imports(argv: list[str], never: tuple[str, ...]) -> None:
    code = f"import sys\nfrom slsacheck.__main__ import main\nmain({argv})\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert sorted(set(done.stderr.split()) & set(never)) == []
