import { errorDocument } from './error-document.js';

process.stdout.write(errorDocument());
