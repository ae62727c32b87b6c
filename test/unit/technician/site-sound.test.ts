import t from 'tap';
import { accepted, refused } from '../../../agent/core/errors.js';
import type { ClockState } from '../../../agent/commands/clock-trust.js';
import type { GateVerdict } from '../../../agent/sound/air-gate.js';
import { clipOnSite } from '../../../agent/technician/local-sound.js';
import { SiteSound, withPermit } from '../../../agent/technician/site-sound.js';
import type { Permit } from '../../../protocols/permit.js';
import { at, nowMs, playStartWith } from '../../fixtures/trust/messages.js';

const permit = { id: 'permit 1' } as Permit;

function rig(): {
  site: SiteSound;
  now: { gate: GateVerdict; clock: ClockState; good: string | undefined };
} {
  const now = {
    gate: 'hours' as GateVerdict,
    clock: 'trusted' as ClockState,
    good: 'good' as string | undefined,
  };
  const site = new SiteSound({
    gate: () => now.gate,
    clock: () => now.clock,
    read: async (signed) =>
      signed === now.good ? accepted(permit) : refused('E_COMMAND_TIME', 'another day'),
  });
  return { site, now };
}

t.test(
  'within the permitted hours nobody asks for a permit, and used-up minutes are the bulletins’',
  async (t) => {
    const { site, now } = rig();
    for (const gate of ['open', 'minutes'] as const) {
      now.gate = gate;
      t.same(await site.may(), accepted({ kind: 'hours' }), gate);
    }
  },
);

t.test('at night sound on site wants a permit, which then holds until it is refused', async (t) => {
  const { site, now } = rig();
  t.match(await site.may(), { ok: false, refusal: { code: 'E_LOCAL_HOURS' } });
  t.match(await site.may('bad'), { ok: false, refusal: { code: 'E_COMMAND_TIME' } });
  t.match(await site.may(), { ok: false, refusal: { code: 'E_LOCAL_HOURS' } }, 'a bad one is not kept');
  t.same(await site.may('good'), accepted({ kind: 'permit', id: 'permit 1' }));
  t.same(await site.may(), accepted({ kind: 'permit', id: 'permit 1' }));
  now.good = undefined;
  t.match(await site.may(), { ok: false, refusal: { code: 'E_COMMAND_TIME' } }, 'it is judged at each use');
  t.match(await site.may(), { ok: false, refusal: { code: 'E_LOCAL_HOURS' } }, 'and then forgotten');
});

t.test(
  'by a clock that is known to be wrong there is no sound on site, with a permit or without',
  async (t) => {
    const { site, now } = rig();
    Object.assign(now, { clock: 'behind', gate: 'open' });
    t.match(await site.may(), { ok: false, refusal: { code: 'E_CLOCK_UNKNOWN' } });
    t.match(await site.may('good'), { ok: false, refusal: { code: 'E_CLOCK_UNKNOWN' } });
  },
);

t.test('a signed bulletin played on site ends after 30 s, or when it was signed to', async (t) => {
  const long = playStartWith({}, { until: at(600) });
  t.equal(Date.parse(clipOnSite(long, nowMs).body.until), nowMs + 30_000);
  const later = playStartWith({}, { startAt: at(60), until: at(600) });
  t.equal(Date.parse(clipOnSite(later, nowMs).body.until), nowMs + 90_000);
  const short = playStartWith({}, { until: at(10) });
  t.equal(clipOnSite(short, nowMs), short);
});

t.test('a permit is told apart from what was asked for', async (t) => {
  t.same(withPermit({ frequencyHz: 440, permit: 'x' }), { wish: { frequencyHz: 440 }, permit: 'x' });
  t.same(withPermit({ permit: 7 }), { wish: {}, permit: '' });
  t.same(withPermit(null), { wish: null, permit: undefined });
});
