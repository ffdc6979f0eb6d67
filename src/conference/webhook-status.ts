/** How the telling of an application stands, as API, dashboard and metrics show it. */

export interface WebhookStatus {
  /** `away`: it has failed several times in a row; what is to be told waits. */
  readonly state: 'ready' | 'away';
  /** When the state was entered, in milliseconds since the epoch. */
  readonly since: number;
  /** Why the last message has failed; undefined once one is delivered. */
  readonly problem: string | undefined;
  /** Rooms of which something is to be told. */
  readonly rooms: number;
  /** Refusals and removals that are to be told. */
  readonly notices: number;
  /** Milliseconds for which the oldest of all these waits. */
  readonly oldest: number;
  readonly counts: WebhookCounts;
}

/** Counted since the start. */
export interface WebhookCounts {
  readonly delivered: number;
  /** Attempts without a 2xx. */
  readonly failed: number;
  /** Refusals and removals that were never told: too many waited, or for too long. */
  readonly dropped: number;
}

/** How the sending of a test went. */
export interface WebhookTest {
  readonly delivered: boolean;
  /** Why not. */
  readonly problem?: string;
  readonly milliseconds: number;
}

export interface WebhookView {
  status(): WebhookStatus;
  /** Sends a test at once, and once only. */
  test(): Promise<WebhookTest>;
}
