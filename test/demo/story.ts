import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type IClientOptions } from 'mqtt';
import { systemClock } from '../../agent/core/clock.js';
import type { PlayStart } from '../../protocols/messages/play.js';
import { CertificateAuthority } from '../source-system/certificate-authority.js';
import { newPrivateJwk, signerOf } from '../source-system/signer.js';
import type { Publication } from '../source-system/province.js';
import { within } from '../support/wait-until.js';
import type { Stage } from './stage.js';
import type { Teller } from './teller.js';
import { tell } from './texts.js';

const AREA = { area: 'tan-hoa' } as const;
const WAIT_MS = 20_000;

/** The story of the demo, step by step; each step waits for what it should bring about. */
export class Story {
  readonly #stage: Stage;
  readonly #teller: Teller;

  constructor(stage: Stage, teller: Teller) {
    this.#stage = stage;
    this.#teller = teller;
  }

  /** Plays it from birth to the last notice. @throws Error naming what did not happen in time */
  async tell(): Promise<void> {
    this.#follow();
    await this.#births();
    const bulletin = await this.#bulletin();
    await sleep(6_000);
    await this.#emergency();
    await this.#intruders(bulletin);
    await this.#leaseEnds(bulletin);
    await this.#outage();
    this.#teller.step('again');
    await this.#notice(12_000);
    await this.#receipts(
      (all) => all.filter((one) => one.title === NOTICE_TITLE && one.framesHeard > 0).length >= 3,
    );
    await sleep(700);
  }

  /** Tells of refusals and receipts as the province hears of them. */
  #follow(): void {
    const { source } = this.#stage;
    source.ears.onMessage((heard) => {
      if (heard.kind === 'event' && heard.message.body.kind === 'security') {
        this.#teller.refusal(heard.receiver, heard.message.body.code);
      }
      if (heard.kind === 'receipt') {
        const { title, framesHeard, outcome } = heard.message.body;
        const seconds = (framesHeard / 48_000).toFixed(1);
        this.#teller.receiver(
          heard.receiver,
          'receipt',
          `"${title}": ${seconds} s, ${tell(outcome, this.#teller.language)}`,
        );
      }
    });
    source.broker.onRefused(({ what, reason }) => {
      const { language } = this.#teller;
      // What an old broker says to a newer client is no intruder.
      if (what === 'protocol') return;
      this.#teller.refusal(
        tell('broker', language),
        what === 'tls' ? tell('foreignTls', language) : reason.slice(0, 50),
      );
    });
  }

  async #births(): Promise<void> {
    const { receivers, source } = this.#stage;
    await Promise.all(receivers.map((receiver) => receiver.start()));
    for (const { id } of receivers) {
      await source.ears.waitFor('state', (one) => one.receiver === id && one.message.body.online, WAIT_MS);
      this.#teller.receiver(id, 'born');
    }
    await Promise.all(
      receivers.map((one) => one.waitFor('assigned', (status) => status.assignment !== undefined)),
    );
    await sleep(1_000);
  }

  async #bulletin(): Promise<Publication<PlayStart>> {
    const { source, sounds, receivers } = this.#stage;
    this.#teller.step('bulletin');
    const live = { kind: 'live', url: sounds.bulletin.url } as const;
    const play = await source.province.playStart('tan-hoa', {
      ...{ target: AREA, source: live, title: 'Bản tin sáng', forMs: 25_000 },
    });
    await source.send(play);
    for (const receiver of receivers) {
      await receiver.waitFor('on air', (status) => status.onAir?.playId === play.message.body.playId);
      this.#teller.receiver(receiver.id, 'onAir', '"Bản tin sáng"');
    }
    return play;
  }

  async #emergency(): Promise<void> {
    const { source, sounds, receivers } = this.#stage;
    const slot = { area: 'ap-1' } as const;
    this.#teller.step('emergency');
    const content = [{ kind: 'file', onInterrupt: 'resume', ...sounds.emergency } as const];
    const request = { title: 'Cảnh báo bão', severity: 'extreme', content, forMs: 120_000 } as const;
    await source.send(await source.province.emergencyAdd('tan-hoa', slot, request));
    await receivers[0].waitFor('emergency', (status) => status.onAir?.class === 'emergency');
    this.#teller.receiver(receivers[0].id, 'onAir', '"Cảnh báo bão"');
    await receivers[0].waitFor('back', (status) => status.onAir?.class === 'normal');
    this.#teller.receiver(receivers[0].id, 'back');
    await source.send(await source.province.emergencyCancel('tan-hoa', slot));
  }

  async #intruders(bulletin: Publication<PlayStart>): Promise<void> {
    const { source, sounds, receivers } = this.#stage;
    const request = {
      target: AREA,
      source: { kind: 'stored', name: 'siren' },
      title: 'Siren',
      class: 'priority',
    } as const;
    const live = { kind: 'live', url: sounds.bulletin.url } as const;
    const { playId, title } = bulletin.message.body;
    this.#teller.step('renewed');
    await source.send(
      await source.province.playStart('tan-hoa', {
        target: AREA,
        source: live,
        title,
        playId,
        forMs: 14_000,
      }),
    );
    await sleep(1_000);
    this.#teller.step('intruderTls');
    await this.#foreignCertificate();
    await sleep(1_000);
    this.#teller.step('intruderKey');
    await source.send(
      await source.province.playStart('tan-hoa', request, { signer: await signerOf(await newPrivateJwk()) }),
    );
    await this.#refused('E_SIGNATURE_KEY', receivers.length);
    await sleep(1_000);
    this.#teller.step('intruderReplay');
    await source.send(bulletin);
    await this.#refused('E_COMMAND_REPLAY', receivers.length);
    await sleep(1_000);
    this.#teller.step('intruderNeighbour');
    await source.send(await source.province.playStart('an-phu', request));
    await this.#refused('E_AUTHORITY_AREA', receivers.length);
  }

  async #foreignCertificate(): Promise<void> {
    const { source, receivers } = this.#stage;
    const foreign = await CertificateAuthority.create(systemClock, 'Another province');
    const { keyPem, certificatePem } = await foreign.issueReceiver(receivers[0].id);
    try {
      const options: IClientOptions = {
        ...{ key: keyPem, cert: certificatePem, ca: source.ca.anchorsPem, clientId: receivers[0].id },
        ...{ protocolVersion: 4, reconnectPeriod: 0, connectTimeout: 5_000 },
      };
      // Without `false` the promise of a connection that is closed by the broker never settles.
      const client = await within('an answer', connectAsync(source.endpoints.broker, options, false));
      await client.endAsync(true);
    } catch {
      // That it cannot connect is what the step is for; the broker's own word of it is judged in the end.
      return;
    }
    throw new Error('a foreign certificate was let in');
  }

  async #leaseEnds(bulletin: Publication<PlayStart>): Promise<void> {
    const { playId } = bulletin.message.body;
    await this.#receipts((all) => all.filter((one) => one.playId === playId).length === 2);
    this.#teller.step('leaseEnds');
    await sleep(1_000);
  }

  async #outage(): Promise<void> {
    const { source, wire, receivers } = this.#stage;
    const { id } = receivers[1];
    this.#teller.step('cut', 'cut', id);
    wire.cut();
    this.#teller.step('notice');
    const sentMs = Date.now();
    await this.#notice(10_000);
    await source.ears.waitFor('state', (one) => one.receiver === id && !one.message.body.online, WAIT_MS);
    this.#teller.step('silent');
    await this.#receipts((all) => all.some((one) => one.title === NOTICE_TITLE));
    // The command's lease is over before the network returns: it must not be heard late.
    await sleep(Math.max(0, sentMs + 10_500 - Date.now()));
    this.#teller.step('mended', 'mended', id);
    wire.mend();
    await source.ears.waitFor(
      'event',
      ({ receiver, message: { body } }) =>
        receiver === id && body.kind === 'cleared' && body.code.startsWith('E_LINK'),
      WAIT_MS,
    );
    this.#teller.receiver(id, 'returned');
    await this.#refused('E_COMMAND_EXPIRED', 1);
    this.#teller.receiver(id, 'late');
    await sleep(500);
  }

  async #notice(forMs: number): Promise<void> {
    const { source, sounds } = this.#stage;
    const file = { kind: 'file', onInterrupt: 'resume', ...sounds.notice } as const;
    await source.send(
      await source.province.playStart('tan-hoa', { target: AREA, source: file, title: NOTICE_TITLE, forMs }),
    );
  }

  async #refused(code: string, receivers: number): Promise<void> {
    const { ears } = this.#stage.source;
    const who = new Set<string>();
    await ears.waitFor(
      'event',
      ({ receiver, message: { body } }) => {
        if (body.kind === 'security' && body.code === code) who.add(receiver);
        return who.size >= receivers;
      },
      WAIT_MS,
    );
  }

  async #receipts(
    enough: (all: { playId: string; title: string; framesHeard: number }[]) => boolean,
  ): Promise<void> {
    const { ears } = this.#stage.source;
    // waitFor looks at what is kept before it waits: each receipt that comes makes it look again.
    const all = (): { playId: string; title: string; framesHeard: number }[] =>
      ears.receipts.map(({ message }) => message.body);
    if (enough(all())) return;
    await ears.waitFor('receipt', () => enough(all()), 60_000);
  }
}

/** Title of the notice, by which its receipts are known. */
export const NOTICE_TITLE = 'Thông báo';
