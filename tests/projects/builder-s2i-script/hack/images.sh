#!/bin/bash
set -e
REPOSITORY=https://github.com/acme/widget
echo "Building ${SERVER_IMAGE} from ${REPOSITORY}"
s2i build ${REPOSITORY} --ref main --context-dir /server quay.io/sclorg/nodejs-22-c9s ${SERVER_IMAGE}
docker push ${SERVER_IMAGE}
