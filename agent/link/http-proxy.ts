import type { Socket } from 'node:net';
import { LoaError } from '../core/errors.js';

/** An HTTP proxy of a closed network. */
export interface Proxy {
  readonly host: string;
  readonly port: number;
  /** `name:password`, where the proxy asks for it. Never logged. */
  readonly credentials?: string;
}

const ANSWER_LIMIT_BYTES = 16_384;
const HEADER_END = '\r\n\r\n';

/**
 * Asks a proxy for a tunnel with CONNECT (RFC 9110, 9.3.6). What came after its answer is given back to the socket.
 * @throws LoaError `E_LINK_PROXY`
 */
export function askProxy(
  socket: Socket,
  target: { readonly host: string; readonly port: number },
  proxy: Proxy,
): Promise<void> {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  const authority = `${host}:${target.port}`;
  const credentials =
    proxy.credentials === undefined
      ? ''
      : `Proxy-Authorization: Basic ${Buffer.from(proxy.credentials).toString('base64')}\r\n`;
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    const done = (error?: LoaError): void => {
      socket.off('data', take);
      socket.off('close', closed);
      if (error === undefined) resolve();
      else reject(error);
    };
    const refuse = (detail: string): void =>
      done(new LoaError('E_LINK_PROXY', `${proxy.host}:${proxy.port} ${detail}`));
    const closed = (): void => refuse('closed the connection');
    const take = (chunk: Buffer): void => {
      answer = Buffer.concat([answer, chunk]);
      const end = answer.indexOf(HEADER_END);
      if (end < 0) {
        if (answer.length > ANSWER_LIMIT_BYTES) refuse('answers without an end');
        return;
      }
      const [first = ''] = answer.subarray(0, end).toString('latin1').split('\r\n', 1);
      if (!/^HTTP\/1\.[01] 2\d\d\b/.test(first)) {
        refuse(`answers: ${first.slice(0, 100)}`);
        return;
      }
      socket.pause();
      const rest = answer.subarray(end + HEADER_END.length);
      if (rest.length > 0) socket.unshift(rest);
      done();
    };
    socket.on('data', take);
    socket.once('close', closed);
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentials}\r\n`);
  });
}

/**
 * The proxy of a setting, `http://[name:password@]host:port`; undefined for an empty text.
 * @throws TypeError where it is none
 */
export function proxyOf(setting: string): Proxy | undefined {
  if (setting === '') return undefined;
  const { protocol, hostname, port, username, password } = new URL(setting);
  if (protocol !== 'http:' || hostname === '') throw new TypeError('must be http://host:port');
  const userAndWord = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 80 : Number(port),
    ...(username === '' ? {} : { credentials: userAndWord }),
  };
}
