import { baselineDocument } from './baseline-document.js';

process.stdout.write(baselineDocument());
