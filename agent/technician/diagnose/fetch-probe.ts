import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { rootCertificates } from 'node:tls';
import type { Identity } from '../../../certs/identity.js';
import { mirrorPath } from '../../../protocols/mirror.js';
import { downTopics } from '../../../protocols/topics.js';
import type { Config } from '../../config.js';
import type { ErrorCode } from '../../core/errors.js';
import type { FetchFacts, ProgramFacts } from './facts.js';

const LIMIT_MS = 6_000;
const ENOUGH_BYTES = 512 * 1024;
/** Of less, the time tells of the way there and back, not of its width. */
const TELLING_BYTES = 32 * 1024;

/** An address that the receiver fetches from anyway: a file of its programme, else the mirror. */
export function fetchAddress(config: Config, program: ProgramFacts | undefined): string | undefined {
  const wanted = program?.kind === 'running' ? (program.cache?.wanted ?? []) : [];
  const file = wanted.find(({ state }) => state !== 'here') ?? wanted[0];
  if (file !== undefined) return file.url;
  if (config.mirror.url === '') return undefined;
  return `${config.mirror.url.replace(/\/$/, '')}/${mirrorPath(downTopics.trust())}`;
}

/** Fetches half a megabyte, or for six seconds, and tells how fast it came. */
export async function fetchFacts(
  url: string,
  config: Config,
  identity: Identity | undefined,
): Promise<FetchFacts> {
  const from = new URL(url).host;
  const ca = [...(identity?.anchorsPem ?? []), ...(config.media.publicAnchors ? rootCertificates : [])];
  const startMs = performance.now();
  return new Promise((resolve) => {
    let bytes = 0;
    let firstMs = startMs;
    const done = (failure?: { code: ErrorCode; detail: string }): void => {
      clearTimeout(timer);
      asking.destroy();
      const tookMs = Math.round(performance.now() - startMs);
      const inMs = performance.now() - firstMs;
      // A trickle tells too: after six seconds little is an answer.
      const tells = bytes >= TELLING_BYTES || (bytes > 0 && tookMs >= LIMIT_MS);
      resolve({
        ...{ from, bytes },
        step:
          failure === undefined
            ? { kind: 'ok', detail: from, tookMs }
            : { kind: 'failed', ...failure, tookMs },
        ...(failure === undefined && tells ? { kbitS: Math.round((bytes * 8) / Math.max(1, inMs)) } : {}),
      });
    };
    const get = url.startsWith('https:') ? getHttps : getHttp;
    const asking = get(url, { ca, agent: false }, (response) => {
      firstMs = performance.now();
      const { statusCode = 0 } = response;
      if (statusCode >= 300) {
        done({ code: 'E_MEDIA_STATUS', detail: `${from}: ${statusCode}` });
        return;
      }
      response.on('data', (piece: Buffer) => {
        bytes += piece.length;
        if (bytes >= ENOUGH_BYTES) done();
      });
      response.on('end', () => done());
    });
    asking.on('error', (error: NodeJS.ErrnoException) =>
      done({ code: 'E_MEDIA_CONNECT', detail: `${from}: ${error.code ?? error.message}` }),
    );
    const timer = setTimeout(
      () => done(bytes > 0 ? undefined : { code: 'E_MEDIA_CONNECT', detail: `${from}: silent` }),
      LIMIT_MS,
    );
  });
}
