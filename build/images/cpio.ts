/** One file, folder or device of an archive. Paths have no leading slash; a folder comes before what is in it. */
export interface CpioEntry {
  readonly path: string;
  /** Kind and permissions, as in stat(2). */
  readonly mode: number;
  readonly content?: Uint8Array;
  /** Of a device: its major and minor number. */
  readonly device?: readonly [number, number];
}

const END = 'TRAILER!!!';

/** An archive as the kernel unpacks it into its first file system (Linux, driver-api/early-userspace/buffer-format; "newc"). Pure. */
export function cpioOf(entries: readonly CpioEntry[]): Buffer {
  const all = [...entries, { path: END, mode: 0 }];
  return Buffer.concat(all.flatMap((entry, index) => partsOf(entry, index + 1)));
}

function partsOf(
  { path, mode, content = new Uint8Array(), device: [major, minor] = [0, 0] }: CpioEntry,
  inode: number,
): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  const fields = [...[inode, mode, 0, 0, 1, 0, content.length], ...[0, 0, major, minor, name.length, 0]];
  const head = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
  return [head, name, padding(head.length + name.length), content, padding(content.length)];
}

/** Name and content end on a multiple of four. */
function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}
