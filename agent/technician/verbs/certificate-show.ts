import { nameOf, readAnchors, readStagedAnchors } from '../../../certs/anchors.js';
import { certificatesOf } from '../../../certs/certificate-chain.js';
import { identityFolder } from '../../../certs/identity-folder.js';
import type { Identity } from '../../../certs/identity.js';
import { readPair, readPairs } from '../../../certs/staged-identity.js';
import { instant } from '../../core/clock.js';
import { LoaError } from '../../core/errors.js';
import { folded } from '../columns.js';
import { say, type TEXTS } from '../texts.js';
import { EXIT, wantNoMore, type VerbContext } from '../verb.js';

/** `loa certificate show`: the pair in force, the previous and the staged one, without any secret. */
export async function show({ config, language, json, print }: VerbContext, args: string[]): Promise<number> {
  wantNoMore(args);
  const folder = identityFolder(config.stateFolder);
  const pairs = await readPairs(folder);
  const rows: { is: keyof typeof TEXTS; identity: Identity | string }[] = [
    { is: 'certificate', identity: await readPair(folder, pairs.current) },
  ];
  for (const [is, pair] of [
    ['previousPair', pairs.previous],
    ['stagedPair', pairs.staged],
  ] as const) {
    if (pair !== undefined) rows.push({ is, identity: await readPair(folder, pair).catch(codeOnly) });
  }
  const anchors = await anchorsOf(folder);
  if (json) {
    const names = { certificate: 'current', previousPair: 'previous', stagedPair: 'staged' } as const;
    const pairs = rows.map(({ is, identity }) => [names[is as keyof typeof names], identity] as const);
    const sets = anchors.map(({ is, authorities }) => [is, authorities] as const);
    print(JSON.stringify(Object.fromEntries<unknown>([...pairs, ...sets])));
    return EXIT.done;
  }
  for (const { is, identity } of rows) {
    if (typeof identity === 'string') print(`${say(is, language)}: ${identity}`);
    else {
      const from = instant(identity.notBeforeMs).slice(0, 10);
      const until = instant(identity.notAfterMs).slice(0, 10);
      print(
        `${say(is, language)}: ${identity.receiverId}  ${from} … ${until}\n  SHA-256 ${identity.fingerprint}`,
      );
    }
  }
  for (const { is, authorities } of anchors)
    for (const authority of authorities) print(folded(`${say(is, language)}: ${authority}`));
  return EXIT.done;
}

/** The authorities in force, and those that wait, each by name and SHA-256. */
async function anchorsOf(
  folder: string,
): Promise<{ is: 'anchorsInForce' | 'anchorsStaged'; authorities: string[] }[]> {
  const staged = await readStagedAnchors(folder).catch(() => undefined);
  return [
    { is: 'anchorsInForce', authorities: (await readAnchors(folder)).map(nameOf) },
    ...(staged === undefined
      ? []
      : [
          { is: 'anchorsStaged' as const, authorities: certificatesOf(staged, 'the staged set').map(nameOf) },
        ]),
  ];
}

function codeOnly(error: unknown): string {
  if (error instanceof LoaError) return error.code;
  throw error;
}
