/** Names within the state folder. */
export const TRUST_FILE = 'trust.json';
/** Folder of the signed documents in force. */
export const DOCUMENTS_FOLDER = 'documents';
/** Folder of the key-value store: outbox, journal, chain of records. */
export const STORE_FOLDER = 'store';
/** Folder of fetched sound files. */
export const MEDIA_FOLDER = 'media';
/** What is known of the time by what was signed. */
export const CLOCK_FILE = 'clock.json';
/** Left by loa-clock.service where it has set the system's clock in this boot; outside the state folder, gone with the power. */
export const CLOCK_SET_FILE = '/run/loa-clock/set.json';
/** Made by systemd-timesyncd when it has heard a time server in this boot (systemd-timesyncd.service(8)). */
export const TIME_SYNCED_FILE = '/run/systemd/timesync/synchronized';
/** In the identity folder: says that the receiver has run before. */
export const STARTED_FILE = 'started.json';
/** The list of revoked server certificates. */
export const REVOCATION_FILE = 'revoked.crl';
/** Minutes heard of each authority today. */
export const HEARD_FILE = 'heard.json';
/** When each emergency last sounded. */
export const SOUNDINGS_FILE = 'soundings.json';
/** What was begun and done of the schedules. */
export const SCHEDULED_FILE = 'scheduled.json';
/** Minutes heard today by class. */
export const AIR_TALLY_FILE = 'air-tally.json';
/** Folder of the log of what was played, a file a day. */
export const AS_RUN_FOLDER = 'as-run';
/** The board that the receiver last started with. */
export const BOARD_FILE = 'board.json';
/** How the loudspeaker line was at installation. */
export const LINE_FILE = 'loudspeaker-line.json';
/** Bytes by purpose and interface. */
export const LEDGER_FILE = 'ledger.json';
/** Alarms that the province knows of. */
export const ALARMS_FILE = 'alarms.json';
/** Folder of what is known of updates: state, trusted metadata, the archive that is coming. */
export const UPDATE_FOLDER = 'update';
/** Why and how often the program was started. */
export const STARTS_FILE = 'starts.json';
/** Folder of the records that `loa accept` left, signed. */
export const ACCEPTANCE_FOLDER = 'acceptance';
