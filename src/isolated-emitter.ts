/** An event emitter whose listeners cannot break the code that emits. */
import { EventEmitter } from 'node:events';

/**
 * Carries on when a listener throws or its promise rejects: the other listeners still run, and the emitting code
 * never notices. Listeners may belong to an embedding program.
 */
export class IsolatedEmitter<T extends Record<keyof T, unknown[]>> extends EventEmitter<T> {
  /** @param onError receives what a listener threw, and for which event */
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
