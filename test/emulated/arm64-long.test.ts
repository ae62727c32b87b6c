import t from 'tap';
import { playScenarios, withoutReceivers } from '../receivers/receivers.js';

t.setTimeout(2_700_000);

t.test(
  'an arm64 receiver loses its broker in mid-play, and boots with its clock at 1970',
  { skip: withoutReceivers(), timeout: 2_700_000 },
  (t) => playScenarios(t, 'arm64', ['enrol', 'broker', 'clock-1970']),
);
