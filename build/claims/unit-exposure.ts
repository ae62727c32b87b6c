import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { runTool } from '../packages/tool.js';

/** What systemd thinks of a unit. */
export interface Exposure {
  /** 0 to 10; less is better. */
  readonly overall: number;
  /** Settings that it still counts, each by name. */
  readonly remaining: readonly string[];
  /** Those of them that the README of the packages does not speak of. */
  readonly unexplained: readonly string[];
}

const rows = z.array(
  z.object({ name: z.string().nullish(), exposure: z.union([z.string(), z.number()]).nullish() }),
);

/** Judges a unit of the package with `systemd-analyze security`, without a running system. @throws where it is missing */
export async function exposureOf(root: string, name: string): Promise<Exposure> {
  const unit = join(root, 'build/packages/files', name);
  const words = ['security', '--offline=true', '--no-pager', unit];
  const text = await runTool('systemd-analyze', words);
  const overall = Number(/Overall exposure level[^:]*: ([0-9.]+)/.exec(text)?.[1] ?? NaN);
  const listed = rows.parse(JSON.parse(await runTool('systemd-analyze', ['--json=short', ...words])));
  const remaining = listed.flatMap(({ name, exposure }) =>
    name !== null && name !== undefined && Number(exposure ?? 0) > 0 ? [name] : [],
  );
  // In a table of Markdown a bar is written with a backslash.
  const readme = (await readFile(join(root, 'build/packages/README.md'), 'utf8')).replaceAll('\\|', '|');
  return { overall, remaining, unexplained: remaining.filter((name) => !readme.includes(`\`${name}\``)) };
}
