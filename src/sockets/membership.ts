/** Who a client is in its room. */
import type { MemberFacts } from '../events';

const NOBODY: MemberFacts = { id: 0, room: '', streamName: '', address: '', since: 0 };

export abstract class Membership implements MemberFacts {
  /** Nobody's until it is admitted. */
  facts = NOBODY;

  get id(): number {
    return this.facts.id;
  }

  get room(): string {
    return this.facts.room;
  }

  get streamName(): string {
    return this.facts.streamName;
  }

  get observer(): true | undefined {
    return this.facts.observer;
  }

  get address(): string {
    return this.facts.address;
  }

  get subject(): string | undefined {
    return this.facts.subject;
  }

  get since(): number {
    return this.facts.since;
  }
}
