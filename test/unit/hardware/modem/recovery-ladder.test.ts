import t from 'tap';
import {
  AT_REST,
  ladderStep,
  REBOOT_EVERY_MS,
  type LadderLook,
} from '../../../../hardware/modem/recovery-ladder.js';

const MINUTE = 60_000;
const WELL: LadderLook = { alive: true, onAir: false, uptimeMs: 2 * REBOOT_EVERY_MS };
const DEAD: LadderLook = { ...WELL, alive: false };

/** The steps taken within some hours of looks once a minute, with the minute of each. */
function climb(
  hours: number,
  look: (minute: number) => LadderLook,
  may: Parameters<typeof ladderStep>[2],
): string[] {
  let state = AT_REST;
  const taken: string[] = [];
  for (let minute = 0; minute < hours * 60; minute += 1) {
    const found = ladderStep(state, look(minute), may, minute * MINUTE);
    state = found.state;
    if (found.step !== undefined) taken.push(`${found.step} ${minute}`);
  }
  return taken;
}

t.test(
  'a dead modem is reconnected, reset, cut off and rebooted, each after its time; an hour later again',
  async (t) => {
    const taken = climb(2, () => DEAD, { reach: 'reboot', power: true });
    t.same(taken.slice(0, 4), ['reconnect 5', 'reset 10', 'power 15', 'reboot 30']);
    t.match(taken[4], /^reconnect 9\d/);
  },
);

t.test('while something comes in no step is taken, and an outage begins anew', async (t) => {
  t.same(
    climb(24, () => WELL, { reach: 'reboot', power: true }),
    [],
  );
  const taken = climb(1, (minute) => (minute === 8 ? WELL : DEAD), { reach: 'reboot', power: true });
  t.same(taken.slice(0, 2), ['reconnect 5', 'reconnect 14']);
});

t.test('a reboot needs six hours of uptime, leave, and a silent air', async (t) => {
  const young = (minute: number): LadderLook => ({ ...DEAD, uptimeMs: minute * MINUTE });
  t.notOk(climb(5, young, { reach: 'reboot', power: true }).some((step) => step.startsWith('reboot')));
  t.notOk(climb(24, () => DEAD, { reach: 'modem', power: true }).some((step) => step.startsWith('reboot')));
  t.same(
    climb(24, () => DEAD, { reach: 'none', power: true }),
    [],
  );
  const onAir = (minute: number): LadderLook => ({ ...DEAD, onAir: minute < 100 });
  t.ok(climb(2, onAir, { reach: 'reboot', power: true }).includes('reboot 100'));
});

t.test('a board without a line for the modem’s power leaves that step out', async (t) => {
  t.same(
    climb(1, () => DEAD, { reach: 'modem', power: false }),
    ['reconnect 5', 'reset 10'],
  );
});
