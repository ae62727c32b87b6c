import { decodeReference } from '../../heard/decode.js';
import { ussMb } from '../measure.js';
import type { Scenario } from '../scenario.js';
import { assertHeard, judgeSound, verdictText } from '../sound.js';
import { amplifierSince } from '../amplifier.js';
import { amplifierText } from '../amplifier-lines.js';
import { hearAll } from '../hearing.js';

const PLAY_MS = 20_000;

/** A live bulletin of the commune is heard as it was sent. */
export const live: Scenario = {
  name: 'live',
  about: 'a live bulletin of the commune is heard as it was sent, and the receipt says so',
  steps: [
    {
      title: 'a live bulletin plays until its lease ends',
      async run(stage) {
        const { province } = stage;
        await stage.setClock();
        const fromFrame = stage.machine.recordedFrames;
        const source = await stage.live('live-one');
        await province.send(
          await province.province.playStart('tan-hoa', {
            ...{ target: { area: 'tan-hoa' }, source, title: 'live', forMs: PLAY_MS },
          }),
        );
        await stage.played(PLAY_MS / 2);
        stage.figures.ussMb.playing = await ussMb(stage);
        const receipt = await stage.receipt('live', PLAY_MS + 60_000);
        const reference = await decodeReference(province.media.streamBytes('live-one').bytes, {
          format: 'mp3',
        });
        const verdict = judgeSound({
          heard: await hearAll(stage),
          fromFrame,
          parts: [{ receipt, reference }],
        });
        for (const { title, comparison } of verdict.spans) stage.figures.heard.push({ title, ...comparison });
        assertHeard(verdict);
        const amplifier = await amplifierSince(stage, fromFrame);
        return `${verdictText(verdict)}; ${amplifierText(amplifier)}; ${(stage.figures.ussMb.playing ?? 0).toFixed(0)} MB of its own, playing`;
      },
    },
  ],
};
