/*
 * What runs at CloudFront's edges for objects of the bucket, as its JavaScript runtime 2.0 takes it. No import: a test
 * of the whole program runs them without the CDK.
 */

/** What the program says on its playback routes (src/http/cors.ts), of headers that any page may send and read. */
export const PLAYBACK_CORS = {
  methods: ['GET', 'HEAD'],
  headers: ['Range', 'If-Range'],
  exposed: ['Content-Range', 'Content-Length', 'Accept-Ranges', 'ETag'],
  maxAgeS: 3600,
} as const;

// Names are made of what the objects hold: such an object never changes, and its name is the entity tag under which the
// program plays the same bytes.
const TAG_OF = `function tagOf(uri) {
  var name = /^\\/(?:made|playable)\\/([\\w-]+)\\.mp3$/.exec(uri);
  return name === null ? null : '"' + name[1] + '"';
}
`;

/**
 * CloudFront compares conditions with the bucket's entity tags, which are others. So what asks by ours is decided before
 * (RFC 9110, 13.2.2); what asks by the bucket's goes on to CloudFront. Pages' preflights end here, too.
 */
export const OBJECT_REQUEST = `${TAG_OF}
function tagsIn(header) {
  return header === undefined ? [] : header.value.split(',').map(function (tag) { return tag.trim(); });
}
function handler(event) {
  var request = event.request;
  var headers = request.headers;
  if (request.method === 'OPTIONS') {
    return {
      statusCode: 204,
      statusDescription: 'No Content',
      headers: {
        'access-control-allow-origin': { value: '*' },
        'access-control-allow-methods': { value: '${PLAYBACK_CORS.methods.join(', ')}' },
        'access-control-allow-headers': { value: '${PLAYBACK_CORS.headers.join(', ')}' },
        'access-control-max-age': { value: '${PLAYBACK_CORS.maxAgeS}' },
      },
    };
  }
  var tag = tagOf(request.uri);
  if (tag === null) return request;
  if (tagsIn(headers['if-match']).includes(tag)) delete headers['if-match'];
  var known = tagsIn(headers['if-none-match']).map(function (each) { return each.replace(/^W\\//, ''); });
  if (headers['if-match'] === undefined && known.includes(tag)) {
    return {
      statusCode: 304,
      statusDescription: 'Not Modified',
      headers: {
        etag: { value: tag },
        'access-control-allow-origin': { value: '*' },
        'access-control-expose-headers': { value: '${PLAYBACK_CORS.exposed.join(', ')}' },
      },
    };
  }
  if (headers['if-range'] !== undefined && headers['if-range'].value === tag) delete headers['if-range'];
  return request;
}
`;

/** The same bytes have the same entity tag, here and at the program (docs/decisions/0027). */
export const OBJECT_RESPONSE = `${TAG_OF}
function handler(event) {
  var response = event.response;
  if (![200, 206, 304].includes(response.statusCode)) return response;
  var uri = event.request.uri;
  var kept = uri.startsWith('/made/') ? response.headers['x-amz-meta-etag'] : undefined;
  // A 304 carries no metadata.
  var tag = kept === undefined ? tagOf(uri) : '"' + kept.value + '"';
  if (tag !== null) response.headers.etag = { value: tag };
  return response;
}
`;
