/** Tells an application what happens in rooms. Nobody waits for it, and it never throws. */
import type { Clock } from '../clock';
import type { Ledger, LedgerListener } from '../conference/ledger';
import type { WebhookStatus, WebhookTest, WebhookView } from '../conference/webhook-status';
import type { Logger } from '../logging/limiter';
import { bodyOf, type Message, newId } from './account';
import { Courier } from './courier';
import { type Notice, Notices } from './notices';
import { type Failure, MOST_IN_FLIGHT, type Post } from './receiver';
import { RoomJob, type RoomJobParts } from './room-job';
import type { Signer } from './signature';
import { Successor } from './successor';

export interface WebhooksParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly post: Post;
  readonly signer: Signer;
  readonly random: () => number;
  /** Undefined where this node is alone. */
  readonly ledger: Ledger | undefined;
  /** Whom a room's roster lists; undefined where only other nodes know. */
  readonly listed: (room: string) => readonly string[] | undefined;
  /** Whether somebody is in the room here, or only elsewhere. */
  readonly isHere: (room: string) => boolean;
  readonly isElsewhere: (room: string) => boolean;
  /** Milliseconds for which streams of a node that stops stay listed. */
  readonly grace: number;
  /** The last message is sent. */
  readonly closed: () => void;
}

/** Milliseconds that a host without others takes at its end to tell that its rooms are empty. */
const LAST_WORDS = 3_000;
/** Milliseconds that messages on their way have at the end of one that has others. */
const LAST_ANSWERS = 1_000;
/** Milliseconds between two looks at whether all is told. */
const LOOK = 10;

export class Webhooks implements WebhookView, LedgerListener {
  readonly #parts: WebhooksParts;
  readonly #rooms = new Map<string, RoomJob>();
  readonly #notices: Notices;
  readonly #courier: Courier;
  readonly #roomParts: RoomJobParts;
  readonly #successor: Successor | undefined;
  #delivered = 0;
  #failed = 0;
  #lastSeq = 0;
  #since = Date.now();
  #problem: string | undefined;
  #standsStill = false;
  #isStopped = false;

