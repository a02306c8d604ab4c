#!/bin/sh
set -e
cd "$INPUT_FOLDER"
choco push widget.1.0.0.nupkg --source https://push.chocolatey.org/ --api-key "$INPUT_API_KEY"
