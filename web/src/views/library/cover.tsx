import { useState } from 'react';
import { ownAddress } from '../../api/own-address.ts';
import type { AudioFile } from '../../api/types.ts';
import styles from './cover.module.css';

interface CoverProps {
  readonly file: Pick<AudioFile, 'title' | 'cover_url'>;
  readonly size: 'small' | 'large';
}

const FULL_CIRCLE = 360;

/** A colour of its own for each title, the same every time. */
function hueOf(title: string): number {
  let hue = 0;
  for (const character of title) hue = (hue * 31 + (character.codePointAt(0) ?? 0)) % FULL_CIRCLE;
  return hue;
}

/** The picture of a file, or the first letter of its title in a colour of its own. */
export function Cover({ file, size }: CoverProps) {
  const { title, cover_url: url } = file;
  const [brokenUrl, setBrokenUrl] = useState<string>();
  const className = `${styles['cover'] ?? ''} ${styles[size] ?? ''}`;
  if (url !== undefined && url !== brokenUrl) {
    return (
      <img
        className={className}
        src={ownAddress(url)}
        alt=""
        loading="lazy"
        decoding="async"
        onError={() => setBrokenUrl(url)}
      />
    );
  }
  const hue = String(hueOf(title));
  return (
    <span
      className={className}
      style={{
        background: `light-dark(hsl(${hue} 50% 88%), hsl(${hue} 35% 20%))`,
        color: `light-dark(hsl(${hue} 70% 22%), hsl(${hue} 60% 82%))`,
      }}
      aria-hidden="true"
    >
      {[...title.trim()][0]?.toUpperCase() ?? '♪'}
    </span>
  );
}
