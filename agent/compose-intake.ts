/** The half of the wiring that takes what is signed: journal, kept documents, and who carries a command out. */
import { join } from 'node:path';
import { subscriptionsOf } from '../protocols/topics.js';
import type { Desired } from '../protocols/messages/desired.js';
import type { Update } from '../protocols/messages/update.js';
import type { EventBody } from '../protocols/messages/up.js';
import type { TrustDocument } from '../protocols/trust-document.js';
import { FloodWatch } from './commands/flood-watch.js';
import { DocumentFolder, type TrustFile } from './commands/document-folder.js';
import { Intake } from './commands/intake.js';
import { Journal } from './commands/journal.js';
import { Lanes } from './commands/lanes.js';
import type { SignedTime } from './commands/signed-time.js';
import type { Config } from './config.js';
import { systemClock } from './core/clock.js';
import { accepted, refused, type Outcome } from './core/errors.js';
import type { Log } from './core/log.js';
import type { Store } from './core/store.js';
import type { Link } from './link/link.js';
import type { Reporter } from './link/reporter.js';
import type { Programme } from './programme/programme.js';
import { clipOnSite } from './technician/local-sound.js';
import { DOCUMENTS_FOLDER } from './state-files.js';

/** Long enough for the answer to a command to reach the broker. */
const RETIRE_AFTER_MS = 3_000;

/** What the intake stands on. */
export interface IntakeWiring {
  readonly config: Config;
  readonly receiverId: string;
  readonly trustFile: TrustFile;
  readonly trust: TrustDocument;
  readonly store: Store;
  /** This run of the program. */
  readonly boot: string;
  readonly time: SignedTime;
  readonly programme: Programme;
  /** The schedule or the emergencies have changed: files may be wanted. */
  readonly onProgramme: () => void;
  /** Takes what the province permits; the defaults where it says nothing any more. */
  readonly permit: (desired: Desired['body'] | undefined) => void;
  readonly link: Link;
  readonly reporter: Reporter;
  readonly log: Log;
  readonly onEvent: (body: EventBody) => void;
  /** Only emergencies: bulletins and renewals are refused, schedules are not looked at. */
  readonly safe: boolean;
  /** A beat of the province was accepted. */
  readonly onBeat: () => void;
  /** The broker has brought a beat that vouches for all that concerns this receiver. */
  readonly onVouched: () => void;
  /** The province wants another certificate, within so many milliseconds. */
  onRenew(withinMs: number): Outcome<undefined>;
  /** The province's word on updates. */
  onUpdate(command: Update): void;
  /** The province has taken the receiver out of service, and the answer is on its way. */
  onRetired(): void;
}

/** The intake, open, and what keeps the link's subscriptions after it. */
export interface OpenedIntake {
  readonly intake: Intake;
  /** Subscribes to what this receiver's assignment and trust document make it listen to. */
  readonly subscribe: () => void;
  /** Takes what the link brings; resolves when it may be acknowledged. */
  readonly take: (topic: string, payload: Uint8Array) => Promise<void>;
  /** A message on this topic was not looked into. */
  readonly dropped: (topic: string) => void;
  /** Has an ordinary message on this topic no room? Counts it where it has none. */
  readonly sheds: (topic: string, bytes: number) => boolean;
  /** Ends its timers. */
  readonly close: () => void;
}

/** In safe mode a journal that knows nothing: nothing is done that must not be done twice. */
async function journalOf({ safe, store, boot, time }: IntakeWiring): Promise<Journal> {
  if (safe) return new Journal(store, boot);
  const journal = new Journal(store, boot, await time.journalSince(await Journal.idIn(store)));
  await journal.prune(time.floorMs());
  return journal;
}

/** Opens the journal and the intake: documents kept on disk are taken up before it returns. */
export async function openIntake(wiring: IntakeWiring): Promise<OpenedIntake> {
  const { config, time, programme, link, reporter, log } = wiring;
  const journal = await journalOf(wiring);
  const floods = new FloodWatch({ clock: systemClock, onChange: () => subscribe(), tell: wiring.onEvent });
  const subscribe = (): void => {
    const { areas = [], groups = [] } = intake.assignment?.body ?? {};
    const wanted = subscriptionsOf(wiring.receiverId, areas, groups, intake.trust.version, intake.heard());
    link.subscribe(floods.without(wanted));
  };
  // A document kept on disk is told of while the intake opens: the subscriptions follow once it is there.
  let opened = false;
  const intake: Intake = await Intake.open(
    {
      receiver: wiring.receiverId,
      journal,
      documents: new DocumentFolder(join(config.stateFolder, DOCUMENTS_FOLDER)),
      trustFile: wiring.trustFile,
      clock: systemClock,
      time,
      heardTodayMs: (authority) => programme.heardTodayMs(authority),
      log: log.child({ module: 'commands' }),
      listener: {
        onCommand: (command, authority, by) => {
          if (wiring.safe && (command.type === 'play.start' || command.type === 'renew'))
            return refused('E_SAFE_MODE', 'emergencies alone');
          if (command.type === 'play.start') {
            if (by === 'wire') return programme.play(command, authority);
            const clip = clipOnSite(command, time.nowMs());
            return programme.play(clip, authority, by === 'hand-permit' ? 'local' : undefined);
          }
          if (command.type === 'play.stop') return programme.stop(command, authority);
          if (command.type === 'update') {
            wiring.onUpdate(command);
            return accepted(undefined);
          }
          if (command.type === 'renew') return wiring.onRenew(command.body.withinS * 1000);
          log.warn({ authority: authority.id }, 'taken out of service');
          // The answer first: it is in the outbox by then, and goes out while the link is up.
          systemClock.after(RETIRE_AFTER_MS, () => wiring.onRetired());
          return accepted(undefined);
        },
        onDocument: (slotKey, document, authority, from) => {
          if (document.type === 'emergency.set') programme.setEmergencies(slotKey, document, authority, from);
          else if (document.type === 'schedule') {
            if (!wiring.safe) programme.setSchedule(slotKey, document, authority);
          } else if (document.type === 'desired') wiring.permit(document.body);
          else {
            programme.placed(document.body.place ?? {});
            if (opened) subscribe();
          }
          wiring.onProgramme();
        },
        onWithdrawn: (slotKey) => {
          programme.dropEmergencies(slotKey);
          programme.dropSchedule(slotKey);
          if (slotKey.startsWith('desired/')) wiring.permit(undefined);
        },
        onTrust: () => {
          if (opened) subscribe();
          programme.endUnlessAllowed((authority) => intake.validKeys(authority) > 0);
        },
        onReply: (body) => reporter.reply(body),
        onEvent: wiring.onEvent,
        onHeard: () => {
          if (opened) subscribe();
        },
        onBeat: wiring.onBeat,
        onRefused: (topic) => floods.refused(topic),
      },
    },
    wiring.trust,
  );
  opened = true;
  const dropped = (topic: string): void => floods.refused(topic);
  const lanes = new Lanes({
    clock: systemClock,
    async handle(topic, payload) {
      const before = intake.vouchedMs;
      await intake.offer(topic, payload);
      // A beat of the home area or for this receiver, newer than the last: another area's, or a copy, vouches for less.
      if (intake.vouchedMs > before) wiring.onVouched();
    },
    onShed: dropped,
  });
  const close = (): void => {
    lanes.close();
    intake.close();
    floods.close();
  };
  const take = (topic: string, payload: Uint8Array): Promise<void> => lanes.take(topic, payload);
  const sheds = (topic: string, bytes: number): boolean => lanes.sheds(topic, bytes);
  return { intake, subscribe, take, sheds, dropped, close };
}
