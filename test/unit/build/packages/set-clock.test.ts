import { spawnSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { writeKept } from '../../../../agent/core/kept-file.js';
import { repositoryRoot } from '../../../heard/repository-root.js';
import { readIfPresent } from '../../../../agent/core/atomic-file.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const FLOOR_MS = Date.parse('2026-11-23T03:00:00.123Z');
const FLOOR_S = Math.floor(FLOOR_MS / 1000);
const LATEST_S = Date.parse('2036-11-23T00:00:00Z') / 1000;
/** A receiver's file as signed-time writes it; the time may have a fraction. */
const keptWith = (floorMs: number): string =>
  JSON.stringify({ freshMs: floorMs, journalId: 'f', floorMs: floorMs + 0.25 });

/** Stands before the real `date` on the PATH: tells a given time, and notes what it was set to. */
const FAKE_DATE = `#!/bin/sh
case "$*" in
  +%s) echo "$NOW_S" ;;
  '-u -s '*) [ "$REFUSED" = yes ] && exit 1; echo "$3" >> "$SET_LOG" ;;
  *) exec /bin/date "$@" ;;
esac
`;

/** What the script did. */
interface Run {
  readonly code: number | null;
  readonly said: string;
  /** What the clock was set to, seconds since 1970; undefined where it was left alone. */
  readonly setS: number | undefined;
  readonly note: string | undefined;
}

/** A state folder, and the script as a package has it. */
async function bench(t: Parameters<typeof temporaryFolder>[0]): Promise<{
  readonly kept: string;
  readonly run: (nowS: number, refused?: boolean) => Promise<Run>;
}> {
  const folder = await temporaryFolder(t);
  const place = (name: string): string => join(folder, name);
  const source = join(repositoryRoot(import.meta.url), 'build/packages/files/set-clock.sh');
  const script = (await readFile(source, 'utf8')).replaceAll('@LATEST_S@', String(LATEST_S));
  await writeFile(place('set-clock'), script);
  await writeFile(place('date'), FAKE_DATE);
  await chmod(place('date'), 0o755);
  const kept = place('clock.json');
  return {
    kept,
    async run(nowS, refused = false) {
      const { status, stdout, stderr } = spawnSync('sh', [place('set-clock'), kept, place('set.json')], {
        encoding: 'utf8',
        env: {
          PATH: `${folder}:/usr/bin:/bin`,
          NOW_S: String(nowS),
          SET_LOG: place('set'),
          REFUSED: refused ? 'yes' : 'no',
        },
      });
      const set = await readIfPresent(place('set'));
      return {
        ...{ code: status, said: `${stdout}${stderr}`, note: await readIfPresent(place('set.json')) },
        setS: set === undefined ? undefined : Number(set.replace('@', '')),
      };
    },
  };
}

t.test('a clock at 1970 is set forward to the floor, and a note says so', async (t) => {
  const { kept, run } = await bench(t);
  await writeKept(kept, keptWith(FLOOR_MS));
  const { code, setS, note, said } = await run(30);
  t.equal(code, 0, said);
  t.equal(setS, FLOOR_S);
  const noted = JSON.parse(note ?? '') as { systemS: number; uptimeS: number };
  t.equal(noted.systemS, FLOOR_S);
  t.ok(noted.uptimeS > 0);
  t.match(said, 'from 1970-01-01T00:00:30Z to 2026-11-23T03:00:00Z');
});

t.test('a clock that is not behind the floor is never set back', async (t) => {
  const { kept, run } = await bench(t);
  await writeKept(kept, keptWith(FLOOR_MS));
  for (const nowS of [FLOOR_S, FLOOR_S + 1, LATEST_S + 1]) {
    const { code, setS, note } = await run(nowS);
    t.same([code, setS, note], [0, undefined, undefined], String(nowS));
  }
});

t.test('whichever byte of the file the flash changes, the clock is not set by it', async (t) => {
  const { kept, run } = await bench(t);
  await writeKept(kept, keptWith(FLOOR_MS));
  const whole = await readFile(kept);
  const floorAt = whole.indexOf('"floorMs"');
  for (const at of [0, floorAt, floorAt + 10, floorAt + 13, whole.length - 66, whole.length - 2]) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    await writeFile(kept, damaged);
    const { code, setS, said } = await run(30);
    t.same([code, setS], [0, undefined], `byte ${at}: ${said}`);
  }
  await writeFile(kept, whole.subarray(0, floorAt + 20));
  t.equal((await run(30)).setS, undefined, 'cut off');
  await writeFile(kept, '');
  t.equal((await run(30)).setS, undefined, 'empty');
  await writeFile(kept, keptWith(FLOOR_MS));
  t.equal((await run(30)).setS, undefined, 'without a checksum');
});

t.test('where the file is damaged the one before it is taken', async (t) => {
  const { kept, run } = await bench(t);
  await writeKept(kept, keptWith(FLOOR_MS - 3_600_000));
  await writeKept(kept, keptWith(FLOOR_MS));
  await writeFile(kept, 'x');
  t.equal((await run(30)).setS, FLOOR_S - 3_600);
});

t.test('a floor more than ten years after the package is not believed', async (t) => {
  const { kept, run } = await bench(t);
  for (const floorMs of [LATEST_S * 1000 + 1_000, Date.parse('2099-01-01T00:00:00Z'), 9e15, 1e22]) {
    await writeKept(kept, keptWith(floorMs));
    const { code, setS, note } = await run(30);
    t.same([code, setS, note], [0, undefined, undefined], String(floorMs));
  }
});

t.test('without a file nothing is set', async (t) => {
  const { run } = await bench(t);
  t.match(await run(30), { code: 0, setS: undefined, note: undefined });
});

t.test('a clock that cannot be set is no clock that was set', async (t) => {
  const { kept, run } = await bench(t);
  await writeKept(kept, keptWith(FLOOR_MS));
  t.match(await run(30, true), { code: 1, setS: undefined, note: undefined });
});
