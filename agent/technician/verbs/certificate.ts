import { LoaError } from '../../core/errors.js';
import type { Verb, VerbContext } from '../verb.js';

/** What `loa certificate` can do; each is loaded when it is used. */
const SUB_VERBS: Readonly<
  Record<string, () => Promise<(context: VerbContext, args: string[]) => Promise<number>>>
> = {
  request: async () => (await import('./certificate-request.js')).requestCertificate,
  install: async () => (await import('./certificate-install.js')).installGiven,
  enrol: async () => (await import('./certificate-enrol.js')).enrol,
  renew: async () => (await import('./certificate-renew.js')).renew,
  import: async () => (await import('./certificate-import.js')).importGiven,
  trust: async () => (await import('./certificate-trust.js')).trustGiven,
  anchors: async () => (await import('./certificate-anchors.js')).anchors,
  show: async () => (await import('./certificate-show.js')).show,
};

/** `loa certificate request|install|enrol|trust|renew|anchors|import|show`: the device's identity. */
export const certificateVerb: Verb = {
  summary: {
    vi: 'xin, cài, gia hạn và xem chứng thư của bộ thu',
    en: "request, install, renew and show the receiver's certificate",
  },
  usage: [
    'certificate request --id ID [--replace] [--rsa]',
    'certificate install --certificate FILE --anchors FILE --trust FILE --fingerprint HEX',
    'certificate enrol --id ID (--token-file FILE, --token-fd N or --factory-key FILE --factory-certificate FILE) [--url URL] [--ca-fingerprint HEX] [--fingerprint HEX (--trust FILE or --mirror URL)] [--wait SECONDS] [--replace]',
    'certificate import --file FILE [--passphrase-fd N] [--anchors FILE] [--trust FILE --fingerprint HEX]',
    'certificate trust --fingerprint HEX (--trust FILE or --mirror URL)',
    'certificate renew',
    'certificate anchors [FILE]',
    'certificate show',
  ].join(' | '),
  async run(context) {
    const [what = '', ...args] = context.args;
    const load = Object.hasOwn(SUB_VERBS, what) ? SUB_VERBS[what] : undefined;
    if (load === undefined)
      throw new LoaError('E_USAGE', `loa certificate ${Object.keys(SUB_VERBS).join(' | ')}`);
    return (await load())(context, args);
  },
};
