/** The log on a terminal: five lines for the start, then one line per event. Loaded only where there is one. */
import { prettyFactory } from 'pino-pretty';
import type { Settings } from '../settings/table';
import { escapeControls } from './escape';
import { type Listening, startLines } from './start';

/** How the lines end that the five stand for; nobody else's text can end a line. */
const LISTENING = '"msg":"listening"}\n';
const DOORS = '"msg":"doors"}\n';

/** @returns what to write for a line of the log */
export function terminalLog(settings: Settings, version: string): (line: string) => string {
  const prettify = prettyFactory({ ignore: 'pid,hostname', singleLine: true });
  return (line) => {
    if (line.endsWith(DOORS)) return '';
    if (line.endsWith(LISTENING)) return startLines(JSON.parse(line) as Listening, settings, version);
    return prettify(escapeControls(line));
  };
}
