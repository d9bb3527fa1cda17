#!/usr/bin/env bash
# Both commands of the README and the Debian packages in bare systems of their own, made by mmdebstrap: as root, some gigabytes
# and half an hour each.
#   scripts/test_platforms.sh [debian-12] [debian-13] [gcc-13]
# gcc-13 is Ubuntu 24.04's compiler on Debian 13; Ubuntu's own packages are not tried. What is committed is tested.
set -uo pipefail
cd "$(dirname "$0")/.."
platforms=("$@")
[ $# -gt 0 ] || platforms=(debian-12 debian-13 gcc-13)
command -v mmdebstrap > /dev/null || { echo "mmdebstrap is missing: apt-get install mmdebstrap"; exit 2; }
[ "$(id -u)" -eq 0 ] || { echo "needs root, to make and enter bare systems"; exit 2; }

work=$(mktemp -d)
trap 'for m in "$work"/*/proc; do umount "$m" 2> /dev/null; done; rm -rf --one-file-system "$work"' EXIT
passed=0 failed=0

suite_of() { case $1 in debian-12) echo bookworm ;; *) echo trixie ;; esac; }

new_system() {  # SUITE NAME
  mmdebstrap --quiet --variant=apt "$1" "$work/$2" > "$work/$2.log" 2>&1 || { tail "$work/$2.log"; return 1; }
  mount -t proc proc "$work/$2/proc"
}

inside() {  # NAME COMMAND
  chroot "$work/$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 ${compiler:+CXX=$compiler} \
    DEBIAN_FRONTEND=noninteractive bash -c "cd /src && $2"
}

check() {  # WHAT SYSTEM COMMAND
  local begin=$SECONDS
  if inside "$2" "$3" > "$work/out" 2>&1; then
    passed=$((passed + 1)) && echo "ok      $1 ($((SECONDS - begin)) s): $(tail -n 1 "$work/out")"
  else
    failed=$((failed + 1)) && echo "FAILED  $1 ($((SECONDS - begin)) s)" && tail -n 40 "$work/out"
  fi
}

for platform in "${platforms[@]}"; do
  compiler=
  [ "$platform" = gcc-13 ] && compiler=g++-13
  new_system "$(suite_of "$platform")" "$platform" || { failed=$((failed + 1)); continue; }
  mkdir "$work/$platform/src"
  git archive HEAD | tar -x -C "$work/$platform/src"
  [ -z "$compiler" ] || inside "$platform" "apt-get update -q && apt-get install -y -q $compiler" > "$work/out" 2>&1
  check "$platform: scripts/demo.sh" "$platform" scripts/demo.sh
  check "$platform: scripts/test.sh" "$platform" scripts/test.sh
  check "$platform: packages" "$platform" "cmake --build --preset release --target package"

  small=$platform-small
  new_system "$(suite_of "$platform")" "$small" || { failed=$((failed + 1)); continue; }
  mkdir "$work/$small/src"
  cp "$work/$platform"/src/build/release/pose_*.deb "$work/$platform"/src/examples/photos/crew.jpg "$work/$small/src"
  check "$platform: small installation" "$small" "apt-get update -q && apt-get install -y -q --no-install-recommends ./pose_*.deb"
  check "$platform: it runs without LibTorch" "$small" "! dpkg -l | grep -q libtorch && pose crew.jpg --outdir out --save_img"
  check "$platform: it leaves nothing" "$small" \
    "apt-get purge -y -q pose && ! find /usr /etc -path '*pose*' -newer crew.jpg -name '*pose*' | grep ."
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
