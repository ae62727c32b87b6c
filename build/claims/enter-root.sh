#!/usr/bin/env bash
# Called by clean-roots.ts inside fresh mount and process name spaces: everything mounted here goes when this ends.
#   enter-root.sh BASE WORK CARRIED COMMAND
# BASE is the kept root and is not written to; WORK takes what is written; CARRIED is how this machine reaches its
# package registries.
set -euo pipefail
base=$1 work=$2 carried=$3 command=$4

root="$work/root"
if [[ ! -e "$work/copied" ]]; then
  mkdir -p "$root" "$work/upper" "$work/overlay"
fi
# An overlay where the kernel and the file system permit it, otherwise a copy.
if [[ -e "$work/copied" ]] ||
  ! mount -t overlay overlay -o "lowerdir=$base,upperdir=$work/upper,workdir=$work/overlay" "$root" 2>/dev/null; then
  if [[ ! -e "$work/copied" ]]; then
    cp -a --reflink=auto "$base/." "$root/"
    touch "$work/copied"
  fi
fi

mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t sysfs -o ro sysfs "$root/sys" || mount --rbind -o ro /sys "$root/sys"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/run"

# Read-only views, so that nothing of them is copied into a root.
show() { # FILE PLACE
  [[ -e "$1" ]] || return 0
  mkdir -p "$root$(dirname "$2")"
  if [[ -d "$1" ]]; then mkdir -p "$root$2"; else [[ -e "$root$2" ]] || : > "$root$2"; fi
  mount --bind "$1" "$root$2"
  mount -o remount,bind,ro "$root$2"
}
show "$work/loa.bundle" /mnt/loa.bundle
show "$work/given" /mnt/given
# A checkout to run from; its node_modules may be a link to another place.
if [[ -L "$work/checkout" ]]; then
  show "$(readlink -f "$work/checkout")" /mnt/checkout
  if [[ -L "$work/checkout/node_modules" ]]; then
    modules="$(readlink -f "$work/checkout/node_modules")"
    show "$modules" "$modules"
  fi
fi
show "$carried/apt.conf" /etc/apt/apt.conf.d/99carried
show "$carried/user.npmrc" /root/.npmrc
show "$carried/global.npmrc" /run/carried/global.npmrc
show "$carried/ca.pem" /run/carried/ca.pem
rm -f "$root/etc/resolv.conf" "$root/etc/hosts"
show "$(readlink -f /etc/resolv.conf)" /etc/resolv.conf
show /etc/hosts /etc/hosts

environment=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb CI="${CI:-}")
for name in http_proxy https_proxy no_proxy all_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY; do
  if [[ -n "${!name:-}" ]]; then environment+=("$name=${!name}"); fi
done
if [[ -e "$carried/global.npmrc" ]]; then environment+=(NPM_CONFIG_GLOBALCONFIG=/run/carried/global.npmrc); fi
if [[ -e "$carried/ca.pem" ]]; then
  environment+=(NODE_EXTRA_CA_CERTS=/run/carried/ca.pem SSL_CERT_FILE=/run/carried/ca.pem)
  environment+=(NPM_CONFIG_CAFILE=/run/carried/ca.pem)
fi
exec chroot "$root" /usr/bin/env -i "${environment[@]}" /bin/bash -c "$command"
