#!/bin/bash
set -euo pipefail
variant="${1:-}"
docker build -t "docker.io/example/agent:$variant" "packaging/$variant"
docker push "docker.io/example/agent:$variant"
