import t from 'tap';
import { playScenarios, withoutReceivers } from './receivers.js';

t.setTimeout(2_700_000);

t.test(
  'an arm64 receiver boots, is enrolled and heard, is interrupted by an emergency, and survives five power cuts',
  { skip: withoutReceivers(), timeout: 2_700_000 },
  (t) => playScenarios(t, 'arm64', ['enrol', 'live', 'interrupt', 'power-cut']),
);
