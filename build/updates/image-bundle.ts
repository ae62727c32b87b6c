import { z } from 'zod';
import { ARCHITECTURES, STATE_FORMAT } from '../../agent/update/offer.js';
import { runTool } from '../packages/tool.js';
import type { Program } from './update-repository.js';

const told = z.object({
  compatible: z.string().regex(/^[\w.-]{1,64}$/),
  version: z.string().min(1).max(40),
  images: z.array(z.record(z.string(), z.object({ size: z.int().min(1) }))).min(1),
});

/**
 * What the repository says of a bundle of RAUC. The bundle's version must be that of the program in it: receivers compare it with their own.
 * @throws without `rauc`, or where it does not understand the bundle
 */
export async function imageOf(bundle: string, architecture: string): Promise<Program> {
  if (!ARCHITECTURES.some((one) => one === architecture)) throw new Error(`no architecture ${architecture}`);
  // Its signature is judged by the receiver's RAUC, with the keyring of the board.
  const text = await runTool('rauc', ['info', '--no-verify', '--output-format=json', bundle]);
  const { compatible, version, images } = told.parse(JSON.parse(text.slice(text.indexOf('{'))));
  const sizes = images.flatMap((one) => Object.values(one).map(({ size }) => size));
  return {
    archive: bundle,
    name: `loa-image_${compatible}.raucb`,
    custom: {
      ...{ version, architecture, image: compatible, node: '0.0.0', readableBy: STATE_FORMAT },
      unpackedBytes: sizes.reduce((sum, one) => sum + one, 0),
    },
  };
}
