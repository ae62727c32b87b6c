import { POLE_FAULTS } from '../test/faults/pole-faults.js';
import { faultTable } from './fault-table.js';

process.stdout.write(faultTable(POLE_FAULTS));
