import { storedSound, tone } from '../chime.js';
import { framesOf } from '../../core/units.js';
import type { SoundSettings } from '../messages.js';
import type { OpenSource } from '../play.js';
import { CaptureSource } from './capture-source.js';
import { FileSource } from './file-source.js';
import { accessTo } from './http-bytes.js';
import { LiveSource, type SourceParts } from './live-source.js';
import { MediaStore, type MeasureLoudness } from './media-store.js';
import { SequenceSource } from './sequence-source.js';
import { StoredSource } from './stored-source.js';
import { TextSource } from './text-source.js';

/** What the sources of all kinds need from outside. */
export interface OpenerParts extends SourceParts {
  /** How loud a kept file is; files are played as they are where it is left out. */
  readonly measureLoudness?: MeasureLoudness;
}

/** Icecast's blocks of 1 400 bytes are 88 ms at 128 kb/s: a start with one of them waits for the next. */
const SETTLE_MS = 60;

/** Opens a source of any kind by the settings. */
export function sourceOpener(settings: SoundSettings, parts: OpenerParts): OpenSource {
  const { media, speech, capture } = settings;
  const store = new MediaStore(media.folder, media, media.quotaBytes, parts.measureLoudness);
  const live = {
    access: media,
    prerollMs: settings.livePrerollMs,
    settleMs: SETTLE_MS,
    widen: settings.liveWiden !== false,
  };
  const open: OpenSource = (source, last, hooks) => {
    switch (source.kind) {
      case 'live':
        return new LiveSource(source.url, { ...live, access: accessTo(source, media) }, parts, hooks);
      case 'file':
        return new FileSource(
          { url: source.url, sha256: source.sha256, persistent: last },
          store,
          parts,
          hooks,
        );
      case 'playlist':
        return new SequenceSource(
          source.items.map((item) => ({
            open: () => open(item.source, false, hooks),
            pauseFrames: framesOf(item.pauseMs),
          })),
          source.loops,
          (refusal) => hooks.onTrouble(refusal),
        );
      case 'stored':
        return new StoredSource(storedSound(source.name));
      case 'tone':
        return new StoredSource(tone(source.frequencyHz, source.durationMs, source.level, source.toHz));
      case 'text':
        return new TextSource(source, speech ?? {}, parts);
      case 'capture':
        return new CaptureSource(capture ?? {}, parts, hooks);
    }
  };
  return open;
}
