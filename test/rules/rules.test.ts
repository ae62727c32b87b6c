// The rules of the house, in one process: each reads every source of the product, and they are parsed once for all.
import './both-languages.cases.js';
import './dependency-rule.cases.js';
import './doc-comments.cases.js';
import './error-document.cases.js';
import './purity.cases.js';