  constructor(parts: WebhooksParts) {
    const deliver = (message: Message) => this.#deliver(message);
    this.#parts = parts;
    this.#notices = new Notices(deliver);
    this.#courier = new Courier({
      ...parts,
      mostAtOnce: MOST_IN_FLIGHT,
      onAway: (isAway) => this.#courierOnAway(isAway),
    });
    this.#roomParts = {
      ...parts,
      deliver,
      nextSeq: (after) => this.#nextSeq(after),
      onFailure: (error) => parts.logger.debug({ err: error }, 'a room waits to be told'),
      isCurrent: (job) => this.#rooms.get(job.room) === job,
      finished: (job) => this.#rooms.delete(job.room),
    };
    const { ledger } = parts;
    this.#successor = ledger && new Successor({ ...parts, ledger, adopt: (room) => this.#adopt(room) });
  }

  start(): void {
    this.#parts.ledger?.start(this);
    this.#successor?.start();
  }

  /** The roster of a room is another one. Costs the same whatever its size. */
  changed(room: string): void {
    if (this.#standsStill) return;
    const { isHere, isElsewhere, clock } = this.#parts;
    const job = this.#rooms.get(room) ?? this.#open(room);
    if (!job.isRunning) {
      if (isElsewhere(room)) return void job.leave().catch(() => {});
      if (job.isForeign) {
        if (!isHere(room)) this.#rooms.delete(room);
        return;
      }
    }
    job.since ??= clock.now();
    this.#courier.add(job);
  }

  /** Somebody was refused, or removed. */
  notice(type: 'member.refused' | 'member.removed', data: object): void {
    if (this.#isStopped) return;
    const time = Date.now();
    this.#notices.add({ id: newId(), body: bodyOf(type, time, data), time });
    this.#courier.add(this.#notices);
  }

  async test(): Promise<WebhookTest> {
    const { clock } = this.#parts;
    const start = clock.now();
    const failure = await this.#send({ id: newId(), body: bodyOf('webhook.test', Date.now(), {}) });
    const milliseconds = Math.round(clock.now() - start);
    if (failure === undefined) this.#courier.reached();
    return failure === undefined
      ? { delivered: true, milliseconds }
      : { delivered: false, problem: failure.why, milliseconds };
  }

  status(): WebhookStatus {
    const { oldest: notice, size: notices, dropped } = this.#notices;
    const now = this.#parts.clock.now();
    const ages = [...this.#rooms.values()].flatMap(({ since }) => (since === undefined ? [] : [now - since]));
    const oldest = ages.reduce((most, age) => Math.max(most, age), notice ? Date.now() - notice.time : 0);
    return {
      state: this.#courier.isAway ? 'away' : 'ready',
      since: this.#since,
      problem: this.#problem,
      ...{ rooms: ages.length, notices, oldest: Math.round(oldest) },
      counts: { delivered: this.#delivered, failed: this.#failed, dropped },
    };
  }

  linked(): void {
    this.#successor?.linked();
    for (const job of this.#rooms.values()) {
      job.doubt();
      job.since ??= this.#parts.clock.now();
      this.#courier.add(job);
    }
    void this.#takeOverNotices().catch(() => {});
  }

  released(room: string): void {
    if (this.#parts.isHere(room)) this.#adopt(room);
  }

  /** Members are sent away now. Where other nodes remember, the rooms are theirs to tell. */
  standStill(): void {
    this.#standsStill = this.#parts.ledger !== undefined;
  }

  /** Takes a bounded time. @param gone settles when all members are away */
  async stop(gone: Promise<unknown>): Promise<void> {
    const { ledger, logger, closed } = this.#parts;
    this.#successor?.stop();
    if (ledger === undefined) {
      await gone;
      this.#courier.hurry();
      await this.#until(() => this.#courier.isAway || this.#courier.size === 0, LAST_WORDS);
    }
    this.#isStopped = true;
    this.#courier.stop();
    await this.#until(() => this.#courier.running === 0, LAST_ANSWERS);
    const { rooms, notices } = this.status();
    const isKept = ledger !== undefined && (await this.#handOver(ledger));
    ledger?.stop();
    closed();
    if (!isKept && rooms + notices > 0)
      logger.warn(
        { rooms, notices },
        'webhooks are lost: the application was not told what was left to tell',
      );
  }

  /** @returns whether others will tell what is left */
  async #handOver(ledger: Ledger): Promise<boolean> {
    const ours = [...this.#rooms.values()].filter((job) => job.giveUp());
    try {
      await ledger.leave(this.#notices.takeAll().map((notice) => JSON.stringify(notice)));
      await ledger.release(ours.map(({ room }) => room));
      return true;
    } catch {
      return false;
    }
  }

  async #takeOverNotices(): Promise<void> {
    const { ledger } = this.#parts;
    for (const text of (await ledger?.takeOver()) ?? []) this.#notices.add(JSON.parse(text) as Notice);
    if (this.#notices.size > 0) this.#courier.add(this.#notices);
  }

  #open(room: string): RoomJob {
    const job = new RoomJob(room, this.#roomParts);
    this.#rooms.set(room, job);
    return job;
  }

  /** Microseconds since the epoch, so that it counts on where everything before is forgotten. */
  #nextSeq(after: number): number {
    this.#lastSeq = Math.max(Date.now() * 1_000, this.#lastSeq + 1, after + 1);
    return this.#lastSeq;
  }

  /** Nobody spoke for the room a moment ago. */
  #adopt(room: string): void {
    if (this.#standsStill) return;
    const job = this.#rooms.get(room) ?? this.#open(room);
    if (!job.isRunning) job.doubt();
    job.since ??= this.#parts.clock.now();
    this.#courier.add(job);
  }

  async #deliver(message: Message): Promise<Failure> {
    const failure = await this.#send(message);
    if (failure === undefined) this.#delivered++;
    else this.#failed++;
    this.#problem = failure?.why;
    return failure;
  }

  #send({ id, body }: Message): Promise<Failure> {
    const { post, signer } = this.#parts;
    return post(body, signer.headers({ id, body, timestamp: Math.floor(Date.now() / 1_000) }));
  }

  #courierOnAway(isAway: boolean): void {
    const { logger } = this.#parts;
    this.#since = Date.now();
    if (isAway) logger.error({ problem: this.#problem }, 'the application does not take webhooks: they wait');
    else logger.info({}, 'the application takes webhooks again');
  }

  async #until(condition: () => boolean, most: number): Promise<void> {
    const { clock } = this.#parts;
    const end = clock.now() + most;
    while (!condition() && clock.now() < end)
      await new Promise<void>((resolve) => clock.schedule(resolve, LOOK));
  }
}
