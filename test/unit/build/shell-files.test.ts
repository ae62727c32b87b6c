import { execFileSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { shellFiles } from '../../../build/packages/shell-files.js';

t.test(
  'manual pages and completions lie where man, bash and zsh look, the same bytes each time',
  async (t) => {
    const [one, other] = [await shellFiles('1.2.3'), await shellFiles('1.2.3')];
    t.same(
      [...one.keys()],
      [
        'usr/share/man/man1/loa.1.gz',
        'usr/share/man/vi/man1/loa.1.gz',
        'usr/share/bash-completion/completions/loa',
        'usr/share/zsh/vendor-completions/_loa',
      ],
    );
    for (const [path, content] of one) {
      t.same(content, other.get(path), path);
      if (typeof content !== 'string') {
        const page = gunzipSync(content).toString();
        t.match(page, /^\.TH LOA 1 "" "loa 1\.2\.3"\n/);
        t.match(page, /\.B loa permit FILE\n/);
        // RFC 1952: no name, no time.
        t.same([content[3], ...content.subarray(4, 8)], [0, 0, 0, 0, 0]);
      } else if (path.endsWith('_loa')) t.match(content, /^#compdef loa\n/);
      else execFileSync('bash', ['-n'], { input: content });
    }
  },
);
