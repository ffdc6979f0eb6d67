/** What Prometheus scrapes of the telling of an application. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { WebhookStatus, WebhookView } from '../conference/webhook-status';

const OUTCOMES = ['delivered', 'failed', 'dropped'] as const;

/** The wing keeps its own counts, which are copied at each scrape. */
export function addHookMetrics(registry: Registry, view: WebhookView): void {
  const named = (name: string, help: string) => ({
    ...{ name: `conference_webhook_${name}`, help },
    registers: [registry],
  });
  new Counter({
    ...named(
      'deliveries_total',
      'Messages to the application: attempts by outcome, and those that were dropped',
    ),
    labelNames: ['outcome'],
    collect() {
      const { counts } = view.status();
      this.reset();
      for (const outcome of OUTCOMES) this.inc({ outcome }, counts[outcome]);
    },
  });
  gauge('up', 'Whether the application takes webhooks: 1 or 0', ({ state }) => Number(state === 'ready'));
  gauge('queued_rooms', 'Rooms of which something is to be told', ({ rooms }) => rooms);
  gauge('queued_notices', 'Refusals and removals that are to be told', ({ notices }) => notices);
  gauge('oldest_seconds', 'For how long the oldest of all these waits', ({ oldest }) => oldest / 1_000);

  function gauge(name: string, help: string, value: (status: WebhookStatus) => number): void {
    new Gauge({
      ...named(name, help),
      collect() {
        this.set(value(view.status()));
      },
    });
  }
}
