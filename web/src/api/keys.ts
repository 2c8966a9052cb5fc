/** Names of what is asked and kept, so that whoever changes something can say what is stale. */
export const keys = {
  files: ['files'] as const,
  fileList: (sort: string) => ['files', 'list', sort] as const,
  fileSearch: (query: string) => ['files', 'search', query] as const,
  file: (filename: string) => ['files', 'one', filename] as const,
  transcript: (filename: string) => ['files', 'transcript', filename] as const,
  streams: ['streams'] as const,
  streamList: ['streams', 'list'] as const,
  queue: (name: string) => ['streams', 'queue', name] as const,
  plan: (name: string) => ['streams', 'plan', name] as const,
  requests: ['requests'] as const,
  heard: (requestId: string) => ['heard', requestId] as const,
  links: (kind: 'file' | 'stream', name: string) => ['links', kind, name] as const,
  users: ['users'] as const,
  apiKeys: ['api-keys'] as const,
  voices: ['voices'] as const,
  position: (kind: 'file' | 'stream', name: string) => ['position', kind, name] as const,
};
