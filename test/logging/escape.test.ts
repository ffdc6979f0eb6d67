import { escapeControls } from '../../src/logging/escape';

/** A line of the log about a stream with this name, as a terminal gets it. */
const shown = (streamName: string) => JSON.parse(escapeControls(JSON.stringify({ streamName }))).streamName;

describe('on a terminal', () => {
  test.each([
    ['DEL', 0x7f],
    ['the first of the C1 controls', 0x80],
    ['CSI, which begins a command to a terminal', 0x9b],
    ['the last of the C1 controls', 0x9f],
    ['the Arabic letter mark', 0x061c],
    ['a space of no width', 0x200b],
    ['a joiner', 0x200d],
    ['the left-to-right mark', 0x200e],
    ['the right-to-left mark', 0x200f],
    ['the line separator', 0x2028],
    ['the right-to-left override', 0x202e],
    ['a word joiner', 0x2060],
    ['the left-to-right isolate', 0x2066],
    ['the right-to-left isolate', 0x2067],
    ['the first strong isolate', 0x2068],
    ['the end of an isolate', 0x2069],
    ['a byte order mark', 0xfeff],
  ])('%s is written out', (_what, code) => {
    const character = String.fromCharCode(code);
    expect(shown(`a${character}b`)).toBe(`a\\u${code.toString(16).padStart(4, '0')}b`);
  });

  test.each(['anna', 'Jürgen', 'Ωμέγα', 'שרה', 'سارة', '你好', '🎥', 'a\u00a0b', '\\u202e', 'a"b', ''])(
    'the name %j stays as it is',
    (name) => {
      expect(shown(name)).toBe(name);
    },
  );
});
