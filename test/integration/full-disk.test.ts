import t from 'tap';
import { fullDisk } from '../programme/full-disk.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const found = await fullDisk(await temporaryFolder(t));
const skip = typeof found === 'string' ? found : false;

t.test(
  'with a full disk the programme and the emergency play; the log is whole afterwards',
  { skip },
  async (t) => {
    if (typeof found === 'string') throw new Error(found);
    t.match(found, { freeBytes: 0, due: 9, opened: 9, emergencies: 1, cacheAlarm: 'E_STORE_WRITE' });
    t.match(found, { memoryRefusal: 'E_STORE_WRITE', logSaid: true, cameAfter: true });
    t.equal(found.filesFromCache, found.filesAsked);
    t.equal(found.linesAfter, found.linesDue);
  },
);
