import t from 'tap';
import { playScenarios, withoutReceivers } from './receivers.js';

t.setTimeout(2_700_000);

t.test(
  'an arm64 receiver boots, is enrolled and heard, is interrupted by an emergency, and survives a broker gone, five power cuts and a clock at 1970',
  { skip: withoutReceivers(), timeout: 2_700_000 },
  (t) => playScenarios(t, 'arm64', ['enrol', 'live', 'interrupt', 'broker', 'power-cut', 'clock-1970']),
);
