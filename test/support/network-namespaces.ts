import { spawnSync } from 'node:child_process';
import { missingTool, runTool } from './external-tool.js';

/** Addresses for measurements of networks, on no real one (RFC 2544, C.2.2). */
const NETWORK = '198.18.0';

/** Why there can be no network namespaces here; false where there can. */
export function withoutNamespaces(): string | false {
  if (process.getuid?.() !== 0) return 'not root: network namespaces need its rights';
  const missing = missingTool('ip') || missingTool('iptables');
  if (missing !== false) return missing;
  // A container's root may be without the right.
  const probe = `loa${process.pid}p`;
  const { status } = spawnSync('ip', ['netns', 'add', probe]);
  spawnSync('ip', ['netns', 'del', probe]);
  return status === 0 ? false : 'no right to make network namespaces here';
}

/**
 * Two machines on one cable, each a network namespace: `near` has the receiver, `far` the broker. The machine's own
 * network is not touched.
 */
export class CableBetween {
  /** The far end's address. */
  readonly farAddress = `${NETWORK}.254`;
  private nearHost = 1;

  private constructor(
    private readonly near: string,
    private readonly far: string,
  ) {}

  static async lay(): Promise<CableBetween> {
    const name = `loa${process.pid}`;
    const cable = new CableBetween(`${name}n`, `${name}f`);
    try {
      await ip('netns', 'add', cable.near);
      await ip('netns', 'add', cable.far);
      await ip(
        ...['link', 'add', 'cable', 'netns', cable.near],
        ...['type', 'veth', 'peer', 'name', 'cable', 'netns', cable.far],
      );
      await cable.address(cable.far, 'add', cable.farAddress);
      await cable.address(cable.near, 'add', cable.nearAddress);
      for (const end of [cable.near, cable.far]) await ip('-n', end, 'link', 'set', 'cable', 'up');
      return cable;
    } catch (error) {
      await cable.remove();
      throw error;
    }
  }

  /** The near end's address. */
  get nearAddress(): string {
    return `${NETWORK}.${this.nearHost}`;
  }

  /** What runs a program at one end, to be put before its own words. The program has that process's id. */
  at(end: 'near' | 'far'): readonly string[] {
    return ['ip', 'netns', 'exec', this[end]];
  }

  /** Every packet that comes to the far end vanishes; nobody is told. */
  async drop(): Promise<void> {
    await this.iptables('-A');
  }

  async deliver(): Promise<void> {
    await this.iptables('-D');
  }

  /** The near end has another address from now on, as after a modem has dialled anew. */
  async readdress(): Promise<void> {
    const before = this.nearAddress;
    this.nearHost += 1;
    await this.address(this.near, 'add', this.nearAddress);
    await this.address(this.near, 'del', before);
    // Of one network the first address is the main one; with it the kernel takes its seconds away.
    await ip('-n', this.near, 'address', 'replace', `${this.nearAddress}/24`, 'dev', 'cable');
  }

  /** The near end's plug. */
  async plug(state: 'up' | 'down'): Promise<void> {
    await ip('-n', this.near, 'link', 'set', 'cable', state);
  }

  async remove(): Promise<void> {
    for (const end of [this.near, this.far]) await runTool('ip', ['netns', 'del', end]);
  }

  private async iptables(change: '-A' | '-D'): Promise<void> {
    const [program = '', ...words] = this.at('far');
    await succeed(program, [...words, 'iptables', '-w', '5', change, 'INPUT', '-i', 'cable', '-j', 'DROP']);
  }

  private async address(end: string, change: 'add' | 'del', address: string): Promise<void> {
    await ip('-n', end, 'address', change, `${address}/24`, 'dev', 'cable');
  }
}

function ip(...words: readonly string[]): Promise<void> {
  return succeed('ip', words);
}

async function succeed(program: string, words: readonly string[]): Promise<void> {
  const { exitCode, errorText } = await runTool(program, words);
  if (exitCode !== 0) throw new Error(`${program} ${words.join(' ')}: ${errorText.trim()}`);
}
