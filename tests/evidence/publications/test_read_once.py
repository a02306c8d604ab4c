"""What jobs share is read once in a scan: Makefiles, packages, scripts."""

from pathlib import Path

import pytest

from slsacheck.evidence import shell
from slsacheck.evidence.files import WorkTree
from slsacheck.evidence.pipelines import read_all
from slsacheck.evidence.publications import trace
from slsacheck.evidence.publications.scripts import _make
from slsacheck.evidence.tree import Problems
from tests.clock import soon
from tests.evidence.publications.tracing import publications_of

JOB = "  j{0}:\n    runs-on: ubuntu-latest\n    env: {{N: '{0}'}}\n    steps:\n      - run: make image{0}\n"
MAKEFILE = "include common.mk\nNAME = example/app\n" + "".join(
    f"image{number}:\n\tdocker push $(NAME):{number}\n" for number in range(40)
)


def test_a_makefile_is_taken_apart_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    original = _make._logical_lines

    def noted(text: str) -> list[tuple[int, str]]:
        taken.append(text)
        return original(text)

    monkeypatch.setattr(_make, "_logical_lines", noted)
    jobs = "".join(JOB.format(number) for number in range(40))
    files = {".github/workflows/a.yml": f"on: push\njobs:\n{jobs}", "Makefile": MAKEFILE, "common.mk": "X = 1\n"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = publications_of(tmp_path)
    assert {one.name for one in found} == {"example/app"}
    assert len(found) == 40
    assert sorted(taken) == sorted([MAKEFILE, "X = 1\n"])


def test_a_script_is_read_once_for_each_set_of_values_that_it_names() -> None:
    text = "if true; then docker push $NAME; fi  # read once\n"
    shell._read.cache_clear()
    for number in range(50):
        (command,) = [
            one for one in shell.commands(text, 1, {"JOB": str(number), "NAME": "a"}) if one.argv[0] == "docker"
        ]
        assert command.argv == ("docker", "push", "a")
    assert shell._read.cache_info().misses == 1
    (other,) = [one for one in shell.commands(text, 1, {"NAME": "b"}) if one.argv[0] == "docker"]
    assert other.argv[-1] == "b"


def test_many_jobs_that_share_scripts_take_linear_time(tmp_path: Path) -> None:
    library = "".join(
        f'f{number}() {{\n  if test -n "$X"; then docker build -t a{number} .; fi\n}}\n' for number in range(60)
    )
    (tmp_path / "lib.sh").write_text(library, encoding="utf-8")
    jobs = "".join(JOB.format(number).replace(f"make image{number}", "source lib.sh") for number in range(150))
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/a.yml").write_text(f"on: push\njobs:\n{jobs}", encoding="utf-8")
    tree, problems = WorkTree(str(tmp_path)), Problems()
    pipelines = read_all(tree, problems)
    with soon():
        trace(tree, pipelines, problems)
