# Shared by the scripts of this folder: where the project is, how to say things, and how to install what is missing.
# Source it; it changes to the project's root.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

started_at=$SECONDS
say() { printf '\n[%4ds] %s\n' "$((SECONDS - started_at))" "$*"; }
die() { printf '\nerror: %s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# packages_of SECTION: the names listed under [SECTION] in scripts/packages.txt.
packages_of() {
  awk -v wanted="[$1]" '/^\[/ {inside = ($0 == wanted); next} inside && NF && $1 !~ /^#/ {print $1}' scripts/packages.txt
}

# install_packages SECTION...: installs what is missing and nothing else; quick when nothing is.
install_packages() {
  local section missing=() name
  command -v dpkg-query >/dev/null 2>&1 ||
    die "attune sets itself up on Debian 12 (apt); elsewhere run it in a Debian 12 container, see docs/operations/install.md"
  local installed
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' 2>/dev/null | awk '$2 == "installed" {print $1}')
  for section in "$@"; do
    for name in $(packages_of "$section"); do
      if ! grep -qxF "$name" <<<"$installed"; then
        missing+=("$name")
      fi
    done
  done
  if [ ${#missing[@]} -eq 0 ]; then
    say "All needed Debian packages are installed."
    return
  fi
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null 2>&1 ||
    die "packages are missing and need root or sudo; by hand: apt-get install --no-install-recommends ${missing[*]}"
  say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# How many commits back the quick lint of scripts/test looks.
LINT_COMMITS=3

# configure PRESET: writes build/PRESET when it is not there.
configure() {
  local preset=$1
  export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1
  # Where the home folder cannot be written, ccache would fail every compilation.
  [ -n "${HOME:-}" ] && [ -w "${HOME:-/nonexistent}" ] || export CCACHE_DIR="$PWD/build/ccache"
  [ -f "build/$preset/build.ninja" ] || cmake --preset "$preset" >"build-$preset.log" 2>&1 ||
    { cat "build-$preset.log"; rm -f "build-$preset.log"; die "cmake --preset $preset failed"; }
  rm -f "build-$preset.log"
}

# build PRESET [TARGET...]: configures when needed and builds, with the compiler's progress.
build() {
  local preset=$1
  shift
  configure "$preset"
  cmake --build "build/$preset" ${1:+--target "$@"}
}

# compile PRESET: every object of the project, without linking.
compile() {
  local preset=$1 objects
  configure "$preset"
  objects=$(ninja -C "build/$preset" -t targets all | sed -n 's/^\(.*\.o\): CXX_COMPILER.*/\1/p' |
    grep -v _verify_interface_header_sets)
  # shellcheck disable=SC2086  # One argument an object.
  cmake --build "build/$preset" --target $objects
}
