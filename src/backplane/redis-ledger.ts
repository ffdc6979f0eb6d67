/**
 * What nodes remember together of what an application was told, in one place of Redis and over connections of its own. A
 * node that has not said that it lives for a while does not speak: by then another one may.
 */
import type { Clock } from '../clock';
import type { Account, Ledger, LedgerListener, Orphan } from '../conference/ledger';
import type { Logger } from '../logging/limiter';
import { redisAddresses } from '../redis-addresses';
import type { Connect, Connection } from './connection';
import { Keys } from './keys';
import * as scripts from './ledger-scripts';
import { Link } from './link';
import { newNodeId } from './node-facts';
import { explain, toError } from './problems';
import { RedisServers } from './redis-servers';
import { connectToSlot } from './slot-connection';
import { slotOfKey } from './slots';
import { defaultTiming } from './timing';

/** Names the keys. */
const TOPIC = 'webhooks';
/** Milliseconds: how often it says that it lives, and how long that holds. */
const BEAT = 2_000;
const LEASE = 15_000;
/** Since the last beat; a message takes 5 s at most, which leaves some for a slow clock. */
const SPEAKS_FOR = 7_000;
/** Rooms in one command. */
const CHUNK = 500;
/** Milliseconds for which it is remembered what was told last of a room that is closed. */
const SETTLED_FOR = 3_600_000;
/** Notices that are kept, of all nodes together, and taken at once. */
const KEPT_NOTICES = 1_000;
const TAKEN_NOTICES = 500;

export interface RedisLedgerSettings {
  readonly redisUrl: string;
  readonly redisPrefix: string;
}

/** The client library is loaded when it connects. */
export function redisLedger(
  { redisUrl, redisPrefix }: RedisLedgerSettings,
  clock: Clock,
  logger: Logger,
): Ledger {
  const self = newNodeId();
  const addresses = redisAddresses(redisUrl);
  const channel = new Keys(redisPrefix, addresses[0]?.database).topic(TOPIC);
  const servers = new RedisServers(`conference-host-${TOPIC}-${self}`, clock, defaultTiming);
  const connect = connectToSlot(slotOfKey(channel), addresses, servers);
  return new RedisLedger(self, connect, `${redisPrefix}:{${TOPIC}}`, channel, clock, logger);
}

class RedisLedger implements Ledger {
  readonly #node: string;
  /**
   * Another one after each link that was live: what could not be given up because it was lost is nobody's then, and what
   * is still ours is claimed again.
   */
  #self = '';
  /** What it called itself over the last link that was live. */
  #former = '';
  #links = 0;
  readonly #stem: string;
  readonly #keys: readonly string[];
  readonly #notices: string;
  readonly #clock: Clock;
  readonly #link: Link;
  #listener: LedgerListener = { linked: () => {}, released: () => {} };
  /** When it has last said that it lives, before it was heard. */
  #lastBeat = Number.NEGATIVE_INFINITY;
  #cancelBeat: () => void = () => {};

