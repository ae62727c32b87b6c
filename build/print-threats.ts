/** Writes the table of threats into certs/README.md, between its markers. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withThreats } from '../test/security/threat-document.js';

const path = fileURLToPath(new URL('../../certs/README.md', import.meta.url));
writeFileSync(path, withThreats(readFileSync(path, 'utf8')));
