/** Keys and links that expire are found by when they do, to be swept. */
export const EXPIRED_CREDENTIALS = `
CREATE INDEX api_keys_by_expiry ON api_keys (expires_at_ms) WHERE expires_at_ms IS NOT NULL;
CREATE INDEX playback_links_by_expiry ON playback_links (expires_at_ms) WHERE expires_at_ms IS NOT NULL;
`;
