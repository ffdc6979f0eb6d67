/**
 * What is known of one stream's media, from hints and answers. Pure: time is an argument.
 *
 * | a stream is | until |
 * | --- | --- |
 * | not known | a hint or an answer has it (live), or it has a socket for 15 s and an answer does not have it (gone) |
 * | live | an answer does not have it, and neither has one to a later question (gone) |
 * | live, unpublished by a hint | an answer does not have it, and 3 s are over (gone); a hint publishes it anew, or an answer after these 3 s has it (live) |
 * | gone | a hint or an answer has it (live), or its socket leaves (not known) |
 *
 * An answer says nothing of a stream about which a hint came after the question.
 */

/** Milliseconds that an unpublished stream stays listed: a publisher that reconnects unpublishes first. */
export const GRACE = 3_000;

/** What an answer that does not have a stream makes of it. `unsure`: a second answer is needed. */
export type Missed = 'stays' | 'unsure' | 'gone';

export class KnownStream {
  #isLive = true;
  #since = Date.now();
  /** When a hint said so last. */
  #publishedAt = Number.NEGATIVE_INFINITY;
  #unpublishedAt: number | undefined;
  /** An answer to a question after the hint did not have it. */
  #isConfirmed = false;
  /** When an answer that did not have it had come. */
  #missedAt: number | undefined;

  get isLive(): boolean {
    return this.#isLive;
  }

  /** Live, and nothing says otherwise. */
  get isUndisputed(): boolean {
    return this.#isLive && this.#unpublishedAt === undefined && this.#missedAt === undefined;
  }

  /** By the clock on the wall, for people. */
  get since(): number {
    return this.#since;
  }

  published(now: number): void {
    this.#goLive();
    this.#publishedAt = now;
    this.#unpublishedAt = undefined;
  }

  /** @returns whether that is news: it is to be looked at when the grace is over */
  unpublished(now: number): boolean {
    if (!this.#isLive || this.#unpublishedAt !== undefined) return false;
    this.#unpublishedAt = now;
    this.#isConfirmed = false;
    return true;
  }

  /** An answer has it. */
  seen(askedAt: number): void {
    if (this.#unpublishedAt !== undefined && this.#unpublishedAt > askedAt) return;
    this.#goLive();
    // The server may tell of an end before it has taken the stream off its list: the hint counts until the grace is over.
    if (this.#isGraceOver(askedAt)) this.#unpublishedAt = undefined;
  }

  /** An answer does not have it. */
  missed(askedAt: number, now: number): Missed {
    if (this.#publishedAt > askedAt) return 'stays';
    if (this.#unpublishedAt !== undefined) {
      if (this.#unpublishedAt > askedAt) return 'stays';
      this.#isConfirmed = true;
      return this.#isGraceOver(now) ? 'gone' : 'stays';
    }
    this.#missedAt ??= now;
    return askedAt <= this.#missedAt ? 'unsure' : 'gone';
  }

  /** Whether a hint has ended it, an answer has confirmed that, and the grace is over. */
  isOver(now: number): boolean {
    return this.#isLive && this.#isConfirmed && this.#isGraceOver(now);
  }

  gone(): void {
    this.#isLive = false;
    this.#since = Date.now();
    this.#publishedAt = Number.NEGATIVE_INFINITY;
    this.#unpublishedAt = undefined;
    this.#isConfirmed = false;
    this.#missedAt = undefined;
  }

  #goLive(): void {
    if (!this.#isLive) this.#since = Date.now();
    this.#isLive = true;
    this.#isConfirmed = false;
    this.#missedAt = undefined;
  }

  #isGraceOver(now: number): boolean {
    return this.#unpublishedAt !== undefined && now >= this.#unpublishedAt + GRACE;
  }
}
