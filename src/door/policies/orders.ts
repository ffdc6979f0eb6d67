/** Orders as the register has them: each a key and a text. What comes from elsewhere is checked. Pure. */
import { BAN_KINDS, type Ban, type BanTerms, RULES, type Rule } from '../../conference/policies';

export type Order =
  | { readonly kind: 'rule'; readonly rule: Rule; readonly room: string }
  | { readonly kind: 'ban'; readonly id: string }
  | { readonly kind: 'guests'; readonly node: string; readonly room: string };

export const ruleKey = (rule: Rule, room: string) => `${rule}:${room}`;
export const banKey = (id: string) => `ban:${id}`;
export const guestsKey = (node: string, room: string) => `guests:${node}:${room}`;

/** Undefined where it is of another version. */
export function readKey(key: string): Order | undefined {
  const [head = '', kind = '', rest = ''] = /^(\w+):(.+)$/s.exec(key) ?? [];
  if (head === '') return undefined;
  if (kind === 'ban') return { kind, id: rest };
  const rule = RULES.find((name) => name === kind);
  if (rule !== undefined) return { kind: 'rule', rule, room: rest };
  const colon = rest.indexOf(':');
  if (kind !== 'guests' || colon < 0) return undefined;
  return { kind, node: rest.slice(0, colon), room: rest.slice(colon + 1) };
}

export function readMaxSize(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

export function readNames(value: unknown): ReadonlySet<string> | undefined {
  return Array.isArray(value) && value.every((name) => typeof name === 'string') ? new Set(value) : undefined;
}

export function encodeBan({ by, value, room, reason }: BanTerms): string {
  return JSON.stringify({ by, value, room, reason });
}

export function readBan(id: string, parsed: unknown, until: number): Ban | undefined {
  const { by, value, room, reason }: Record<string, unknown> = Object(parsed);
  const kind = BAN_KINDS.find((known) => known === by);
  if (kind === undefined || typeof value !== 'string') return undefined;
  if (!isTextOrNothing(room) || !isTextOrNothing(reason)) return undefined;
  return { id, by: kind, value, room, reason, until };
}

/** Undefined where it is no JSON. */
export function parseValue(value: string | undefined): unknown {
  try {
    return value === undefined ? undefined : JSON.parse(value);
  } catch {
    return undefined;
  }
}

function isTextOrNothing(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}
