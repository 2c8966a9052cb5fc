const many = (count: number, one: string): string => `${String(count)} ${one}${count === 1 ? '' : 's'}`;

/** As one says it: `1 hour 2 minutes 3 seconds`. */
function spokenTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return (
    [hours > 0 && many(hours, 'hour'), minutes > 0 && many(minutes, 'minute'), many(whole % 60, 'second')]
      .filter(Boolean)
      .join(' ') || many(0, 'second')
  );
}

export const player = {
  name: 'Player',
  play: 'Play',
  pause: 'Pause',
  previous: 'Previous',
  next: 'Next',
  back: '15 seconds back',
  forward: '30 seconds forward',
  seek: 'Position',
  spokenPosition: (positionS: number, durationS: number, title: string) =>
    `${spokenTime(positionS)} of ${spokenTime(durationS)}, ${title}`,
  live: 'Endless',
  playingFor: (clock: string) => `playing for ${clock}`,
  /** Before the title. */
  open: 'Show more of what plays:',
  large: 'Now playing',
  stop: 'Stop and close the player',
  wentOn: (clock: string) => `Went on at ${clock}.`,
  fromStart: 'From the beginning',
  lost: 'The connection is lost. It is tried again…',
  cannotPlay: 'This cannot be played here.',
  cannotShow: 'The player cannot be shown.',
  loggedOut: 'You were logged out. Log in, then press play.',
  gone: 'This is no longer there.',
  speed: 'Speed',
  speedOf: (rate: number) => `${String(rate)}×`,
  volume: 'Volume',
  queue: 'What plays',
  transcript: 'Transcript',
  noTranscript: 'There is no transcript of this. One can be made on the page of the file.',
  transcriptWithoutTimes: 'This transcript has no times, so it does not follow.',
  follow: 'Back to what is heard',
  track: (place: number, count: number) => `${String(place)} of ${String(count)}`,
  nowPlays: (title: string) => `Now: ${title}`,
  sleep: 'Sleep timer',
  sleepOff: 'No sleep timer',
  sleepMinutes: (minutes: number) => `${String(minutes)} minutes`,
  sleepTrack: 'To the end of this',
  sleepLeft: (clock: string) => `Stops in ${clock}`,
  sleepHint: 'It gets quieter in the last 20 seconds.',
};
