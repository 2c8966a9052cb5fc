import { UPLOAD_PREFIX } from './object-key.ts';

/** A text that waits to be spoken, until the request that speaks it has ended. Not a name that `uploadKey` can give. */
export const speechTextKey = (requestId: string): string => `${UPLOAD_PREFIX}${requestId}.text`;

/** What is known of the sound that a text became, until it has a transcript. Not a name that `uploadKey` can give. */
export const spokenKey = (requestId: string): string => `${UPLOAD_PREFIX}${requestId}.spoken`;
