import { setTimeout as pause } from 'node:timers/promises';
import { decodeReference } from '../../heard/decode.js';
import { hearAll } from '../hearing.js';
import type { Scenario } from '../scenario.js';
import { assertHeard, judgeSound, verdictText } from '../sound.js';

const PLAY_MS = 40_000;

/** The broker goes while a bulletin plays, and comes back. */
export const broker: Scenario = {
  name: 'broker',
  about:
    'the broker dies while a bulletin plays: it plays on, and the receiver comes back and tells how long it was alone',
  steps: [
    {
      title: 'the bulletin plays on without the broker, and its receipt comes when the broker is back',
      async run(stage) {
        const { province } = stage;
        await stage.setClock();
        const fromFrame = stage.machine.recordedFrames;
        const before = stage.newestOrder;
        const source = await stage.live('live-three');
        await province.send(
          await province.province.playStart('tan-hoa', {
            ...{ target: { area: 'tan-hoa' }, source, title: 'alone', forMs: PLAY_MS },
          }),
        );
        await stage.statusUntil('on air', ({ onAir }) => onAir?.title === 'alone', 30_000);
        await province.mosquitto.stop('SIGKILL');
        await pause(6_000);
        await province.mosquitto.start();
        const birth = await stage.birth(120_000, before);
        const back = await province.ears.waitFor(
          'event',
          ({ message, order }) =>
            order > before && message.body.kind === 'cleared' && message.body.code === 'E_LINK_LOST',
          60_000,
        );
        const receipt = await stage.receipt('alone', PLAY_MS + 60_000);
        const reference = await decodeReference(province.media.streamBytes('live-three').bytes, {
          format: 'mp3',
        });
        const verdict = judgeSound({
          heard: await hearAll(stage),
          fromFrame,
          parts: [{ receipt, reference }],
        });
        for (const { title, comparison } of verdict.spans) stage.figures.heard.push({ title, ...comparison });
        assertHeard(verdict);
        const awayMs = Number(back.message.body.fields?.['awayMs'] ?? NaN);
        if (!(awayMs > 0)) throw new Error('how long it was away is not told');
        return `away ${(awayMs / 1000).toFixed(1)} s, born again as ${birth.receiver}; ${verdictText(verdict)}`;
      },
    },
  ],
};
