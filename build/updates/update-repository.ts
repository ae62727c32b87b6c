import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  Metadata,
  MetadataKind,
  MetaFile,
  Root,
  Snapshot,
  TargetFile,
  Targets,
  Timestamp,
  type Key,
} from '@tufjs/models';
import { signatureBy, type SigningKey } from './signing-key.js';

/** Keys by what they sign; the root's and the targets' stay offline. */
export interface RepositoryKeys {
  readonly root: readonly SigningKey[];
  readonly targets: readonly SigningKey[];
  readonly snapshot: readonly SigningKey[];
  readonly timestamp: readonly SigningKey[];
}

/** How many of the root's keys must sign. */
export const ROOT_THRESHOLD = 2;

/** How long each kind of metadata may be believed, days (TUF 5.4.4: what freezes a repository is noticed by the shortest). */
export const LIFE_DAYS = { root: 1_095, targets: 365, snapshot: 30, timestamp: 7 } as const;

const SPEC = '1.0.31';
const DAY_MS = 86_400_000;
const ROLES = ['root', 'targets', 'snapshot', 'timestamp'] as const;
type Role = (typeof ROLES)[number];

/** A program that is published: its archive, and what the receivers are told of it. */
export interface Program {
  readonly archive: string;
  /** Name in the repository: `loa-agent_arm64.tar.gz`. */
  readonly name: string;
  readonly custom: Readonly<Record<string, string | number>>;
}

/**
 * A TUF repository as a folder of files: `metadata/` and `targets/`, with consistent snapshots, so that any web server can serve it while
 * it is changed. What is written last is `timestamp.json`: before that no receiver sees the change.
 */
export class UpdateRepository {
  private constructor(
    readonly folder: string,
    private readonly now: () => number,
  ) {}

  /** One that is there, or will be. @param now wall time, milliseconds */
  static at(folder: string, now: () => number = Date.now): UpdateRepository {
    return new UpdateRepository(folder, now);
  }

