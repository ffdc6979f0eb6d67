/** Stands between a node and Redis: shut, it cuts what is connected and lets nothing through. */
import type { Connect, Connection } from '../../src/backplane/connection';

const CUT = 'the way is cut';

export class Gate {
  readonly #connections = new Set<Connection>();
  #isShut = false;

  readonly wrap = (connect: Connect): Connect => {
    return async (onMessage, stop) => {
      if (this.#isShut) throw new Error(CUT);
      const connection = await connect(onMessage, stop);
      this.#connections.add(connection);
      return connection;
    };
  };

  shut(): void {
    this.#isShut = true;
    for (const connection of this.#connections) connection.destroy(new Error(CUT));
    this.#connections.clear();
  }

  open(): void {
    this.#isShut = false;
  }
}
