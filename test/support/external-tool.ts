import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What a tool that ran said. */
export interface ToolResult {
  readonly exitCode: number;
  readonly output: Buffer;
  readonly errorText: string;
}

/** `missing tool: NAME`, the reason for tap's `skip`, or false where the tool is there. */
export function missingTool(name: string): string | false {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => isExecutable(join(folder, name))) ? false : `missing tool: ${name}`;
}

/** Runs a tool to its end, for at most `deadlineMs`; a code other than 0 is a result, not an error. At most 64 MiB of output. */
export function runTool(
  name: string,
  args: readonly string[],
  options: { readonly input?: Uint8Array; readonly deadlineMs?: number } = {},
): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      name,
      args,
      {
        encoding: 'buffer',
        timeout: options.deadlineMs ?? 30_000,
        killSignal: 'SIGKILL',
        maxBuffer: 64 << 20,
      },
      (error, output, errorOutput) => {
        const exitCode = error === null ? 0 : error.code;
        if (typeof exitCode !== 'number')
          reject(new Error(`${name} did not run to its end`, { cause: error }));
        else resolve({ exitCode, output, errorText: errorOutput.toString('utf8') });
      },
    );
    // A tool may end before it has read everything; its exit code tells.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
