import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createRealTimeMetrics } from './real-time-metrics.ts';

it('counts connections by kind and messages by type, each time it is read', async () => {
  const register = new Registry();
  const counters = createRealTimeMetrics([register]);
  counters.connected('websocket');
  counters.connected('websocket');
  counters.connected('sse');
  counters.closed('websocket', 'slow');
  counters.received('ping');
  counters.received('invalid');
  for (let at = 0; at < 3; at += 1) counters.sent('progress');
  counters.folded();
  counters.dropped();
  const first = await register.metrics();
  expect(await register.metrics()).toBe(first);
  for (const line of [
    'earshot_live_connections{kind="websocket"} 1',
    'earshot_live_connections{kind="sse"} 1',
    'earshot_live_connections_closed_total{kind="websocket",reason="slow"} 1',
    'earshot_live_connections_closed_total{kind="sse",reason="client"} 0',
    'earshot_live_messages_received_total{type="ping"} 1',
    'earshot_live_messages_received_total{type="invalid"} 1',
    'earshot_live_messages_received_total{type="cancel"} 0',
    'earshot_live_messages_sent_total{type="progress"} 3',
    'earshot_live_messages_folded_total 1',
    'earshot_live_messages_dropped_total 1',
  ]) {
    expect(first.split('\n')).toContain(line);
  }
});
