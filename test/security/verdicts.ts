import type { Bench } from './bench.js';
import type { Verdict } from './threat.js';

/** Where commands for the commune of the bench go. */
export const COMMAND_TOPIC = 'loa/v1/area/xa-001/command';
/** Where emergencies of an authority for that commune go. */
export const emergencyTopic = (authority: string): string => `loa/v1/area/xa-001/emergency/${authority}`;

/** True where an honest command of the province is still done: a receiver that obeys nobody is no defence. */
export async function stillObeys(bench: Bench): Promise<boolean> {
  const before = bench.opened.length;
  const play = bench.cast.play(bench);
  await bench.takes(COMMAND_TOPIC, await bench.cast.sign(play, 'province'));
  const done = bench.opened.slice(before).some(({ playId }) => playId === play.body.playId);
  await bench.takes(
    COMMAND_TOPIC,
    await bench.cast.sign(bench.cast.stop(bench, 'province', play.body.playId), 'province'),
  );
  return done;
}

/**
 * Sends what must be refused: nothing may reach the sound engine, the refusal must have one of the codes expected, and
 * an honest command must still be done.
 */
export async function refusedWith(
  bench: Bench,
  codes: string | readonly string[],
  send: () => Promise<unknown>,
  options: { readonly obeys?: boolean } = {},
): Promise<Verdict> {
  const expected = typeof codes === 'string' ? [codes] : codes;
  const before = { codes: bench.codes().length, replies: bench.replies.length, opened: bench.opened.length };
  await send();
  const seen = [
    ...bench.codes().slice(before.codes),
    ...bench.replies.slice(before.replies).flatMap(({ code }) => code ?? []),
  ];
  const silent = bench.opened.length === before.opened;
  const named = seen.length > 0 && seen.every((code) => expected.includes(code));
  const obeys = options.obeys === false || (await stillObeys(bench));
  const told = [...new Set(seen)].join(', ') || 'no refusal';
  return {
    stopped: silent && named && obeys,
    seen: `${told}; ${silent ? 'nothing heard' : 'HEARD'}${obeys ? '' : '; an honest command is NOT done'}`,
  };
}

/** All of several verdicts. */
export function all(...verdicts: readonly Verdict[]): Verdict {
  return {
    stopped: verdicts.every(({ stopped }) => stopped),
    seen: verdicts.map(({ seen }) => seen).join(' | '),
  };
}
