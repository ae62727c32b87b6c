import { speechPath } from '../../fixtures/speech/speech.js';
import { decodeReference } from '../../heard/decode.js';
import { amplifierSince } from '../amplifier.js';
import { amplifierText } from '../amplifier-lines.js';
import { hearAll } from '../hearing.js';
import type { Scenario } from '../scenario.js';
import { assertHeard, judgeSound, verdictText } from '../sound.js';

const PLAY_MS = 32_000;
const ALONE_MS = 8_000;

/** An emergency interrupts a live bulletin, which comes back where the stream is. */
export const interrupt: Scenario = {
  name: 'interrupt',
  about: 'an emergency interrupts a live bulletin, which then goes on where the stream is',
  steps: [
    {
      title: 'the bulletin, the emergency over it, the bulletin again',
      async run(stage) {
        const { province } = stage;
        await stage.setClock();
        const fromFrame = stage.machine.recordedFrames;
        const source = await stage.live('live-two');
        await province.send(
          await province.province.playStart('tan-hoa', {
            ...{ target: { area: 'tan-hoa' }, source, title: 'interrupted', forMs: PLAY_MS },
          }),
        );
        await stage.played(ALONE_MS);
        const content = await stage.file('emergency.mp3');
        const emergency = { title: 'flood', content: [content], forMs: 3 * PLAY_MS, repeatEveryMs: 600_000 };
        await province.send(await province.province.emergencySet('tan-hoa', { area: 'ap-1' }, [emergency]));
        const ofEmergency = await stage.receipt('flood', 90_000);
        const ofLive = await stage.receipt('interrupted', PLAY_MS + 60_000);
        await province.send(await province.province.emergencyCancel('tan-hoa', { area: 'ap-1' }));
        const parts = [
          {
            receipt: ofLive,
            reference: await decodeReference(province.media.streamBytes('live-two').bytes, { format: 'mp3' }),
          },
          { receipt: ofEmergency, reference: await decodeReference(speechPath('emergency.mp3')) },
        ];
        const verdict = judgeSound({ heard: await hearAll(stage), fromFrame, parts });
        for (const { title, comparison } of verdict.spans) stage.figures.heard.push({ title, ...comparison });
        assertHeard(verdict);
        const order = verdict.spans.map(({ title }) => title).join(', ');
        if (order !== 'interrupted, flood, interrupted') throw new Error(`heard in this order: ${order}`);
        const amplifier = await amplifierSince(stage, fromFrame);
        return `${verdictText(verdict)}; ${amplifierText(amplifier)}`;
      },
    },
  ],
};
