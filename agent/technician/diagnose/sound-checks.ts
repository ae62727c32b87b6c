import { isErrorCode } from '../../core/errors.js';
import { broken, ok, UNKNOWN, weak, type Check } from './check.js';
import type { Facts } from './facts.js';

/** The quietest that the settings allow is not heard beside a road. */
const SILENT_DB = -40;

function status({ program }: Facts) {
  return program?.kind === 'running' ? program.status : undefined;
}

/** From the decoder to the ear. */
export const SOUND_CHECKS: readonly Check[] = [
  {
    id: 'decoder',
    title: { vi: 'Bộ giải mã', en: 'Decoder' },
    facts: ['decoder'],
    judge({ decoder }) {
      if (decoder === undefined) return UNKNOWN;
      if (!decoder.ffmpeg) return broken('E_DECODER_MISSING', 'ffmpeg');
      return decoder.espeak ? ok('ffmpeg, espeak-ng') : weak('E_SPEECH_MISSING', 'espeak-ng');
    },
  },
  {
    id: 'card',
    title: { vi: 'Card âm thanh', en: 'Sound card' },
    facts: ['card', 'program'],
    judge(facts) {
      const { card } = facts;
      const sink = status(facts)?.sink;
      if (sink?.ok === true) return ok(sink.kind);
      const needsCard = card?.sink === 'alsa' || card?.sink === 'speaker';
      if (needsCard && card.cards.length === 0) return broken('E_CARD_ABSENT', sink?.detail);
      if (sink !== undefined)
        return broken(sink.code === 'E_SINK_DIED' ? 'E_SINK_DIED' : 'E_SINK_OPEN', sink.detail);
      return card === undefined ? UNKNOWN : ok(card.cards.join(', ') || card.sink);
    },
  },
  {
    id: 'mixer',
    title: { vi: 'Âm lượng card', en: 'Mixer' },
    facts: ['card'],
    needs: ['card'],
    judge({ card }) {
      if (card === undefined || card.controls.length === 0) return UNKNOWN;
      const muted = card.controls.find((one) => one.muted);
      if (muted !== undefined) return broken('E_CARD_MUTED', muted.name);
      const zero = card.controls.find(({ percent }) => percent === 0);
      if (zero !== undefined) return broken('E_VOLUME_ZERO', zero.name);
      return ok(
        card.controls
          .map(({ name, percent }) => `${name}${percent === undefined ? '' : ` ${percent} %`}`)
          .join(', '),
      );
    },
  },
  {
    id: 'amplifier',
    title: { vi: 'Tăng âm', en: 'Amplifier' },
    facts: ['hardware'],
    judge({ hardware }) {
      const amplifier = hardware?.amplifier;
      if (amplifier === undefined) return UNKNOWN;
      if (amplifier.hot === true) return broken('E_AMPLIFIER_HOT', amplifier.state);
      const { fault, state } = amplifier;
      if (fault === undefined) return ok(state);
      // What it tells by a code of its own has a remedy of its own.
      return isErrorCode(fault) ? broken(fault, state) : broken('E_AMPLIFIER_FAULT', fault);
    },
  },
  {
    id: 'line',
    title: { vi: 'Đường loa', en: 'Speaker line' },
    facts: ['hardware'],
    judge({ hardware }) {
      switch (hardware?.line) {
        case undefined:
          return UNKNOWN;
        case 'normal':
          return ok();
        case 'open':
          return broken('E_LINE_OPEN');
        case 'short':
          return broken('E_LINE_SHORT');
      }
    },
  },
  {
    id: 'tone',
    title: { vi: 'Nghe âm thử', en: 'Tone heard' },
    facts: ['tone'],
    needs: ['program', 'card', 'mixer', 'amplifier', 'line'],
    judge({ tone }) {
      if (tone === undefined) return UNKNOWN;
      if (tone === 'heard') return ok();
      if (tone === 'unheard') return broken('E_TONE_UNHEARD');
      return tone.kind === 'failed' ? weak(tone.code, tone.detail) : UNKNOWN;
    },
  },
  {
    id: 'volume',
    title: { vi: 'Âm lượng', en: 'Volume' },
    facts: ['volume'],
    judge({ volume }) {
      if (volume === undefined) return UNKNOWN;
      const { normalDb, priorityDb } = volume;
      const detail = `${normalDb} / ${priorityDb} dB`;
      return Math.min(normalDb, priorityDb) <= SILENT_DB ? broken('E_VOLUME_ZERO', detail) : ok(detail);
    },
  },
];
