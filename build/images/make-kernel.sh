#!/usr/bin/env bash
# Called by kernel.ts: fetches Debian's kernel and a static busybox of arm64 with this machine's apt, and takes out what a simulated
# receiver needs: its modules are unpacked, so that no emulated processor has to.
#   make-kernel.sh SOURCES OUT RECEIVER-MODULES BOOT-MODULES
# SOURCES: a sources.list; OUT: an empty folder, gets vmlinuz, busybox, modules/VERSION/ and boot-modules, the paths of the
# modules to load before the disk is there, in order; the lists of modules are separated by commas.
set -euo pipefail
sources=$1 out=$2 receiver=${3//,/ } boot=${4//,/ }
work="$out/work"
mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/debs" "$work/kernel" "$work/busybox"
: >"$work/status"
options=(
  -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root -o Dir::Etc::SourceList="$sources"
  -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$work/lists" -o Dir::State::status="$work/status"
  -o Dir::Cache="$work" -o Dir::Cache::archives="$work/archives" -o Acquire::Languages=none
)
apt-get -qq "${options[@]}" update
kernel=$(apt-cache "${options[@]}" depends linux-image-arm64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
[[ -n $kernel ]]
(cd "$work/debs" && apt-get -qq "${options[@]}" download "$kernel" busybox-static)
for package in "$work"/debs/busybox-static_*.deb; do dpkg-deb -x "$package" "$work/busybox"; done
for package in "$work"/debs/linux-image-*.deb; do dpkg-deb -x "$package" "$work/kernel"; done
cp "$work/busybox/usr/bin/busybox" "$out/busybox"
cp "$work"/kernel/boot/vmlinuz-* "$out/vmlinuz"
cp "$work"/kernel/boot/config-* "$out/config"
all="$work/kernel/usr/lib/modules"
[[ -d $all ]] || all="$work/kernel/lib/modules"
version=$(basename "$all"/*)
# depmod and modprobe look below ./lib/modules.
mkdir -p "$work/all/lib" "$out/lib/modules/$version"
mv "$all" "$work/all/lib/modules"
depmod -b "$work/all" "$version"
# Paths of a module and what it needs, those first; what is built in needs none.
needed() {
  modprobe -d "$work/all" -S "$version" --ignore-install --show-depends "$1" |
    sed -n "s|^insmod .*/lib/modules/$version/\([^ ]*\).*|\1|p"
}
take() {
  local from="$work/all/lib/modules/$version/$1" to="$out/lib/modules/$version/${1%.xz}"
  [[ ! -e $to ]] || return 0
  mkdir -p "$(dirname "$to")"
  case "$1" in *.xz) xz -dc "$from" >"$to" ;; *) cp "$from" "$to" ;; esac
}
for module in $boot; do
  for path in $(needed "$module"); do take "$path"; echo "${path%.xz}"; done
done | awk '!seen[$0]++' >"$out/boot-modules"
for module in $receiver; do
  for path in $(needed "$module"); do take "$path"; done
done
cp "$work/all/lib/modules/$version"/modules.builtin* "$work/all/lib/modules/$version/modules.order" "$out/lib/modules/$version/"
depmod -b "$out" "$version"
mv "$out/lib/modules" "$out/modules"
rm -r "$out/lib" "$work"
