import t from 'tap';
import { fullDisk } from '../programme/full-disk.js';
import { temporaryFolder } from '../support/temporary-folder.js';

t.test(
  'with a disk that is full the programme and the emergency play, and the log is whole afterwards',
  async (t) => {
    const found = await fullDisk(await temporaryFolder(t));
    if (typeof found === 'string') {
    t.skip(found);
    return;
  }
    t.match(found, { freeBytes: 0, due: 9, opened: 9, emergencies: 1, cacheAlarm: 'E_STORE_WRITE' });
    t.match(found, { memoryRefusal: 'E_STORE_WRITE', logSaid: true, cameAfter: true });
    t.equal(found.filesFromCache, found.filesAsked);
    t.equal(found.linesAfter, found.linesDue);
  },
);
