import { askReceiver } from './client.js';

const LIMIT_MS = 2_000;

/** Has the running receiver keep as a security event what was done beside it; where none runs, nobody can. */
export async function tellActed(socketPath: string, action: string): Promise<void> {
  await askReceiver(socketPath, 'POST', '/v1/acted', { action: action.slice(0, 200) }, LIMIT_MS).catch(
    () => undefined,
  );
}
