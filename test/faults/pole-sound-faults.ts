import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { POLE_RECEIVER, type PoleBench } from './pole-bench.js';
import type { PoleFault } from './pole-fault.js';

/** As the kernel of a Raspberry Pi with a USB card lists it. */
const CARDS =
  ' 0 [Device         ]: USB-Audio - USB Audio Device\n                      C-Media USB Audio Device\n';

/** What amixer of alsa-utils 1.2.8 prints of such a card. */
function mixer(percent: number, state: 'on' | 'off'): string {
  return [
    "Simple mixer control 'Speaker',0",
    '  Capabilities: pvolume pswitch pswitch-joined',
    '  Playback channels: Front Left - Front Right',
    '  Limits: Playback 0 - 37',
    '  Mono:',
    `  Front Left: Playback ${Math.round(percent * 0.37)} [${percent}%] [-20.00dB] [${state}]`,
    `  Front Right: Playback ${Math.round(percent * 0.37)} [${percent}%] [-20.00dB] [${state}]`,
    "Simple mixer control 'Mic',0",
    '  Capabilities: cvolume cvolume-joined cswitch cswitch-joined',
    '  Mono: Capture 0 [0%] [0.00dB] [off]',
    '',
  ].join('\n');
}

function card(name: string, percent: number, state: 'on' | 'off'): NonNullable<PoleFault['seed']> {
  return async (bench) => {
    const folder = join(bench.folder, name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'cards'), CARDS);
    await writeFile(join(folder, 'amixer'), `#!/bin/sh\ncat <<'END'\n${mixer(percent, state)}END\n`);
    await chmod(join(folder, 'amixer'), 0o755);
    const configPath = await bench.otherConfig(name, (settings) => {
      settings['sound'] = { ...settings['sound'], positionFolder: folder };
    });
    return { configPath, env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` } };
  };
}

const settled = (): Promise<void> => sleep(1_000);

/** Sends what the province desires of the receiver. */
async function hours(bench: PoleBench, open: boolean): Promise<void> {
  await bench.hours(open);
  await settled();
}

/** Faults of card, mixer, volume, assignment, schedule and hours. */
export const SOUND_FAULTS: readonly PoleFault[] = [
  {
    ...{ name: 'no card', part: 'real', code: 'E_CARD_ABSENT', remedy: /aplay -l/ },
    async seed(bench) {
      await bench.receiver.stop();
      await bench.calm();
      const settings = await bench.otherConfig('loa-well', () => undefined);
      const before = JSON.parse(await readFile(settings, 'utf8')) as Record<string, unknown>;
      await bench.receiver.configure({ ...before, sound: { sink: 'alsa' } });
      await bench.receiver.start();
      await bench.receiver.waitFor('its sink has failed', ({ sink, link }) => !sink.ok && link.kind === 'up');
      await settled();
      return undefined;
    },
    async mend(bench) {
      const before = JSON.parse(
        await readFile(join(bench.receiver.folder, 'loa-well.json'), 'utf8'),
      ) as object;
      await bench.receiver.configure(before);
      await bench.restart();
    },
  },
  {
    ...{ name: 'card muted', part: 'recorded', code: 'E_CARD_MUTED', remedy: /unmute/ },
    seed: card('muted', 60, 'off'),
  },
  {
    ...{ name: 'card at volume 0', part: 'recorded', code: 'E_VOLUME_ZERO', remedy: /80%/ },
    seed: card('silent', 0, 'on'),
  },
  {
    ...{ name: 'volume of the settings at its least', part: 'real', code: 'E_VOLUME_ZERO', remedy: /volume/ },
    seed: async (bench) => ({
      configPath: await bench.otherConfig('quiet', (settings) => {
        settings['volume'] = { normalDb: -40 };
      }),
    }),
  },
  {
    ...{ name: 'wrong area', part: 'real', code: 'E_AREA_WRONG', remedy: /true place/ },
    async seed({ rig, receiver }) {
      await rig.send(await rig.province.assign(POLE_RECEIVER, 'ap-3'));
      await receiver.waitFor('moved', ({ assignment }) => assignment?.home === 'ap-3');
      const source = { kind: 'stored', name: 'siren' } as const;
      await rig.send(
        await rig.province.playStart('tan-hoa', {
          target: { receiver: POLE_RECEIVER },
          source,
          title: 'Thử',
        }),
      );
      await receiver.waitFor('refused', ({ refused }) => (refused['E_AUTHORITY_AREA'] ?? 0) > 0);
      return undefined;
    },
    async mend(bench) {
      await bench.rig.send(await bench.rig.province.assign(POLE_RECEIVER, 'ap-1'));
      await bench.receiver.waitFor('moved back', ({ assignment }) => assignment?.home === 'ap-1');
      await bench.schedule(true);
      await bench.restart();
    },
  },
  {
    ...{ name: 'no schedule today', part: 'real', code: 'E_SCHEDULE_NONE', remedy: /commune/ },
    async seed(bench) {
      await bench.schedule(false);
      await settled();
      return undefined;
    },
    mend: async (bench) => {
      await bench.schedule(true);
      await bench.connected();
    },
  },
  {
    ...{ name: 'outside permitted hours', part: 'real', code: 'E_HOURS_SHUT', remedy: /province can change/ },
    seed: async (bench) => {
      await hours(bench, false);
      return undefined;
    },
    mend: (bench) => hours(bench, true),
  },
  {
    ...{ name: 'watchdog absent', part: 'real', code: 'E_WATCHDOG_ABSENT', remedy: /watchdog/ },
    seed: async ({ hardware }) => {
      await rm(join(hardware.kernel.roots.sys, 'class', 'watchdog'), { recursive: true });
      return undefined;
    },
    mend: ({ hardware }) =>
      mkdir(join(hardware.kernel.roots.sys, 'class', 'watchdog', 'watchdog0'), { recursive: true }),
  },
];
