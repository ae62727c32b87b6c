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

/** Where the sink without a card tells when its first frame was at the loudspeaker. */
const SINK_BEGAN = /(startedMs:\w+\.monotonicMs\(\))(,aheadFrames:0,uncertaintyMs:\.1)/;

/** How a program is: as it should be, or not. */
export type Quality = 'good' | 'crashes' | 'hangs' | 'deaf';

/** The real program, bundled once, in several versions and qualities. */
export class Programs {
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

  /** Its archive. */
  async archiveOf(version: string, quality: Quality = 'good', architecture = 'amd64'): Promise<Program> {
    const out = join(this.folder, 'archives', `${quality}-${architecture}`);
    await mkdir(out, { recursive: true });
    const folder = await this.folderOf(version, quality);
    const program = await packFolder(folder, { out, version, architecture: 'amd64', epochS: 1_700_000_000 });
    return { ...program, custom: { ...program.custom, architecture } };
  }
}

/** Ends or stands still where `loa run` begins; or its sink stands still, as a card whose clock has stopped: all answers, nothing is consumed. */
function spoil(name: string, text: string, quality: Quality): string {
  if (name === 'main.js' && quality === 'crashes')
    return afterFirstLine(text, "if(process.argv[2]==='run')process.exit(70);");
  if (name === 'main.js' && quality === 'hangs')
    return afterFirstLine(text, "if(process.argv[2]==='run')for(;;);");
  return quality === 'deaf' ? text.replace(SINK_BEGAN, '$1+1e12$2') : text;
}

function afterFirstLine(text: string, statement: string): string {
  const at = text.startsWith('#!') ? text.indexOf('\n') + 1 : 0;
  return `${text.slice(0, at)}${statement}\n${text.slice(at)}`;
}
