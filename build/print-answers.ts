import { answersDocument } from '../agent/technician/answer-schemas.js';

process.stdout.write(answersDocument());
