/** What keeps a log readable on a terminal: names of rooms and streams come from strangers. */

/**
 * Characters that some terminals obey, or that a reader cannot see and that turn, join or hide what is around them:
 * DEL and the C1 controls, line separators, and the marks, isolates, joiners and overrides of Unicode's bidirectional
 * algorithm (UAX #9, section 2). JSON has escaped the controls below a space already.
 */
const OBEYED = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** A line of JSON in which such characters are written as `\u202e`, so that they are read and not obeyed. */
export function escapeControls(line: string): string {
  return line.replace(OBEYED, (character) => {
    return `\\\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
