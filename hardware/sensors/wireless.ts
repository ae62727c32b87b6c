import { promptText } from './kernel-files.js';

/** How well a wireless interface hears its access point. */
export interface WirelessReading {
  readonly name: string;
  /** The driver's own scale; with cfg80211 0 to 70, which is -110 to -40 dBm. */
  readonly quality: number;
  /** Absent where the driver gives no dBm. */
  readonly signalDbm?: number;
}

/** Reads /proc/net/wireless, which the kernel answers from memory; nothing where there is no wireless interface. */
export function readWireless(procFolder = '/proc'): WirelessReading[] {
  return wirelessOf(promptText(`${procFolder}/net/wireless`) ?? '');
}

/** The lines of /proc/net/wireless (Linux wireless extensions, net/wireless/wext-proc.c). Pure. */
export function wirelessOf(table: string): WirelessReading[] {
  return table
    .split('\n')
    .slice(2)
    .slice(0, 8)
    .flatMap((line): WirelessReading[] => {
      const found = /^\s*([\w.-]{1,32}):\s+[0-9a-f]+\s+(\d+)\.?\s+(-?\d+)\.?/i.exec(line);
      if (found === null) return [];
      const [, name = '', quality, level] = found;
      const dbm = Number(level);
      // Without the unit the driver prints 0 to 255; -256 is how it prints that it does not know.
      return [{ name, quality: Number(quality), ...(dbm < 0 && dbm > -200 ? { signalDbm: dbm } : {}) }];
    });
}
