import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { peakOf } from '../heard/transitions.js';
import { withCap } from '../source-system/operator-cap.js';
import { capFolder } from './cap-table.js';
import { monotonicMs } from './card-record.js';
import type { SoundBench } from './sound-bench.js';

/** What came of something that must not be heard. */
export interface Unheard {
  readonly what: string;
  /** The loudest sample in the 3 s after it, linear; 0 is silence. */
  readonly peak: number;
  /** Codes that the province was told. */
  readonly codes: readonly string[];
  /** The code that it must have been told. */
  readonly wanted: string;
}

const LISTEN_MS = 3_000;
const AREA = { area: 'ap-1' } as const;
const SIREN = [{ kind: 'stored', name: 'siren' }] as const;
const MINUTES = { forMs: 600_000, repeatEveryMs: 60_000, stored: 'siren' } as const;

/** Sends what must not be heard, and listens to the card. */
export async function unheard(bench: SoundBench): Promise<Unheard[]> {
  const { province, send } = bench.rig;
  const found: Unheard[] = [];
  const listen = async (what: string, wanted: string, act: () => Promise<unknown>): Promise<void> => {
    await bench.record.untilQuiet(300, 20_000);
    const [fromMs, fromWallMs] = [monotonicMs(), Date.now()];
    await act();
    const { samples } = await bench.record.between(fromMs, fromMs + LISTEN_MS);
    await sleep(1_500);
    found.push({ what, wanted, peak: peakOf(samples), codes: bench.codesSince(fromWallMs) });
  };
  const title = 'bench test';
  for (const status of ['test', 'exercise'] as const)
    await listen(`an entry of status ${status}`, 'N_EMERGENCY_SILENT', async () =>
      send(await province.emergencySet('province', AREA, [{ title, status, content: [...SIREN] }])),
    );
  for (const status of ['Test', 'Exercise', 'System', 'Draft'])
    await listen(
      `a CAP document of status ${status}, its entry says actual`,
      'N_EMERGENCY_SILENT',
      async () => {
        const document = await documentOf(status);
        const [entry] = withCap([], document, { nowMs: Date.now(), ...MINUTES });
        if (entry === undefined) throw new Error('nothing was wrapped');
        await send(await province.emergencySet('province', AREA, [{ ...entry, status: 'actual' }]));
      },
    );
  const alert = await province.emergencySet('province', AREA, [{ title, content: [...SIREN] }]);
  const end = await province.emergencySet('province', AREA, []);
  await send(alert);
  await bench.record.firstSound(monotonicMs() - 1_000, 10_000);
  await send(end);
  await sleep(1_000);
  await listen('an alert that was ended, sent again', 'E_DOCUMENT_OLD', () =>
    send({ ...alert, retain: false }),
  );
  await send(end);
  return found;
}

/** A document of the table that is in force now, with another status. */
async function documentOf(status: string): Promise<string> {
  const zoned = (ms: number): string => `${new Date(Date.now() + ms).toISOString().slice(0, 19)}+00:00`;
  return (await readFile(join(capFolder(), 'status-actual.xml'), 'utf8'))
    .replace(/<status>[^<]*/, `<status>${status}`)
    .replace(/<sent>[^<]*/, `<sent>${zoned(-10_000)}`)
    .replace(/<expires>[^<]*/, `<expires>${zoned(600_000)}`);
}
