"""Bad input ends in one clear error that names the file, and the rest of the scan goes on."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

MakeRepository = Callable[..., Path]
RunGit = Callable[..., str]
Slsacheck = Callable[..., "Answer"]

GOOD = """\
name: release
on:
  push:
    tags: ["v*"]
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: docker/login-action@v3
        with: {registry: ghcr.io, username: x, password: "${{ secrets.GITHUB_TOKEN }}"}
      - uses: docker/build-push-action@v6
        with: {push: true, tags: ghcr.io/o/r:latest}
"""
WORKFLOW = ".github/workflows/release.yml"
BAD = ".github/workflows/bad.yml"
IN_ORDER = (0, 1, 3, 5)
"""Exit statuses for anything that a target may hold (output contract, section 3)."""


class Answer:
    """What the `slsacheck` fixture returns; see conftest."""

    status: int
    out: str
    err: str
    report: dict[str, object]
    errors: Callable[[], dict[str, str]]


def publications(answer: "Answer") -> list[str]:
    subjects = answer.report["subjects"]
    assert isinstance(subjects, list)
    return [subject["type"] for subject in subjects if subject["kind"] == "publication"]


def scan(slsacheck: Slsacheck, path: Path, *more: str) -> "Answer":
    answer = slsacheck("scan", path, "--report", "json=-", *more)
    assert answer.status in IN_ORDER, (answer.status, answer.err[-500:])
    assert isinstance(answer.report, dict)
    return answer


def aliases(depth: int) -> str:
    """The billion laughs: each anchor holds nine of the one before."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, depth)]
    return "\n".join(lines) + "\n" + GOOD


