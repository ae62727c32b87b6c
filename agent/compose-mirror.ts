/** The part of the wiring that asks the mirror while no broker brings what is retained. */
import { rootCertificates } from 'node:tls';
import type { Revocation } from '../certs/revocation.js';
import type { EventBody } from '../protocols/messages/up.js';
import { MESSAGE_LIMIT_BYTES } from '../protocols/signed-message.js';
import type { Intake } from './commands/intake.js';
import type { SignedTime } from './commands/signed-time.js';
import type { Held } from './compose-identity.js';
import type { OpenedIntake } from './compose-intake.js';
import type { Attached } from './compose-link.js';
import type { Config } from './config.js';
import type { Clock } from './core/clock.js';
import type { Log } from './core/log.js';
import { Mirror } from './link/mirror.js';

const ANSWER_LIMIT_MS = 15_000;

/** What the mirror is made of. */
export interface MirrorWiring {
  readonly config: Config;
  readonly held: Held;
  readonly revocation: Revocation;
  readonly intake: Intake;
  readonly time: SignedTime;
  readonly tell: (body: EventBody) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Undefined where the settings name none. */
export function openMirror(parts: MirrorWiring): Mirror | undefined {
  const { config, held, revocation, intake, time, clock } = parts;
  const { url, afterS, everyS, silentS, publicAnchors } = config.mirror;
  if (url === '') return undefined;
  return new Mirror({
    access: () => ({
      url,
      anchorsPem: [...held.identity.anchorsPem, ...(publicAnchors ? rootCertificates : [])],
      checkServerIdentity: revocation.checkOtherServer,
      limitBytes: MESSAGE_LIMIT_BYTES,
      timeoutMs: ANSWER_LIMIT_MS,
    }),
    times: { afterMs: afterS * 1000, everyMs: everyS * 1000, silentMs: silentS * 1000 },
    here: {
      receiver: held.identity.receiverId,
      trust: () => intake.trust,
      areas: () => intake.assignment?.body.areas ?? [],
      awaited: () => intake.awaited(),
      context: () => {
        const { epoch = 0, revision = 0 } = intake.assignment ?? {};
        return `${intake.trust.version}/${epoch}.${revision}/${time.state()}`;
      },
      offer: (topic, payload) => intake.offer(topic, payload),
    },
    random: Math.random,
    tell: parts.tell,
    clock,
    log: parts.log.child({ module: 'mirror' }),
  });
}

/** What the link brings, with the mirror told how the broker is. */
export function beside(
  mirror: Mirror | undefined,
  { take, sheds, dropped }: Pick<OpenedIntake, 'take' | 'sheds' | 'dropped'>,
  to: Omit<Attached, 'onMessage' | 'onOversize' | 'sheds'>,
): Attached {
  return {
    onUp: (mqttVersion) => {
      mirror?.linkUp();
      to.onUp(mqttVersion);
    },
    onDown: (why) => {
      mirror?.linkDown();
      to.onDown(why);
    },
    onMessage: take,
    onOversize: dropped,
    sheds,
  };
}

/** Tells the mirror of a document that a beat has named and that does not come, or has come after all. */
export function noteWithheld(mirror: Mirror | undefined, { kind, code, fields }: EventBody): void {
  const document = fields?.document;
  if (code !== 'E_DOCUMENT_WITHHELD' || typeof document !== 'string') return;
  mirror?.withheld(document, kind === 'alarm');
}
