import type { EventBody } from '../../protocols/messages/up.js';
import type { Clock } from '../core/clock.js';
import { codeOf, messageOf } from '../core/errors.js';
import type { KeptFile } from '../core/kept-file.js';
import type { Log } from '../core/log.js';
import { inBackground } from '../core/settled.js';
import type { MediaAccess } from '../sound/sources/http-bytes.js';
import type { ArchiveFile } from './archive-file.js';
import type { UpdateBackend } from './backend.js';
import { fits, type Machine, type Offer } from './offer.js';
import type { RepositoryCheck, TrustedMetadata } from './repository.js';
import { TrialWatch, type TrialAsks } from './trial-watch.js';
import { updateAtStart } from './update-start.js';
import type { UpdateFacts, UpdatePolicy } from './update-policy.js';
import { spentOn } from './update-spent.js';
import type { Place, UpdateState } from './update-state.js';
import { pausedBy, updateStep, type Stepped, type UpdateEffect, type UpdateEvent } from './update-step.js';
import { updateViewOf, type UpdateView } from './update-view.js';

/** Between two looks, milliseconds. */
export const LOOK_MS = 2_000;

/** What updates stand on. */
export interface UpdateParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly machine: Machine;
  readonly file: KeptFile<UpdateState>;
  readonly metadata: KeptFile<TrustedMetadata | undefined>;
  /** Undefined where nothing could start another program. */
  readonly backend: UpdateBackend | undefined;
  readonly archive: ArchiveFile;
  /** Asks the repository; undefined where none is set. */
  readonly check:
    ((kept: TrustedMetadata | undefined, signal: AbortSignal) => Promise<RepositoryCheck>) | undefined;
  /** Where an archive is fetched from. */
  readonly access: () => MediaAccess;
  readonly addressOf: (offer: Offer) => string;
  readonly times: { readonly checkMs: number; readonly retryMs: number; readonly trialMs: number };
  /** @param version that is offered; empty where none is. @param before a restart, the schedule is looked at too */
  readonly facts: (version: string, before: 'restart' | 'work') => Omit<UpdateFacts, 'allowedBytes'>;
  /** Bytes that may be fetched now, where so many were fetched for updates today. */
  readonly allowedBytes: (spentBytes: number) => number;
  readonly trial: TrialAsks;
  /** An emergency is being heard: nothing restarts now. */
  readonly emergencyHeard: () => boolean;
  readonly tell: (body: EventBody) => void;
  /** The program is to end, so that another may start. */
  readonly restart: () => void;
}

/** Keeps the state of an update, and does what its steps ask for, one thing at a time. What to do is decided in `update-step.ts`. */
export class UpdateLoop {
  #state: UpdateState;
  #running: Place = 'floor';
  #previous: Place = 'floor';
  #work: AbortController | undefined;
  #worked: Promise<void> = Promise.resolve();
  #steps: Promise<void> = Promise.resolve();
  #trial: TrialWatch | undefined;
  #restartWanted = false;
  /** What runs and what was chosen is known. */
  #begun = false;
  #heldBytes = 0;
  #looks = 0;
  #closed = false;
  #cancel: () => void = () => undefined;

  private constructor(
    private readonly parts: UpdateParts,
    state: UpdateState,
  ) {
    this.#state = state;
  }

  /** Reads what was kept, and puts right what a death left undone. */
  static async open(parts: UpdateParts): Promise<UpdateLoop> {
    const loop = new UpdateLoop(parts, await parts.file.read());
    await loop.#begin();
    return loop;
  }

  start(): void {
    this.#again();
  }