CONTENTS: dict[str, tuple[bytes, bool]] = {
    "aliases": (aliases(12).encode(), True),
    "brackets": (b"on: push\njobs: " + b"[" * 30_000, True),
    "braces": (b"on: push\njobs: " + b"{a: " * 30_000, True),
    "indented": (b"\n".join(b" " * n + b"a:" for n in range(3_000)), True),
    "nul": (b"on: push\njobs:\0 {}\n", True),
    "not-yaml": (b"on: push\n\tjobs: [", True),
    "tag": (b"!!python/object/apply:os.system ['touch /tmp/slsacheck-mark']\n", False),
    "duplicate-keys": (GOOD.encode() + GOOD.encode(), False),
    "empty": (b"", False),
    "scalar": (b"hello", False),
    "list": (b"- a\n- b\n", False),
    "utf-16": (GOOD.encode("utf-16"), True),
    "latin-1": (b"name: caf\xe9\n" + GOOD.encode(), False),
    "mark": (b"\xef\xbb\xbf" + GOOD.encode(), False),
    "long-line": (b"a: " + b"x" * 3_000_000 + b"\n" + GOOD.encode(), False),
    "documents": (b"---\na: 1\n" * 1000, False),
    "recursive": (b"a: &a [*a]\njobs: *a\n", False),
    "merge": (b"x: &x {<<: *x}\n", False),
    "types": (
        b"on: 1\njobs: {a: [1], b: {steps: {x: 1}}, c: {steps: [1, null, [], {uses: 3}, {run: [1]}]}, 4: 5}\n",
        False,
    ),
    "numbers": (b"on: push\njobs: {a: {timeout-minutes: 1" + b"0" * 5_000 + b"}}\n", False),
    "expressions": (b"on: push\nname: ${{ " + b"((" * 5_000 + b"\njobs: {}\n", False),
    "escapes": (b'on: push\nname: "\\e[31m\\x07 \\u202e <script>alert(1)</script>"\njobs: {}\n', False),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_workflows_of_every_bad_kind(make_repository: MakeRepository, slsacheck: Slsacheck, name: str) -> None:
    content, named = CONTENTS[name]
    answer = scan(slsacheck, make_repository({WORKFLOW: GOOD, BAD: content}))
    assert "container-image" in publications(answer), answer.out
    if named:
        assert any(where.startswith(BAD) for where in answer.errors()), answer.errors()


def test_a_workflow_of_50_megabytes(make_repository: MakeRepository, slsacheck: Slsacheck) -> None:
    path = make_repository({WORKFLOW: GOOD, BAD: b"# filler\n" * (50 * 1024 * 1024 // 9)})
    answer = scan(slsacheck, path)
    assert publications(answer) == ["container-image"]
    assert "bytes" in answer.errors()[BAD]


def test_terminal_output_has_no_control_characters(make_repository: MakeRepository, slsacheck: Slsacheck) -> None:
    path = make_repository({WORKFLOW: GOOD.replace("image:", '"im\\e[31m\\e]0;x\\aage":'), "a\x1b[31m.yml": "x"})
    answer = slsacheck("scan", path)
    assert not set(answer.out) & {chr(code) for code in range(32) if chr(code) not in "\n\t"}
    assert answer.status in IN_ORDER


def test_special_files_and_links(make_repository: MakeRepository, slsacheck: Slsacheck) -> None:
    path = make_repository({WORKFLOW: GOOD, BAD: "x"})
    folder = path / ".github" / "workflows"
    (path / BAD).unlink()
    os.mkfifo(path / BAD)
    os.mkfifo(folder / "fifo.yml")
    (folder / "zero.yml").symlink_to("/dev/zero")
    (folder / "loop.yml").symlink_to("loop.yml")
    (folder / "secret.yml").symlink_to("/etc/passwd")
    (path / "loop").symlink_to(".")
    (path / "Dockerfile").symlink_to("/dev/zero")
    answer = scan(slsacheck, path)
    assert publications(answer) == ["container-image"]
    assert {".github/workflows/loop.yml", ".github/workflows/secret.yml"} <= set(answer.errors())
    assert "root:" not in answer.out


def test_a_fifo_among_the_ignore_files(make_repository: MakeRepository, slsacheck: Slsacheck) -> None:
    path = make_repository({WORKFLOW: GOOD})
    os.mkfifo(path / ".gitignore")
    answer = scan(slsacheck, path)
    assert publications(answer) == ["container-image"]


@pytest.mark.parametrize(
    "name", [b"caf\xe9.yml", b"\xff\xfe.yml", b"a\nb.yml", b"\x1b[31m.yml", b"<script>.yml", b"-rf.yml"]
)
def test_odd_file_names(make_repository: MakeRepository, slsacheck: Slsacheck, name: bytes) -> None:
    path = make_repository({WORKFLOW: GOOD})
    (path / ".github" / "workflows" / os.fsdecode(name)).write_text(GOOD)
    answer = scan(slsacheck, path)
    assert publications(answer) == ["container-image", "container-image"]
    for report in ("terminal", "html", "junit", "sarif", "markdown"):
        assert slsacheck("scan", path, "--report", f"{report}=-").status in IN_ORDER


def test_unreadable_files(make_repository: MakeRepository, slsacheck: Slsacheck) -> None:
    path = make_repository({WORKFLOW: GOOD, BAD: GOOD})
    (path / BAD).chmod(0)
    answer = scan(slsacheck, path)
    if os.geteuid():
        assert "cannot be read" in answer.errors()[BAD]
    assert "container-image" in publications(answer)


@pytest.mark.parametrize(
    "shape", ["plain", "bare", "shallow", "empty", "empty-bare", "submodule", "detached", "broken-head"]
)
def test_repositories_of_every_shape(
    make_repository: MakeRepository, run_git: RunGit, slsacheck: Slsacheck, tmp_path: Path, shape: str
) -> None:
    path = make_repository({WORKFLOW: GOOD} if not shape.startswith("empty") else None)
    target = tmp_path / "target"
    if shape in ("bare", "shallow"):
        run_git(path, "clone", "-q", *(["--bare"] if shape == "bare" else ["--depth=1"]), f"file://{path}", str(target))
    elif shape == "empty-bare":
        target.mkdir()
        run_git(target, "init", "-q", "--bare")
    elif shape == "submodule":
        outer = make_repository({"o": "o"}, name="outer")
        run_git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(path), "lib")
        target = outer / "lib"
    else:
        target = path
    if shape == "plain":
        subprocess.run(["rm", "-rf", str(path / ".git")], check=True)
    if shape == "detached":
        run_git(path, "checkout", "-q", "--detach")
    if shape == "broken-head":
        (path / ".git" / "HEAD").write_bytes(b"\xff\0 garbage")
    answer = scan(slsacheck, target)
    assert publications(answer) == ([] if shape.startswith("empty") else ["container-image"])
    revisions = [subject for subject in answer.report["subjects"] if subject["kind"] == "revision"]  # type: ignore[attr-defined]
    assert bool(revisions) is (shape not in ("plain", "empty", "empty-bare", "broken-head"))


def test_a_corrupt_object_store(make_repository: MakeRepository, slsacheck: Slsacheck) -> None:
    path = make_repository({WORKFLOW: GOOD})
    for place in (path / ".git" / "objects").glob("??/*"):
        place.chmod(0o644)
        place.write_bytes(b"garbage")
    answer = scan(slsacheck, path)
    assert publications(answer) == ["container-image"]
    assert any(where.startswith(".git") for where in answer.errors())


@pytest.mark.parametrize(
    "content",
    [
        b"not toml at all [",
        b'require = "x"\n',
        b"\xff\xfe",
        b"[" * 20_000,
        b"a." * 20_000 + b"b = 1\n",
        b"x = 1\n" * 2,
        b"nonsense = true\n",
    ],
)
def test_a_broken_configuration_in_the_target(
    make_repository: MakeRepository, slsacheck: Slsacheck, content: bytes
) -> None:
    path = make_repository({WORKFLOW: GOOD, "slsacheck.toml": content})
    answer = slsacheck("scan", path, "--report", "json=-")
    assert answer.status == 4
    assert "slsacheck.toml" in answer.out + answer.err
    assert publications(answer) == ["container-image"]


def test_a_configuration_that_is_no_file(make_repository: MakeRepository, slsacheck: Slsacheck) -> None:
    path = make_repository({WORKFLOW: GOOD})
    os.mkfifo(path / "slsacheck.toml")
    answer = slsacheck("scan", path, "--report", "json=-")
    assert answer.status == 4
    assert "slsacheck.toml" in answer.out + answer.err


def test_a_configuration_in_the_target_cannot_raise_trust(
    make_repository: MakeRepository, slsacheck: Slsacheck
) -> None:
    text = 'accept = ["unsigned"]\n[[waivers]]\natom = "*"\nsubject = "*"\nreason = "x"\nexpires = "2999-01-01"\n'
    path = make_repository({WORKFLOW: GOOD, "slsacheck.toml": text})
    answer = slsacheck("scan", path, "--require", "build=1", "--report", "json=-")
    assert answer.status in (1, 4)
    assert answer.report["gate"]["met"] is False  # type: ignore[index]


def artifact_of(answer: "Answer") -> dict[str, object]:
    (artifact,) = [subject for subject in answer.report["subjects"] if subject["kind"] == "artifact"]  # type: ignore[attr-defined]
    assert isinstance(artifact, dict)
    return artifact


ATTESTATIONS = {
    "none": None,
    "json": b'{"hello": "world"}',
    "empty": b"",
    "list": b"[]",
    "nested": b"[" * 200_000,
    "duplicate-keys": b'{"_type": "a", "_type": "b"}',
    "binary": bytes(range(256)) * 10,
    "number": b"1" * 10_000,
    "statement": b'{"_type": "https://in-toto.io/Statement/v1", "subject": [], "predicateType": "x", "predicate": {}}',
    "wrong-types": b'{"payloadType": 1, "payload": [], "signatures": {"a": 1}}',
    "surrogate": b'{"_type": "\\ud800"}',
}


@pytest.mark.parametrize("name", ATTESTATIONS)
def test_artifacts_with_no_or_broken_attestations_prove_nothing(
    slsacheck: Slsacheck, tmp_path: Path, name: str
) -> None:
    content = ATTESTATIONS[name]
    (tmp_path / "app").write_bytes(b"abc")
    if content is not None:
        (tmp_path / "app.intoto.jsonl").write_bytes(content)
    answer = scan(slsacheck, tmp_path / "app")
    levels = artifact_of(answer)["levels"]
    assert isinstance(levels, dict)
    assert levels["build"]["proved"] == 0
    assert not [result for result in answer.report["results"] if result["outcome"] == "PASS"]  # type: ignore[attr-defined]


def test_an_artifact_beside_a_fifo_attestation(slsacheck: Slsacheck, tmp_path: Path) -> None:
    (tmp_path / "app").write_bytes(b"abc")
    os.mkfifo(tmp_path / "app.intoto.jsonl")
    os.mkfifo(tmp_path / "provenance.json")
    assert artifact_of(scan(slsacheck, tmp_path / "app"))["name"] == "app"


@pytest.mark.parametrize("text", ["", "abc", "-1", "0", "99999999999999999999", "1e9"])
def test_a_wrong_clock(make_repository: MakeRepository, slsacheck: Slsacheck, text: str) -> None:
    path = make_repository({WORKFLOW: GOOD})
    answer = slsacheck("scan", path, "--report", "json=-", SOURCE_DATE_EPOCH=text)
    assert answer.status in IN_ORDER
    assert publications(answer) == ["container-image"]


@pytest.mark.parametrize("moment", ["1970-01-01T00:00:01Z", "2099-12-31T23:59:59Z"])
def test_commits_from_another_time(
    make_repository: MakeRepository, run_git: RunGit, slsacheck: Slsacheck, moment: str
) -> None:
    path = make_repository({WORKFLOW: GOOD})
    run_git(path, "commit", "-q", "--allow-empty", "-m", "x", GIT_COMMITTER_DATE=moment, GIT_AUTHOR_DATE=moment)
    assert publications(scan(slsacheck, path)) == ["container-image"]


@pytest.mark.parametrize(
    "text", ["nowhere", "/dev/null", "/dev/zero", "a\tb", "--", "ext::sh -c true", "pkg:", "::", "x" * 5000]
)
def test_targets_that_are_none(slsacheck: Slsacheck, text: str) -> None:
    answer = slsacheck("scan", "--report", "json=-", "--", text)
    assert answer.status in (1, 3, 4, 5)
    assert answer.err.strip() or answer.errors()


def test_one_bad_target_does_not_stop_the_others(
    make_repository: MakeRepository, slsacheck: Slsacheck, tmp_path: Path
) -> None:
    path = make_repository({WORKFLOW: GOOD})
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / ".git").write_text("gitdir: /nowhere")
    answer = scan(slsacheck, bad, str(path))
    assert publications(answer) == ["container-image"]
    assert any("git directory" in reason for reason in answer.errors().values())


def test_every_report_of_a_hostile_repository_can_be_written(
    make_repository: MakeRepository, slsacheck: Slsacheck, tmp_path: Path
) -> None:
    hostile = '"><script>alert(1)</script>\x1b[31m\u202e`|${{x}}\n]]>--><!--'
    text = GOOD.replace("ghcr.io/o/r:latest", json.dumps(hostile)).replace(
        "name: release", f"name: {json.dumps(hostile)}"
    )
    path = make_repository({WORKFLOW: text})
    for name in ("json", "html", "junit", "sarif", "markdown", "terminal"):
        place = tmp_path / f"report.{name}"
        assert slsacheck("scan", path, "--report", f"{name}={place}").status in IN_ORDER
        written = place.read_text("utf-8")
        assert written
        if name in ("html", "junit"):
            assert "<script>alert(1)" not in written
        if name == "terminal":
            assert "\x1b[31m" not in written
