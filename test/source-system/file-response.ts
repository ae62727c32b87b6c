import type { IncomingMessage, ServerResponse } from 'node:http';

/** A file in memory, ready to be served. */
export interface HeldFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** Hexadecimal; also its ETag. */
  readonly sha256: string;
}

/** The first and the last byte of a range. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Reads a `Range` header (RFC 9110, 14.2) with one range of bytes; undefined where there is none that is understood,
 * so that the whole is sent, 'unsatisfiable' where nothing of it is there.
 */
export function rangeOf(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [, from = '', to = ''] = match ?? [];
  if (match === null || (from === '' && to === '')) return undefined;
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return first > last ? 'unsatisfiable' : { first, last };
}

/** Sends a file, or the range asked for, or that it has not changed. @param stalls stop for good half-way through */
export function sendFile(
  file: HeldFile,
  request: IncomingMessage,
  response: ServerResponse,
  stalls = false,
): void {
  const etag = `"${file.sha256}"`;
  const size = file.bytes.length;
  const headers = { etag, 'accept-ranges': 'bytes', 'cache-control': 'no-cache' };
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  // RFC 9110, 13.1.5: a range of another version of the file is not wanted.
  const isSameFile = (request.headers['if-range'] ?? etag) === etag;
  const range = isSameFile ? rangeOf(request.headers.range, size) : undefined;
  if (range === 'unsatisfiable') {
    response.writeHead(416, { ...headers, 'content-range': `bytes */${size}` }).end();
    return;
  }
  const { first, last } = range ?? { first: 0, last: size - 1 };
  response.writeHead(range === undefined ? 200 : 206, {
    ...headers,
    'content-type': file.contentType,
    'content-length': last - first + 1,
    ...(range === undefined ? {} : { 'content-range': `bytes ${first}-${last}/${size}` }),
  });
  if (request.method === 'HEAD') response.end();
  else if (stalls) response.write(file.bytes.subarray(first, first + Math.ceil((last - first + 1) / 2)));
  else response.end(file.bytes.subarray(first, last + 1));
}
