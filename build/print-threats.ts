import { threatDocument } from '../test/security/threat-document.js';

process.stdout.write(threatDocument());
