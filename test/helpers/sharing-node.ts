/** A node over real Redis, without a host around it, that notes whom its rosters lack. */
import { EventEmitter, once } from 'node:events';
import { createBackplane } from '../../src/backplane/create';
import { systemClock } from '../../src/clock';
import type { BackplaneEvents, BackplaneState, BackplaneStatus } from '../../src/conference/backplane-status';
import { silentLogger } from '../../src/logging/events';
import { ContractNode } from '../contract/backplane';
import { quickTiming } from './timing';

export class SharingNode extends ContractNode {
  /** Rosters that must not have been: some room lacked somebody, or listed in another order. */
  readonly missed: string[] = [];
  readonly #events: EventEmitter<BackplaneEvents>;
  readonly #expected = new Map<string, readonly string[]>();

  constructor(redisUrl: string) {
    const events = new EventEmitter<BackplaneEvents>();
    const settings = { redisUrl, redisPrefix: 'shards', handoverGrace: 0 };
    const surroundings = { clock: systemClock, logger: silentLogger, events };
    super(createBackplane(settings, surroundings, { timing: quickTiming }));
    this.#events = events;
  }

  static async start(redisUrl: string): Promise<SharingNode> {
    return new SharingNode(redisUrl).start();
  }

  get status(): BackplaneStatus {
    return this.backplane.status();
  }

  /** From now on each roster of these rooms must begin with what it lists now. */
  expect(rooms: Iterable<string>): void {
    for (const room of rooms) this.#expected.set(room, this.roster(room));
  }

  override onTold(room: string): void {
    const roster = this.roster(room).join();
    const expected = this.#expected.get(room)?.join();
    if (expected !== undefined && !roster.startsWith(expected)) this.missed.push(`${room}: ${roster}`);
  }

  async untilState(state: BackplaneState): Promise<BackplaneStatus> {
    while (this.status.state !== state) await once(this.#events, 'state');
    return this.status;
  }
}
