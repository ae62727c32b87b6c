import { importsOf, type Import } from './imports.js';
import { PRODUCT_FOLDERS, SIDE_FOLDERS, type SourceTree } from './source-tree.js';

type Layer = 'core' | 'protocols' | 'certs' | 'hardware' | 'agent' | 'side';

/** Which layers a layer may import, and the reason that a breach is told with. */
const MAY: Readonly<Record<Exclude<Layer, 'side'>, { layers: readonly Layer[]; reason: string }>> = {
  core: {
    layers: ['core'],
    reason: 'agent/core is what everything may use, so it uses no other folder',
  },
  protocols: {
    layers: ['protocols', 'core'],
    reason: 'protocols is the wire alone: it imports agent/core and nothing else of ours',
  },
  certs: {
    layers: ['certs', 'core', 'protocols'],
    reason: 'certs imports agent/core and protocols only',
  },
  hardware: {
    layers: ['hardware', 'core', 'protocols'],
    reason: 'hardware imports agent/core and protocols only: a driver knows nothing of the program',
  },
  agent: {
    layers: ['agent', 'core', 'protocols', 'certs'],
    reason: 'agent imports agent/core, protocols, certs, and of hardware only hardware/types.ts',
  },
};

const COMPOSE = /^agent\/compose[^/]*\.ts$/;

/** The breaches of design.md's dependency rule in a tree, one line each with its reason; none in a tree that keeps it. */
export function dependencyBreaches(tree: SourceTree): string[] {
  const breaches: string[] = [];
  for (const [path, text] of tree) {
    for (const one of importsOf(path, text)) {
      const reason = breachOf(path, one);
      if (reason !== undefined) breaches.push(`${path}:${one.line} imports ${one.specifier}: ${reason}`);
    }
  }
  return breaches;
}

function breachOf(path: string, { path: target }: Import): string | undefined {
  const from = layerOf(path);
  if (from === 'side' || target === undefined) return undefined;
  const to = layerOf(target);
  if (to === undefined || from === undefined) return 'it is outside the folders of the layout';
  if (to === 'side') return 'nothing of the product imports test/ or build/';
  if (from === 'agent' && to === 'hardware') {
    if (target === 'hardware/types.ts' || COMPOSE.test(path)) return undefined;
    return 'only agent/compose*.ts picks drivers; the rest of agent knows hardware/types.ts';
  }
  return MAY[from].layers.includes(to) ? undefined : MAY[from].reason;
}

function layerOf(path: string): Layer | undefined {
  if (path.startsWith('agent/core/')) return 'core';
  const folder = path.split('/')[0] ?? '';
  if (isSide(folder)) return 'side';
  return isProduct(folder) ? folder : undefined;
}

function isSide(folder: string): boolean {
  return (SIDE_FOLDERS as readonly string[]).includes(folder);
}

function isProduct(folder: string): folder is (typeof PRODUCT_FOLDERS)[number] {
  return (PRODUCT_FOLDERS as readonly string[]).includes(folder);
}
