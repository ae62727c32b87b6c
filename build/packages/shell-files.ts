import { gzipSync } from 'node:zlib';
import { manualPage } from '../../agent/technician/help-text.js';
import { completionScript } from '../../agent/technician/verbs/completion.js';

/**
 * Manual pages and completions of the package, made of the texts of `--help`: path in the package and content. The pages carry no date: gzip's
 * header of Node holds none either, so that the same texts give the same bytes.
 */
export async function shellFiles(version: string): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const page = async (language: 'vi' | 'en'): Promise<Uint8Array> =>
    gzipSync(`${await manualPage(language, version)}\n`, { level: 9 });
  return new Map<string, string | Uint8Array>([
    ['usr/share/man/man1/loa.1.gz', await page('en')],
    ['usr/share/man/vi/man1/loa.1.gz', await page('vi')],
    ['usr/share/bash-completion/completions/loa', `${await completionScript('bash')}\n`],
    ['usr/share/zsh/vendor-completions/_loa', `${await completionScript('zsh')}\n`],
  ]);
}
