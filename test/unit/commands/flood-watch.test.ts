import t from 'tap';
import {
  COMMANDS_LEFT_MS,
  DOCUMENTS_LEFT_MS,
  FLOOD_LIMIT,
  FLOOD_WINDOW_MS,
  FloodWatch,
} from '../../../agent/commands/flood-watch.js';
import { ManualClock } from '../../support/manual-clock.js';

const COMMANDS = 'loa/v1/area/xa-001/command';
const EMERGENCIES = 'loa/v1/area/xa-001/emergency/+';
const OWN = 'loa/v1/receiver/loa-0001/command';
const WANTED = [COMMANDS, EMERGENCIES, OWN];

function rigOf() {
  const clock = new ManualClock();
  const told: string[] = [];
  let subscribed: string[] = [];
  const subscribe = (): void => {
    subscribed = watch.without(WANTED);
  };
  const watch = new FloodWatch({
    clock,
    onChange: subscribe,
    tell: ({ kind, code, fields }) => void told.push(`${kind} ${code} ${String(fields?.['topic'])}`),
  });
  subscribe();
  const flood = (topic: string, times = FLOOD_LIMIT): void => {
    for (let i = 0; i < times; i += 1) watch.refused(topic);
  };
  return { clock, told, flood, subscribed: () => subscribed, watch };
}

t.test('a flooded topic is left alone and reported once, then asked for again', async (t) => {
  const { clock, told, flood, subscribed } = rigOf();
  flood(COMMANDS, FLOOD_LIMIT - 1);
  t.same(subscribed(), WANTED);
  flood(COMMANDS, 50);
  t.same(subscribed(), [EMERGENCIES, OWN], 'the others stay');
  t.same(told, [`alarm E_TOPIC_FLOODED ${COMMANDS}`]);
  clock.advance(COMMANDS_LEFT_MS - 1);
  t.same(subscribed(), [EMERGENCIES, OWN]);
  clock.advance(1);
  t.same(subscribed(), WANTED);
  t.same(told.slice(1), [`cleared E_TOPIC_FLOODED ${COMMANDS}`]);
});

t.test('emergencies are come back to sooner, whoever’s slot was flooded', async (t) => {
  const { clock, flood, subscribed } = rigOf();
  flood('loa/v1/area/xa-001/emergency/province', FLOOD_LIMIT / 2);
  flood('loa/v1/area/xa-001/emergency/xa-001', FLOOD_LIMIT / 2);
  t.same(subscribed(), [COMMANDS, OWN]);
  clock.advance(DOCUMENTS_LEFT_MS);
  t.same(subscribed(), WANTED);
});

t.test('the mistakes of a day are no flood', async (t) => {
  const { clock, told, flood } = rigOf();
  for (let minute = 0; minute < 60; minute += 1) {
    flood(COMMANDS, FLOOD_LIMIT - 1);
    clock.advance(FLOOD_WINDOW_MS);
  }
  t.same(told, []);
});

t.test('topics that are not subscribed to are not counted', async (t) => {
  const { told, flood, subscribed } = rigOf();
  flood('loa/v1/area/xa-002/command', FLOOD_LIMIT * 2);
  flood('loa/v1/area/xa-001/emergency/province/deeper', FLOOD_LIMIT * 2);
  t.same(told, []);
  t.same(subscribed(), WANTED);
});
