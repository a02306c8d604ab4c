"""Outputs of the repository's own actions and workflows: what they are inside, and what is not that."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.evidence.publications.tracing import publications_of

PROJECTS = Path(__file__).parents[2] / "projects"
Made = set[tuple[str, str | None, str]]
Edit = Callable[[str], str]


def made(folder: Path) -> Made:
    return {(one.type, one.name, one.provenance.made) for one in publications_of(folder)}


def edited(name: str, folder: Path, edit: Edit) -> Path:
    """A copy of a sample project with each file changed."""
    for path in (PROJECTS / name).rglob("*.yml"):
        target = folder / path.relative_to(PROJECTS / name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


APP, OTHER, DEBUG = "ghcr.io/example/app", "ghcr.io/example/other", "ghcr.io/example/debug"
CASES: dict[str, Made] = {
    "flow-action-builds-attests-and-publishes": {("archive", "archives", "yes"), ("os-package", "packages", "no")},
    "flow-action-gives-a-digest": {("container-image", APP, "yes"), ("container-image", OTHER, "no")},
    "flow-action-gives-hashes": {("archive", "archives", "yes"), ("installer", "installers", "no")},
    "flow-workflow-gives-a-digest": {("container-image", APP, "yes"), ("container-image", DEBUG, "no")},
}


@pytest.mark.parametrize("name", CASES)
def test_an_output_is_followed_to_where_it_is_made(name: str) -> None:
    assert made(PROJECTS / name) == CASES[name]


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("flow-action-gives-a-digest", "steps.app.outputs.digest", "steps.push.outputs.digest"),
        ("flow-workflow-gives-a-digest", "steps.app.outputs.digest", "steps.debug.outputs.digest"),
    ],
)
def test_the_digest_of_another_image_covers_that_one_alone(name: str, before: str, after: str, tmp_path: Path) -> None:
    found = made(edited(name, tmp_path, lambda text: text.replace(before, after)))
    assert ("container-image", APP, "no") in found
    assert {name for _, name, how in found if how == "yes"} == {OTHER if "action" in name else DEBUG}


def test_hashes_of_other_files_cover_other_files(tmp_path: Path) -> None:
    folder = edited(
        "flow-action-gives-hashes", tmp_path, lambda text: text.replace("sum dist/*.tar.gz", "sum dist/*.msi")
    )
    assert made(folder) == {("archive", "archives", "no"), ("installer", "installers", "yes")}


def test_an_output_of_no_step_covers_nothing_for_certain(tmp_path: Path) -> None:
    folder = edited("flow-action-gives-hashes", tmp_path, lambda text: text.replace("steps.sum.", "steps.gone."))
    assert not any(how == "yes" for _, _, how in made(folder))


def test_what_an_action_echoes_is_known_to_its_caller(tmp_path: Path) -> None:
    action = (
        "name: x\noutputs: {image: {value: '${{ steps.name.outputs.image }}'}}\nruns:\n  using: composite\n  steps:\n"
        "    - {id: name, shell: bash, run: 'echo image=ghcr.io/example/told >> $GITHUB_OUTPUT'}\n"
    )
    workflow = (
        'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - {id: "x", uses: ./name}\n'
        "      - run: docker push ${{ steps.x.outputs.image }}:1\n"
    )
    for name, text in {"name/action.yml": action, ".github/workflows/a.yml": workflow}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert made(tmp_path) == {("container-image", "ghcr.io/example/told", "no")}


def test_actions_that_use_themselves_end_and_odd_names_do_no_harm(tmp_path: Path) -> None:
    uses = "".join(f"    - {{id: '\\g<{number}>(a', uses: ./self}}\n" for number in range(12))
    action = f"name: x\noutputs: {{o: {{value: '${{{{ steps.a.outputs.o }}}}'}}}}\nruns:\n  using: composite\n  steps:\n{uses}"
    workflow = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - {id: '\\1', uses: ./self}\n"
    for name, text in {"self/action.yml": action, ".github/workflows/a.yml": workflow}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert made(tmp_path) == set()
