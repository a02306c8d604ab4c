"""Functions of a script that is run: those that nothing calls publish nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from slsacheck.evidence.publications.acts import Act

from .conftest import brief

Read = Callable[..., list[Act]]
PUSHED = "publish container-image ghcr.io ghcr.io/o/app -"
PUSH = "docker push ghcr.io/o/app"


@pytest.mark.parametrize(
    ("call", "end", "pushes"),
    [
        ("./run.sh lint", '"$@"', False),
        ("./run.sh push", '"$@"', True),
        ("./run.sh lint", "", False),
        ("./run.sh", "retry 3 push", True),
        ("./run.sh", "trap push EXIT", True),
        ("./run.sh", "all", True),
        ("./run.sh", "step=push; run_it $step", True),
        ("./run.sh ${{ inputs.what }}", '"$@"', True),
        ("./run.sh", 'eval "$WHAT"', True),
        ("./run.sh", "make release", True),
    ],
)
def test_functions_of_a_script_count_where_it_may_call_them(read: Read, call: str, end: str, pushes: bool) -> None:
    text = f"#!/bin/bash\nlint() {{ go vet; }}\npush() {{\n  {PUSH}\n}}\nall() {{\n  try push\n}}\n{end}\n"
    assert [brief(act) for act in read(call, {"run.sh": text})] == [PUSHED] * pushes
