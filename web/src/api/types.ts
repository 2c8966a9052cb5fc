import type { components, paths } from './schema.d.ts';

type Schemas = components['schemas'];

export type AudioFile = Schemas['File'];
export type FileInfo = Schemas['FileInfo'];
export type Queue = Schemas['Queue'];
export type PlayMode = Queue['play_mode'];
export type WorkRequest = Schemas['Request'];
export type Session = Schemas['Session'];
export type Transcript = Schemas['Transcript'];
export type User = Schemas['User'];
export type ApiKey = Schemas['ApiKey'];
export type PlaybackLink = Schemas['PlaybackLink'];

type Answer<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer Body } } } };
}
  ? Body
  : never;

export type SearchResult = Answer<'/api/audio/search'>['results'][number];
export type StreamSummary = Answer<'/api/streams/queues'>['queues'][number];
export type Plan = Answer<'/api/streams/{name}/plan'>;
