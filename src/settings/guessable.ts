/** Recognises tokens and secrets that are easy to guess. */

/** Characters that must remain after removing what a guesser tries first. */
const LEAST_LEFT = 7;
/** The same for every second character: there, chance produces more words. */
const LEAST_LEFT_DEALT = 4;
/** How many different characters a text must have. */
const LEAST_DIFFERENT = 5;
/** Only this many characters are checked: a text that passes up to here passes as a whole. */
const LOOKED_AT = 256;
/** The shortest run, and the shortest repetition. */
const LEAST_STRETCH = 3;
/** Anything shorter still counts as one character, since chance produces such words and runs too. */
const LONG_STRETCH = 4;

/** Digits and symbols that stand for letters. */
const LEET: Readonly<Record<string, string>> = {
  0: 'o',
  1: 'i',
  l: 'i',
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
  $: 's',
  '@': 'a',
};

/** What people write instead of a random value, and what documents show as an example. */
const WORDS = new Set(
  `
  access acme admin administrator api apikey apitoken auth authorization babe bar battery baz bearer beef cafe
  change changeit changeme changethis coffee company conf conference correct dashboard dead default demo dev devel
  development dragon dummy example face feed feel foo foobar food grafana hello here horse host hosts http
  https hunter iloveyou insert jsonwebtoken jwt key letmein live local localhost login master meet meeting
  meetings metrics monitoring monkey node operator pass passphrase passwd password passwort phrase placeholder
  pro prod production prometheus pwd qux red5 red5pro redis replace replaceme room root sample secret secrets
  secure server service setting shadow shared signing site staging staple stream streams string sunshine super
  supersecret system test tester testing tests todo token tokens trustno1 user username value video web webrtc
  websocket welcome world
  32 64 128 256 512 and any are at be bit bits bytes byte can character characters chars do dont env for from
  hs256 hmac in is it least letters long me minimum must my never new no none not null of on only or our
  please random real really safe should some somebody something strong that the this to true undefined use
  very with you your
`
    .trim()
    .split(/\s+/)
    .map(plain),
);
const LONGEST_WORD = Math.max(...[...WORDS].map((word) => word.length));

/** Rows of the alphabet and of keyboards, in both directions. */
const ROWS = [
  ...['abcdefghijklmnopqrstuvwxyz', '01234567890', '7890'],
  ...['qwertyuiop', 'qwertzuiop', 'azertyuiop', 'asdfghjkl', 'qsdfghjklm', 'zxcvbnm', 'yxcvbnm', 'wxcvbn'],
  ...['1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p', 'qazwsxedcrfvtgbyhnujmikolp'],
]
  .flatMap((row) => [row, [...row].reverse().join('')])
  .join('\n');

/**
 * Whether a secret is easy to guess: it has fewer than 5 different characters, or fewer than 7 remain without common
 * words, runs (`abcd`, `4321`, `qwertz`, `aaaa`) and repetitions, even if two are interleaved (`a1b2c3d4`).
 * Punctuation and case do not count.
 */
export function isGuessable(secret: string): boolean {
  const text = secret.slice(0, LOOKED_AT).toLowerCase();
  if (new Set(text).size < LEAST_DIFFERENT) return true;
  const dealt = left(everySecond(text, 0)) + left(everySecond(text, 1));
  return left(text) < LEAST_LEFT || dealt < LEAST_LEFT_DEALT;
}

function everySecond(text: string, first: 0 | 1): string {
  return [...text].filter((_, index) => index % 2 === first).join('');
}

/** The fewest characters that can remain after removing words, runs and repetitions. */
function left(text: string): number {
  const undisguised = plain(text);
  const least: number[] = [];
  const after = (index: number) => least[index] ?? 0;
  for (let start = text.length - 1; start >= 0; start--) {
    const counts = /[\s!-/:-@[-`{-~]/.test(text.charAt(start)) ? 0 : 1;
    const costs = stretchEnds(text, undisguised, start).map(
      (end) => after(end) + (end - start < LONG_STRETCH ? 1 : 0),
    );
    least[start] = Math.min(after(start + 1) + counts, ...costs);
  }
  return after(0);
}

/** Where words, runs and repetitions that start at `start` may end. */
function stretchEnds(text: string, undisguised: string, start: number): number[] {
  const ends: number[] = [];
  for (let end = start + 2, goesOn = true; end <= text.length && goesOn; end++) {
    const part = text.slice(start, end);
    const isInARow = end - start >= LEAST_STRETCH && (ROWS.includes(part) || text.indexOf(part) < start);
    if (isInARow || WORDS.has(undisguised.slice(start, end))) ends.push(end);
    goesOn = isInARow || end - start < LONGEST_WORD;
  }
  return ends;
}

/** Undoes well-known substitutions: `p4ssw0rd` is `password`. */
function plain(text: string): string {
  return text.replace(/[01l3457$@]/g, (character) => LEET[character] ?? character);
}
