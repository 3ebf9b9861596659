#!/usr/bin/env bash
# Keeps copies of a folder.
set -euo pipefail

source "$(dirname "$0")/lib/log.sh"
#                      ^ reference.import
. ./config.sh
# ^ reference.import

readonly MAX_COPIES=7
#        ^ definition.constant
declare -A owners=([home]=root)
#          ^ definition.variable
export BACKUP_ROOT="${BACKUP_ROOT:-/var/backups}"
#      ^ definition.variable
verbose=0
# <- definition.variable
PATHS+=(/etc)
# <- definition.variable
alias ll='ls -l'

# Says what is wrong and stops.
die() {
# <- definition.function doc="Says what is wrong and stops."
  local code=$1
  log_error "$2"
# ^ reference.call
  exit "$code"
}

function make::copy {
#        ^ definition.function
  local target="$BACKUP_ROOT/$1"
  verbose=1
  for file in "${PATHS[@]}"; do
    cp -a "$file" "$target" || die 3 "no copy of $file"
#                              ^ reference.call
  done
  trap clean_up EXIT
#      ^ reference.read
  git rev-parse "$(current-branch)"
# ^ reference.call
#                  ^ reference.call
}

function current-branch() ( git branch --show-current; )
#        ^ definition.function

clean_up() { rm -rf -- "$tmp"; }
# <- definition.function

main() {
# <- definition.function
  if ! command -v rsync > /dev/null; then
    die 2 'rsync is missing'
  fi
  case "$1" in
    run) make::copy "$2" | tee copy.log ;;
#        ^ reference.call
#                          ^ reference.call
    *) cat <<USAGE
usage: $0 run $(current-branch)
USAGE
    ;;
  esac
}

LEVEL=debug main "$@"
#           ^ reference.call
