import { z } from 'zod';
import { accepted, refused, type Outcome } from '../core/errors.js';
import { compareVersions, isVersion } from './program-version.js';

/** Architectures that a program is made for, by Debian's names. */
export const ARCHITECTURES = ['amd64', 'arm64', 'armhf'] as const;

/**
 * The state that this program leaves behind, as a number: raised when an older program could no longer read it. A file of state is
 * otherwise only ever given more fields, which older programs pass over.
 */
export const STATE_FORMAT = 1;

/** Largest archive of a program that is fetched, bytes. */
export const ARCHIVE_LIMIT_BYTES = 64 * 1_048_576;
/** Largest program that is unpacked, bytes. */
export const PROGRAM_LIMIT_BYTES = 256 * 1_048_576;
/** Largest bundle of a whole image, and what it writes, bytes. */
export const IMAGE_LIMIT_BYTES = 2_048 * 1_048_576;

const version = z.string().max(40).refine(isVersion, 'no version');

/** What the signed metadata says of a program beside its length and digest (`custom` of its target, TUF 4.5). */
export const offered = z.object({
  version,
  architecture: z.enum(ARCHITECTURES),
  /** A whole image, for boards of this name (RAUC's `compatible`); left out: the program alone. */
  image: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .optional(),
  /** Size of the unpacked program or image, bytes. */
  unpackedBytes: z.int().min(1).max(IMAGE_LIMIT_BYTES),
  /** The oldest Node that it runs on; an image brings its own. */
  node: z.string().regex(/^\d{1,3}\.\d{1,3}\.\d{1,3}$/),
  /** The state that it leaves behind can be read by programs of this {@link STATE_FORMAT} and newer. */
  readableBy: z.int().min(1),
});

/** A program of the repository: its archive, and what it is. Plain JSON, kept with the state of the update. */
export const offer = offered.extend({
  /** Path of the archive below the repository's address. */
  path: z
    .string()
    .max(200)
    .regex(/^[\w.-]+(?:\/[\w.-]+)*$/),
  bytes: z.int().min(1).max(IMAGE_LIMIT_BYTES),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** See {@link offer}. */
export type Offer = z.infer<typeof offer>;

/** The receiver that a program would run on. */
export interface Machine {
  readonly architecture: string;
  /** Of a board whose whole image is updated: which images fit it; undefined where the program alone is. */
  readonly image?: string;
  /** Version of Node, `20.19.2`. */
  readonly node: string;
  /** Version that runs now. */
  readonly version: string;
}

/** May this program run here at all? Older ones and the one that runs are refused, however well they are signed. Pure. */
export function fits(one: Offer, machine: Machine): Outcome<undefined> {
  const { architecture, version: newVersion, node, readableBy, image } = one;
  if (architecture !== machine.architecture)
    return refused('E_UPDATE_ARCHITECTURE', `for ${architecture}, this is ${machine.architecture}`);
  if (image !== machine.image)
    return refused(
      'E_UPDATE_ARCHITECTURE',
      `${image ?? 'a program'}, this takes ${machine.image ?? 'programs'}`,
    );
  if (image === undefined && (one.bytes > ARCHIVE_LIMIT_BYTES || one.unpackedBytes > PROGRAM_LIMIT_BYTES))
    return refused('E_UPDATE_NEEDS', `${one.bytes} bytes are too many for a program`);
  const difference = compareVersions(newVersion, machine.version);
  if (difference < 0) return refused('E_UPDATE_OLDER', `${newVersion} is older than ${machine.version}`);
  if (image === undefined && compareVersions(machine.node, node) < 0)
    return refused('E_UPDATE_NEEDS', `it needs Node ${node}, this is ${machine.node}`);
  if (readableBy > STATE_FORMAT)
    return refused('E_UPDATE_NEEDS', `its state cannot be read by a program of format ${STATE_FORMAT}`);
  return accepted(undefined);
}
