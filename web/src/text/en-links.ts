/** Of playback links, whatever they play. */
export const links = {
  title: 'Links there are',
  opensFor: 'The link opens it',
  spans: { ever: 'until it is revoked', day: 'for a day', month: 'for 30 days', year: 'for a year' },
  made: (time: string) => `Made ${time}`,
  until: (time: string) => `opens until ${time}`,
  revokeOf: (time: string) => `Revoke the link made ${time}`,
  show: 'Show',
  revoke: 'Revoke',
  ended: (time: string) => `opened until ${time}, and nothing any more`,
  revokeHint: 'Whatever plays with it stops playing. This cannot be taken back.',
  revokeNow: 'Revoke it now',
  keep: 'Keep it',
  revoked: 'The link is revoked. It plays nothing any more.',
};
