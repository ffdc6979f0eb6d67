/** The application that a round's nodes tell of their rooms. */
import { randomBytes } from 'node:crypto';
import { extname, join } from 'node:path';
import { Actor } from './actor';
import type { ReceiverTasks } from './webhook-receiver';

/** Built or not, it stands beside this file. */
const FILE = join(__dirname, `webhook-receiver${extname(__filename)}`);

export class Application {
  /** What makes a host tell it. */
  readonly settings: Readonly<Record<string, string>>;
  readonly #receiver: Actor<ReceiverTasks>;

  private constructor(receiver: Actor<ReceiverTasks>, port: number) {
    this.#receiver = receiver;
    this.settings = {
      WEBHOOK_URL: `http://127.0.0.1:${port}/`,
      WEBHOOK_SIGNING_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
    };
  }

  /** Done when it listens. */
  static async start(): Promise<Application> {
    const receiver = new Actor<ReceiverTasks>(FILE);
    return new Application(receiver, await receiver.ask('listen'));
  }

  /** When it was told of each stream's join, in milliseconds since the epoch. */
  told(): Promise<Readonly<Record<string, number>>> {
    return this.#receiver.ask('told');
  }

  stop(): void {
    this.#receiver.kill();
  }
}
