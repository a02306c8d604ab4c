#!/bin/bash
set -euo pipefail
buildkite-agent artifact download "dist/*" .
gh release create "$BUILDKITE_TAG" dist/*.tar.gz
