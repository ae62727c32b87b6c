import type { RootRecipe } from './debian-root.js';

/** What the package of the receiver depends on, and a system around it that boots: Debian 13. */
const SYSTEM = [
  ...['systemd', 'systemd-sysv', 'udev', 'dbus', 'kmod', 'iproute2', 'procps', 'ca-certificates'],
  ...['nodejs', 'alsa-utils', 'ffmpeg', 'util-linux'],
];

/** An initial RAM disk with only what a virtual machine boots from: made in seconds instead of minutes under emulation. */
const SMALL_INITRAMFS =
  'mkdir -p "$1/etc/initramfs-tools/conf.d" && ' +
  'printf "MODULES=list\\nCOMPRESS=gzip\\n" > "$1/etc/initramfs-tools/conf.d/simulation" && ' +
  'mkdir -p "$1/usr/share/initramfs-tools/modules.d" && ' +
  'printf "virtio_pci\\nvirtio_mmio\\nvirtio_blk\\next4\\n" > "$1/usr/share/initramfs-tools/modules.d/simulation"';

/** The root of a simulated receiver. The one for arm64 has the kernel for both: armhf programs run on it as well. */
export const RECEIVER_ROOTS: Readonly<Record<'arm64' | 'armhf', RootRecipe>> = {
  arm64: {
    architecture: 'arm64',
    debian: 13,
    packages: [...SYSTEM, 'linux-image-arm64', 'initramfs-tools'],
    essentialHooks: [SMALL_INITRAMFS],
  },
  armhf: { architecture: 'armhf', debian: 13, packages: SYSTEM, withoutUpdates: true },
};
