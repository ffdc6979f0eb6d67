/** Names for participants, which nobody else has drawn: two sockets with the same name are one stream. */
const NAMES = ['anna', 'ben', 'carla', 'dev', 'eva', 'finn', 'gita', 'hugo', 'ines', 'jan'];
/** Without those that look alike. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const LENGTH = 4;

/** Two names that differ at their first letter, and from what any other tab or phone draws. */
export function twoNames(): [string, string] {
  const first = number() % NAMES.length;
  const second = (first + 1 + (number() % (NAMES.length - 1))) % NAMES.length;
  return [named(first), named(second)];
}

function named(place: number): string {
  const letters = Array.from({ length: LENGTH }, () => LETTERS[number() % LETTERS.length]);
  return `${NAMES[place]}-${letters.join('')}`;
}

function number(): number {
  const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1));
  return drawn;
}
