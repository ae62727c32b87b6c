// Exits 0 when node_modules holds what package-lock.json asks for, 1 when `npm ci` is needed. Plain JavaScript with no
// package: it runs before there is anything to compile with. npm writes node_modules/.package-lock.json last, so an
// interrupted installation is seen too. Optional packages may be absent (other platforms).
import { readFileSync } from 'node:fs';

function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
  } catch (cause) {
    if (cause.code === 'ENOENT' || cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

const wanted = packagesOf('package-lock.json');
const present = packagesOf('node_modules/.package-lock.json');

function isThere([path, entry]) {
  const own = present?.[path];
  if (path === '') return true;
  if (own === undefined) return entry.optional === true || entry.devOptional === true;
  return own.version === entry.version && own.integrity === entry.integrity;
}

if (wanted === undefined) throw new Error('package-lock.json is missing or not JSON');
process.exitCode = present !== undefined && Object.entries(wanted).every(isThere) ? 0 : 1;
