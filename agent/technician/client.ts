import { request } from 'node:http';
import { userInfo } from 'node:os';
import { isErrorCode, LoaError } from '../core/errors.js';

const ANSWER_LIMIT_MS = 3_000;
const KNOCK = { method: 'GET', path: '/v1/status' } as const;

/**
 * Asks the running receiver over its unix socket. What may take long is asked only of one that answers at all: nobody waits minutes for
 * a receiver that hangs.
 * @param answerLimitMs how long the answer may take, milliseconds; 3 s by default
 * @throws LoaError `E_NOT_RUNNING` where nobody answers within it; the receiver's own code where it refuses
 */
export async function askReceiver(
  socketPath: string,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
  answerLimitMs = ANSWER_LIMIT_MS,
): Promise<unknown> {
  if (answerLimitMs > ANSWER_LIMIT_MS)
    await exchange({ ...{ socketPath, answerLimitMs: ANSWER_LIMIT_MS }, ...KNOCK }, undefined);
  const { status, text } = await exchange({ socketPath, method, path, answerLimitMs }, body);
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (cause) {
    throw new LoaError('E_NOT_RUNNING', 'the answer is not JSON', { cause });
  }
  if (status < 300) return answer;
  const { code, detail } = answer as { code?: unknown; detail?: unknown };
  throw new LoaError(
    isErrorCode(code) ? code : 'E_INTERNAL',
    typeof detail === 'string' ? detail : `status ${status}`,
  );
}

/** Nobody is there at all; false where somebody is who does not answer, or may not be asked. */
export function isNobodyThere(error: unknown): boolean {
  if (!(error instanceof LoaError) || error.code !== 'E_NOT_RUNNING') return false;
  return error.fields['reason'] === 'ENOENT' || error.fields['reason'] === 'ECONNREFUSED';
}

async function exchange(
  {
    socketPath,
    method,
    path,
    answerLimitMs,
  }: { socketPath: string; method: string; path: string; answerLimitMs: number },
  body: object | undefined,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException): void => {
      const why = cause.name === 'AbortError' ? `silent for ${answerLimitMs} ms` : cause.message;
      const fields = { reason: cause.name === 'AbortError' ? 'silent' : cause.code };
      reject(new LoaError('E_NOT_RUNNING', `no answer on ${socketPath}: ${why}`, { cause, fields }));
    };
    const asking = request(
      {
        socketPath,
        method,
        path,
        headers: { Host: 'loa', 'Loa-User': whoAsks() },
        signal: AbortSignal.timeout(answerLimitMs),
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.on('error', fail);
      },
    );
    asking.on('error', fail);
    asking.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Who sits at the keyboard, for the record of what was done on site: as told, since only the group may ask at all. */
function whoAsks(): string {
  const { SUDO_USER: sudo } = process.env;
  try {
    const name = userInfo().username;
    return (sudo === undefined ? name : `${sudo} (${name})`).replace(/[^\w.() -]/g, '?').slice(0, 64);
  } catch {
    // An account without a name, as in a container.
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}