  /** Makes it, with nothing in it. @returns path of the root that receivers are installed with */
  async begin(keys: RepositoryKeys, threshold = ROOT_THRESHOLD): Promise<string> {
    await mkdir(join(this.folder, 'metadata'), { recursive: true });
    await mkdir(join(this.folder, 'targets'), { recursive: true });
    const root = new Metadata(this.#rootOf(1, keys, threshold));
    await this.#write('1.root.json', signed(root, keys.root));
    await this.#release(new Targets(this.#fields('targets', 1)), keys);
    return join(this.folder, 'metadata', '1.root.json');
  }

  /** Publishes programs; those of other names stay. */
  async publish(programs: readonly Program[], keys: Omit<RepositoryKeys, 'root'>): Promise<void> {
    const before = await this.#newest(MetadataKind.Targets);
    const targets: Record<string, TargetFile> = { ...before.signed.targets };
    for (const { archive, name, custom } of programs) {
      const bytes = await readFile(archive);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      await copyFile(archive, join(this.folder, 'targets', `${sha256}.${name}`));
      targets[name] = new TargetFile({
        ...{ path: name, length: bytes.length, hashes: { sha256 } },
        unrecognizedFields: { custom: { ...custom } },
      });
    }
    await this.#release(
      new Targets({ ...this.#fields('targets', before.signed.version + 1), targets }),
      keys,
    );
  }

  /** A new timestamp over the same snapshot, and a new snapshot where that one ends soon: to be done every few days. */
  async refresh(keys: Pick<RepositoryKeys, 'snapshot' | 'timestamp'>): Promise<void> {
    const snapshot = await this.#newest(MetadataKind.Snapshot);
    if (Date.parse(snapshot.signed.expires) - this.now() > (LIFE_DAYS.snapshot * DAY_MS) / 3) {
      await this.#stamp(snapshot.signed.version, keys);
      return;
    }
    const next = new Snapshot({
      ...this.#fields('snapshot', snapshot.signed.version + 1),
      meta: snapshot.signed.meta,
    });
    await this.#write(`${next.version}.snapshot.json`, signed(new Metadata(next), keys.snapshot));
    await this.#stamp(next.version, keys);
  }

  /**
   * The next root: its keys take the place of the ones before, and both have signed it. The rest is signed anew by the new keys.
   * @param before the root's keys until now, as many as its threshold asks for
   */
  async rotate(
    before: readonly SigningKey[],
    keys: RepositoryKeys,
    threshold = ROOT_THRESHOLD,
  ): Promise<void> {
    const old = await this.#newestRoot();
    const { version } = old.signed;
    const next = new Metadata(this.#rootOf(version + 1, keys, threshold));
    await this.#write(`${version + 1}.root.json`, signed(next, [...before, ...keys.root]));
    const targets = await this.#newest(MetadataKind.Targets);
    const fields = this.#fields('targets', targets.signed.version + 1);
    await this.#release(new Targets({ ...fields, targets: targets.signed.targets }), keys);
  }

  async #release(targets: Targets, keys: Omit<RepositoryKeys, 'root'>): Promise<void> {
    const text = signed(new Metadata(targets), keys.targets);
    await this.#write(`${targets.version}.targets.json`, text);
    const before = await this.#newest(MetadataKind.Snapshot).catch(() => undefined);
    const snapshot = new Snapshot({
      ...this.#fields('snapshot', (before?.signed.version ?? 0) + 1),
      meta: { 'targets.json': metaOf(text, targets.version) },
    });
    await this.#write(`${snapshot.version}.snapshot.json`, signed(new Metadata(snapshot), keys.snapshot));
    await this.#stamp(snapshot.version, keys);
  }

  async #stamp(snapshotVersion: number, keys: Pick<RepositoryKeys, 'timestamp'>): Promise<void> {
    const text = await readFile(this.#path(`${snapshotVersion}.snapshot.json`), 'utf8');
    const before = await this.#timestamp();
    const timestamp = new Timestamp({
      ...this.#fields('timestamp', (before?.signed.version ?? 0) + 1),
      snapshotMeta: metaOf(text, snapshotVersion),
    });
    await this.#write('timestamp.json', signed(new Metadata(timestamp), keys.timestamp));
  }

  async #timestamp(): Promise<Metadata<Timestamp> | undefined> {
    const text = await readFile(this.#path('timestamp.json'), 'utf8').catch(() => undefined);
    return text === undefined
      ? undefined
      : Metadata.fromJSON(MetadataKind.Timestamp, JSON.parse(text) as JsonObject);
  }

  async #newestRoot(): Promise<Metadata<Root>> {
    return Metadata.fromJSON(MetadataKind.Root, await this.#newestJson('root'));
  }

  #newest(kind: MetadataKind.Targets): Promise<Metadata<Targets>>;
  #newest(kind: MetadataKind.Snapshot): Promise<Metadata<Snapshot>>;
  async #newest(kind: MetadataKind.Targets | MetadataKind.Snapshot): Promise<unknown> {
    const json = await this.#newestJson(kind);
    return kind === MetadataKind.Targets
      ? Metadata.fromJSON(MetadataKind.Targets, json)
      : Metadata.fromJSON(MetadataKind.Snapshot, json);
  }

  async #newestJson(role: Role): Promise<JsonObject> {
    const versions = (await readdir(join(this.folder, 'metadata')))
      .map((name) => new RegExp(`^(\\d+)\\.${role}\\.json$`).exec(name)?.[1])
      .filter((found) => found !== undefined)
      .map(Number);
    if (versions.length === 0) throw new Error(`${this.folder} has no ${role}`);
    return JSON.parse(
      await readFile(this.#path(`${Math.max(...versions)}.${role}.json`), 'utf8'),
    ) as JsonObject;
  }

  #rootOf(version: number, keys: RepositoryKeys, threshold: number): Root {
    const root = new Root({ ...this.#fields('root', version), consistentSnapshot: true });
    for (const role of ROLES) for (const { key } of keys[role]) root.addKey(key, role);
    const [first] = ROLES;
    const { roles } = root;
    const ofRoot = roles[first];
    if (ofRoot === undefined) throw new Error('no role');
    roles[first] = Object.assign(Object.create(Object.getPrototypeOf(ofRoot) as object) as typeof ofRoot, {
      ...ofRoot,
      threshold,
    });
    return root;
  }

  #fields(role: Role, version: number): { version: number; specVersion: string; expires: string } {
    // TUF 4.3: whole seconds, UTC.
    const expires = new Date(this.now() + LIFE_DAYS[role] * DAY_MS).toISOString().replace(/\.\d+Z$/, 'Z');
    return { version, specVersion: SPEC, expires };
  }

  async #write(name: string, text: string): Promise<void> {
    await writeFile(`${this.#path(name)}.new`, text);
    await rename(`${this.#path(name)}.new`, this.#path(name));
  }

  #path(name: string): string {
    return join(this.folder, 'metadata', name);
  }
}

type JsonObject = Parameters<typeof Metadata.fromJSON>[1];

/** Key ids of a role, for a person. */
export function keyIds(keys: readonly { readonly key: Key }[]): string[] {
  return keys.map(({ key }) => key.keyID.slice(0, 16));
}

/** Bytes of a file of the repository, for the account of a download. */
export async function bytesOf(path: string): Promise<{ readonly name: string; readonly bytes: number }> {
  return { name: basename(path), bytes: (await stat(path)).size };
}

function signed(
  metadata: Metadata<Root | Targets | Snapshot | Timestamp>,
  keys: readonly SigningKey[],
): string {
  for (const key of keys) metadata.sign(signatureBy(key));
  return JSON.stringify(metadata.toJSON(), undefined, 1);
}

function metaOf(text: string, version: number): MetaFile {
  const sha256 = createHash('sha256').update(text).digest('hex');
  return new MetaFile({ version, length: Buffer.byteLength(text), hashes: { sha256 } });
}
