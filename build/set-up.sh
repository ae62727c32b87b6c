#!/usr/bin/env bash
# Makes a machine that has git, Node >= 20.19 and npm ready for demo, test or prove.
#   build/set-up.sh demo|test|ci|prove|prove-long|report|bench|package|simulate
# Installs only what is missing; a second run installs nothing. Why it does what it does: build/README.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf 'set-up: %s\n' "$*" >&2; }

check_node() {
  local version=''
  command -v node >/dev/null 2>&1 && version="$(node --version)"
  if [[ "$version" =~ ^v([0-9]+)\.([0-9]+)\. ]] &&
    ((BASH_REMATCH[1] > 20 || (BASH_REMATCH[1] == 20 && BASH_REMATCH[2] >= 19))) &&
    command -v npm >/dev/null 2>&1; then
    return 0
  fi
  say "Cần Node từ 20.19 trở lên, kèm npm; máy này có: ${version:-không có Node}${version:+, $(command -v npm || echo 'không có npm')}."
  say "Node 20.19 or newer with npm is needed; this machine has: ${version:-no Node}${version:+, $(command -v npm || echo 'no npm')}."
  say 'Debian 13: apt-get install nodejs npm. Elsewhere: https://nodejs.org/en/download'
  return 1
}

# tool present? A command (also in the system folders an ordinary user's PATH lacks), or a header.
present() {
  case "$1" in
    /*) [[ -e "$1" ]] ;;
    *) PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1 ;;
  esac
}

# What compiles the player of the sink, for each architecture that there is a package for.
compilers() {
  cat <<'LIST'
x86_64-linux-gnu-gcc|gcc|compiles the player for amd64
aarch64-linux-gnu-gcc|gcc-aarch64-linux-gnu|compiles it for arm64
/usr/aarch64-linux-gnu/include/stdio.h|libc6-dev-arm64-cross|the C headers for it
arm-linux-gnueabihf-gcc|gcc-arm-linux-gnueabihf|compiles it for armhf
/usr/arm-linux-gnueabihf/include/stdio.h|libc6-dev-armhf-cross|the C headers for it
/usr/include/stdio.h|libc6-dev|the C headers for amd64
/usr/include/alsa/asoundlib.h|libasound2-dev|the ALSA headers for all of them
LIST
}

# what to look for | Debian package | why
needs() {
  if [[ "$1" == package ]]; then
    echo 'dpkg-deb|dpkg|makes the packages'
    compilers
    return 0
  fi
  if [[ "$1" == report ]]; then cat <<'LIST'
chromium|chromium|prints the acceptance record to PDF; without it there is the page alone
/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf|fonts-liberation|letters with the marks of Vietnamese, for that PDF
pdftotext|poppler-utils|lets the claims look at that PDF
LIST
    return 0
  fi
  echo 'ffmpeg|ffmpeg|decodes AAC, HLS and other formats; decodes the reference sound'
  [[ "$1" == demo ]] && return 0
  cat <<'LIST'
aplay|alsa-utils|the sound output of a receiver
gcc|gcc|builds the software sound card that tests listen to
/usr/include/stdio.h|libc6-dev|the C headers for it
/usr/include/alsa/asoundlib.h|libasound2-dev|the ALSA headers for it
mosquitto|mosquitto|the broker of the integration tests (MQTT 5, mutual TLS)
icecast2|icecast2|the live stream server of the integration tests
nginx|nginx|serves the mirror of the province's guide, as a test tries it
fusermount3|fuse3|mounts the disk whose power tests cut
/usr/include/fuse3/fuse.h|libfuse3-dev|builds that disk
openssl|openssl|the independent judge of certificates and signatures
cfssl|golang-cfssl|a certificate authority that is not ours, behind the EST server of the tests
pki|strongswan-pki|an EST client that is not ours, the judge of that server
/usr/lib/ipsec/plugins/libstrongswan-openssl.so|libstrongswan-standard-plugins|elliptic curves for it
espeak-ng|espeak-ng|speaks what came as text, on the device
/usr/lib/rabbitmq/bin/rabbitmq-server|rabbitmq-server|a broker that forms clusters, beside mosquitto
ip|iproute2|network namespaces, for a broker that goes dark
iptables|iptables|drops what comes to it
ps|procps|lets tests see which processes live
LIST
  if [[ "$1" == prove-long || "$1" == simulate ]]; then cat <<'LIST'
tcpdump|tcpdump|counts the bytes of an idle day
rauc|rauc|writes and chooses whole images (A/B), as boards do that Loa updates by it
mksquashfs|squashfs-tools|makes the images and bundles for it
dbus-daemon|dbus-daemon|a bus of its own for it
busctl|systemd|speaks to it
LIST
  fi
  if [[ "$1" == prove-long || "$1" == simulate || "$1" == ci ]]; then
    compilers
    cat <<'LIST'
qemu-system-aarch64|qemu-system-arm|the simulated receivers
qemu-img|qemu-utils|what a run of a simulated receiver writes is kept apart
mke2fs|e2fsprogs|makes their disks
depmod|kmod|finds what the modules of their kernel need
xz|xz-utils|unpacks those modules
mmdebstrap|mmdebstrap|makes fresh Debian roots, to install in and to boot
/usr/share/keyrings/debian-archive-keyring.gpg|debian-archive-keyring|checks the signatures of those roots
unshare|util-linux|keeps the mounts of those roots to themselves
arch-test|arch-test|tells mmdebstrap whether programs of another processor run here
/usr/lib/binfmt.d/qemu-aarch64.conf|qemu-user-static|runs programs of another processor
systemd-analyze|systemd|judges the hardening of the service
buildah|buildah|builds and runs Dockerfile.arm
LIST
  fi
  [[ "$1" != bench ]] || cat <<'LIST'
mpg123|mpg123|a player that Loa is measured beside
mpv|mpv|a player that Loa is measured beside
gst-launch-1.0|gstreamer1.0-tools|a player that Loa is measured beside
/usr/share/doc/gstreamer1.0-alsa|gstreamer1.0-alsa|its sound output
/usr/share/doc/gstreamer1.0-plugins-good|gstreamer1.0-plugins-good|its MP3 and HTTP
/usr/share/doc/gstreamer1.0-libav|gstreamer1.0-libav|its AAC
snapclient|snapclient|a player that Loa is measured beside
snapserver|snapserver|its server
LIST
}

# Runs as root: installs the packages while none of their services may start.
# policy-rc.d is Debian's own switch for that; one that is already there is left alone.
INSTALL_AS_ROOT='
set -eu
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ] && [ ! -L "$policy" ]; then
  trap "rm -f $policy" EXIT
  trap "exit 130" INT TERM HUP
  printf "#!/bin/sh\nexit 101\n" > "$policy"
  chmod 755 "$policy"
fi
apt-get update -qq
apt-get install -qq -y -o Dpkg::Use-Pty=0 --no-install-recommends -o DPkg::Lock::Timeout=180 "$@"
# Nor at the next boot: the tests start their own, on free ports.
if [ -d /run/systemd/system ]; then
  for service in mosquitto icecast2 nginx rabbitmq-server snapserver snapclient; do
    case " $* " in *" $service "*) systemctl disable --quiet "$service" || true ;; esac
  done
fi
'

install_packages() {
  local missing=() look package why
  while IFS='|' read -r look package why; do
    present "$look" && continue
    missing+=("$package")
    say "missing: $package ($why)"
  done < <(needs "$1")
  ((${#missing[@]})) || return 0

  local as_root=()
  if ! command -v apt-get >/dev/null 2>&1; then
    say "no apt-get here: install these by hand: ${missing[*]}; going on with what is there"
    return 0
  elif ((EUID != 0)); then
    if sudo -n true 2>/dev/null; then
      as_root=(sudo -n)
    else
      say 'not root, and sudo asks for a password. To install what is missing, run:'
      say "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}"
      say 'going on with what is there'
      return 0
    fi
  fi
  say "installing with apt: ${missing[*]} (none of their services is started)"
  if ! "${as_root[@]}" sh -c "$INSTALL_AS_ROOT" sh "${missing[@]}" >&2; then
    say 'apt could not install them. To try again by hand, as root:'
    say "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
    say 'going on with what is there'
  fi
}

install_modules() {
  [[ -L node_modules ]] && return 0 # belongs to another checkout: theirs to install
  node build/installed.js && return 0
  say 'npm ci --ignore-scripts (the packages of package-lock.json; their install scripts never run)'
  if ! npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >&2; then
    say 'npm could not install the packages. To try again by hand: npm ci --ignore-scripts'
    return 1
  fi
}

compile() {
  local newer
  if [[ -e dist/.compiled ]]; then
    newer="$(find agent protocols certs hardware test build tsconfig.json package-lock.json \
      -newer dist/.compiled -print -quit 2>/dev/null || true)"
    [[ -n "$newer" ]] || return 0
  fi
  say 'tsc'
  local began
  began="$(mktemp)" # what changes while the compiler runs is newer than this
  if ! node_modules/.bin/tsc >&2; then
    rm -f "$began" dist/.compiled
    say 'the sources do not compile'
    return 1
  fi
  build_player
  touch -r "$began" dist/.compiled
  rm -f "$began"
}

# The player of the sink, where a compiler and ALSA's headers are; a receiver of the checkout takes aplay otherwise.
build_player() {
  present gcc && present /usr/include/alsa/asoundlib.h || return 0
  say 'gcc: the player'
  gcc -O2 -Wall -Wextra -o dist/hardware/sinks/loa-player hardware/sinks/player/loa-player.c -ldl ||
    say 'the player does not compile; aplay takes its place'
}

case "${1:-}" in
  demo | test | ci | prove | prove-long | report | bench | package | simulate) ;;
  *)
    say 'usage: build/set-up.sh demo|test|ci|prove|prove-long|report|bench|package|simulate'
    exit 64
    ;;
esac
check_node
install_packages "$1"
install_modules
compile
