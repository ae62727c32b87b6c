import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * What collects the young heap at once, a millisecond of work. Pieces read from a socket lie outside the heap, and V8 lets 32 MB of them
 * gather before it looks (`Heap::AllocateExternalBackingStore`, twice the largest semi-space there can be, whatever the setting): a flood is
 * read and thrown away long before. V8 gives its collector only where `--expose-gc` is set; that is done here, for nobody else.
 */
export function youngCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('globalThis.gc') as ((how: { type: 'minor' }) => void) | undefined;
  setFlagsFromString('--no-expose-gc');
  return () => collect?.({ type: 'minor' });
}
