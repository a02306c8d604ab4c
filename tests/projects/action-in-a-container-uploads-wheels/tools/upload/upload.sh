#!/usr/bin/env bash
set -euo pipefail
export TWINE_USERNAME="$INPUT_USER" TWINE_PASSWORD="$INPUT_PASSWORD"
twine upload --repository-url "$1" "$2"/*
