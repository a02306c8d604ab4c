"""Files that a job fetches and attests as if it had built them: their provenance says nothing of how they were made."""

from pathlib import Path

import pytest

from tests.evidence.publications.tracing import publications_of

HEAD = 'on: {push: {tags: ["v*"]}}\npermissions: {contents: write, id-token: write, attestations: write}\njobs:\n'
BUILD = """  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
"""
ATTEST = '      - uses: actions/attest-build-provenance@v3\n        with: {subject-path: "NAMES"}\n'
RELEASE = '      - uses: softprops/action-gh-release@v2\n        with: {files: "NAMES"}\n'
UPLOAD = "      - uses: actions/upload-artifact@v4\n        with: {name: files, path: dist/}\n"
FETCH = "      - uses: actions/download-artifact@v4\n        with: {name: files, path: dist}\n"
FETCHED = "files are attested that were fetched"


def run(script: str) -> str:
    return "      - run: |\n" + "".join(f"          {line}\n" for line in script.splitlines())


def claimed(folder: Path, steps: str) -> tuple[str, str]:
    path = folder / ".github/workflows/release.yml"
    path.parent.mkdir(parents=True)
    path.write_text(HEAD + BUILD + steps, encoding="utf-8")
    (found,) = publications_of(folder)
    return found.claims[0].covers, found.claims[0].reason


def attested(folder: Path, script: str, names: str = "dist/*") -> tuple[str, str]:
    """What is claimed of files that a script puts there, which are attested and released under the same names."""
    return claimed(folder, run(script) + (ATTEST + RELEASE).replace("NAMES", names))


@pytest.mark.parametrize(
    "script",
    [
        "curl -sSfL https://example.com/app.tar.gz -o dist/app.tar.gz",
        "mkdir dist && cd dist && curl -LO https://example.com/app.tar.gz",
        "curl -s https://example.com/app.tar.gz > dist/app.tar.gz",
        "curl -sL https://example.com/app.tar.gz | tar xz -C dist",
        "wget -q -P dist https://example.com/app.tar.gz",
        "cd dist; wget https://example.com/app.tar.gz?raw=true",
        "wget -O dist/app https://example.com/app",
        "gh api /repos/acme/old/releases/assets/1 > dist/app.tar.gz",
        "aws s3 cp s3://bucket/app.tar.gz dist/app.tar.gz",
        "gsutil cp gs://bucket/app.tar.gz dist/",
        "scp builder:/out/app.tar.gz dist/app.tar.gz",
        "oras pull ghcr.io/acme/app:1 -o dist",
        "pip download requests -d dist",
        "cd dist; npm pack left-pad@1.3.0",
        "git clone https://github.com/acme/prebuilt dist",
        "curl -sLo app.zip https://example.com/app.zip\nunzip app.zip -d dist",
        "wget https://example.com/app\nchmod +x app\nmv app dist/",
        "make build\ncurl -sLo dist/helper.exe https://example.com/helper.exe",
    ],
)
def test_what_is_fetched_and_attested_stays_open(tmp_path: Path, script: str) -> None:
    how, why = attested(tmp_path, script)
    assert how == "unknown"
    assert why.startswith(FETCHED)


@pytest.mark.parametrize(
    "script",
    [
        "curl -sSfL -o data/table.json https://example.com/table.json\nmake dist",
        "curl -sSfL -o bin/tool https://example.com/tool\nbin/tool build --out dist",
        "curl -sSfL -o $RUNNER_TEMP/app.tgz https://example.com/app.tgz\nmake dist",
        "curl -sSfL -o dist/LICENSE https://example.com/LICENSE\ngo build -o dist/app .",
        "curl -sSfL -o dist/app https://example.com/app\ngo build -o dist/app .",
        "git clone https://github.com/acme/parts dist\nmake build",
        "curl -sSfL https://example.com/install.sh | sh",
        "npm pack",
        "curl -s -o /dev/null https://example.com\nmake dist",
    ],
)
def test_what_is_built_here_from_what_was_fetched_is_covered(tmp_path: Path, script: str) -> None:
    assert attested(tmp_path, script) == ("yes", "it names what is published")


def test_only_what_is_published_counts(tmp_path: Path) -> None:
    script = "curl -sLo dist/linter.tar.gz https://example.com/linter.tar.gz\nmake zip"
    steps = run(script) + ATTEST.replace("NAMES", "dist/*") + RELEASE.replace("NAMES", "dist/*.zip")
    assert claimed(tmp_path, steps)[0] == "yes"


def test_what_a_job_hands_on_as_its_own_counts(tmp_path: Path) -> None:
    later = "  ship:\n    needs: [build]\n    runs-on: ubuntu-latest\n    steps:\n" + FETCH
    later += (ATTEST + RELEASE).replace("NAMES", "dist/*")
    fetched = run("curl -sLo dist/app.zip https://example.com/app.zip") + UPLOAD + later
    assert claimed(tmp_path / "fetched", fetched)[1].startswith(FETCHED)
    assert claimed(tmp_path / "built", run("make dist") + UPLOAD + later)[0] == "yes"


@pytest.mark.parametrize(
    ("inputs", "how"),
    [
        ("repository: other/app, fileName: app.zip, out-file-path: dist", "unknown"),
        ("repository: other/schemas, fileName: schema.json, out-file-path: data", "yes"),
    ],
)
def test_actions_that_fetch_releases_of_others_count(tmp_path: Path, inputs: str, how: str) -> None:
    fetch = f"      - uses: robinraju/release-downloader@v1\n        with: {{{inputs}}}\n"
    steps = fetch + run("go build -o dist/app .") + (ATTEST + RELEASE).replace("NAMES", "dist/*")
    assert claimed(tmp_path, steps)[0] == how
