/** What a player makes of a stream with titles, knowing nothing but the interval. */
export interface SeparatedStream {
  readonly audio: Buffer;
  /** Of each block in turn; null where it says that nothing has changed. */
  readonly titles: readonly (string | null)[];
}

/** Takes the titles out. A last block that is cut short is left out. */
export function separateTitles(stream: Buffer, intervalBytes: number): SeparatedStream {
  const audio: Buffer[] = [];
  const titles: (string | null)[] = [];
  let at = 0;
  for (;;) {
    audio.push(stream.subarray(at, at + intervalBytes));
    at += intervalBytes;
    const textBytes = (stream[at] ?? 0) * 16;
    if (at + 1 + textBytes > stream.length) return { audio: Buffer.concat(audio), titles };
    if (textBytes === 0) titles.push(null);
    else titles.push(parseTitle(stream.subarray(at + 1, at + 1 + textBytes)));
    at += 1 + textBytes;
  }
}

/** What is shown at each block. */
export function joinTitles(titles: readonly (string | null)[]): (string | null)[] {
  let shown: string | null = null;
  return titles.map((title) => (shown = title ?? shown));
}

function parseTitle(text: Buffer): string {
  const title = /^StreamTitle='(.*?)';\0*$/su.exec(
    new TextDecoder('utf-8', { fatal: true }).decode(text),
  )?.[1];
  if (title === undefined) throw new Error(`No title in "${text.toString()}".`);
  return title;
}
