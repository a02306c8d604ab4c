"""Publishing steps of CI systems other than GitHub Actions, and what leaves only a trace in the repository."""

from pathlib import Path

import pytest

from slsacheck.evidence.files import WorkTree
from slsacheck.evidence.pipelines import read_all
from slsacheck.evidence.publications import external, publishing, trace
from slsacheck.evidence.tree import Problems
from slsacheck.model import Publication
from tests.evidence.publications.tracing import publications_of


def traced(folder: Path, files: dict[str, str]) -> tuple[Publication, ...]:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return publications_of(folder)


DESKTOP = (
    "on: {on}\njobs:\n  r:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm run dist\n"
    "        env: {{GH_TOKEN: '${{{{ secrets.GITHUB_TOKEN }}}}'}}\n"
)
MAGE = (
    "on: {{push: {{tags: ['v*']}}}}\njobs:\n  r:\n    runs-on: ubuntu-latest\n    permissions: {{contents: write}}\n"
    "    steps:\n      - uses: goreleaser/goreleaser-action@v6\n        with: {{install-only: true}}\n"
    "      - uses: magefile/mage-action@v4\n        with: {{args: {task}}}\n"
)
CASES = {
    "drone plug-ins": (
        {
            ".drone.yml": "kind: pipeline\ntype: docker\nname: default\nsteps:\n- name: image\n  image: plugins/docker\n"
            "  settings: {repo: example/app}\n- name: release\n  image: plugins/github-release\n"
            "  settings: {files: ['out/*.tar.gz']}\n"
        },
        {("container-image", "docker.io"), ("archive", "github-release")},
    ),
    "a dry run of a plug-in": (
        {
            ".drone.yml": "kind: pipeline\ntype: docker\nname: default\nsteps:\n- name: image\n  image: plugins/docker\n"
            "  settings: {repo: example/app, dry_run: true}\n"
        },
        set(),
    ),
    "woodpecker with several repositories": (
        {
            ".woodpecker/image.yaml": "when: {event: tag}\nsteps:\n  image:\n    image: docker.io/woodpeckerci/plugin-docker-buildx\n"
            "    settings: {repo: 'example/app,quay.io/example/app'}\n"
        },
        {("container-image", "docker.io"), ("container-image", "quay.io")},
    ),
    "travis deployments": (
        {
            ".travis.yml": "language: python\nscript: make test\ndeploy:\n  - provider: pypi\n    on: {tags: true}\n"
            "  - provider: releases\n    file: out/app.tar.gz\n"
        },
        {("python-package", "pypi"), ("archive", "github-release")},
    ),
    "azure tasks": (
        {
            "azure-pipelines.yml": "trigger: [main]\npool: {vmImage: ubuntu-latest}\nsteps:\n- task: GitHubRelease@1\n"
            "  inputs: {action: create, assets: 'out/*.zip'}\n- task: NuGetCommand@2\n"
            "  inputs: {command: push, nuGetFeedType: external, publishFeedCredentials: nuget.org, packagesToPush: '*.nupkg'}\n"
        },
        {("archive", "github-release"), ("nuget-package", "nuget")},
    ),
    "bitbucket script": (
        {
            "bitbucket-pipelines.yml": "pipelines:\n  tags:\n    v*:\n      - step:\n          name: push\n          script:\n"
            "            - NAME=example/app\n            - docker build -t $NAME .\n            - docker push $NAME\n"
        },
        {("container-image", "docker.io")},
    ),
    "an orb": (
        {
            ".circleci/config.yml": "version: 2.1\norbs: {orb-tools: circleci/orb-tools@12}\nworkflows:\n  publish:\n    jobs:\n"
            "      - orb-tools/publish: {orb-name: example/orb}\n"
        },
        {("ci-component", None)},
    ),
    "expeditor": (
        {
            ".expeditor/config.yml": "---\nrubygems:\n - app\nsubscriptions:\n  - actions:\n     - built_in:publish_rubygems\n"
        },
        {("ruby-gem", "rubygems")},
    ),
    "craft": (
        {
            ".craft.yml": "minVersion: 0.23.1\ntargets:\n  - name: github\n  - name: npm\n    id: '@example/a'\n"
            "  - name: npm\n    id: '@example/b'\n  - name: docker\n    source: ghcr.io/example/app\n"
            "    target: example/app\n  - name: gcs\n    bucket: example-downloads\n  - name: registry\n"
        },
        {
            ("archive", "github-release"),
            ("npm-package", "npm"),
            ("container-image", "docker.io"),
            ("archive", "example-downloads"),
        },
    ),
    "a library with its bundle": (
        {"package.json": '{"name": "lib", "main": "dist/lib.js"}', "dist/lib.min.js": "x", "src/lib.js": "x"},
        {("committed-file", None)},
    ),
    "a folder of build scripts": (
        {"package.json": '{"name": "lib", "main": "lib/index.js"}', "build/make.js": "x", "lib/index.js": "x"},
        set(),
    ),
    "a folder of built files that users load": (
        {"package.json": '{"name": "lib", "main": "./build/lib.js"}', "build/lib.js": "x"},
        {("committed-file", None)},
    ),
    "a task for each gem": (
        {
            ".github/workflows/r.yml": "on: {push: {tags: [v*]}}\njobs:\n  r:\n    runs-on: ubuntu-latest\n    steps:\n"
            "      - run: bundle exec rake release:inner\n",
            "inner/inner.gemspec": "",
        },
        {("ruby-gem", "rubygems")},
    ),
    "a release task without a gem": (
        {
            ".github/workflows/r.yml": "on: {push: {tags: [v*]}}\njobs:\n  r:\n    runs-on: ubuntu-latest\n    steps:\n"
            "      - run: rake release:notes\n"
        },
        set(),
    ),
    "a Makefile of many included files": (
        {
            ".github/workflows/r.yml": "on: {push: {tags: [v*]}}\njobs:\n  r:\n    runs-on: ubuntu-latest\n    steps:\n"
            "      - run: make upload\n",
            "Makefile": "-include make/shared/*/mod.mk\n-include make/0?_mod.mk\n",
            "make/shared/one/mod.mk": "BUCKET := example-releases\n",
            "make/02_mod.mk": "include make/release.mk\n",
            "make/release.mk": "upload:\n\taws s3 cp app.zip s3://$(BUCKET)/\n",
        },
        {("archive", "example-releases")},
    ),
    "a composite action alone": (
        {"action.yml": "name: setup\nruns:\n  using: composite\n  steps: [{run: 'true', shell: bash}]\n"},
        {("ci-component", None)},
    ),
    "a composite action beside a program": (
        {"action.yml": "name: x\nruns:\n  using: composite\n  steps: []\n", "Cargo.toml": "[package]\nname = 'x'\n"},
        set(),
    ),
    "an action for the repository's own use": (
        {".github/actions/x/action.yml": "name: x\nruns: {using: node20, main: dist/index.js}\n", "dist/index.js": ""},
        set(),
    ),
    "a gitlab component": (
        {"templates/build.yml": "spec:\n  inputs: {}\n---\nbuild: {script: make}\n"},
        {("ci-component", None)},
    ),
    "a script in another language": (
        {
            ".github/workflows/r.yml": "on: {release: {types: [published]}}\njobs:\n  r:\n    runs-on: ubuntu-latest\n"
            "    steps:\n      - run: python3 scripts/publish_crates.py --all\n",
            "scripts/publish_crates.py": "subprocess.run(['cargo', 'publish'])\n",
        },
        {("crate", "crates.io")},
    ),
    "a desktop app of a tag": (
        {
            ".github/workflows/r.yml": DESKTOP.format(on="{push: {tags: ['v*']}}"),
            "package.json": '{"name": "app", "private": true, "scripts": {"dist": "electron-builder --linux"}}',
        },
        {("installer", "github-release")},
    ),
    "a desktop app in a bucket": (
        {
            ".github/workflows/r.yml": DESKTOP.format(on="{push: {tags: ['v*']}}"),
            "package.json": '{"name": "app", "private": true, "scripts": {"dist": "electron-builder --linux"}}',
            "electron-builder.yml": "publish: [{provider: s3, bucket: example}, {provider: generic, url: 'https://x.org'}]\n",
        },
        {("installer", "object-storage")},
    ),
    "a desktop app that is tried only": (
        {
            ".github/workflows/r.yml": DESKTOP.format(on="{pull_request: {}, push: {branches: [main]}}"),
            "package.json": '{"name": "app", "private": true, "scripts": {"dist": "electron-builder --linux"}}',
        },
        set(),
    ),
    "a task that is a program, beside its release tool": (
        {".github/workflows/r.yml": MAGE.format(task="buildBinaries"), ".goreleaser.yaml": "version: 2\n"},
        {("archive", "github-release")},
    ),
    "a task that only tries": (
        {".github/workflows/r.yml": MAGE.format(task="buildSnapshot"), ".goreleaser.yaml": "version: 2\n"},
        set(),
    ),
    "a task without a release tool's configuration": ({".github/workflows/r.yml": MAGE.format(task="all")}, set()),
    "an unknown action by its name": (
        {
            ".github/workflows/r.yml": "on: push\njobs:\n  r:\n    runs-on: ubuntu-latest\n    steps:\n"
            "      - uses: somebody/upload-release-asset@v1\n        with: {file: out/app.zip}\n"
            "      - uses: somebody/blob-storage-upload@v1\n        with: {source_dir: dist}\n"
        },
        {("archive", "github-release"), ("archive", "object-storage")},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_published_is_found(name: str, tmp_path: Path) -> None:
    files, expected = CASES[name]
    assert {(one.type, one.channel) for one in traced(tmp_path, files)} == expected


def test_what_is_used_from_git_is_not_built(tmp_path: Path) -> None:
    (bundle,) = traced(tmp_path, CASES["a library with its bundle"][0])
    assert bundle.applies is False
    assert bundle.provenance.made == "no"


def test_a_release_system_elsewhere_is_named(tmp_path: Path) -> None:
    publications = traced(tmp_path, CASES["expeditor"][0])
    assert external(publications) == ("Expeditor built_in:publish_rubygems",)
    assert publishing(publications) == "outside"


def test_what_craft_publishes_is_decided_elsewhere(tmp_path: Path) -> None:
    publications = traced(tmp_path, CASES["craft"][0])
    assert publishing(publications) == "outside"
    assert {one.provenance.made for one in publications} == {"unknown"}


def test_a_guess_is_said_to_be_partly_read(tmp_path: Path) -> None:
    (crate,) = traced(tmp_path, CASES["a script in another language"][0])
    assert crate.read == "partial"


def test_a_circle_of_reusable_workflows_ends(tmp_path: Path) -> None:
    text = "on: {workflow_call: {}, push: {}}\njobs:\n  a:\n    uses: ./.github/workflows/a.yml\n"
    assert traced(tmp_path, {".github/workflows/a.yml": text}) == ()


def test_jobs_are_bounded(tmp_path: Path) -> None:
    jobs = "".join(f"  j{number}:\n    uses: ./.github/workflows/b.yml\n" for number in range(60))
    inner = "".join(f"  k{number}:\n    runs-on: x\n    steps: []\n" for number in range(60))
    files = {
        ".github/workflows/a.yml": f"on: push\njobs:\n{jobs}",
        ".github/workflows/b.yml": f"on: {{workflow_call: {{}}}}\njobs:\n{inner}",
    }
    tree, problems = WorkTree(str(tmp_path)), Problems()
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert trace(tree, read_all(tree, problems), problems) == ()
    assert any("job paths" in item.reason for item in problems.items())
