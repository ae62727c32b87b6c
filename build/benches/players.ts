import { connect } from 'node:net';
import { pathToFileURL } from 'node:url';
import type { PacedFormat } from '../../test/rig/paced-sound.js';
import { ffmpegToAlsa } from '../../test/rig/peer.js';

/** Another player, as its own documents tell to use it with an ALSA device. */
export interface Player {
  readonly name: string;
  /** The program whose absence leaves it out. */
  readonly tool: string;
  /** The formats that it plays. */
  readonly formats: readonly PacedFormat[];
  /** How it is started on an address or on the path of a file; the card's device is named `card`. */
  command(source: string): string[];
}

const ALL: readonly PacedFormat[] = ['mp3-128', 'mp3-64', 'aac-64', 'opus-32'];

/** What mpv is started with, without its source. */
export const MPV_WORDS = [
  ...['mpv', '--no-config', '--really-quiet', '--no-video', '--no-terminal'],
  ...['--ao=alsa', '--audio-device=alsa/card'],
];

/** The players that are started anew for each sound. */
export const PLAYERS: readonly Player[] = [
  {
    name: 'mpg123',
    tool: 'mpg123',
    formats: ['mp3-128', 'mp3-64'],
    command: (source) => ['mpg123', '-q', '-o', 'alsa', '-a', 'card', source],
  },
  { name: 'mpv', tool: 'mpv', formats: ALL, command: (source) => [...MPV_WORDS, source] },
  {
    name: 'ffplay',
    tool: 'ffplay',
    formats: ALL,
    command: (source) => ['ffplay', '-nodisp', '-autoexit', '-loglevel', 'error', source],
  },
  { name: 'ffmpeg -f alsa', tool: 'ffmpeg', formats: ALL, command: ffmpegToAlsa },
  {
    name: 'gst-launch',
    tool: 'gst-launch-1.0',
    formats: ALL,
    command: (source) => [
      ...[
        'gst-launch-1.0',
        '-q',
        'uridecodebin',
        `uri=${source.includes(':') ? source : fileUrl(source)}`,
        '!',
      ],
      ...['audioconvert', '!', 'audioresample', '!', 'alsasink', 'device=card'],
    ],
  },
];

/** mpv that is started once and told what to play by its socket. */
export function keptMpv(socketPath: string): string[] {
  return [...MPV_WORDS, '--idle=yes', `--input-ipc-server=${socketPath}`];
}

/** Tells a kept mpv to play this now, in place of what it plays. */
export async function mpvPlays(socketPath: string, source: string): Promise<void> {
  const socket = connect(socketPath);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('data', () => resolve());
    socket.write(`${JSON.stringify({ command: ['loadfile', source, 'replace'] })}\n`);
  });
  socket.destroy();
}

function fileUrl(path: string): string {
  return pathToFileURL(path).href;
}
