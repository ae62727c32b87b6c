import t from 'tap';
import { rangeOf } from '../../source-system/file-response.js';

t.test('a range of bytes is read as RFC 9110 has it', async (t) => {
  t.same(rangeOf('bytes=0-9', 100), { first: 0, last: 9 });
  t.same(rangeOf('bytes=90-', 100), { first: 90, last: 99 });
  t.same(rangeOf('bytes=-5', 100), { first: 95, last: 99 });
  t.same(rangeOf('bytes=-500', 100), { first: 0, last: 99 });
  t.same(rangeOf('bytes=50-500', 100), { first: 50, last: 99 });
  t.equal(rangeOf('bytes=100-', 100), 'unsatisfiable');
  t.equal(rangeOf('bytes=-0', 100), 'unsatisfiable');
  for (const header of [undefined, 'bytes=-', 'bytes=9-0', 'bytes=0-1,3-4', 'frames=0-1', 'bytes=a-b']) {
    t.equal(rangeOf(header, 100), undefined, String(header));
  }
});
