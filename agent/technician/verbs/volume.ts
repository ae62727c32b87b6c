import type { Language } from '../../core/errors.js';
import type { Config } from '../../config.js';
import { cardFacts } from '../diagnose/sound-probes.js';
import type { CardFacts } from '../diagnose/facts.js';
import { fitted } from '../columns.js';
import { EXIT, wantNoMore, type Verb } from '../verb.js';

/** `loa volume`: the volumes in force; they are set with `loa config set volume.normalDb -6`. */
export const volumeVerb: Verb = {
  summary: {
    vi: 'âm lượng từng lớp và của card (đặt bằng: loa config set volume.normalDb -6)',
    en: 'the volumes by class and of the card (set: loa config set volume.normalDb -6)',
  },
  usage: 'volume',
  async run({ args, config, language, json, print }) {
    wantNoMore(args);
    const { controls } = await cardFacts(config.sound.sink, config.sound.positionFolder);
    print(
      json ? JSON.stringify({ ...config.volume, controls }) : volumeText(config.volume, controls, language),
    );
    return EXIT.done;
  },
};

/** The volumes as a person reads them. */
export function volumeText(
  volume: Config['volume'],
  controls: CardFacts['controls'],
  language: Language,
): string {
  const vi = language === 'vi';
  return [
    `${vi ? 'Thông thường' : 'Normal'}: ${volume.normalDb} dB`,
    `${vi ? 'Ưu tiên' : 'Priority'}: ${volume.priorityDb} dB`,
    `${vi ? 'Khẩn cấp' : 'Emergency'}: ${volume.emergencyDb} dB`,
    ...volume.byTime.map(({ from, to, gainDb }) => `${from}–${to}: ${gainDb} dB`),
    ...controls.map(({ name, percent, muted }) =>
      fitted(
        `${vi ? 'Card' : 'Card'} ${name}: ${percent ?? '?'} %${muted ? (vi ? ' TẮT TIẾNG' : ' MUTED') : ''}`,
        80,
      ),
    ),
  ].join('\n');
}
