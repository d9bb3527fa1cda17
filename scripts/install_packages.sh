#!/usr/bin/env bash
# Installs the Debian packages that building pose needs (Debian 12 and 13, Ubuntu 24.04). Does nothing if all are there;
# asks before it uses sudo when a person is watching.
set -euo pipefail

packages=(build-essential cmake ninja-build ccache pkg-config
          libtorch-dev libopencv-dev nlohmann-json3-dev libcli11-dev libcurl4-openssl-dev libssl-dev zlib1g-dev
          libpng-dev libtiff-dev libwebp-dev libgif-dev libheif-dev libjxl-dev libarchive-dev
          libgtest-dev libbenchmark-dev python3)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

run=()
if [ "$(id -u)" -ne 0 ]; then
  echo "These packages are missing: ${missing[*]}"
  if [ -t 0 ]; then
    read -r -p "Install them with sudo apt-get? [Y/n] " answer
    [[ "${answer:-y}" =~ ^[Yy] ]] || exit 1
  fi
  run=(sudo)
fi
"${run[@]}" apt-get update -q
# What decodes HEIC and AVIF: from Debian 13 on packages of their own.
mapfile -t plugins < <(apt-cache search --names-only '^libheif-plugin-(libde265|dav1d)$' | cut -d' ' -f1)
"${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" "${plugins[@]}"
