import type { RootRecipe } from './debian-root.js';

/** What the package of the receiver depends on, and a system around it that boots: Debian 13. Its kernel comes by itself: see `kernel.ts`. */
const SYSTEM = [
  ...['systemd', 'systemd-sysv', 'udev', 'dbus', 'kmod', 'iproute2', 'procps', 'ca-certificates'],
  ...['nodejs', 'alsa-utils', 'ffmpeg', 'util-linux'],
];

/** The root of a simulated receiver. */
export const RECEIVER_ROOTS: Readonly<Record<'arm64' | 'armhf', RootRecipe>> = {
  arm64: { architecture: 'arm64', debian: 13, packages: SYSTEM },
  armhf: { architecture: 'armhf', debian: 13, packages: SYSTEM, withoutUpdates: true },
};
