/** One area of the security baseline for consumer devices (ETSI EN 303 645), in our words, and where this product stands. */
export interface BaselineRow {
  readonly provision: string;
  /** What it asks for here. */
  readonly asks: string;
  readonly state: 'shown' | 'partly' | 'not yet' | 'not applicable';
  /** Tests and commands that show it: a path in the repository, or a command that begins with `./` or `node `. */
  readonly shownBy: readonly string[];
  /** What is missing, or why it does not apply; empty where all of it is shown. */
  readonly missing: string;
}

/**
 * The baseline as data. EN 303 645 is read from public summaries: trust the numbers of areas, not our wording. Decision
 * 736/QĐ-BTTTT of Vietnam takes 5.1 to 5.13 over unchanged.
 */
export const BASELINE: readonly BaselineRow[] = [
  {
    provision: '5.1',
    asks: 'no default password and no secret shared by devices; each makes its own key; nothing to log in to over the network',
    state: 'shown',
    shownBy: [
      'test/unit/certs/make-identity.test.ts',
      'node dist/build/scan-secrets.js',
      './build/prove trust --item 7',
    ],
    missing: '',
  },
  {
    provision: '5.2',
    asks: 'a way to report a weakness, with times to acknowledge and to tell the state of it',
    state: 'shown',
    shownBy: ['SECURITY.md'],
    missing: '',
  },
  {
    provision: '5.3',
    asks: 'updates whose signature the device checks; altered, unsigned and older ones refused; end of support published; version readable',
    state: 'partly',
    shownBy: ['agent/update/README.md', 'build/claims/update.ts', 'agent/technician/status.ts'],
    missing: 'no end of support is published; nothing of it was proved on a board',
  },
  {
    provision: '5.4',
    asks: 'secrets stored safely: key of mode 0600, own for each device, in no image, log or support file',
    state: 'partly',
    shownBy: [
      'test/unit/certs/load-identity.test.ts',
      'node dist/build/scan-secrets.js',
      './build/prove trust --item 7',
      './build/prove technician --item 3',
    ],
    missing: 'no key in hardware; images of boards are not scanned',
  },
  {
    provision: '5.5',
    asks: 'TLS 1.2 or 1.3 with its own trust store; wrong authority, host and date refused; no configuration from afar without a signature',
    state: 'partly',
    shownBy: ['test/integration/security.test.ts', 'test/unit/security/threats.test.ts', 'certs/README.md'],
    missing: 'the rows of the table in certs/README.md that are open',
  },
  {
    provision: '5.6',
    asks: 'a small surface: no listener, no version told to strangers, no right that is not needed, debug ports documented',
    state: 'partly',
    shownBy: [
      'node dist/build/scan-listeners.js PID',
      './build/prove trust --item 7',
      './build/prove arm --item 6',
    ],
    missing: 'debug ports of boards are not documented',
  },
  {
    provision: '5.7',
    asks: 'the integrity of the software is verified, and a mismatch raises an alarm',
    state: 'not yet',
    shownBy: [],
    missing: 'packages and images are not signed or verified yet',
  },
  {
    provision: '5.8',
    asks: 'personal data: what sensors there are is documented, and no sound leaves the device',
    state: 'partly',
    shownBy: ['protocols/asyncapi.yaml', 'test/unit/protocols/asyncapi.test.ts'],
    missing:
      'the closed schemas of what goes up hold no sound and no person, and the IMEI only where a setting asks for it; a sensor of the loudspeaker line may be a microphone: levels are compared on the device, no sound leaves it; no page for the public says so yet',
  },
  {
    provision: '5.9',
    asks: 'works on without the network, recovers from power loss, comes back without a herd',
    state: 'partly',
    shownBy: ['./build/prove programme --item 3', './build/prove programme --item 4', './build/prove link'],
    missing: 'on a slow broker a fleet is back no sooner than with a fixed second between its attempts',
  },
  {
    provision: '5.10',
    asks: 'telemetry is looked at for signs of attack: refused signatures, reboots, steps of the clock are reported',
    state: 'partly',
    shownBy: ['test/integration/security.test.ts', 'test/unit/link/event-counter.test.ts'],
    missing:
      'refusals are security events, counted and signed, and a clock in doubt is an alarm; how a province looks at them is its own',
  },
  {
    provision: '5.11',
    asks: 'a person can wipe keys, kept sound and logs, shown by a scan afterwards',
    state: 'partly',
    shownBy: ['./build/prove technician --item 4'],
    missing: 'what flash keeps in reserve is out of reach of a program',
  },
  {
    provision: '5.12',
    asks: 'few decisions at installation, and a check that says it is securely set up',
    state: 'partly',
    shownBy: ['agent/technician/verbs/install.ts', './build/prove technician --item 2'],
    missing:
      'three decisions and a check that says so; a swap of a receiver was not tried against a province',
  },
  {
    provision: '5.13',
    asks: 'every input is validated: each parser is fuzzed',
    state: 'partly',
    shownBy: [
      'node dist/test/security/fuzz-parsers.js',
      'node dist/test/security/fuzz-messages.js',
      'test/unit/security/fuzz-parsers.test.ts',
    ],
    missing:
      'CAP has a table of hostile documents but no fuzzer; ffmpeg and the WASM decoders are not fuzzed',
  },
  {
    provision: '6',
    asks: 'consumer data protection: consent to the processing of personal data',
    state: 'not applicable',
    shownBy: [],
    missing:
      'the device processes no personal data: it has no users of its own, and no sound or picture leaves it',
  },
];
