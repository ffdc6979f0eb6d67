/** Keeps the log readable on a terminal: names of rooms and streams come from strangers. */

/**
 * Characters that control some terminals, or that invisibly reorder, join or hide text: DEL and C1 controls, line
 * separators, zero-width and bidirectional characters (UAX #9, section 2). JSON already escapes those below space.
 */
export const OBEYED = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Writes such characters in a line of JSON as `\u202e`. */
export function escapeControls(line: string): string {
  return line.replace(OBEYED, (character) => {
    return `\\\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
