#!/usr/bin/env bash
set -euo pipefail

nix build .#docker
image=$(docker load -i result | sed -n 's#^Loaded image: ##p')
docker push $image
