import ts from 'typescript';
import { importsOf } from './imports.js';
import { parsedSource } from './parsed-source.js';
import type { SourceTree } from './source-tree.js';

/** Sources that must exist and be pure. Move a path here from {@link PURE_WHEN_PRESENT} once it exists. */
export const PURE_FILES: readonly string[] = [
  'agent/commands/clock-trust.ts',
  'agent/commands/may-accept.ts',
  'agent/core/units.ts',
  'agent/core/errors.ts',
  'agent/link/byte-ledger.ts',
  'agent/core/inflow.ts',
  'agent/link/keepalive.ts',
  'agent/link/link-state.ts',
  'agent/link/mirror-state.ts',
  'agent/link/packet-guard.ts',
  'agent/link/reason-codes.ts',
  'agent/link/retry.ts',
  'agent/programme/arbitration.ts',
  'agent/programme/emergency-plan.ts',
  'agent/programme/emergency-rules.ts',
  'agent/programme/heard-minutes.ts',
  ...['chain', 'check', 'facts', 'machine-checks', 'network-checks', 'programme-checks', 'sound-checks'].map(
    (name) => `agent/technician/diagnose/${name}.ts`,
  ),
  'agent/progress.ts',
  'agent/start-reason.ts',
  'agent/technician/hardware-told.ts',
  'agent/technician/link-history.ts',
  ...['acceptance-items', 'acceptance-page', 'acceptance-record', 'acceptance-text', 'acceptance-texts'].map(
    (name) => `agent/technician/accept/${name}.ts`,
  ),
  'agent/telemetry/alarm-rules.ts',
  'agent/telemetry/alarm-state.ts',
  'agent/telemetry/health-facts.ts',
  ...['offer', 'program-version', 'slot-choice', 'trial-health', 'update-policy', 'update-start'].map(
    (name) => `agent/update/${name}.ts`,
  ),
  'agent/update/update-state.ts',
  'agent/update/update-step.ts',
  'agent/update/update-view.ts',
  'certs/renewal.ts',
  'hardware/amplifier/foldback.ts',
  'hardware/amplifier/phases.ts',
  'hardware/amplifier/sequence.ts',
  'hardware/modem/recovery-ladder.ts',
  'protocols/authorise.ts',
  'protocols/cap/decision.ts',
  'protocols/cap/fields.ts',
  'protocols/cap/geometry.ts',
  'protocols/cap/read-alert.ts',
  'protocols/cap/words.ts',
  'protocols/mirror.ts',
];

/** Sources that must be pure as soon as they exist. */
export const PURE_WHEN_PRESENT: readonly string[] = [];

const TIMES_AND_WORLD = new Set([
  'Date',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'performance',
  'process',
  'fetch',
  'crypto',
]);

/**
 * Why the listed sources are not pure, one line each. A pure source takes `(state, event, now)` and returns what to do:
 * no `node:` module, no clock, no timer, no chance. `Date.parse` of an instant in a message is no clock.
 * @param must a path that the tree lacks is itself a breach
 * @param whenPresent a path that the tree lacks is passed over
 */
export function purityBreaches(
  tree: SourceTree,
  must: readonly string[],
  whenPresent: readonly string[] = [],
): string[] {
  return [
    ...must.filter((path) => !tree.has(path)).map((path) => `${path}: listed as pure, but does not exist`),
    ...[...must, ...whenPresent].flatMap((path) => {
      const text = tree.get(path);
      return text === undefined ? [] : breachesOf(path, text);
    }),
  ];
}

function breachesOf(path: string, text: string): string[] {
  const source = parsedSource(path, text);
  const breaches = importsOf(path, text)
    .filter((one) => one.specifier.startsWith('node:'))
    .map((one) => `${path}:${one.line} imports ${one.specifier}: a pure file imports no node: module`);
  const visit = (node: ts.Node): void => {
    const used = worldUsedBy(node);
    if (used !== undefined) {
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      breaches.push(`${path}:${line} uses ${used}: a pure file is told the time and starts nothing itself`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return breaches;
}

function worldUsedBy(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && node.getText() === 'Math.random') return 'Math.random';
  if (ts.isIdentifier(node) && node.text === 'Date' && node.parent.getText() === 'Date.parse')
    return undefined;
  if (!ts.isIdentifier(node) || !TIMES_AND_WORLD.has(node.text) || isOnlyAName(node)) return undefined;
  return node.text;
}

/** True for `event.process`, `{ process: 1 }` and members of that name, unless they are reached through globalThis. */
function isOnlyAName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
    return parent.expression.getText() !== 'globalThis';
  }
  return (
    (ts.isPropertyAssignment(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isMethodDeclaration(parent) ||
      ts.isMethodSignature(parent)) &&
    parent.name === node
  );
}
