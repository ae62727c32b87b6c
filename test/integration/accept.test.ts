import t from 'tap';
import { acceptOnSite, wronglyJudged } from '../faults/accept-on-site.js';
import { temporaryFolder } from '../support/temporary-folder.js';

t.setTimeout(240_000);

t.test(
  'loa accept beside a running receiver leaves signed records, which the province hears of and an altered one fails',
  { timeout: 230_000 },
  async (t) => {
    const found = await acceptOnSite(await temporaryFolder(t));
    t.same(wronglyJudged(found), []);
    t.same(found.codes, [0, 0]);
    t.equal(found.unasked.record.words, 'none');
    t.equal(found.scripted.record.words, 'script');
    t.equal(found.verified, 0);
    t.ok(found.told, 'the province was told of both');
    t.ok(found.keySafe, 'the private key is in nothing that it left');
    t.equal(found.left.length, 4, found.left.join(' '));
    for (const [name, code] of Object.entries(found.altered)) t.match(code, /^E_SIGNATURE_/, name);
  },
);
