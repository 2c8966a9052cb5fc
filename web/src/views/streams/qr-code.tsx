import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import styles from './share.module.css';

/** An address to be read by a camera: black on white in any scheme, as cameras want it. */
export function QrCode({ value, label }: { readonly value: string; readonly label: string }) {
  const { data: encode } = useQuery({
    queryKey: ['qr'],
    queryFn: async () => (await import('uqr')).encode,
    staleTime: Infinity,
  });
  const code = useMemo(() => encode?.(value, { ecc: 'M', border: 2 }), [encode, value]);
  if (code === undefined) return <div className={styles['qr']} />;
  const path = code.data
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${String(x)} ${String(y)}h1v1h-1z` : '')))
    .join('');
  return (
    <svg
      className={styles['qr']}
      role="img"
      aria-label={label}
      viewBox={`0 0 ${String(code.size)} ${String(code.size)}`}
      shapeRendering="crispEdges"
    >
      <rect width={code.size} height={code.size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
