import { expect, it } from 'vitest';
import { createUpcomingStreams } from './upcoming-streams.ts';

it('are told once each, and no more of them than may be', () => {
  const upcoming = createUpcomingStreams(3);
  for (const name of ['a', 'b', 'a', 'c', 'd']) upcoming.expect({ tenantId: 'default', name });
  expect(upcoming.take()).toEqual(['a', 'b', 'c'].map((name) => ({ tenantId: 'default', name })));
  expect(upcoming.take()).toEqual([]);
  upcoming.expect({ tenantId: 'default', name: 'a' });
  upcoming.expect({ tenantId: 'neighbours', name: 'a' });
  expect(upcoming.take()).toHaveLength(2);
});
