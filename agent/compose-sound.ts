/**
 * The thread that sound lives in: picks the drivers of the sound worker and ties it to the program's messages. Together
 * with compose.ts the only place that does so.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { openSink } from '../hardware/sinks/open-sink.js';
import { systemClock } from './core/clock.js';
import { LoaError } from './core/errors.js';
import { goFirst } from './core/precedence.js';
import { makeDecoder, warmDecoders } from './sound/decoders/make-decoder.js';
import type { SoundSettings, ToSound } from './sound/messages.js';
import { AskedLoudness, type LoudnessAnswer } from './sound/sources/asked-loudness.js';
import { SoundWorker } from './sound/sound-worker.js';
import { StandIn } from './sound/stand-in.js';

const port = parentPort;
if (port === null) throw new LoaError('E_SOUND_ENGINE', 'compose-sound runs as a worker thread only');
// Also for the player of the sink, which this thread starts.
goFirst();
const loudness = new AskedLoudness((question) => port.postMessage(question));
const settings = workerData as SoundSettings;
const standIn = settings.standIn === undefined ? undefined : new StandIn(settings.standIn);
const worker = new SoundWorker(settings, {
  openSink,
  makeDecoder,
  clock: systemClock,
  random: Math.random,
  measureLoudness: loudness.measure,
  tell: (message) => port.postMessage(message),
  onSecond: (airClass, rmsDb) => standIn?.second(airClass, rmsDb),
});
// While the player opens its card. What cannot be loaded now is told by the first play that needs it.
warmDecoders().catch(() => undefined);
port.on('message', (message: ToSound | LoudnessAnswer | 'end') => {
  if (message !== 'end' && message.kind === 'measured') loudness.take(message);
  else if (message !== 'end') worker.take(message);
  else void worker.close().finally(() => port.close());
});
