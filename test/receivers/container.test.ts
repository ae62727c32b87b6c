import t from 'tap';
import { tryContainer } from '../../build/images/container.js';
import { repositoryRoot } from '../heard/repository-root.js';
import { debFor, withoutReceivers } from './receivers.js';

t.setTimeout(2_700_000);
const skip = withoutReceivers(['mmdebstrap', 'buildah']);

for (const architecture of ['arm64', 'armhf'] as const) {
  t.test(
    `Dockerfile.arm is built for ${architecture}, and the program in it runs as a user of its own`,
    { skip, timeout: 1_300_000 },
    async (t) => {
      const found = await tryContainer({
        ...{ root: repositoryRoot(import.meta.url), architecture, deb: await debFor(architecture) },
        tell: (line) => t.comment(line),
      });
      t.equal(found.processor, architecture === 'arm64' ? 'arm64' : 'arm');
      t.equal(found.user, 'loa');
      t.match(found.version, /^\d+\.\d+\.\d+/);
      t.match(found.withoutCertificate, /E_IDENTITY_/);
    },
  );
}
