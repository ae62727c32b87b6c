import { nameOf, type Target } from './target.js';

/** What the package needs on any Debian. */
const NEEDED = [
  'alsa-utils',
  'ffmpeg',
  'libc6 (>= 2.28)',
  'libgcc-s1',
  'libstdc++6',
  'passwd',
  'systemd | systemd-standalone-sysusers',
  'systemd | systemd-standalone-tmpfiles',
];

/** Version of the Debian package of a target: what is for an older Debian counts as older. */
export function packageVersionOf(version: string, { debian }: Target): string {
  return `${version}~deb${debian}`;
}

/** File name of the package of a target. */
export function packageFileOf(version: string, target: Target): string {
  return `loa-agent_${packageVersionOf(version, target)}_${target.architecture}.deb`;
}

/** The control file (Debian policy 5.3). @param installedKib rounded up, of all its files */
export function controlOf(version: string, target: Target, installedKib: number): string {
  const depends = [...NEEDED, ...(target.carriesNode ? [] : ['nodejs (>= 20.19)'])].sort();
  return [
    'Package: loa-agent',
    `Version: ${packageVersionOf(version, target)}`,
    `Architecture: ${target.architecture}`,
    'Maintainer: Loa <loa@loa.invalid>',
    `Installed-Size: ${installedKib}`,
    `Depends: ${depends.join(', ')}`,
    'Recommends: systemd-timesyncd | time-daemon, espeak-ng',
    'Section: net',
    'Priority: optional',
    'Description: bộ thu truyền thanh IP/4G của xã (commune loudspeaker receiver)',
    ' Takes signed commands of the province over MQTT, plays what it should and nothing',
    ' else, and reports what was really heard. For Debian ' + `${target.debian} (${nameOf(target)}).`,
    '',
  ].join('\n');
}
