import t from 'tap';
import { dependencyBreaches } from './dependency-rule.js';
import { PRODUCT_FOLDERS, readSources } from './source-tree.js';

function breachesIn(path: string, text: string): string[] {
  return dependencyBreaches(new Map([[path, text]]));
}

t.test('the product keeps the dependency rule', async (t) => {
  const tree = await readSources(PRODUCT_FOLDERS);
  t.ok(tree.size > 0, 'there are sources to check');
  const breaches = dependencyBreaches(tree);
  t.equal(breaches.length, 0, `\n${breaches.join('\n')}`);
});

const CAUGHT: readonly (readonly [string, string, string])[] = [
  ['agent/core/clock.ts', `import { x } from '../link/retry.js';`, 'agent/core'],
  ['agent/core/clock.ts', `import { x } from '../../protocols/topics.js';`, 'agent/core'],
  ['protocols/topics.ts', `import { x } from '../certs/identity.js';`, 'protocols'],
  ['protocols/topics.ts', `import type { X } from '../agent/link/link.js';`, 'protocols'],
  ['certs/identity.ts', `import { x } from '../hardware/types.js';`, 'certs'],
  ['hardware/sinks/alsa.ts', `import { x } from '../../agent/sound/mixer.js';`, 'a driver knows nothing'],
  ['hardware/sinks/alsa.ts', `export { x } from '../../certs/identity.js';`, 'hardware'],
  ['agent/sound/sound.ts', `import { x } from '../../hardware/sinks/alsa.js';`, 'picks drivers'],
  ['agent/sound/sound.ts', `const x = await import('../../hardware/sinks/alsa.js');`, 'picks drivers'],
  ['agent/sound/compose.ts', `import { x } from '../../hardware/sinks/alsa.js';`, 'picks drivers'],
  ['agent/sound/sound.ts', `type X = import('../../hardware/sinks/alsa.js').X;`, 'picks drivers'],
  ['agent/sound/sound.ts', `new Worker(new URL('../../hardware/x.js', import.meta.url));`, 'picks drivers'],
  ['agent/main.ts', `import { x } from '../test/fakes/clock.js';`, 'test/ or build/'],
  ['agent/compose.ts', `import { x } from '../build/tests.js';`, 'test/ or build/'],
  ['certs/identity.ts', `import { x } from '../test/fakes/clock.js';`, 'test/ or build/'],
  ['agent/main.ts', `import { x } from '../tools/x.js';`, 'outside the folders'],
];

for (const [path, text, reason] of CAUGHT) {
  t.test(`a breach is caught with its reason: ${path}: ${text}`, async (t) => {
    const [breach = '', ...more] = breachesIn(path, text);
    t.ok(breach.startsWith(`${path}:1 imports ../`), breach);
    t.ok(breach.includes(reason), breach);
    t.equal(more.length, 0);
  });
}

const ALLOWED: readonly (readonly [string, string])[] = [
  ['agent/core/atomic-file.ts', `import { x } from './errors.js';\nimport { open } from 'node:fs';`],
  ['protocols/topics.ts', `import { x } from '../agent/core/errors.js';\nimport { z } from 'zod';`],
  ['certs/identity.ts', `import { x } from '../protocols/topics.js';`],
  [
    'hardware/sinks/alsa.ts',
    `import { x } from '../types.js';\nimport { y } from '../../agent/core/clock.js';`,
  ],
  ['agent/sound/sound.ts', `import type { X } from '../../hardware/types.js';`],
  ['agent/compose.ts', `import { x } from '../hardware/sinks/alsa.js';`],
  ['agent/compose-sound.ts', `import { x } from '../hardware/sinks/alsa.js';`],
  ['test/fakes/clock.ts', `import { x } from '../../agent/compose.js';`],
];

for (const [path, text] of ALLOWED) {
  t.test(`what the rule allows is not a breach: ${path}: ${text.replaceAll('\n', ' ')}`, async (t) => {
    t.same(breachesIn(path, text), []);
  });
}

t.test('an import that is only spoken of in a comment or a string is none', async (t) => {
  t.same(breachesIn('agent/core/a.ts', `// import '../link/a.js'\nconst b = "import '../link/a.js'";`), []);
});
