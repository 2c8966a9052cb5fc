/** Of playback links, whatever they play. */
export const links = {
  opensFor: 'The link opens it',
  spans: { ever: 'until it is revoked', day: 'for a day', month: 'for 30 days', year: 'for a year' },
  made: (time: string) => `Made ${time}`,
  until: (time: string) => `opens until ${time}`,
  revokeOf: (time: string) => `Revoke the link made ${time}`,
  ended: (time: string) => `opened until ${time}, and nothing any more`,
};
