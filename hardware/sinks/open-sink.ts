import type { OpenSink } from '../types.js';
import { openAlsaSink } from './alsa-sink.js';
import { openFileSink } from './file-sink.js';
import { openNullSink } from './null-sink.js';
import { openSpeakerSink } from './speaker-sink.js';

/** Opens the driver that the settings name. */
export const openSink: OpenSink = (settings, listener) => {
  switch (settings.kind) {
    case 'alsa':
      return openAlsaSink(settings, listener);
    case 'file':
      return openFileSink(settings, listener);
    case 'null':
      return openNullSink(settings, listener);
    case 'speaker':
      return openSpeakerSink(settings, listener);
  }
};
