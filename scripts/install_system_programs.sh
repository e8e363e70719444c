#!/bin/sh
# Install programs that `make test-system` needs and that pip cannot bring, where apt may be used.
set -eu
if ! command -v apt-get >/dev/null 2>&1; then
  echo "These programs are needed and must be installed by hand: $*" >&2
  exit 1
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then as_root="sudo"; fi
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "$@"
