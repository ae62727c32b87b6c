import { momentText } from '../day-text.js';
import { broken, ok, UNKNOWN, weak, type Check } from './check.js';

/** A board above this slows itself down, °C. */
const HOT_C = 85;
const DISK_LEAST_MB = 16;
const DISK_LOW_MB = 64;
const MEMORY_LEAST_MB = 24;
/** No board lives so long. */
const CLOCK_AHEAD_MS = 20 * 365 * 86_400_000;
const RENEW_DAYS = 14;

/** Supply, board, clock, disk, memory, settings, certificate: what stands before any program. */
export const MACHINE_CHECKS: readonly Check[] = [
  {
    id: 'power',
    title: { vi: 'Nguồn điện', en: 'Power' },
    facts: ['power', 'hardware'],
    judge({ power, hardware }) {
      const mainsLost = hardware?.mainsLost ?? power?.mainsLost;
      if (mainsLost === true) return weak('E_MAINS_LOST');
      if (power?.undervoltage === true || hardware?.supplyLow === true) return weak('E_POWER_LOW');
      if (hardware?.batteryLow === true) return weak('E_BATTERY_LOW');
      const told = [mainsLost, power?.undervoltage, hardware?.supplyLow, hardware?.batteryLow];
      return told.every((one) => one === undefined) ? UNKNOWN : ok();
    },
  },
  {
    id: 'board',
    title: { vi: 'Bo mạch', en: 'Board' },
    facts: ['machine', 'hardware'],
    judge({ machine, hardware }) {
      if (hardware?.fanFailed === true) return weak('E_FAN', hardware.hot);
      if (hardware?.hot !== undefined) return weak('E_BOARD_HOT', hardware.hot);
      if (machine === undefined) return UNKNOWN;
      const { temperatureC, model = '' } = machine;
      const detail = [model, temperatureC === undefined ? '' : `${temperatureC} °C`]
        .filter(Boolean)
        .join(', ');
      return temperatureC !== undefined && temperatureC >= HOT_C ? weak('E_BOARD_HOT', detail) : ok(detail);
    },
  },
  {
    id: 'clock',
    title: { vi: 'Đồng hồ', en: 'Clock' },
    facts: ['program'],
    judge({ nowMs, builtMs, program }) {
      const detail = momentText(nowMs);
      if (nowMs < builtMs || nowMs > builtMs + CLOCK_AHEAD_MS) return broken('E_CLOCK_WRONG', detail);
      const state = program?.kind === 'running' ? program.trust?.clock : undefined;
      if (state === 'behind' || state === 'ahead') return broken('E_CLOCK_WRONG', `${detail}, ${state}`);
      return ok(detail);
    },
  },
  {
    id: 'disk',
    title: { vi: 'Ổ lưu trữ', en: 'Disk' },
    facts: ['disk'],
    judge({ disk }) {
      if (disk === undefined) return UNKNOWN;
      const { freeMb, write } = disk;
      const detail = freeMb === undefined ? '' : `${freeMb} MB`;
      if (freeMb !== undefined && freeMb < DISK_LEAST_MB) return broken('E_DISK_FULL', detail);
      if (write?.kind === 'failed') return broken(write.code, write.detail);
      if (freeMb !== undefined && freeMb < DISK_LOW_MB) return weak('E_DISK_FULL', detail);
      return write === undefined && freeMb === undefined ? UNKNOWN : ok(detail);
    },
  },
  {
    id: 'memory',
    title: { vi: 'Bộ nhớ', en: 'Memory' },
    facts: ['machine'],
    judge({ machine }) {
      const left = machine?.memoryAvailableMb;
      if (left === undefined) return UNKNOWN;
      return left < MEMORY_LEAST_MB ? weak('E_MEMORY_LOW', `${left} MB`) : ok(`${left} MB`);
    },
  },
  {
    id: 'config',
    title: { vi: 'Cấu hình', en: 'Settings' },
    facts: ['config'],
    judge({ config }) {
      if (config === undefined) return UNKNOWN;
      return config.kind === 'ok' ? ok() : broken(config.code, config.detail);
    },
  },
  {
    id: 'certificate',
    title: { vi: 'Chứng thư', en: 'Certificate' },
    facts: ['certificate', 'program'],
    judge({ certificate, program }) {
      if (certificate?.kind === 'failed') return broken(certificate.code, certificate.detail);
      const told = program?.kind === 'running' ? program.status?.certificate.daysLeft : undefined;
      const daysLeft = certificate?.kind === 'ok' ? certificate.daysLeft : told;
      if (daysLeft === undefined) return UNKNOWN;
      const detail =
        certificate?.kind === 'ok'
          ? `${certificate.receiver}, ${certificate.notAfter.slice(0, 10)}`
          : undefined;
      if (daysLeft <= 0) return broken('E_IDENTITY_EXPIRED', detail);
      return daysLeft < RENEW_DAYS ? weak('E_CERTIFICATE_SOON', detail) : ok(detail);
    },
  },
  {
    id: 'program',
    title: { vi: 'Chương trình', en: 'Program' },
    facts: ['program'],
    judge({ program }) {
      if (program === undefined) return UNKNOWN;
      const { crashes } = program;
      if (program.kind === 'denied') return broken('E_SOCKET_DENIED', program.detail);
      if (program.kind === 'running') {
        const { status } = program;
        if (status?.safeMode === 'crashes' || crashes >= LOOPS)
          return broken('E_PROGRAM_LOOPS', `${crashes} × / 10 min`);
        if (status?.safeMode === 'store') return broken('E_STORE_OPEN');
        return ok(status?.version);
      }
      if (crashes >= LOOPS) return broken('E_PROGRAM_LOOPS', `${crashes} × / 10 min`);
      return broken(program.kind === 'hung' ? 'E_PROGRAM_HUNG' : 'E_PROGRAM_STOPPED', program.detail);
    },
  },
];

/** Crashes within ten minutes that are a loop. */
export const LOOPS = 3;
