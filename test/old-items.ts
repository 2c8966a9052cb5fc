import type { Item } from '../src/adapters/dynamodb/dynamo-table.ts';

// Items as the predecessor wrote them.

export const OLD_HASH = '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2hoYXNoaGFzaA';

let ids = 1_700_000_000_000;

/** @param PK `user#{lower-case name}` by the service, `USER#{As Typed}` by its migration script */
export const oldUser = (PK: string, username: string, change: Item = {}): Item => ({
  PK,
  SK: 'PROFILE',
  user_id: (ids += 1000),
  username,
  email: null,
  hashed_password: OLD_HASH,
  is_active: true,
  is_admin: false,
  created_at: '2024-01-02T03:04:05.678901+00:00',
  updated_at: '2024-01-03T00:00:00+00:00',
  ...change,
});

export const oldAudio = (filename: string, change: Item = {}): Item => ({
  PK: `AUDIO#${filename}`,
  SK: 'METADATA',
  filename,
  size: 12_345,
  duration: 61,
  transcript_status: 'completed',
  created_at: '2024-05-06T07:08:09.123456+00:00',
  updated_at: '2024-05-07T07:08:09+00:00',
  ...change,
});

export const oldStream = (name: string, loop?: boolean): Item => ({
  PK: `STREAM#${name}`,
  SK: 'DEFINITION',
  name,
  files: ['one.mp3', 'two.mp3'],
  loop,
});
