import { open, readdir, readFile, rm, statfs } from 'node:fs/promises';
import { freemem, totalmem, uptime } from 'node:os';
import { join } from 'node:path';
import { identityFolder } from '../../../certs/identity-folder.js';
import { readIdentity } from '../../../certs/load-identity.js';
import { keptTrust } from '../../../protocols/trust-document.js';
import { TrustFile } from '../../commands/document-folder.js';
import { instant } from '../../core/clock.js';
import { codeOf, LoaError, messageOf } from '../../core/errors.js';
import { TRUST_FILE } from '../../state-files.js';
import type { CertificateFacts, DiskFacts, MachineFacts, PowerFacts, Step } from './facts.js';

async function text(path: string): Promise<string | undefined> {
  try {
    // Files of /proc and /sys may end in NUL (device tree).
    return (await readFile(path, 'utf8')).replaceAll('\0', '').trim();
  } catch {
    return undefined;
  }
}

/** Mains as the kernel's power supply class tells it (Linux: Documentation/ABI/testing/sysfs-class-power). */
export async function powerFacts(system = '/sys'): Promise<PowerFacts> {
  const folder = join(system, 'class', 'power_supply');
  const names = await readdir(folder).catch((): string[] => []);
  const mains: boolean[] = [];
  for (const name of names) {
    const type = await text(join(folder, name, 'type'));
    const online = await text(join(folder, name, 'online'));
    if (type === 'Mains' && online !== undefined) mains.push(online === '1');
  }
  // Raspberry Pi: bit 0 is "undervoltage now".
  const throttled = await text(join(system, 'devices/platform/soc/soc:firmware/get_throttled'));
  return {
    ...(mains.length === 0 ? {} : { mainsLost: !mains.includes(true) }),
    ...(throttled === undefined ? {} : { undervoltage: (parseInt(throttled, 16) & 1) === 1 }),
  };
}

/** The board as the kernel tells of it. */
export async function machineFacts(system = '/sys', processes = '/proc'): Promise<MachineFacts> {
  const model = await text(join(processes, 'device-tree/model'));
  const millidegrees = Number((await text(join(system, 'class/thermal/thermal_zone0/temp'))) ?? NaN);
  const available = /MemAvailable:\s+(\d+)/.exec((await text(join(processes, 'meminfo'))) ?? '')?.[1];
  return {
    ...(model === undefined ? {} : { model: model.slice(0, 60) }),
    uptimeS: Math.round(uptime()),
    ...(Number.isFinite(millidegrees) ? { temperatureC: Math.round(millidegrees / 1000) } : {}),
    memoryAvailableMb: Math.round(available === undefined ? freemem() / 1_048_576 : Number(available) / 1024),
    memoryMb: Math.round(totalmem() / 1_048_576),
  };
}

/** Room on the state folder's disk, and whether it takes a small file. */
export async function diskFacts(stateFolder: string): Promise<DiskFacts> {
  const room = await statfs(stateFolder).catch(() => undefined);
  const write = await writeTrial(join(stateFolder, `.diagnose-${process.pid}`));
  return {
    ...(room === undefined ? {} : { freeMb: Math.floor((room.bavail * room.bsize) / 1_048_576) }),
    ...(write === undefined ? {} : { write }),
  };
}

async function writeTrial(path: string): Promise<Step | undefined> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(Buffer.alloc(4_096, 1));
      await file.sync();
    } finally {
      await file.close();
    }
    return { kind: 'ok', detail: 'written' };
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? '';
    if (reason === 'ENOSPC' || reason === 'EDQUOT')
      return { kind: 'failed', code: 'E_DISK_FULL', detail: reason };
    if (reason === 'EROFS' || reason === 'EIO')
      return { kind: 'failed', code: 'E_DISK_READ_ONLY', detail: reason };
    // Another account's folder, or none yet: nothing is known.
    return undefined;
  } finally {
    await rm(path, { force: true }).catch(() => undefined);
  }
}

/** The device's own certificate, read and checked as the program does. */
export async function certificateFacts(stateFolder: string, nowMs: number): Promise<CertificateFacts> {
  try {
    const { receiverId, notAfterMs, notBeforeMs } = await readIdentity(identityFolder(stateFolder));
    const daysLeft = (notAfterMs - nowMs) / 86_400_000;
    if (nowMs < notBeforeMs)
      return { kind: 'failed', code: 'E_IDENTITY_EXPIRED', detail: `from ${instant(notBeforeMs)}` };
    return { kind: 'ok', receiver: receiverId, daysLeft, notAfter: instant(notAfterMs) };
  } catch (error) {
    if (error instanceof LoaError && /EACCES|EPERM/.test(error.message)) return { kind: 'denied' };
    const detail = messageOf(error)
      .replace(/^E_[A-Z_]+: /, '')
      .slice(0, 200);
    return { kind: 'failed', code: codeOf(error), detail };
  }
}

/** The kept trust document, verified again. Undefined where this account may not read it. */
export async function trustKept(stateFolder: string): Promise<Step | undefined> {
  try {
    const kept = keptTrust(await new TrustFile(join(stateFolder, TRUST_FILE)).read());
    if (kept.ok) return { kind: 'ok', detail: `v${kept.value.version}` };
    return { kind: 'failed', code: kept.refusal.code, detail: kept.refusal.detail };
  } catch (error) {
    return /EACCES|EPERM/.test(messageOf(error))
      ? undefined
      : { kind: 'failed', code: 'E_TRUST_DOCUMENT', detail: messageOf(error).slice(0, 200) };
  }
}
