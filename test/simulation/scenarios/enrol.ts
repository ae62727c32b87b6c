import { enrolGuest } from '../enrolment.js';
import { bareNodeMs, monotonicOf, unitTimes, ussMb } from '../measure.js';
import type { Scenario } from '../scenario.js';
import { RECEIVER } from '../stage.js';

const BIRTH_MS = 60_000;

/** A new receiver: boots, waits for its certificate, is enrolled, and its birth reaches the province. */
export const enrol: Scenario = {
  name: 'enrol',
  about: 'a new receiver boots, is enrolled, and its birth reaches the province',
  steps: [
    {
      title: 'switched on for the first time, it waits for its certificate and tells what to do',
      async run(stage) {
        const startedMs = performance.now();
        await stage.machine.powerOn();
        await stage.machine.booted();
        const seconds = (performance.now() - startedMs) / 1000;
        const state = (await stage.machine.run('systemctl is-active loa.service')).output.trim();
        if (state !== 'inactive') throw new Error(`loa.service is ${state} without a certificate`);
        const asked = await stage.machine.run('loa status --lang en');
        if (asked.code !== 3 || !asked.output.includes('E_NOT_RUNNING'))
          throw new Error(`loa status: ${asked.output}`);
        const machine = await stage.machine.must('uname -mr; node -p process.arch');
        const cards = await stage.machine.must('cat /proc/asound/cards');
        if (!/HDA/.test(cards)) throw new Error(`no sound card: ${cards}`);
        return `a shell after ${seconds.toFixed(0)} s; ${machine.replace('\n', ', ')}`;
      },
    },
    {
      title: 'enrolled, it starts by itself and is born',
      async run(stage) {
        const bare = await bareNodeMs(stage);
        stage.figures.bareNodeMs.push(bare);
        const before = stage.newestOrder;
        await enrolGuest(stage);
        const birth = await stage.birth(BIRTH_MS, before);
        const atBirthMs = await monotonicOf(stage, birth.message.at);
        const { startedMs, readyMs } = await unitTimes(stage);
        const figures = { readyMs: readyMs - startedMs, birthMs: atBirthMs - startedMs };
        stage.figures.starts.push(figures);
        if (birth.receiver !== RECEIVER) throw new Error(`born: ${birth.receiver}`);
        return (
          `bare node ${(bare / 1000).toFixed(1)} s; unit start to ready ${(figures.readyMs / 1000).toFixed(1)} s, ` +
          `to birth ${(figures.birthMs / 1000).toFixed(1)} s`
        );
      },
    },
    {
      title: 'its card is open and it knows where it stands',
      async run(stage) {
        const status = await stage.statusUntil(
          'card open and assigned',
          ({ sink, assignment, link }) => sink.ok && assignment !== undefined && link.kind === 'up',
        );
        const uss = await ussMb(stage);
        stage.figures.ussMb.idle = uss;
        return `areas ${status.assignment?.areas.join(' ') ?? ''}; ${uss.toFixed(0)} MB of its own, idle`;
      },
    },
  ],
};
