import { useState } from 'react';
import { ownAddress } from '../api/own-address.ts';
import styles from './cover.module.css';

interface CoverProps {
  /** As the server tells it; without one a pattern is drawn. */
  readonly url?: string | undefined;
  /** What the pattern is drawn from: the same title is the same picture, everywhere. */
  readonly title: string;
}

/** A square picture as wide as there is room. It says nothing by itself: the title stands beside it. */
export function Cover({ url, title }: CoverProps) {
  const [failedUrl, setFailedUrl] = useState<string | null>(null);
  if (url === undefined || url === failedUrl) return <Pattern title={title} />;
  return (
    <img
      className={styles['cover']}
      src={ownAddress(url)}
      alt=""
      draggable={false}
      loading="lazy"
      onError={() => setFailedUrl(url)}
    />
  );
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}

/** Three round shapes on a ground, in colours and at places that the title decides. */
function Pattern({ title }: Pick<CoverProps, 'title'>) {
  const hash = hashOf(title);
  const hue = hash % 360;
  const colour = (turn: number, lightness: number): string =>
    `hsl(${String((hue + turn) % 360)} 62% ${String(lightness)}%)`;
  const place = (shift: number): number => 15 + ((hash >>> shift) % 71);
  return (
    <svg
      className={styles['cover']}
      viewBox="0 0 100 100"
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
    >
      <rect width="100" height="100" fill={colour(0, 42)} />
      <circle cx={place(4)} cy={place(9)} r="46" fill={colour(30, 55)} />
      <circle cx={place(14)} cy={place(18)} r="28" fill={colour(65, 66)} />
      <circle cx={place(21)} cy={place(25)} r="14" fill={colour(190, 82)} />
    </svg>
  );
}
