import t from 'tap';
import { fits } from '../../../agent/update/offer.js';
import { compareVersions } from '../../../agent/update/program-version.js';
import { OFFER } from './update-rig.js';

const MACHINE = { architecture: 'amd64', node: '20.19.2', version: '0.1.0' };

t.test('versions are ordered by number, then by the date of the sources', async (t) => {
  const ordered = [
    'none',
    '0.1.0',
    '0.1.0+20261123.064200.g1',
    '0.1.0+20261124.000000.g0',
    '0.2.0',
    '0.10.0',
  ];
  for (const [index, one] of ordered.entries())
    for (const [other, two] of ordered.entries())
      t.equal(Math.sign(compareVersions(one, two)), Math.sign(index - other), `${one} ${two}`);
});

t.test('a program for another processor, an older one and one with other needs are refused', async (t) => {
  const codeOf = (parts: Partial<typeof OFFER>, machine = MACHINE): string => {
    const outcome = fits({ ...OFFER, ...parts }, machine);
    return outcome.ok ? 'fits' : outcome.refusal.code;
  };
  t.equal(codeOf({}), 'fits');
  t.equal(codeOf({ architecture: 'arm64' }), 'E_UPDATE_ARCHITECTURE');
  t.equal(codeOf({}, { ...MACHINE, version: '0.3.0' }), 'E_UPDATE_OLDER');
  t.equal(codeOf({ node: '22.0.0' }), 'E_UPDATE_NEEDS');
  t.equal(codeOf({ readableBy: 2 }), 'E_UPDATE_NEEDS');
});
