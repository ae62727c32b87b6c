import t from 'tap';
import { CardMixer } from '../../../agent/card-mixer.js';
import { KeptLog } from '../../support/kept-log.js';

/** A card of two controls; what amixer was asked, and what the province was told. */
function rigOf(levels: { Master: string; PCM: string }, fails = false) {
  const asked: string[] = [];
  const told: string[] = [];
  const mixer = new CardMixer({
    async amixer(words) {
      asked.push(words.join(' '));
      if (fails) throw new Error('no such card');
      return Object.entries(levels)
        .map(
          ([name, level]) =>
            `Simple mixer control '${name}',0\n  Capabilities: pvolume pswitch\n  Mono: ${level}\n`,
        )
        .join('');
    },
    onEvent: ({ code, detail }) => void told.push(`${code} ${detail}`),
    log: new KeptLog(),
  });
  return { mixer, asked, told };
}

t.test('what is mute, or at nothing, is opened for an emergency and put back after it', async (t) => {
  const { mixer, asked, told } = rigOf({ Master: 'Playback 0 [0%] [off]', PCM: 'Playback 80 [80%] [off]' });
  mixer.emergency(true);
  mixer.emergency(true);
  mixer.emergency(false);
  await mixer.close();
  t.same(asked, [
    'scontents',
    '-q sset Master 100% unmute',
    '-q sset PCM unmute',
    '-q sset Master 0% mute',
    '-q sset PCM mute',
  ]);
  t.same(told, ['E_CARD_MUTED opened for an emergency: Master, PCM']);
});

t.test('a card that is open is left as it is', async (t) => {
  const { mixer, asked, told } = rigOf({ Master: 'Playback 90 [90%] [on]', PCM: 'Playback 1 [1%] [on]' });
  mixer.emergency(true);
  await mixer.close();
  t.same(asked, ['scontents']);
  t.same(told, []);
});

t.test('a card without controls is no trouble, and is asked again the next time', async (t) => {
  const { mixer, asked, told } = rigOf({ Master: '', PCM: '' }, true);
  for (let i = 0; i < 2; i += 1) {
    mixer.emergency(true);
    mixer.emergency(false);
  }
  await mixer.close();
  t.same(asked, ['scontents', 'scontents']);
  t.same(told, []);
});
