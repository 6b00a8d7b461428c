#!/bin/sh
# Pin what pyproject.toml allows, for every platform and Python it allows, with the hash of every file:
#   requirements.lock         everything, for developers and CI
#   requirements-server.lock  the platform with servers of its own elsewhere, for the container image
#   requirements-base.lock    an agent author's install
#   requirements-web.lock     what the container image builds the dashboard with
# The smaller ones take their versions from the first. usage: sh tools/lock.sh UV [--upgrade]
set -eu
uv=$1
shift
compile() {
    out=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --output-file "$out" "$@"
}
# Not the extras `torch` and `sb3`: gigabytes, of which each machine wants another build (docs/mounts.md).
compile requirements.lock pyproject.toml --extra server --extra embedded --extra games-more --extra uci --extra llm \
    --extra openspiel --group dev "$@"
compile requirements-server.lock pyproject.toml --extra server --extra games-more --constraint requirements.lock
compile requirements-base.lock pyproject.toml --constraint requirements.lock
compile requirements-web.lock --group web --constraint requirements.lock
