/** Listeners of streams, at no more memory than needed: an idle client costs little else. */
import type { EventEmitter } from 'node:events';

// biome-ignore lint/suspicious/noExplicitAny: as Node types them
type Listener = (...values: any[]) => void;

/** Pairs of listeners, made into one. */
const pairs = new WeakMap<Listener, WeakMap<Listener, Listener>>();

/**
 * Adds a listener as one with the one that was added first, which must be one that nobody removes later. For the third
 * listener of an event V8 makes room for 19, for each socket.
 */
export function listenWithFirst(emitter: EventEmitter, event: string, listener: Listener): void {
  const first = emitter.listeners(event).at(0) as Listener | undefined;
  if (first === undefined) {
    emitter.on(event, listener);
    return;
  }
  emitter.off(event, first);
  emitter.on(event, inOne(first, listener));
}

function inOne(first: Listener, second: Listener): Listener {
  const seconds = pairs.get(first) ?? new WeakMap<Listener, Listener>();
  pairs.set(first, seconds);
  const known = seconds.get(second);
  if (known !== undefined) return known;
  const both: Listener = function (this: unknown, ...values): void {
    Reflect.apply(first, this, values);
    Reflect.apply(second, this, values);
  };
  seconds.set(second, both);
  return both;
}
