import t from 'tap';
import { playScenarios, withoutReceivers } from './receivers.js';

t.setTimeout(2_700_000);

t.test(
  'an armhf receiver boots, is enrolled and heard, and is interrupted by an emergency',
  { skip: withoutReceivers(), timeout: 2_700_000 },
  (t) => playScenarios(t, 'armhf', ['enrol', 'live', 'interrupt']),
);
