import t from 'tap';
import { debianRoot } from '../../build/images/debian-root.js';
import { openRoot } from '../../build/images/inside.js';
import { RECEIVER_ROOTS } from '../../build/images/receiver-root.js';
import { basename } from 'node:path';
import { repositoryRoot } from '../heard/repository-root.js';
import { debFor, withoutReceivers } from '../receivers/receivers.js';

t.setTimeout(2_700_000);
const skip = withoutReceivers(['mmdebstrap', 'unshare', 'arch-test']);

/** Native code, WebAssembly, processes, cryptography, files: what may differ on another processor. */
const TESTS = [
  'core/store',
  'sound/decoders',
  'sound/resampler',
  'sound/mixer',
  'protocols/signed-message',
  'certs/make-identity',
  'certs/load-identity',
  'link/packet-guard',
];

for (const architecture of ['arm64', 'armhf'] as const) {
  t.test(
    `on ${architecture} (qemu-user) the package installs, its native parts load, and the unit tests about them pass`,
    { skip, timeout: 1_300_000 },
    async (t) => {
      const root = repositoryRoot(import.meta.url);
      const deb = await debFor(architecture);
      const base = await debianRoot(RECEIVER_ROOTS[architecture], (line) => t.comment(line));
      const opened = await openRoot({ root, base: base.path, given: [deb], checkout: true });
      t.teardown(() => opened.close());
      const installed = await opened.run(`dpkg --force-unsafe-io -i /mnt/given/${basename(deb)}`);
      t.equal(installed.code, 0, installed.output.slice(-500));
      const processor = await opened.run('node -p process.arch');
      t.equal(processor.output.trim(), architecture === 'arm64' ? 'arm64' : 'arm');
      const asked = await opened.run('loa status --lang en');
      t.equal(asked.code, 3, asked.output.slice(-500));
      const addon = await opened.run(
        `cd /usr/lib/loa && node -e "console.log(typeof require('./classic-level.node').db_init)"`,
      );
      t.equal(addon.output.trim(), 'function');
      for (const test of TESTS) {
        const { code, output } = await opened.run(
          `cd /mnt/checkout && TAP_TIMEOUT=600 node dist/test/unit/${test}.test.js`,
        );
        const failed = output.split('\n').filter((line) => /^\s*not ok/.test(line));
        t.equal(
          code,
          0,
          `${test}${code === 0 ? '' : `: ${failed.slice(0, 3).join('; ') || output.slice(-300)}`}`,
        );
      }
    },
  );
}
