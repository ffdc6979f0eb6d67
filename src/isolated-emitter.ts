/** Events whose listeners cannot harm the work that they hear of. */
import { EventEmitter } from 'node:events';

/**
 * An emitter that goes on where a listener throws, or where what it returns rejects: the others hear the event too, and
 * whoever announces it never notices. Listeners may be an embedding program's own.
 */
export class IsolatedEmitter<T extends Record<keyof T, unknown[]>> extends EventEmitter<T> {
  /** @param onError hears what a listener has thrown, and at which event */
  constructor(onError: (error: unknown, event: string) => void) {
    super();
    this.emit = (event, ...values) => {
      const listeners = this.rawListeners(event);
      for (const listener of listeners) {
        try {
          const result: unknown = Reflect.apply(listener, this, values);
          if (result instanceof Promise) result.catch((error: unknown) => onError(error, String(event)));
        } catch (error) {
          onError(error, String(event));
        }
      }
      return listeners.length > 0;
    };
  }
}
