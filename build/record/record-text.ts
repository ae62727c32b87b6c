import type { Language } from '../../agent/core/errors.js';
import type { Machine } from './kept-results.js';
import { word } from './record-words.js';

const COUNTRY_MS = 7 * 3_600_000;

/** A moment in the country's time: 24/11/2026 10:05, or 2026-11-24 10:05. Pure. */
export function momentOf(ms: number, language: Language): string {
  const [day = '', time = ''] = new Date(ms + COUNTRY_MS).toISOString().slice(0, 16).split('T');
  return language === 'vi' ? `${day.split('-').reverse().join('/')} ${time}` : `${day} ${time}`;
}

/** A commit in short, with its changes where there were some. Pure. */
export function commitText(commit: string): string {
  return commit.replace(/^([0-9a-f]{10})[0-9a-f]{30}/, '$1');
}

/** A machine in one line. Pure. */
export function machineText(machine: Machine, language: Language): string {
  const { platform, processors, model, memoryMb } = machine;
  return `${model.trim()}, ${processors} ${word('processors', language)}, ${memoryMb} MB, ${platform}`;
}

/** A, B, …, Z, AA, … for the runs of a record. Pure. */
export function runLetter(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : `${runLetter(Math.floor(index / 26) - 1)}${letter}`;
}
