import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleProgram } from '../../build/packages/bundle.js';
import { packFolder } from '../../build/updates/program-archive.js';
import type { Program } from '../../build/updates/update-repository.js';
import { repositoryRoot } from '../heard/repository-root.js';

/** A version that stands nowhere else in the bundle. */
const MARK = '0.73.91';
/** What the package's own is, and what the programs of the repository are. */
export const FLOOR_VERSION = '0.73.10';
/** The one that receivers are to come to. */
export const NEW_VERSION = '0.74.10';

/** The sink without a card, in the bundle; that of a file begins its account with the same words. */
const NULL_SINK =
  /async\(\)=>\(\{kind:"null",startedMs:(\w+\.monotonicMs\(\)),aheadFrames:0,uncertaintyMs:\.1,write\(\)\{\},/;
/** Its clock stands still: nothing is due, nothing is consumed. */
const STOPPED = 'async()=>({kind:"null",startedMs:$1+1e12,aheadFrames:0,uncertaintyMs:.1,write(){},';
/** As a player that hangs: it opens, takes nothing, is found out after 0.7 s and opened again. */
const HUNG =
  'async(_,listener)=>({kind:"null",startedMs:$1,aheadFrames:3840,uncertaintyMs:.1,' +
  'write(){this.hung??=setTimeout(()=>listener.onDied("E_SINK_DIED","player takes no more sound"),700)},';

/** How a program is: as it should be, or not. */
export type Quality = 'good' | 'crashes' | 'hangs' | 'deaf' | 'hung player';

/** The real program, bundled once, in several versions and qualities. */
export class Programs {
  readonly #made = new Map<string, Promise<Program>>();
  private constructor(private readonly folder: string) {}

  static async make(folder: string): Promise<Programs> {
    const root = repositoryRoot(import.meta.url);
    const out = join(folder, 'bundle');
    await bundleProgram({ root, out, architecture: 'amd64', version: MARK });
    return new Programs(folder);
  }

  /** A folder with a program of this version. */
  async folderOf(version: string, quality: Quality = 'good'): Promise<string> {
    const path = join(this.folder, `${version}-${quality}`);
    await rm(path, { recursive: true, force: true });
    await cp(join(this.folder, 'bundle'), path, { recursive: true });
    let spoilt = quality === 'good';
    for (const name of await readdir(path)) {
      if (!/\.(?:js|cjs|json)$/.test(name)) continue;
      const text = await readFile(join(path, name), 'utf8');
      const versioned = text.replaceAll(MARK, version);
      const changed = spoil(name, versioned, quality);
      spoilt ||= changed !== versioned;
      await writeFile(join(path, name), changed);
    }
    if (!spoilt) throw new Error(`the bundle holds nothing that could be made to be ${quality}`);
    return path;
  }

  /** Its archive, made once. */
  archiveOf(version: string, quality: Quality = 'good', architecture = 'amd64'): Promise<Program> {
    const key = `${version}-${quality}-${architecture}`;
    const program = this.#made.get(key) ?? this.#pack(version, quality, architecture);
    this.#made.set(key, program);
    return program;
  }

  async #pack(version: string, quality: Quality, architecture: string): Promise<Program> {
    const out = join(this.folder, 'archives', `${version}-${quality}-${architecture}`);
    await mkdir(out, { recursive: true });
    const folder = await this.folderOf(version, quality);
    const program = await packFolder(folder, { out, version, architecture: 'amd64', epochS: 1_700_000_000 });
    return { ...program, custom: { ...program.custom, architecture } };
  }
}

/** Ends or stands still where `loa run` begins; or all answers and its sink consumes nothing. */
function spoil(name: string, text: string, quality: Quality): string {
  if (name === 'main.js' && quality === 'crashes')
    return afterFirstLine(text, "if(process.argv[2]==='run')process.exit(70);");
  if (name === 'main.js' && quality === 'hangs')
    return afterFirstLine(text, "if(process.argv[2]==='run')for(;;);");
  if (quality === 'deaf') return text.replace(NULL_SINK, STOPPED);
  return quality === 'hung player' ? text.replace(NULL_SINK, HUNG) : text;
}

function afterFirstLine(text: string, statement: string): string {
  const at = text.startsWith('#!') ? text.indexOf('\n') + 1 : 0;
  return `${text.slice(0, at)}${statement}\n${text.slice(at)}`;
}
