"""BuildKit's own parser reads thousands of Dockerfiles as this one does. Building it takes minutes: `.ci/live`.

Where BuildKit refuses a file, this reader may accept it: it judges what is built from, and leaves the rest of the
grammar (which flags an instruction knows, how many words it takes) to the build.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from slsacheck.errors import InputError
from slsacheck.evidence.dockerfiles import parse
from tests.conftest import need
from tests.evidence.oci.makers import Workshop

PARSER = Path(__file__).with_name("parser")
FILES = 4_000
WORDS = [
    "a",
    "b:1",
    "x=y",
    "$A",
    "${A:-b}",
    '"q r"',
    "'s t'",
    "a\\ b",
    "&&",
    "|",
    "<",
    "<<<h",
    "1<<2",
    '["j"]',
    '\\"',
    "#no",
]
BREAKS = [" \\\n", " \\  \n", " \\\n\n", " \\\n# c\n", " \\\n   # c \n\n\\\n", "\\\n"]
FLAGS = ["", "--mount=type=cache,target=/x ", "--network=none --mount=type=secret ", "--mount=type=bind,from=x\\\n "]
DOCUMENTS = ["x\n", "\ty\n", "\n", "FROM z\n", "# c\n", " E\n", "\\\n"]
OTHERS = ["USER u\n", "WORKDIR /x\n", "EXPOSE 80\n", 'SHELL ["a"]\n', "HEALTHCHECK NONE\n", 'LABEL a=b "c d"=e\n']
OTHERS += ['CMD ["a","b"]\n', 'CMD ["a"\n', "COPY --from=img:1 x y\n", "# c\n", "\n", "   \n", 'ENV A=b:1 B="x y"\n']
OTHERS += ["FROM a\n", "FROM ${A:-x} AS b\n", "\\\n"]


def _text(chance: random.Random) -> str:
    words = (
        chance.choice(WORDS) + chance.choice([" ", " ", chance.choice(BREAKS) + "  w "])
        for _ in range(chance.randint(1, 5))
    )
    return "".join(words)


def _line(chance: random.Random) -> str:
    kind = chance.randint(0, 3)
    indent = chance.choice(["", "  ", "\t"])
    if kind == 0:
        return indent + chance.choice(["RUN ", "run "]) + chance.choice(FLAGS) + _text(chance) + "\n"
    if kind == 1:
        mark = chance.choice(["E", "-E", "'E'", '-"E"', "E2"])
        body = "".join(chance.choice(DOCUMENTS) for _ in range(chance.randint(0, 3)))
        end = ("\t" if mark[0] == "-" else "") + mark.strip("-'\"")
        head = chance.choice(["RUN ", "COPY /t ", "ADD /t ", "ONBUILD RUN ", "RUN cat "])
        return f"{head}<<{mark}\n{body}{end}\n"
    return indent + chance.choice(OTHERS)


def _files(folder: Path) -> list[Path]:
    chance = random.Random(20261121)
    found = []
    for number in range(FILES):
        top = chance.choice(["", "", "# syntax=x\n", "#escape=\\\n", "# c\n# syntax=x\n", "#!/bin/x\n", "ARG A=1\n"])
        text = f"{top}FROM a\n" + "".join(_line(chance) for _ in range(chance.randint(1, 8)))
        path = folder / f"{number}.Dockerfile"
        path.write_text(text if chance.random() < 0.9 else text.rstrip("\n"))
        found.append(path)
    return found


def _theirs(answer: dict[str, Any]) -> object:
    rows = answer["instructions"]
    first = next(number for number, row in enumerate(rows) if row["name"].lower() == "from")
    said = [
        (
            row["name"].upper(),
            row["line"],
            tuple(row["flags"] or ()),
            tuple((one["name"], one["text"].removesuffix("\n"), one["expand"]) for one in row["documents"] or ()),
        )
        for row in rows[first:]
        if row["name"].lower() != "from"
    ]
    return said, [(stage["name"].lower(), stage["base"]) for stage in answer["stages"]]


def _ours(path: Path) -> object:
    found = parse(path.read_text(), path.name)
    said = [
        (
            one.name,
            one.line,
            tuple(f"--{name}={value}" for name, value in one.flags),
            tuple((document.name, document.text, document.expand) for document in one.heredocs),
        )
        for stage in found.stages
        for one in stage.instructions
    ]
    return said, [(stage.name, stage.base.written) for stage in found.stages]


@pytest.mark.live
def test_buildkit_reads_the_same(tmp_path: Path) -> None:
    need("go")
    shutil.copytree(PARSER, tmp_path / "parser")
    shop = Workshop(tmp_path)
    shop.run("go", "build", "-o", "../parse", ".", inside="parser")
    files = _files(tmp_path)
    names = "\n".join(map(str, files))
    done = subprocess.run([tmp_path / "parse"], input=names, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(files)
    accepted = [(path, answer) for path, answer in zip(files, answers, strict=True) if not answer["error"]]
    assert len(accepted) > FILES // 2
    assert [path for path, answer in accepted if _ours(path) != _theirs(answer)] == []


def test_what_is_generated_is_read_or_refused(tmp_path: Path) -> None:
    """Without BuildKit at hand the same files at least end well."""
    ended = 0
    for path in _files(tmp_path)[:400]:
        try:
            parse(path.read_text(), path.name)
        except InputError:
            continue
        ended += 1
    assert ended > 200
