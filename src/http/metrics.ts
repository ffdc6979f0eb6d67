/** Prometheus metrics. No label carries a room, a stream or anything else that clients choose. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { RoomsView } from '../conference/rooms';
import type { Events } from '../events';
import { version } from '../version';
import { addBackplaneMetrics } from './backplane-metrics';
import { addHookMetrics } from './hook-metrics';
import { addMediaMetrics } from './media-metrics';
import type { HttpParts, ListedMember } from './parts';
import { census } from './sampler';

/** Close codes with a meaning. Any other, which clients may send, must not become a label. */
const CLOSE_CODES = new Set([
  1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 4400, 4401, 4403, 4410, 4423, 4429,
]);

/** Seconds. */
const BROADCAST_BUCKETS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
const JOIN_BUCKETS = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

/**
 * Default metrics to leave out: each scrape walks over all sockets, which is expensive with thousands of them. (Some
 * are also gauges named like counters.)
 */
const WALKING = [
  'process_open_fds',
  ...['handles', 'requests', 'resources'].flatMap((what) => [
    `nodejs_active_${what}`,
    `nodejs_active_${what}_total`,
  ]),
];

/** Metrics of the process, shared by all hosts in it. */
let processRegistry: Registry | undefined;

type MetricsParts = Pick<HttpParts, 'events' | 'rooms' | 'backplane' | 'media' | 'hooks' | 'limits'>;

export class Metrics {
  readonly #registry = new Registry();

  constructor({ events, rooms, backplane, media, hooks, limits }: MetricsParts) {
    this.#countMembers(events);
    this.#countRosters(events);
    this.#countAtTheDoor(events);
    this.#takeCensus(rooms);
    this.#compareWithLimits(limits);
    addBackplaneMetrics(this.#registry, backplane);
    if (media !== undefined) addMediaMetrics(this.#registry, media.events);
    if (hooks !== undefined) addHookMetrics(this.#registry, hooks);
    this.#gauge('build_info', 'The version that runs, as a label; always 1', ['version']).set({ version }, 1);
  }

  /** The exposition format's content type. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    processRegistry ??= newProcessRegistry();
    return `${await this.#registry.metrics()}\n${await processRegistry.metrics()}`;
  }

  #countMembers(events: Events): void {
    const joins = this.#counter('joins_total', 'Members that joined');
    const leaves = this.#counter('leaves_total', 'Members that left, by close code', ['code']);
    const ghosts = this.#counter(
      'ghosts_dropped_total',
      'Members that the host dropped: silent, or not reading',
    );
    const joining = this.#histogram(
      'join_duration_seconds',
      "From a handshake's arrival until the member is in its room",
      JOIN_BUCKETS,
    );
    events.on('joined', (_member, duration) => {
      joins.inc();
      joining.observe(duration / 1000);
    });
    events.on('left', (_member, { code, dropped }) => {
      leaves.inc({ code: CLOSE_CODES.has(code) ? code : 'other' });
      if (dropped) ghosts.inc();
    });
  }

  #countRosters(events: Events): void {
    const rosters = this.#counter('rosters_sent_total', 'Rosters sent, counted per receiver');
    const bytes = this.#counter('rosters_sent_bytes_total', 'Bytes of the rosters sent');
    const shared = this.#counter(
      'rosters_saved_total',
      'Changes that shared a roster with an earlier change',
    );
    const changes = this.#counter(
      'changes_sent_total',
      'Frames sent to members that speak conference.2, counted per receiver',
    );
    const changesBytes = this.#counter('changes_sent_bytes_total', 'Bytes of those frames');
    const requests = this.#counter(
      'requests_total',
      'Requests from members that speak conference.2, by what they ask for and the outcome',
      ['type', 'outcome'],
    );
    const ignored = this.#counter('messages_ignored_total', 'Messages from members, which are ignored');
    const telling = this.#histogram(
      'broadcast_duration_seconds',
      'Time to broadcast a roster to a room, or to one slice of a large room',
      BROADCAST_BUCKETS,
    );
    events.on('told', (told) => {
      rosters.inc(told.receivers);
      bytes.inc(told.receivers * told.bytes);
      telling.observe(told.duration / 1000);
      changes.inc(told.changes?.receivers ?? 0);
      changesBytes.inc(told.changes?.bytes ?? 0);
    });
    events.on('shared', () => shared.inc());
    events.on('ignored', () => ignored.inc());
    events.on('requested', (type, outcome) => requests.inc({ type, outcome }));
  }

  #countAtTheDoor(events: Events): void {
    const refusals = this.#counter('refusals_total', 'Clients refused, by refusal', ['refusal']);
    const asking = this.#histogram(
      'authorisation_duration_seconds',
      "Time to check a client's credentials, by method and outcome",
      JOIN_BUCKETS,
      ['method', 'outcome'],
    );
    const cuts = this.#counter(
      'connections_cut_total',
      'Connections cut before they were members, by reason',
      ['why'],
    );
    const guesses = this.#counter('token_guesses_total', 'Wrong tokens, by outcome', ['outcome']);
    const removals = this.#counter('removals_total', 'Members that operators removed');
    const orders = this.#counter('orders_total', 'Rules and bans that operators set or took back');
    const messages = this.#counter('room_messages_total', 'Messages that operators sent to rooms');
    events.on('ordered', () => orders.inc());
    events.on('messaged', () => messages.inc());
    events.on('guessed', ({ outcome }) => guesses.inc({ outcome }));
    events.on('operated', ({ removed }) => removals.inc(removed));
    events.on('refused', ({ name }) => refusals.inc({ refusal: name }));
    events.on('cut', ({ why }) => cuts.inc({ why }));
    events.on('authorised', ({ method, outcome, duration }) => {
      asking.observe({ method, outcome }, duration / 1000);
    });
  }

  #takeCensus(rooms: RoomsView<ListedMember>): void {
    const gauges = {
      rooms: this.#gauge('rooms', 'Rooms that have members on this node'),
      streams: this.#gauge('streams', 'Streams in those rooms'),
      members: this.#gauge('members', 'Sockets in those rooms'),
      observers: this.#gauge('observers', 'Those of them that only observe, and are not listed'),
      behind: this.#gauge('members_behind', 'Members that have not read the previous roster yet'),
    };
    Object.assign(gauges.rooms, {
      collect: () => {
        const counted = census(rooms);
        gauges.rooms.set(counted.rooms);
        gauges.streams.set(counted.streams);
        gauges.members.set(counted.members);
        gauges.observers.set(counted.observers);
        gauges.behind.set(counted.behind);
      },
    });
  }

  #compareWithLimits(limits: HttpParts['limits']): void {
    const most = this.#gauge('limit', 'The most that a limit of this node allows, by limit', ['limit']);
    const used = this.#gauge(
      'limit_used',
      'How much of it is in use: of limits by room or address, the most',
      ['limit'],
    );
    Object.assign(most, {
      collect: () => {
        for (const { name, used: inUse, most: allowed } of limits()) {
          most.set({ limit: name }, allowed);
          used.set({ limit: name }, inUse);
        }
      },
    });
  }

  #counter<L extends string>(name: string, help: string, labelNames: L[] = []): Counter<L> {
    return new Counter({ name: `conference_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #gauge<L extends string>(name: string, help: string, labelNames: L[] = []): Gauge<L> {
    return new Gauge({ name: `conference_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #histogram<L extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: L[] = [],
  ): Histogram<L> {
    const registers = [this.#registry];
    return new Histogram({ name: `conference_${name}`, help, buckets, labelNames, registers });
  }
}

function newProcessRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of WALKING) registry.removeSingleMetric(name);
  return registry;
}
