import { readFile } from 'node:fs/promises';
import type { Architecture } from './target.js';

/** e_machine of the ELF header (System V ABI, figure 4-1). */
const ELF_MACHINES: Readonly<Record<Architecture, number>> = { amd64: 62, arm64: 183, armhf: 40 };

/** @throws where a file is no program or library for an architecture */
export async function assertElf(path: string, architecture: Architecture): Promise<void> {
  const bytes = await readFile(path);
  if (bytes.readUInt32BE(0) !== 0x7f454c46 || bytes.readUInt16LE(18) !== ELF_MACHINES[architecture]) {
    throw new Error(`${path} is no program for ${architecture}`);
  }
}
