/** How often which HTTP status came. */
export class Statuses {
  readonly counts: Record<string, number> = {};

  /** @param answer an answer's first bytes */
  countAnswer(answer: string): void {
    this.count(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 'none');
  }

  count(status: number | string): void {
    this.counts[status] = (this.counts[status] ?? 0) + 1;
  }
}
