/** How a node stands with the others over several primaries: as it stands over the worst of them. Pure. */
import type {
  BackplaneCounts,
  BackplaneState,
  BackplaneStatus,
  NodeStatus,
} from '../conference/backplane-status';

/** The worst comes first. */
const WORST: readonly BackplaneState[] = ['degraded', 'connecting', 'live', 'alone', 'stopped'];

export interface PlacedStatus {
  /** Host and port of the primary. */
  readonly place: string;
  readonly status: BackplaneStatus;
}

export type MergedStatus = Omit<BackplaneStatus, 'since'>;

/** @param shards at least one */
export function mergeStatus(shards: readonly PlacedStatus[]): MergedStatus {
  const state = WORST.find((worst) => shards.some(({ status }) => status.state === worst)) ?? 'connecting';
  const reasons = shards.flatMap(({ place, status: { why } }) =>
    why === undefined ? [] : [`${place}: ${why}`],
  );
  return {
    state,
    why: reasons.length === 0 ? undefined : reasons.join('; '),
    nodes: mergeNodes(shards.flatMap(({ status }) => status.nodes)),
    counts: shards.map(({ status }) => status.counts).reduce(add),
  };
}

/** Each primary knows of a node what it holds there. */
function mergeNodes(all: readonly NodeStatus[]): NodeStatus[] {
  const nodes = new Map<string, NodeStatus>();
  for (const node of all) {
    const known = nodes.get(node.id);
    if (known === undefined) nodes.set(node.id, node);
    else
      nodes.set(node.id, {
        ...known,
        state: known.state === 'live' || node.state === 'live' ? 'live' : 'silent',
        rooms: known.rooms + node.rooms,
        streams: known.streams + node.streams,
      });
  }
  return [...nodes.values()].sort((a, b) => a.startedAt - b.startedAt);
}

function add(a: BackplaneCounts, b: BackplaneCounts): BackplaneCounts {
  return {
    published: a.published + b.published,
    received: a.received + b.received,
    ignored: a.ignored + b.ignored,
    lost: a.lost + b.lost,
    repaired: a.repaired + b.repaired,
  };
}
