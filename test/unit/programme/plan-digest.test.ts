import { createHash } from 'node:crypto';
import t from 'tap';
import { planDigest } from '../../../agent/programme/plan-digest.js';
import { schedule as scheduleSchema, type Schedule } from '../../../protocols/messages/schedule.js';

const inSlot = (
  area: string,
  revision: number,
  epoch = 0,
): { readonly slotKey: string; readonly schedule: Schedule } => ({
  slotKey: `schedule/area/${area}/province`,
  schedule: scheduleSchema.parse({
    ...{ type: 'schedule', authority: 'province', slot: { area }, revision, epoch },
    ...{ issuedAt: '2026-11-23T05:00:00+07:00', body: { entries: [] } },
  }),
});

t.test('a province finds the digest by the lines of what it has published', async (t) => {
  // As with: printf 'schedule/area/ap-1/province 0 7\nschedule/area/xa-001/province 2 1\n' | sha256sum
  const lines = 'schedule/area/ap-1/province 0 7\nschedule/area/xa-001/province 2 1\n';
  const sha256 = createHash('sha256').update(lines).digest('hex');
  t.same(planDigest([inSlot('xa-001', 1, 2), inSlot('ap-1', 7)]), { schedules: 2, sha256 });
  t.same(planDigest([inSlot('ap-1', 7), inSlot('xa-001', 1, 2)]), { schedules: 2, sha256 }, 'in any order');
});

t.test('another revision, another epoch or one schedule fewer is another plan', async (t) => {
  const digests = [
    [],
    [inSlot('ap-1', 7)],
    [inSlot('ap-1', 8)],
    [inSlot('ap-1', 7, 1)],
    [inSlot('ap-1', 7), inSlot('ap-2', 7)],
  ].map((schedules) => planDigest(schedules).sha256);
  t.equal(new Set(digests).size, digests.length);
});
