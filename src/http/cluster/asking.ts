/** Asks all nodes of the cluster, this one included, and says who did not answer. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { BackplaneStatus, NodeStatus } from '../../conference/backplane-status';
import type { Questions } from '../../conference/questions';
import { fits } from '../schema';
import type { Missing } from '../shapes';
import { nodeName } from './member-id';
import { type AnswerOf, type Answers, dialogue, KINDS, type Kind, type QuestionOf } from './questions';

/** Milliseconds that the others have to answer, and where an operator has to know what was done. */
const WITHIN = 250;
const DONE_WITHIN = 1_000;
/** Milliseconds of each second that reading for the others may take. Beyond that only what an operator does is answered. */
const READING = 500;
/** What an operator does, which must not wait for what others read, and must miss nobody. */
const ALWAYS: ReadonlySet<Kind> = new Set(['remove', 'banned', 'message']);
/** Stands for nodes of which nobody can say who they are. */
const ANY_OTHER: KnownNode = { name: 'unknown', machine: 'any other' };

export interface KnownNode {
  /** As it stands in the ids of its members. */
  readonly name: string;
  readonly machine: string;
}

export interface Asked<K extends Kind> {
  readonly answers: readonly { readonly node: KnownNode; readonly answer: AnswerOf<K> }[];
  readonly missing: readonly Missing[];
}

export interface AskingParts {
  readonly status: () => BackplaneStatus;
  /** Finds out which nodes there are now, which `status` says a little later. Never rejects. */
  readonly look: () => Promise<void>;
  /** Undefined where the node is alone. */
  readonly questions: Questions | undefined;
  /** Answers for this node, once its name is known. */
  readonly answers: (self: KnownNode) => Answers;
}

export class Asking {
  readonly self: KnownNode;
  readonly #parts: AskingParts;
  readonly #answers: Answers;
  /** When each other node has answered last, or was first asked in vain. */
  readonly #heard = new Map<string, number>();
  #second = 0;
  /** Milliseconds of this second. */
  #spent = 0;

  constructor(parts: AskingParts) {
    this.#parts = parts;
    const self = parts.status().nodes.find(({ self }) => self);
    this.self = known(self ?? { id: randomBytes(9).toString('base64url'), machine: hostname() });
    this.#answers = parts.answers(this.self);
    parts.questions?.onQuestion((text) => this.#answer(text));
  }

  /** The nodes that the backplane knows, this one included; none where it is alone. */
  known(): readonly NodeStatus[] {
    return this.#parts.questions === undefined ? [] : this.#parts.status().nodes;
  }

  /** Never rejects, and takes a bounded time: those that do not answer are missing. */
  async all<K extends Kind>(kind: K, question: QuestionOf<K>): Promise<Asked<K>> {
    const own = { node: this.self, answer: this.#answers[kind](question) };
    if (ALWAYS.has(kind)) await this.#look();
    const others = this.#others();
    if (others.length === 0)
      return { answers: [own], missing: this.#isCutOff() ? [this.#lost(ANY_OTHER)] : [] };
    const asked = await this.#ask(others, kind, question);
    return { answers: [own, ...asked.answers], missing: asked.missing };
  }

  /** Asks one node. @returns `unknown` where there is none of this name, `missing` where it does not answer */
  async one<K extends Kind>(
    name: string,
    kind: K,
    question: QuestionOf<K>,
  ): Promise<{ node: KnownNode; answer: AnswerOf<K> } | 'unknown' | Missing> {
    if (name === this.self.name) {
      return { node: this.self, answer: this.#answers[kind](question) };
    }
    if (ALWAYS.has(kind)) await this.#look();
    const node = this.#others().find(({ id }) => nodeName(id) === name);
    if (node === undefined) return this.#isCutOff() ? this.#lost({ ...ANY_OTHER, name }) : 'unknown';
    const { answers, missing } = await this.#ask([node], kind, question);
    return answers[0] ?? missing[0] ?? 'unknown';
  }

  /** Whether there may be nodes of which this one does not know. */
  #isCutOff(): boolean {
    const { questions, status } = this.#parts;
    return questions !== undefined && !questions.isLinked && status().state !== 'live';
  }

  /** A node that has just started may have members already. */
  async #look(): Promise<void> {
    const { questions, look } = this.#parts;
    if (questions === undefined) return;
    let patience: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => {
      patience = setTimeout(resolve, WITHIN);
    });
    await Promise.race([look(), tooLate]);
    clearTimeout(patience);
  }

  #lost({ name: node, machine }: KnownNode): Missing {
    return { node, machine, since: this.#parts.status().since };
  }

  #others(): readonly NodeStatus[] {
    return this.known().filter(({ self }) => !self);
  }

  async #ask<K extends Kind>(
    nodes: readonly NodeStatus[],
    kind: K,
    question: QuestionOf<K>,
  ): Promise<Asked<K>> {
    const ids = nodes.map(({ id }) => id);
    const text = JSON.stringify([kind, question]);
    const within = ALWAYS.has(kind) ? DONE_WITHIN : WITHIN;
    const texts = (await this.#parts.questions?.ask(ids, text, within)) ?? new Map<string, string>();
    const answers: Asked<K>['answers'][number][] = [];
    const missing: Missing[] = [];
    for (const node of nodes) {
      const answer = readAnswer(kind, texts.get(node.id));
      const { name, machine } = known(node);
      if (answer !== undefined) {
        this.#heard.set(name, Date.now());
        answers.push({ node: { name, machine }, answer });
      } else {
        const since = this.#heard.get(name) ?? Date.now();
        this.#heard.set(name, since);
        missing.push({ node: name, machine, since });
      }
    }
    this.#forgetGone();
    return { answers, missing };
  }

  #forgetGone(): void {
    const names = new Set(this.#others().map(({ id }) => nodeName(id)));
    for (const name of this.#heard.keys()) if (!names.has(name)) this.#heard.delete(name);
  }

  /** Answers another node; what is no question is not answered. */
  #answer(text: string): string | undefined {
    const asked = parsed(text);
    const [kind, question]: unknown[] = Array.isArray(asked) ? asked : [];
    if (!fits(KINDS, kind)) return undefined;
    if (ALWAYS.has(kind)) return this.#answerTo(kind, question);
    const startedAt = performance.now();
    if (this.#isSpent(startedAt)) return undefined;
    const answer = this.#answerTo(kind, question);
    this.#spent += performance.now() - startedAt;
    return answer;
  }

  #isSpent(now: number): boolean {
    const second = Math.floor(now / 1_000);
    if (second !== this.#second) this.#spent = 0;
    this.#second = second;
    return this.#spent >= READING;
  }

  #answerTo<K extends Kind>(kind: K, question: unknown): string | undefined {
    if (!fits(dialogue[kind].question, question)) return undefined;
    return JSON.stringify(this.#answers[kind](question));
  }
}

function known({ id, machine }: Pick<NodeStatus, 'id' | 'machine'>): KnownNode {
  return { name: nodeName(id), machine };
}

function readAnswer<K extends Kind>(kind: K, text: string | undefined): AnswerOf<K> | undefined {
  const answer = text === undefined ? undefined : parsed(text);
  return fits(dialogue[kind].answer, answer) ? answer : undefined;
}

/** Undefined where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