  /** How it stands. */
  view(): UpdateView {
    const { machine, check, backend } = this.parts;
    const spentTodayBytes = spentOn(this.#state, this.#facts().nowMs);
    return updateViewOf(
      this.#state,
      {
        on: check !== undefined,
        version: machine.version,
        running: backend === undefined ? undefined : this.#running,
      },
      { bytes: this.#heldBytes, spentTodayBytes },
    );
  }

  /** The stage in force: telemetry tells it. */
  get stage(): UpdateState['stage'] {
    return this.#state.stage;
  }

  /** The province's word. */
  policy(policy: UpdatePolicy): Promise<void> {
    return this.#feed({ kind: 'policy', policy });
  }

  /** A technician holds updates here, or lets them go on. */
  hold(on: boolean): Promise<void> {
    return this.#feed({ kind: 'hold', on });
  }

  /** Back to the program before. @returns false where there is none */
  async back(by: string): Promise<boolean> {
    if (this.#running === 'floor') return false;
    await this.#feed({ kind: 'back', by, running: this.parts.machine.version });
    return this.#state.stage.kind === 'back';
  }

  /** Asks the repository now. @returns false where none is set, or something else is under way */
  checkNow(): boolean {
    if (this.parts.check === undefined || this.#work !== undefined || this.#trial !== undefined) return false;
    this.#act({ kind: 'check' });
    return true;
  }

  /** Breaks off what is under way; what came of it stays. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    this.#work?.abort();
    await this.#worked;
    await this.#steps;
    await this.parts.file.idle();
    await this.parts.backend?.wentWell();
  }

  async #begin(): Promise<void> {
    const { backend } = this.parts;
    this.#heldBytes = await this.parts.archive.held().catch(() => 0);
    if (backend === undefined) return;
    let found;
    try {
      found = await backend.found();
    } catch (error) {
      // Asked again at the next look: until then nothing is done, and the receiver plays.
      this.parts.log.error(
        { code: codeOf(error), error: messageOf(error) },
        'it is not known what runs here',
      );
      return;
    }
    this.#begun = true;
    this.#running = found.running;
    this.#previous = found.choice.previous;
    await this.#take(updateAtStart(this.#state, { ...found, nowMs: this.#facts().nowMs }));
    this.#watchTrial();
  }

  #watchTrial(): void {
    const { stage } = this.#state;
    if (stage.kind !== 'trial' || stage.slot !== this.#running) return;
    const looks = Math.max(1, Math.ceil(this.parts.times.trialMs / LOOK_MS));
    this.#trial = new TrialWatch(this.parts.trial, { looks, linkBefore: stage.linkBefore });
  }

  #again(): void {
    if (this.#closed) return;
    this.#cancel = this.parts.clock.after(LOOK_MS, () => {
      inBackground(this.#look(), this.parts.log, 'updates were not looked at');
      this.#again();
    });
  }

  async #look(): Promise<void> {
    if (this.#closed) return;
    this.#looks += 1;
    if (this.#looks * LOOK_MS === Math.ceil(this.parts.times.trialMs / LOOK_MS) * LOOK_MS)
      await this.#lasted();
    if (this.#restartWanted) {
      if (!this.parts.emergencyHeard()) await this.#restart();
      return;
    }
    if (this.parts.backend !== undefined && !this.#begun) return this.#begin();
    if (this.#trial !== undefined) {
      const { verdict, detail } = this.#trial.look();
      if (verdict === 'open') return;
      this.#trial = undefined;
      await this.#feed({ kind: 'trial', verdict, detail });
      return;
    }
    // The slot could not be chosen, or the verdict not be kept: again.
    if (this.#state.stage.kind === 'trial') return this.#begin();
    if (this.#work !== undefined) {
      this.#breakOff();
      return;
    }
    if (this.parts.check === undefined) return;
    await this.#feed({ kind: 'look' });
  }

  async #restart(): Promise<void> {
    const { backend, restart } = this.parts;
    if (backend?.restart === undefined) restart();
    else await backend.restart();
  }

  /** A slot that is not on trial has run long enough to be no fault. */
  async #lasted(): Promise<void> {
    if (this.#trial === undefined) await this.parts.backend?.wentWell();
  }

  /** A bulletin has begun, somebody has said hold: what is under way waits. */
  #breakOff(): void {
    const { stage } = this.#state;
    if (!('offer' in stage) || stage.kind === 'trial') return;
    const wanted = stage.kind === 'downloading' ? 'fetch' : 'work';
    const why = pausedBy(this.#state, stage.offer, wanted, this.#facts());
    if (why !== undefined && why !== 'later' && why !== 'budget') this.#work?.abort();
  }

  #facts(): UpdateFacts {
    const { stage } = this.#state;
    const version = 'offer' in stage ? stage.offer.version : '';
    const facts = this.parts.facts(version, stage.kind === 'trial-ready' ? 'restart' : 'work');
    return { ...facts, allowedBytes: this.parts.allowedBytes(spentOn(this.#state, facts.nowMs)) };
  }

  /** One event after the other. */
  #feed(event: UpdateEvent): Promise<void> {
    const next = this.#steps.then(() => {
      const { times } = this.parts;
      const rules = { ...times, running: this.#running, previous: this.#previous };
      return this.#take(updateStep(this.#state, event, this.#facts(), rules));
    });
    this.#steps = next.catch(() => undefined);
    return next;
  }

  /** Written down first, then done: a death in between is put right at the next start. */
  async #take({ state, tell, effects }: Stepped): Promise<void> {
    const commit = effects.find((one) => one.kind === 'commit');
    // This one the other way round: a program that has proved itself and is not noted is noted at the next start.
    if (commit !== undefined) await this.#do(commit);
    if (state !== this.#state) {
      try {
        await this.parts.file.write(state);
      } catch (error) {
        this.parts.log.error({ code: codeOf(error), error: messageOf(error) }, 'the update is not kept');
        // What decides which program starts is not done on a word that is not kept.
        if (effects.some(({ kind }) => kind === 'try')) return;
      }
      this.#state = state;
    }
    for (const body of tell) this.parts.tell(body);
    for (const effect of effects) if (effect !== commit) await this.#do(effect);
  }

  async #do(effect: UpdateEffect): Promise<void> {
    const { backend, archive } = this.parts;
    switch (effect.kind) {
      case 'drop-archive':
        this.#heldBytes = 0;
        await archive.drop();
        return;
      case 'try':
        await backend?.try(effect.slot, effect.seal, effect.version);
        return;
      case 'commit':
        await backend?.commit(effect.slot);
        this.#previous = (await backend?.found())?.choice.previous ?? 'floor';
        return;
      case 'leave':
        // What cannot be written now is put right at the next start; to end is right all the same.
        await backend
          ?.leave(effect.to)
          .catch((error: unknown) =>
            this.parts.log.error({ code: codeOf(error), error: messageOf(error) }, 'the slot is not left'),
          );
        return;
      case 'restart':
        this.#restartWanted = true;
        return;
      case 'check':
      case 'fetch':
      case 'verify':
      case 'unpack':
        this.#act(effect);
    }
  }

  /** What takes its time: one such at a time. */
  #act(effect: UpdateEffect): void {
    if (this.#work !== undefined || this.#closed) return;
    const work = new AbortController();
    this.#work = work;
    this.#worked = this.#run(effect, work.signal)
      .catch((error: unknown): UpdateEvent => ({
        kind: 'failed',
        ...{ code: codeOf(error), detail: messageOf(error).slice(0, 300) },
      }))
      .then(async (event) => {
        this.#work = undefined;
        if (event !== undefined && !this.#closed) await this.#feed(event);
      })
      .catch((error: unknown) =>
        this.parts.log.error({ code: codeOf(error), error: messageOf(error) }, 'a step of the update failed'),
      );
  }

  /** Undefined where it was broken off: the next look begins it again. */
  async #run(effect: UpdateEffect, signal: AbortSignal): Promise<UpdateEvent | undefined> {
    const { archive, backend } = this.parts;
    try {
      if (effect.kind === 'check') return await this.#check(signal);
      if (effect.kind === 'fetch') return await this.#fetch(effect, signal);
      if (effect.kind === 'verify') {
        await archive.verify(effect.offer);
        return { kind: 'verified' };
      }
      if (effect.kind !== 'unpack' || backend === undefined) return undefined;
      await archive.verify(effect.offer);
      return {
        kind: 'unpacked',
        seal: await backend.install(archive.path, effect.slot, effect.offer, signal),
      };
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  async #check(signal: AbortSignal): Promise<UpdateEvent | undefined> {
    const { check, metadata, machine } = this.parts;
    if (check === undefined) return undefined;
    const kept = await metadata.read();
    const { trusted, offer, failure } = await check(kept, signal);
    if (JSON.stringify(trusted) !== JSON.stringify(kept)) await metadata.write(trusted);
    if (failure !== undefined) return { kind: 'check-failed', ...failure };
    if (offer === undefined || offer.version === machine.version)
      return { kind: 'checked', offer: undefined };
    const may = fits(offer, machine);
    return may.ok ? { kind: 'checked', offer } : { kind: 'check-failed', ...may.refusal };
  }

  async #fetch(
    { offer, allowedBytes }: Extract<UpdateEffect, { kind: 'fetch' }>,
    signal: AbortSignal,
  ): Promise<UpdateEvent> {
    const { archive, access, addressOf } = this.parts;
    let bytes = 0;
    const onBytes = (more: number): void => {
      bytes += more;
      this.#heldBytes += more;
    };
    try {
      this.#heldBytes = await archive.held();
      const how = { allowedBytes, signal, onBytes };
      const { whole } = await archive.fetch(addressOf(offer), offer, access(), how);
      return { kind: 'fetched', bytes, whole };
    } catch (error) {
      // Broken off for a bulletin: what came is counted all the same.
      if (signal.aborted) return { kind: 'fetched', bytes, whole: false };
      return { kind: 'fetch-failed', bytes, code: codeOf(error), detail: messageOf(error).slice(0, 300) };
    }
  }
}
