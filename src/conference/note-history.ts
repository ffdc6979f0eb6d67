/** The metadata of a room's streams, and when each was told last. Pure. */

interface Note {
  /** As JSON; undefined where the stream has none any more. */
  readonly text: string | undefined;
  /** The number of the list with which it was told. */
  readonly seq: number;
}

export class NoteHistory {
  /** By encoded name. */
  readonly #notes = new Map<string, Note>();

  /**
   * @param now the notes of all streams that have one, by encoded name
   * @param list the encoded names of all streams
   * @param seq the number of that list where the notes are others than before
   * @returns whether they are
   */
  update(now: ReadonlyMap<string, string>, list: readonly string[], seq: number): boolean {
    let isOther = false;
    for (const [name, text] of now) {
      if (this.#notes.get(name)?.text === text) continue;
      this.#notes.set(name, { text, seq });
      isOther = true;
    }
    if (this.#notes.size === now.size) return isOther;
    const listed = new Set(list);
    for (const [name, { text }] of this.#notes) {
      if (now.has(name)) continue;
      if (!listed.has(name)) this.#notes.delete(name);
      else if (text !== undefined) {
        this.#notes.set(name, { text: undefined, seq });
        isOther = true;
      }
    }
    return isOther;
  }

  /** What was told after the list with this number, as JSON; empty where that is nothing. */
  since(seq: number): string {
    let json = '';
    for (const [name, note] of this.#notes) {
      if (note.seq > seq) json += `${json === '' ? '' : ','}${name}:${note.text ?? 'null'}`;
    }
    return json === '' ? '' : `{${json}}`;
  }

  /** All there are, as JSON; empty where there are none. */
  all(): string {
    const noted = [...this.#notes].filter(([, { text }]) => text !== undefined);
    if (noted.length === 0) return '';
    return `{${noted.map(([name, { text }]) => `${name}:${text}`).join()}}`;
  }
}
