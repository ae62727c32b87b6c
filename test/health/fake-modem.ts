import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What ModemManager tells of a modem, in the words of its documentation. */
export interface FakeModemState {
  /** MMModemState: 2 locked, 7 searching, 8 registered, 11 connected, -1 failed. */
  readonly state: number;
  /** MMModemStateFailedReason: 0 none, 2 the SIM is missing. */
  readonly failed: number;
  /** MMModemLock: 1 none, 2 the PIN is wanted. */
  readonly lock: number;
  /** RSRP, dBm. */
  readonly rsrp: number;
  readonly apn: string;
  /** False: it has fallen off its bus. */
  readonly there: boolean;
}

const WELL: FakeModemState = {
  ...{ state: 11, failed: 0, lock: 1, rsrp: -85, apn: 'v-internet', there: true },
};
const MODEM = 'org.freedesktop.ModemManager1.Modem';
const BEARER = '/org/freedesktop/ModemManager1/Bearer/0';

/** A `busctl` that answers as systemd's does where ModemManager has one modem: recorded output, written by hand after its documentation. */
export class FakeModem {
  /** To be the first of `PATH`. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes the program. @param folder an empty one, or one that does not exist */
  static async make(folder: string): Promise<FakeModem> {
    await mkdir(folder, { recursive: true });
    const modem = new FakeModem(folder);
    const program = [
      '#!/bin/sh',
      'case "$*" in',
      `*GetManagedObjects*) cat ${join(folder, 'objects')} ;;`,
      `*Properties\\ Get*) cat ${join(folder, 'bearer')} ;;`,
      'esac',
      '',
    ];
    await writeFile(join(folder, 'busctl'), program.join('\n'));
    await chmod(join(folder, 'busctl'), 0o755);
    await modem.show({});
    return modem;
  }

  /** Shows one that is well but for this, from the next question on. */
  async show(changed: Partial<FakeModemState>): Promise<void> {
    const { state, failed, lock, rsrp, apn, there } = { ...WELL, ...changed };
    const [sentence, number] = [
      (data: unknown) => ({ type: 's', data }),
      (data: number) => ({ type: 'i', data }),
    ];
    const interfaces = {
      [MODEM]: {
        State: number(state),
        StateFailedReason: number(failed),
        UnlockRequired: number(lock),
        AccessTechnologies: number(1 << 14),
        SignalQuality: { type: '(ub)', data: [60, true] },
        CurrentBands: { type: 'au', data: [33] },
        Bearers: { type: 'ao', data: state >= 8 ? [BEARER] : [] },
        Ports: { type: 'a(su)', data: [['wwan0', 2]] },
      },
      [`${MODEM}.Modem3gpp`]: { OperatorName: sentence('Viettel') },
      [`${MODEM}.Signal`]: {
        Rate: number(300),
        Lte: { type: 'a{sv}', data: { rsrp: { type: 'd', data: rsrp } } },
      },
    };
    const objects = there ? { '/org/freedesktop/ModemManager1/Modem/0': interfaces } : {};
    await writeFile(join(this.folder, 'objects'), JSON.stringify({ type: 'a{oa{sa{sv}}}', data: [objects] }));
    await writeFile(
      join(this.folder, 'bearer'),
      JSON.stringify({ type: 'v', data: [{ type: 'a{sv}', data: { apn: sentence(apn) } }] }),
    );
  }
}
