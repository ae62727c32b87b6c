import { errorCard } from './error-card.js';

process.stdout.write(errorCard());
