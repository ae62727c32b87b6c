#!/usr/bin/env bash
# Called by image.ts inside a fresh mount name space: makes the disk of a simulated receiver.
#   make-image.sh BASE WORK DEB GUEST MODULES IMAGE
# BASE: root that is not written to; WORK: an empty folder; DEB: our package; GUEST: files of the simulation;
# MODULES: the kernel's modules; IMAGE: the disk to make.
set -euo pipefail
base=$1 work=$2 deb=$3 guest=$4 modules=$5 image=$6

root="$work/root"
mkdir -p "$root" "$work/upper" "$work/overlay"
if ! mount -t overlay overlay -o "lowerdir=$base,upperdir=$work/upper,workdir=$work/overlay" "$root" 2>/dev/null; then
  cp -a --reflink=auto "$base/." "$root/"
fi
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
cp "$deb" "$root/tmp/loa-agent.deb"
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
# As `apt install ./loa-agent.deb`, but what it needs is there already and there is no network.
DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 chroot "$root" /usr/bin/dpkg --force-unsafe-io -i /tmp/loa-agent.deb
rm "$root/usr/sbin/policy-rc.d"
umount "$root/tmp" "$root/run" "$root/proc"

install -D -m 755 "$guest/loa-control" "$root/usr/local/bin/loa-control"
for unit in loa-control.service loa-mixer.service; do
  install -D -m 644 "$guest/$unit" "$root/etc/systemd/system/$unit"
done
install -D -m 644 "$guest/network" "$root/etc/systemd/network/80-simulation.network"
systemctl --root="$root" --quiet enable loa-control.service loa-mixer.service systemd-networkd.service
for unit in serial-getty@ttyAMA0.service getty@tty1.service systemd-firstboot.service systemd-networkd-wait-online.service \
  apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer dpkg-db-backup.timer \
  systemd-pcrphase.service systemd-logind.service systemd-user-sessions.service dbus.service dbus.socket \
  systemd-networkd-persistent-storage.service systemd-hwdb-update.service systemd-journal-catalog-update.service \
  systemd-update-utmp.service systemd-pstore.service systemd-tmpfiles-clean.timer \
  systemd-binfmt.service proc-sys-fs-binfmt_misc.automount systemd-network-generator.service kmod-static-nodes.service \
  systemd-udev-load-credentials.service modprobe@configfs.service modprobe@fuse.service sys-fs-fuse-connections.mount \
  sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount dev-mqueue.mount \
  systemd-ask-password-console.path systemd-ask-password-wall.path; do
  systemctl --root="$root" --quiet mask "$unit"
done
# What looks at each boot for units that this receiver has not: a third of what a boot costs an emulator.
mkdir -p "$root/etc/systemd/system-generators"
for generator in "$root"/usr/lib/systemd/system-generators/*; do
  ln -s /dev/null "$root/etc/systemd/system-generators/$(basename "$generator")"
done
# Devices that something is done about; not each of sixty-four terminals.
install -D -m 644 /dev/stdin "$root/etc/systemd/system/systemd-udev-trigger.service.d/simulation.conf" <<'UNIT'
[Service]
ExecStart=
ExecStart=-udevadm trigger --action=add -s pci -s virtio -s virtio-ports -s block -s net -s sound -s gpio -s watchdog -s leds -s rtc -s misc
UNIT
printf 'snd_hda_intel\nsnd_hda_codec_generic\ni6300esb\n' > "$root/etc/modules-load.d/simulation.conf"
printf '/dev/vda / ext4 rw,noatime,errors=remount-ro 0 1\n' > "$root/etc/fstab"
printf '127.0.0.1 localhost\n10.0.2.2 province.test\n' > "$root/etc/hosts"
printf 'simulated-receiver\n' > "$root/etc/hostname"
printf '6c6f61000000000000000000000000ff\n' > "$root/etc/machine-id"
mkdir -p "$root/var/log/journal"
# Otherwise the first boot would rebuild caches that are right already (systemd-update-done.service(8)).
touch "$root/etc/.updated" "$root/var/.updated"
mkdir -p "$root/usr/lib/modules"
cp -a "$modules/." "$root/usr/lib/modules/"
mke2fs -q -t ext4 -L simulated -d "$root" "$image" 3G
