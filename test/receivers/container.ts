import type { Test } from 'tap';
import { tryContainer } from '../../build/images/container.js';
import type { SimulatedArchitecture } from '../../build/images/image.js';
import { repositoryRoot } from '../heard/repository-root.js';
import { debFor, withoutReceivers } from './receivers.js';

/** Builds Dockerfile.arm for an architecture with our package, and looks into it by qemu-user. */
export function containerTest(t: Test, architecture: SimulatedArchitecture): void {
  const skip = withoutReceivers(['mmdebstrap', 'buildah', 'arch-test']);
  t.test(
    `Dockerfile.arm is built for ${architecture}, and the program in it runs as a user of its own`,
    { skip, timeout: 1_800_000 },
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
