/**
 * A part of a fleet: many real links (dial, TLS, guard, states, retry) in one process. It says on standard output when
 * one comes up (`u`), loses its connection (`l`), or has failed to get one (`d CODE`).
 */
import { readFileSync } from 'node:fs';
import { systemClock } from '../../agent/core/clock.js';
import { createLink } from '../../agent/link/link.js';
import { memoryStore } from '../fakes/memory-store.js';
import { KeptLog } from '../support/kept-log.js';

/** What a part of a fleet is told. */
export interface HerdSetUp {
  readonly port: number;
  readonly first: number;
  readonly count: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** The way of reconnecting: the product's full jitter up to so long, or always after 1 s. */
  readonly retry: 'jitter' | 'fixed';
}

const setUp = JSON.parse(process.argv[2] ?? '{}') as HerdSetUp;
const material = {
  ca: readFileSync(setUp.ca, 'utf8'),
  cert: readFileSync(setUp.cert, 'utf8'),
  key: readFileSync(setUp.key, 'utf8'),
};
const fixed = setUp.retry === 'fixed';
const retry = fixed
  ? { firstMs: 1_000, longestMs: 1_000, stableMs: 300_000 }
  : { firstMs: 1_000, longestMs: 120_000, stableMs: 300_000 };
/** The beginning is not the measurement: so many handshakes are under way at most, whatever is measured afterwards. */
const BEGINNING = 10;
let begun = 0;

function beginNext(): void {
  if (begun >= setUp.count) return;
  const id = `herd-${setUp.first + begun}`;
  begun += 1;
  let isUp = false;
  let wasUp = false;
  const link = createLink({
    receiverId: id,
    tls: async () => ({ host: '127.0.0.1', port: setUp.port, ...material }),
    keepaliveS: 60,
    longestKeepaliveS: 240,
    lastWords: () => ({ topic: `loa/v1/receiver/${id}/state`, payload: new Uint8Array([0x7b, 0x7d]) }),
    listener: {
      onUp: () => {
        isUp = true;
        process.stdout.write('u\n');
        if (!wasUp) beginNext();
        wasUp = true;
      },
      onDown: ({ code }) => {
        process.stdout.write(isUp ? 'l\n' : `d ${code}\n`);
        isUp = false;
      },
      onMessage: async () => undefined,
      onOversize: () => undefined,
    },
    ...{ store: memoryStore(), clock: systemClock, log: new KeptLog() },
    random: fixed ? () => 0.9999 : Math.random,
    times: { retry },
  });
  link.start(new AbortController().signal);
}

for (let n = 0; n < BEGINNING; n += 1) beginNext();
