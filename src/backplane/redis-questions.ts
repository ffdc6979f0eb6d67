/**
 * Questions between nodes over Redis, on channels and connections of their own, so that neither rosters nor questions
 * delay the other. An answer goes to the one that asked. Nothing is stored. Where there are several Redis, questions go
 * over each that is up, and each node answers over the first on which it hears one.
 */
import type { Clock } from '../clock';
import type { Questions } from '../conference/questions';
import type { Logger } from '../logging/limiter';
import { redisAddresses } from '../redis-addresses';
import { QuestionLane } from './question-lane';
import { RedisServers } from './redis-servers';
import { connectToSlot } from './slot-connection';
import { rangeOf, slotOfTag, tagOn } from './slots';
import { defaultTiming } from './timing';

const TAG = 'questions';
/** Redis over which questions go, of those that there are. */
const MOST_LANES = 3;
/** Characters. What is longer is not sent: 50,000 rooms with short names, or 20,000 members, are less. */
const LONGEST_QUESTION = 64 * 1024;
const LONGEST_ANSWER = 16 << 20;
/** Questions that are looked at in one second, of all nodes together; others are not answered. */
const MOST_A_SECOND = 1_000;
/** Questions that are remembered, since they may come over several lanes. */
const REMEMBERED = 1_000;
/** Questions that come before this node can answer, and wait until it can. */
const MOST_EARLY = 100;

/** From, number, and to whom: nodes with commas between them. */
const QUESTION = /^([\w-]{1,64}) (\d{1,15}) ([\w,-]{1,32768}) /;
/** From, and the number of the question. */
const ANSWER = /^([\w-]{1,64}) (\d{1,15}) /;

export interface RedisQuestionsSettings {
  readonly redisUrl: string;
  readonly redisPrefix: string;
}

interface Pending {
  readonly waiting: Set<string>;
  readonly answers: Map<string, string>;
  readonly done: () => void;
}

/**
 * The client library is loaded when it connects.
 * @param self this node's name among the others, as the backplane calls it
 */
export function redisQuestions(
  { redisUrl, redisPrefix }: RedisQuestionsSettings,
  self: string,
  clock: Clock,
  logger: Logger,
): Questions {
  const addresses = redisAddresses(redisUrl);
  const servers = new RedisServers(`conference-host-questions-${self}`, clock, defaultTiming);
  const lanes = tagsFor(addresses.length).map((tag) => ({
    connect: connectToSlot(slotOfTag(tag), addresses, servers),
    // Channels know no database.
    stem: `${redisPrefix}:{${tag}}:c${addresses[0]?.database ?? 0}`,
  }));
  return new RedisQuestions(self, lanes, clock, logger);
}

/** One for each Redis, the plain one first: nodes that name other primaries of a Redis Cluster have that in common. */
function tagsFor(addresses: number): string[] {
  const tags = Array.from({ length: addresses }, (_, index) => tagOn([rangeOf(index, addresses)], TAG));
  return [TAG, ...tags.filter((tag) => tag !== TAG)].slice(0, MOST_LANES);
}

class RedisQuestions implements Questions {
  readonly #self: string;
  readonly #clock: Clock;
  readonly #lanes: readonly QuestionLane[];
  readonly #pending = new Map<string, Pending>();
  /** The oldest first. */
  readonly #heard = new Set<string>();
  #asked = 0;
  #answer: ((question: string) => string | undefined) | undefined;
  #early: (() => void)[] = [];
  #second = 0;
  #answeredInSecond = 0;

  constructor(
    self: string,
    lanes: readonly Pick<ConstructorParameters<typeof QuestionLane>[0], 'connect' | 'stem'>[],
    clock: Clock,
    logger: Logger,
  ) {
    this.#self = self;
    this.#clock = clock;
    this.#lanes = lanes.map(({ connect, stem }) => {
      const lane: QuestionLane = new QuestionLane({
        ...{ connect, stem, self, clock, timing: defaultTiming },
        onQuestion: (text) => this.#asksUs(lane, text),
        onAnswer: (text) => this.#answersUs(text),
        // The backplane says the same louder: it has lost the same Redis.
        onFailure: (why) => logger.debug({ err: why }, 'questions to other nodes: not connected to Redis'),
      });
      return lane;
    });
  }

  get isLinked(): boolean {
    return this.#lanes.some(({ isLive }) => isLive);
  }

  async ask(
    nodes: readonly string[],
    question: string,
    within: number,
  ): Promise<ReadonlyMap<string, string>> {
    const answers = new Map<string, string>();
    const live = this.#lanes.filter(({ isLive }) => isLive);
    if (live.length === 0 || nodes.length === 0) return answers;
    const number = String(++this.#asked);
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.schedule(resolve, within);
      const done = () => {
        cancel();
        resolve();
      };
      this.#pending.set(number, { waiting: new Set(nodes), answers, done });
      for (const lane of live) lane.ask(`${this.#self} ${number} ${nodes.join(',')} ${question}`);
    });
    this.#pending.delete(number);
    return answers;
  }

  async start(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.start()));
  }

  onQuestion(answer: (question: string) => string | undefined): void {
    this.#answer = answer;
    for (const say of this.#early) say();
    this.#early = [];
  }

  stop(): void {
    for (const lane of this.#lanes) lane.stop();
    for (const { done } of this.#pending.values()) done();
  }

  #asksUs(lane: QuestionLane, message: string): void {
    if (message.length > LONGEST_QUESTION) return;
    const [head = '', from = '', number = '', to = ''] = QUESTION.exec(message) ?? [];
    if (from === this.#self || !to.split(',').includes(this.#self)) return;
    if (this.#wasHeard(`${from} ${number}`) || this.#isTooMuch()) return;
    const say = () => {
      const answer = this.#answer?.(message.slice(head.length));
      if (answer === undefined || answer.length > LONGEST_ANSWER) return;
      lane.answer(from, `${this.#self} ${number} ${answer}`);
    };
    if (this.#answer !== undefined) say();
    else if (this.#early.length < MOST_EARLY) this.#early.push(say);
  }

  #answersUs(message: string): void {
    if (message.length > LONGEST_ANSWER + 128) return;
    const [head = '', from = '', number = ''] = ANSWER.exec(message) ?? [];
    const pending = this.#pending.get(number);
    if (pending === undefined || !pending.waiting.delete(from)) return;
    pending.answers.set(from, message.slice(head.length));
    if (pending.waiting.size === 0) pending.done();
  }

  #wasHeard(question: string): boolean {
    if (this.#heard.has(question)) return true;
    this.#heard.add(question);
    const [oldest = ''] = this.#heard;
    if (this.#heard.size > REMEMBERED) this.#heard.delete(oldest);
    return false;
  }

  #isTooMuch(): boolean {
    const second = Math.floor(this.#clock.now() / 1_000);
    if (second !== this.#second) this.#answeredInSecond = 0;
    this.#second = second;
    this.#answeredInSecond++;
    return this.#answeredInSecond > MOST_A_SECOND;
  }
}
