/** Recognises variables that are nearly settings: nothing else would say that they are ignored. Pure. */
import { type Setting, settingsTable } from './table';

export interface Misspelt {
  /** The variable as it is written. */
  readonly variable: string;
  readonly meant: string;
}

/** Letters of a name below which only two that changed places count: `PATH` is no misspelt `PORT`. */
const LEAST_LETTERS = 6;
/** Letters from which two mistakes count. */
const LONG = 10;

/** What others call the path of a PEM file. */
const PEM_PATH = /^(TLS_CERT|TLS_KEY)(?:IFICATE)?(?:_FILE|_PATH)?$/;

const VARIABLES = Object.values<Setting<unknown>>(settingsTable).flatMap(({ variable, secret }) =>
  secret ? [variable, `${variable}_FILE`] : [variable],
);
const KNOWN = new Set(VARIABLES);

/**
 * Variables that are nearly a setting which is not set: another case, without underscores, or a letter or two wrong.
 * Careful, since most variables are other programs': the first letter is right, and no digit is added.
 */
export function misspeltVariables(env: Readonly<Record<string, string | undefined>>): Misspelt[] {
  const unset = VARIABLES.filter((variable) => env[variable] === undefined);
  return Object.keys(env).flatMap((variable) => {
    if (KNOWN.has(variable)) return [];
    const [, pem] = PEM_PATH.exec(variable) ?? [];
    const meant = pem ?? nearest(variable, unset);
    return meant === undefined || !unset.includes(meant) ? [] : [{ variable, meant }];
  });
}

function nearest(variable: string, candidates: readonly string[]): string | undefined {
  const name = lettersOf(variable).replace(/IES$/, 'Y');
  const near = candidates
    .map((candidate) => ({ candidate, mistakes: mistakes(name, lettersOf(candidate)) }))
    .filter(({ mistakes }) => mistakes !== undefined)
    .sort((one, other) => (one.mistakes ?? 0) - (other.mistakes ?? 0));
  return near[0]?.candidate;
}

function lettersOf(variable: string): string {
  return variable.toUpperCase().replace(/[_.-]/g, '');
}

/** How many mistakes make the one of the other; undefined if these are too many. */
function mistakes(name: string, meant: string): number | undefined {
  const most = meant.length < LONG ? 1 : 2;
  if (name[0] !== meant[0] || Math.abs(name.length - meant.length) > most) return undefined;
  if (Array.from(name.matchAll(/\d/g)).some(([digit]) => !meant.includes(digit))) return undefined;
  const isShort = meant.length < LEAST_LETTERS;
  if (isShort && sorted(name) !== sorted(meant)) return undefined;
  const count = distance(name, meant);
  return count <= most ? count : undefined;
}

function sorted(text: string): string {
  return [...text].sort().join('');
}

/** Letters to add, remove, replace, or swap with the next one (optimal string alignment). */
function distance(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const swapped = isSwap ? (before[j - 2] ?? 0) + 1 : replaced;
      next[j] = Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
    }
    [before, row] = [row, next];
  }
  return row[other.length] ?? 0;
}
