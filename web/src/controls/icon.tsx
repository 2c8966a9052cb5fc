/** Outlines on a square of 24, drawn with the colour of the text. */
const SHAPES = {
  library: 'M4 5v14M9 5v14M14 5l5 13.5',
  streams: 'M4 7h16M4 12h16M4 17h10',
  work: 'M12 7v5l3 2M12 3a9 9 0 1 0 9 9',
  settings: 'M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4',
  play: 'M8 5l11 7-11 7z',
  pause: 'M8 5v14M16 5v14',
  previous: 'M18 5L9 12l9 7zM6 5v14',
  next: 'M6 5l9 7-9 7zM18 5v14',
  add: 'M12 5v14M5 12h14',
  remove: 'M5 12h14',
  delete: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5',
  edit: 'M5 19l1-4L16 5l3 3L9 18z',
  close: 'M6 6l12 12M18 6L6 18',
  up: 'M6 14l6-6 6 6',
  down: 'M6 10l6 6 6-6',
  drag: 'M9 6h.01M9 12h.01M9 18h.01M15 6h.01M15 12h.01M15 18h.01',
  shuffle: 'M4 7h3l9 10h4M4 17h3l3-3M13 10l3-3h4M17 4l3 3-3 3M17 14l3 3-3 3',
  repeat: 'M6 12V9a2 2 0 0 1 2-2h11M16 4l3 3-3 3M18 12v3a2 2 0 0 1-2 2H5M8 14l-3 3 3 3',
  share: 'M12 15V4M8 8l4-4 4 4M6 12H5v8h14v-8h-1',
  copy: 'M9 9h10v10H9zM6 15H5V5h10v1',
  undo: 'M9 6L4 11l5 5M4 11h10a5 5 0 0 1 0 10h-3',
  back: 'M14 6l-6 6 6 6',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  link: 'M10 14l4-4M8 12l-2 2a3 3 0 0 0 4 4l2-2M12 8l2-2a3 3 0 0 1 4 4l-2 2',
  search: 'M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12M16 16l4 4',
  upload: 'M12 16V5M7 10l5-5 5 5M5 19h14',
  download: 'M12 5v11M7 11l5 5 5-5M5 20h14',
  speak: 'M5 9v6h3l4 4V5L8 9zM16 9a4 4 0 0 1 0 6',
  sleep: 'M19 14a8 8 0 1 1-9-9 6 6 0 0 0 9 9z',
  text: 'M5 6h14M5 12h14M5 18h9',
  check: 'M5 13l4 4L19 7',
  warning: 'M12 4l9 16H3zM12 10v4M12 17h.01',
  logOut: 'M14 5H6v14h8M11 12h9M17 8l4 4-4 4',
} as const;

export type IconName = keyof typeof SHAPES;

/** Says nothing by itself: who needs words has them beside it or on the button. */
export const Icon = ({ name, size = 24 }: { readonly name: IconName; readonly size?: number }) => (
  <svg
    width={size}
    height={size}
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    strokeWidth={name === 'drag' || name === 'more' ? 3 : 1.8}
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
  >
    <path d={SHAPES[name]} />
  </svg>
);
