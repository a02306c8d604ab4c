"""The containers that jobs run in: which of them get all rights on their machine, and where that is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from slsacheck.evidence.files import WorkTree
from slsacheck.evidence.pipelines import read_all
from slsacheck.evidence.tree import Problems

GITHUB = """\
on: push
jobs:
  a:
    runs-on: ubuntu-24.04
    container:
      image: x
      options: --privileged OTHER
    services:
      d:
        image: y
        options: --cpus 1 --privileged
    steps: [{run: make}]
"""
DRONE = """\
kind: pipeline
name: a
steps:
  - name: image
    image: plugins/docker
    privileged: true
  - name: test
    image: golang
    privileged: false
    commands: [make]
"""
WOODPECKER = """\
steps:
  image:
    image: plugins/docker
    privileged: true
"""
TEKTON = """\
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: a}
spec:
  steps:
    - name: build
      image: buildah
      script: make
      securityContext:
        privileged: true
  sidecars:
    - name: dind
      image: docker:dind
      securityContext: {privileged: true}
"""
ARGO = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: a}
spec:
  entrypoint: build
  templates:
    - name: build
      container:
        image: x
        command: [make]
        securityContext: {privileged: true}
"""


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        (".github/workflows/a.yml", GITHUB, [7, 11]),
        (".drone.yml", DRONE, [6]),
        (".woodpecker.yml", WOODPECKER, [4]),
        (".tekton/a.yaml", TEKTON, [10, 14]),
        ("workflows/argo.yaml", ARGO, [11]),
    ],
)
def test_containers_with_all_rights(tmp_path: Path, path: str, text: str, lines: list[int]) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    jobs = [job for pipeline in read_all(WorkTree(str(tmp_path)), Problems(), None) for job in pipeline.jobs]
    assert [(place.path, place.line) for job in jobs for place in job.privileged] == [(path, line) for line in lines]
    file.write_text(text.replace("privileged", "unprivileged"))
    jobs = [job for pipeline in read_all(WorkTree(str(tmp_path)), Problems(), None) for job in pipeline.jobs]
    assert jobs
    assert not any(job.privileged for job in jobs)
