/**
 * Questions between nodes over Redis: on channels and over connections of their own, so that neither rosters nor
 * questions delay the other. All nodes hear every question; an answer goes to the one that asked. Nothing is stored.
 */
import type { Clock } from '../clock';
import type { Questions } from '../conference/questions';
import type { Logger } from '../logging/limiter';
import type { Connect, Connection } from './connection';
import { Link } from './link';
import { toError } from './problems';
import { redisConnect } from './redis-connection';
import { TELL } from './scripts';
import { defaultTiming } from './timing';

/** Characters. The longest answer tells of 20,000 rooms or members; what is longer is not sent. */
const LONGEST_QUESTION = 64 * 1024;
const LONGEST_ANSWER = 16 << 20;
/** Questions that are answered in one second, of all nodes together; others are not. */
const MOST_A_SECOND = 200;

/** From, number, and to whom: nodes with commas between them. */
const QUESTION = /^([\w-]{1,64}) (\d{1,15}) ([\w,-]{1,32768}) /;
/** From, and the number of the question. */
const ANSWER = /^([\w-]{1,64}) (\d{1,15}) /;

export interface RedisQuestionsSettings {
  readonly redisUrl: string;
  readonly redisPrefix: string;
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
  const database = new URL(redisUrl).pathname.slice(1);
  const address = { url: redisUrl, name: `conference-host-questions-${self}` };
  const connect = redisConnect(address, clock, defaultTiming);
  // Channels know no database; the braces keep them on one shard.
  const channels = channelsOf(`${redisPrefix}:{questions}:c${database}`);
  return new RedisQuestions(self, connect, channels, clock, logger);
}

interface Channels {
  readonly questions: string;
  readonly answersTo: (node: string) => string;
}

function channelsOf(stem: string): Channels {
  return { questions: `${stem}:q`, answersTo: (node) => `${stem}:a.${node}` };
}

interface Pending {
  readonly waiting: Set<string>;
  readonly answers: Map<string, string>;
  readonly done: () => void;
}

class RedisQuestions implements Questions {
  readonly #self: string;
  readonly #channels: Channels;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #link: Link;
  readonly #pending = new Map<string, Pending>();
  #asked = 0;
  #answer: (question: string) => string | undefined = () => undefined;
  #second = 0;
  #answeredInSecond = 0;

  constructor(self: string, connect: Connect, channels: Channels, clock: Clock, logger: Logger) {
    this.#self = self;
    this.#channels = channels;
    this.#clock = clock;
    this.#logger = logger;
    this.#link = new Link({
      ...{ connect, clock, timing: defaultTiming, random: Math.random },
      onMessage: (channel, message) => this.#linkOnMessage(channel, message),
      sync: (connection) => connection.subscribe([channels.questions, channels.answersTo(self)]),
      onLive: () => logger.debug({}, 'questions to other nodes: connected to Redis'),
      onDown: (why) => this.#failed(why),
    });
  }

  async ask(
    nodes: readonly string[],
    question: string,
    within: number,
  ): Promise<ReadonlyMap<string, string>> {
    const answers = new Map<string, string>();
    const connection = this.#liveConnection;
    if (connection === undefined || nodes.length === 0) return answers;
    const id = String(++this.#asked);
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.schedule(resolve, within);
      const done = () => {
        cancel();
        resolve();
      };
      this.#pending.set(id, { waiting: new Set(nodes), answers, done });
      this.#tell(connection, this.#channels.questions, `${id} ${nodes.join(',')} ${question}`);
    });
    this.#pending.delete(id);
    return answers;
  }

  onQuestion(answer: (question: string) => string | undefined): void {
    this.#answer = answer;
    void this.#link.run();
  }

  stop(): void {
    this.#link.stop();
    for (const { done } of this.#pending.values()) done();
  }

  get #liveConnection(): Connection | undefined {
    return this.#link.isLive ? this.#link.connection : undefined;
  }

  #tell(connection: Connection, channel: string, text: string): void {
    const told = connection.run(TELL, [channel], [`${this.#self} ${text}`]);
    told.catch((error) => this.#failed(toError(error)));
  }

  /** The backplane says the same louder: it has lost the same Redis. */
  #failed(why: Error): void {
    this.#logger.debug({ err: why }, 'questions to other nodes: not connected to Redis');
  }

  #linkOnMessage(channel: string, message: string): void {
    if (channel === this.#channels.questions) this.#asksUs(message);
    else this.#answersUs(message);
  }

  #asksUs(message: string): void {
    if (message.length > LONGEST_QUESTION) return;
    const [head = '', from = '', id = '', to = ''] = QUESTION.exec(message) ?? [];
    if (from === this.#self || !to.split(',').includes(this.#self) || this.#isTooMuch()) return;
    const answer = this.#answer(message.slice(head.length));
    const connection = this.#liveConnection;
    if (answer === undefined || answer.length > LONGEST_ANSWER || connection === undefined) return;
    this.#tell(connection, this.#channels.answersTo(from), `${id} ${answer}`);
  }

  #answersUs(message: string): void {
    if (message.length > LONGEST_ANSWER + 128) return;
    const [head = '', from = '', id = ''] = ANSWER.exec(message) ?? [];
    const pending = this.#pending.get(id);
    if (pending === undefined || !pending.waiting.delete(from)) return;
    pending.answers.set(from, message.slice(head.length));
    if (pending.waiting.size === 0) pending.done();
  }

  #isTooMuch(): boolean {
    const second = Math.floor(this.#clock.now() / 1_000);
    if (second !== this.#second) this.#answeredInSecond = 0;
    this.#second = second;
    this.#answeredInSecond++;
    return this.#answeredInSecond > MOST_A_SECOND;
  }
}
