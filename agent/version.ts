import { createRequire } from 'node:module';

/** Version of the program, from package.json. */
export const VERSION: string = (createRequire(import.meta.url)('../../package.json') as { version: string })
  .version;
