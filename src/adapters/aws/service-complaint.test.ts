import { describe, expect, it } from 'vitest';
import { complaintOf } from './service-complaint.ts';

const named = (name: string): Error => Object.assign(new Error('whatever the vendor says'), { name });

describe('complaintOf', () => {
  const say = (error: unknown) => complaintOf(error, { missing: 'is missing', forbidden: 'is forbidden' });

  it.each([
    ['NoSuchBucket', 'is missing'],
    ['ResourceNotFoundException', 'is missing'],
    ['AccessDenied', 'is forbidden'],
    ['AccessDeniedException', 'is forbidden'],
    ['CredentialsProviderError', 'AWS_ACCESS_KEY_ID'],
    ['UnrecognizedClientException', 'wrong or have expired'],
    ['RequestTimeTooSkewed', 'Set the clock'],
    ['RequestExpired', 'Set the clock'],
    ['PermanentRedirect', 'AWS_REGION'],
    ['TimeoutError', '(TimeoutError). Check its endpoint and the network'],
  ])('says what to do about %s', (name, sentence) => {
    expect(say(named(name))).toContain(sentence);
    expect(say(named(name))).not.toContain('vendor');
  });

  it('knows nothing of what is no error', () => {
    expect(say('odd')).toContain('no reason given');
  });
});