  constructor(self: string, connect: Connect, stem: string, channel: string, clock: Clock, logger: Logger) {
    this.#node = self;
    this.#clock = clock;
    this.#stem = stem;
    this.#keys = [`${stem}:z`, `${stem}:o`, `${stem}:a`, channel];
    this.#notices = `${stem}:n`;
    let problem: string | undefined;
    this.#link = new Link({
      ...{ connect, clock, timing: defaultTiming, random: Math.random },
      onMessage: (_channel, room) => this.#listener.released(room),
      sync: async (connection) => {
        if (this.#self === this.#former) this.#self = `${this.#node}.${++this.#links}`;
        await this.#live(connection, this.#former);
        await connection.run(scripts.TRY, [`${stem}:o`, `${stem}:t`], []);
        await connection.subscribe([channel]);
      },
      onLive: (connection) => {
        if (problem !== undefined) logger.info({}, 'webhooks go on: Redis is back');
        problem = undefined;
        this.#former = this.#self;
        this.#beatSoon(connection);
        this.#listener.linked();
      },
      onDown: (why) => {
        this.#cancelBeat();
        const { why: said, remedy } = explain(why);
        if (said === problem) return;
        problem = said;
        logger.warn({ why: said, ...(remedy && { remedy }) }, 'webhooks wait: Redis knows what was told');
      },
    });
  }

  get isLinked(): boolean {
    return this.#link.isLive && this.#clock.now() - this.#lastBeat < SPEAKS_FOR;
  }

  start(listener: LedgerListener): void {
    this.#listener = listener;
    void this.#link.run();
  }

  async claim(room: string): Promise<{ readonly account: Account | undefined } | undefined> {
    const reply = await this.#run(scripts.CLAIM, [this.#self, room], room);
    if (typeof reply !== 'string') return undefined;
    return { account: accountOf(reply) };
  }

  async save(room: string, account: Account): Promise<boolean> {
    return (await this.#run(scripts.SAVE, [this.#self, room, JSON.stringify(account)])) === 1;
  }

  async settle(room: string, account: Account): Promise<void> {
    const kept = [JSON.stringify(account), String(SETTLED_FOR)];
    await this.#run(scripts.SETTLE, [this.#self, room, ...kept], room);
  }

  async release(rooms: readonly string[]): Promise<void> {
    for (let at = 0; at < rooms.length; at += CHUNK) {
      await this.#run(scripts.RELEASE, [this.#self, ...rooms.slice(at, at + CHUNK)]);
    }
  }

  async orphans(): Promise<Orphan[]> {
    const orphans: Orphan[] = [];
    let cursor = '0';
    do {
      const reply = await this.#run(scripts.ORPHANS, [cursor, String(CHUNK)]);
      const [next = '0', ...found] = Array.isArray(reply) ? reply.map(String) : [];
      for (let at = 0; at + 1 < found.length; at += 2)
        orphans.push({ room: found[at] ?? '', age: Number(found[at + 1]) });
      cursor = next;
    } while (cursor !== '0');
    return orphans;
  }

  async leave(notices: readonly string[]): Promise<void> {
    if (notices.length === 0) return;
    await this.#connection.run(scripts.LEAVE_NOTICES, [this.#notices], [String(KEPT_NOTICES), ...notices]);
  }

  async takeOver(): Promise<string[]> {
    const reply = await this.#connection.run(scripts.TAKE_NOTICES, [this.#notices], [String(TAKEN_NOTICES)]);
    return Array.isArray(reply) ? reply.map(String) : [];
  }

  stop(): void {
    this.#cancelBeat();
    this.#link.stop();
  }

  get #connection(): Connection {
    const { connection } = this.#link;
    if (connection === undefined) throw new Error('there is no link to Redis');
    return connection;
  }

  /** @param room where it is about the account of a room that is closed */
  async #run(script: string, args: readonly string[], room?: string): Promise<unknown> {
    const keys = room === undefined ? this.#keys : [...this.#keys, `${this.#stem}:s:${room}`];
    return this.#connection.run(script, keys, args);
  }

  /** @param before as whom it is not to count any more */
  async #live(connection: Connection, before = ''): Promise<void> {
    const now = this.#clock.now();
    await connection.run(scripts.LIVE, this.#keys, [this.#self, String(LEASE), before]);
    const wasLate = this.#link.isLive && !this.isLinked;
    this.#lastBeat = now;
    if (wasLate) this.#listener.linked();
  }

  #beatSoon(connection: Connection): void {
    this.#cancelBeat = this.#clock.schedule(async () => {
      try {
        await this.#live(connection);
        this.#beatSoon(connection);
      } catch (error) {
        connection.destroy(toError(error));
      }
    }, BEAT);
  }
}

/** What cannot be read counts as lost. */
function accountOf(text: string): Account | undefined {
  try {
    const account: Account = JSON.parse(text);
    return Number.isSafeInteger(account.seq) && Array.isArray(account.streams) ? account : undefined;
  } catch {
    return undefined;
  }
}
