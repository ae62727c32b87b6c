import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A socket on which a process waits for others from the network. */
export interface Listener {
  readonly pid: number;
  readonly protocol: 'tcp' | 'tcp6' | 'udp' | 'udp6';
  /** As the kernel writes it: address in hexadecimal, colon, port in hexadecimal. */
  readonly address: string;
  readonly port: number;
}

const PROTOCOLS = ['tcp', 'tcp6', 'udp', 'udp6'] as const;
/** State of a TCP socket that listens, and of a UDP socket without a peer (include/net/tcp_states.h). */
const WAITING = { tcp: '0A', udp: '07' } as const;

/**
 * The sockets on which a process or any of its descendants listens: TCP in the state LISTEN, UDP without a peer. Read
 * from /proc, so Linux only; one's own processes, or root.
 * @throws Error (of node:fs) where the process is gone or not readable
 */
export async function listenersOf(pid: number): Promise<Listener[]> {
  const found: Listener[] = [];
  for (const one of await withDescendants(pid)) {
    const inodes = await socketInodes(one);
    for (const protocol of PROTOCOLS) {
      for (const { inode, address, port, state } of await socketsOf(one, protocol)) {
        const waits = state === (protocol.startsWith('tcp') ? WAITING.tcp : WAITING.udp);
        if (waits && inodes.has(inode)) found.push({ pid: one, protocol, address, port });
      }
    }
  }
  return found;
}

async function withDescendants(pid: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const name of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    // A process may end while it is looked at.
    const stat = await readFile(join('/proc', name, 'stat'), 'utf8').catch(() => '');
    const parent = /^\d+ \(.*\) \S (\d+)/s.exec(stat)?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const family = [pid];
  for (const member of family) {
    for (const [child, parent] of parents) if (parent === member) family.push(child);
  }
  return family;
}

async function socketInodes(pid: number): Promise<Set<string>> {
  const folder = join('/proc', String(pid), 'fd');
  const inodes = new Set<string>();
  for (const descriptor of await readdir(folder)) {
    // A descriptor may be closed while it is looked at.
    const target = await readlink(join(folder, descriptor)).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  return inodes;
}

async function socketsOf(
  pid: number,
  protocol: (typeof PROTOCOLS)[number],
): Promise<{ inode: string; address: string; port: number; state: string }[]> {
  // The table of the process's own network name space; absent where the kernel has no IPv6.
  const table = await readFile(join('/proc', String(pid), 'net', protocol), 'utf8').catch(
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return '';
      throw cause;
    },
  );
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => words.length > 9)
    .map((words) => ({
      address: words[1] ?? '',
      port: parseInt(words[1]?.split(':')[1] ?? '0', 16),
      state: words[3] ?? '',
      inode: words[9] ?? '',
    }));
}
