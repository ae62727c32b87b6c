import t from 'tap';
import { containerTest } from '../receivers/container.js';

t.setTimeout(1_800_000);
containerTest(t, 'armhf');
