"""The repository's own actions in containers: the program that they start, found among the files that are copied in."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from slsacheck.evidence.files import WorkTree
from slsacheck.evidence.pipelines import read_all
from slsacheck.evidence.publications import trace
from slsacheck.evidence.tree import Problems

PROJECTS = Path(__file__).parents[2] / "projects"
Found = set[tuple[str, str | None, str | None]]
PYPI = ("python-package", "pypi", "upload.sh")


def published(folder: Path) -> tuple[Found, Problems]:
    tree, problems = WorkTree(str(folder)), Problems()
    found = trace(tree, read_all(tree, problems), problems)
    places = {(one.type, one.channel, one.at[0].path) for one in found}
    return {(kind, channel, (path or "").rpartition("/")[2]) for kind, channel, path in places}, problems


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("action-in-a-container-pushes-packages", ("nuget-package", "chocolatey", "entrypoint.sh")),
        ("action-in-a-container-uploads-wheels", PYPI),
    ],
)
def test_the_entry_point_is_followed(name: str, wanted: tuple[str, str, str]) -> None:
    found, problems = published(PROJECTS / name)
    assert found == {wanted}
    assert not problems.items()


WORKFLOW = """\
on: {push: {tags: ['v*']}}
jobs:
  release:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - uses: ./tools/upload
        with: {GIVEN}
"""
ACTION = "name: upload\ninputs: {where: {default: pypi}}\nruns: {using: docker, image: IMAGEMORE}\n"
UPLOAD = '#!/bin/sh\ntwine upload --repository "$INPUT_WHERE" dist/*\n'
SHAPES: list[tuple[str, str, str, str, Found]] = [
    ("a file", 'COPY upload.sh /upload.sh\nENTRYPOINT ["/upload.sh"]', "", "", {PYPI}),
    ("added to a folder", 'ADD upload.sh /bin/\nENTRYPOINT ["/bin/upload.sh"]', "", "", {PYPI}),
    ("found by its name", 'COPY upload.sh /usr/bin/\nENTRYPOINT ["upload.sh"]', "", "", {PYPI}),
    ("beside the working directory", 'WORKDIR /a\nCOPY . .\nENTRYPOINT ["./upload.sh"]', "", "", {PYPI}),
    ("as words", "COPY upload.sh /upload.sh\nENTRYPOINT /upload.sh", "", "", {PYPI}),
    ("by a shell", 'COPY upload.sh /x/upload.sh\nENTRYPOINT ["bash", "/x/upload.sh"]', "", "", {PYPI}),
    ("a variable", 'ENV HOME=/srv\nCOPY upload.sh ${HOME}/\nENTRYPOINT ["/srv/upload.sh"]', "", "", {PYPI}),
    ("CMD alone", 'COPY upload.sh /upload.sh\nCMD ["/upload.sh"]', "", "", {PYPI}),
    ("behind the entry point", 'COPY . /x\nENTRYPOINT ["true"]', ", post-entrypoint: /x/upload.sh", "", {PYPI}),
    (
        "a text",
        'COPY <<EOF /run.sh\ntwine upload dist/*\nEOF\nENTRYPOINT ["/run.sh"]',
        "",
        "",
        {("python-package", "pypi", "Dockerfile")},
    ),
    (
        "the program itself",
        'ENTRYPOINT ["twine"]',
        ", args: [upload, dist/*]",
        "",
        {("python-package", "pypi", "Dockerfile")},
    ),
    (
        "arguments of the use",
        'ENTRYPOINT ["twine"]',
        ", args: [check]",
        "args: upload dist/*",
        {("python-package", "pypi", "Dockerfile")},
    ),
    ("switched to a test index", 'COPY upload.sh /upload.sh\nENTRYPOINT ["/upload.sh"]', "", "where: testpypi", set()),
    ("replaced by another stage's", 'COPY --from=a upload.sh /upload.sh\nENTRYPOINT ["/upload.sh"]', "", "", set()),
    ("the image's own", 'ENTRYPOINT ["/opt/upload.sh"]', "", "", set()),
    ("no Dockerfile", "THIS is none", "", "", set()),
]


@pytest.mark.parametrize(("recipe", "more", "given", "wanted"), [one[1:] for one in SHAPES], ids=[s[0] for s in SHAPES])
def test_the_program_is_looked_up(tmp_path: Path, recipe: str, more: str, given: str, wanted: Found) -> None:
    files = {
        ".github/workflows/release.yml": WORKFLOW.replace("GIVEN", given),
        "tools/upload/action.yml": ACTION.replace("IMAGE", "Dockerfile").replace("MORE", more),
        "tools/upload/Dockerfile": f"FROM python:3.13\n{recipe}\n",
        "tools/upload/upload.sh": UPLOAD,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(dedent(text))
    assert published(tmp_path)[0] == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [("where: pypi", {PYPI}), ("where: nowhere", set()), ("where: '${{ github.ref_name }}'", {PYPI})],
)
def test_an_input_decides_whether_it_is_reached(tmp_path: Path, given: str, wanted: Found) -> None:
    guarded = '#!/bin/bash\nif [[ "$INPUT_WHERE" == "pypi" ]]; then\n  twine upload dist/*\nfi\n'
    files = {
        ".github/workflows/r.yml": WORKFLOW.replace("GIVEN", given),
        "tools/upload/action.yml": ACTION.replace("IMAGEMORE", "Dockerfile"),
        "tools/upload/Dockerfile": 'FROM alpine\nCOPY upload.sh /upload.sh\nENTRYPOINT ["/upload.sh"]\n',
        "tools/upload/upload.sh": guarded,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert published(tmp_path)[0] == wanted


def test_an_image_as_a_step_starts_a_script_or_its_own_program() -> None:
    found, problems = published(PROJECTS / "image-step-with-an-entry-point")
    assert found == {("os-package", "launchpad", "upload.sh"), ("archive", "github-release", "release.yml")}
    assert not problems.items()
