import { speechPath } from '../../fixtures/speech/speech.js';
import { decodeReference } from '../../heard/decode.js';
import { hearAll } from '../hearing.js';
import type { Scenario } from '../scenario.js';
import { assertHeard, judgeSound, verdictText } from '../sound.js';

/** The battery of the clock is empty and the network is away. */
export const clock1970: Scenario = {
  name: 'clock-1970',
  about:
    'it boots with its clock at 1970 and no network: a stored emergency sounds; with the network it knows the time again',
  steps: [
    {
      title: 'an emergency is stored, then the receiver is switched off in an orderly way',
      async run(stage) {
        const { province, machine } = stage;
        const before = stage.newestOrder;
        const content = await stage.file('emergency.mp3');
        const emergency = { title: 'salt', content: [content], forMs: 3_600_000, repeatEveryMs: 60_000 };
        await province.send(await province.province.emergencySet('tan-hoa', { area: 'ap-1' }, [emergency]));
        await stage.receipt('salt', 120_000, before);
        await machine.must('systemctl stop loa.service && sync');
        await machine.cutPower();
        return 'stored and heard once';
      },
    },
    {
      title: 'without network and time the stored emergency is heard',
      async run(stage) {
        const { machine } = stage;
        await machine.powerOn({ clock: '1970-01-01T00:00:30', network: false });
        await machine.booted();
        const before = Date.now();
        await stage.heard(60_000);
        const seconds = (Date.now() - before) / 1000;
        const { link } = await stage.status();
        if (link.kind === 'up') throw new Error('it has a link without a cable');
        const set = await machine.must('journalctl -b -q --no-pager -o cat -u loa-clock.service');
        const found = /set forward from (\S+) to (\S+),/.exec(set);
        if (found === null) throw new Error(`its clock was not set: ${set}`);
        return `heard ${seconds.toFixed(0)} s after the boot; its clock was set from ${found[1]} to ${found[2]}`;
      },
    },
    {
      title: 'with the network it is born, reports what was heard, and plays again',
      async run(stage) {
        const { province, machine } = stage;
        const before = stage.newestOrder;
        await machine.network(true);
        const birth = await stage.birth(60_000, before);
        const receipt = await stage.receipt('salt', 60_000, before);
        await province.send(await province.province.emergencyCancel('tan-hoa', { area: 'ap-1' }));
        await stage.statusUntil(
          'silence',
          ({ onAir, emergencies }) => onAir === undefined && emergencies.length === 0,
          120_000,
        );
        const fromFrame = machine.recordedFrames;
        const later = stage.newestOrder;
        const source = await stage.file('notice.mp3');
        await province.send(
          await province.province.playStart('tan-hoa', {
            ...{ target: { area: 'tan-hoa' }, source, title: 'after 1970', forMs: 60_000 },
          }),
        );
        const ofNotice = await stage.receipt('after 1970', 90_000, later);
        const reference = await decodeReference(speechPath('notice.mp3'));
        const verdict = judgeSound({
          heard: await hearAll(stage),
          fromFrame,
          parts: [{ receipt: ofNotice, reference }],
        });
        assertHeard(verdict);
        return `born with version ${birth.message.body.online ? birth.message.body.version : ''}; receipt of ${receipt.body.title}; ${verdictText(verdict)}`;
      },
    },
  ],
};
