import type { Material } from './material.ts';

/** Ways to call LAME, and what may come of it. */
export interface LameSetting {
  readonly options: string;
  /** Without the reservoir there is nothing to unwind; at the highest bit rate some frame may hold more than fits. */
  readonly ways: readonly ('copied' | 'unwound' | 'encoded')[];
  /** `music` where none is given. */
  readonly material?: Material;
}

const unwound = (...options: string[]): LameSetting[] =>
  options.map((each) => ({ options: each, ways: ['unwound'] }));

const copied = (...options: string[]): LameSetting[] =>
  options.map((each) => ({ options: each, ways: ['copied'] }));

/** LAME borrows for a frame of the highest bit rate too: the sound decides whether any passes it. At 44.1 kHz and up to
 * 160 kbit/s constant none can, since a frame and 511 borrowed bytes are less than that. */
const highest = (...options: string[]): LameSetting[] =>
  options.map((each) => ({ options: each, ways: ['unwound', 'encoded'] }));

const inMaterial = (material: Material, settings: readonly LameSetting[]): LameSetting[] =>
  settings.map((setting) => ({ ...setting, material }));

/** Low bit rates would lower the sample rate, which is another profile. */
const AT_44 = '--resample 44.1';

export const LAME_SETTINGS: readonly LameSetting[] = [
  // Presets, and the average bit rates that they take.
  ...unwound('--preset medium', '--preset standard', '--preset extreme', '--preset fast standard'),
  ...highest('--preset insane'),
  ...unwound('--preset 96', '--preset 160', '--preset 192', '--preset cbr 128', '--preset cbr 192'),
  ...highest('--preset 256'),
  // Constant.
  ...[32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256].flatMap((kbps) =>
    unwound(`-b ${kbps} ${AT_44}`),
  ),
  ...highest('-b 320', '-b 320 --buffer-constraint maximum'),
  ...copied('-b 320 --strictly-enforce-ISO'),
  // Average.
  ...[64, 80, 96, 112, 128, 160, 192].flatMap((kbps) => unwound(`--abr ${kbps} ${AT_44}`)),
  ...highest('--abr 224', '--abr 256', '--abr 310'),
  // Variable, new and old.
  ...Array.from({ length: 10 }, (_, quality) => quality).flatMap((quality) => [
    ...unwound(`-V ${quality} ${AT_44}`),
    ...unwound(`--vbr-old -V ${quality} ${AT_44}`),
  ]),
  ...unwound('-V 4 -b 64 -F', '-V 2 -B 192', '-V 0 -Y'),
  // Channel modes.
  ...['j', 's', 'f', 'd', 'm'].flatMap((mode) => unwound(`-m ${mode} -b 128`, `-m ${mode} -V 3`)),
  // CRC, and without the reservoir.
  ...unwound('-p -b 128', '-p -V 2', '-p -m m -b 96'),
  ...copied('--nores -b 128', '--nores -p -b 192', '--nores -V 2', '--nores -b 320'),
  // Effort and psychoacoustics; short blocks never, always, and where it likes.
  ...unwound(
    '-q 0 -b 160',
    '-q 5 -b 160',
    '-q 9 -b 128',
    '-f -b 128',
    '-h -V 4',
    '-k -b 128',
    '--noath -b 128',
  ),
  ...unwound('--noshort -b 128', '--allshort -b 128', '--allshort -V 4', '--noshort -V 4'),
  ...inMaterial('castanets', [
    ...unwound(
      '-b 96',
      '-b 128',
      '-b 160',
      '--abr 128',
      '-b 128 -m f',
      '--allshort -b 128',
      '-p -b 128',
      '-m m -V 4',
    ),
    ...highest('-V 2', '-V 5', '--allshort -b 192', '-b 320', '--preset insane'),
  ]),
  ...inMaterial('bursts', [
    ...unwound('-b 64', '-b 128', '-b 160', '-m s -b 128', '-p -b 128'),
    ...highest('-b 192', '-V 0', '-V 4', '--abr 192', '-b 320'),
  ]),
  // Header bits and tags.
  ...unwound(
    '-t -b 128',
    '-c -o -b 128',
    '-e 5 -b 128',
    '--add-id3v2 --tt Title -b 128',
    '--strictly-enforce-ISO -V 4',
  ),
  ...unwound('--buffer-constraint strict -b 128', '--buffer-constraint maximum -b 128'),
  // Other sample rates: MPEG-1, MPEG-2 and 2.5, whose frames hold half as many samples.
  ...[48, 32].flatMap((khz) => unwound(`--resample ${khz} -b 128`, `--resample ${khz} -V 4`)),
  ...[24, 22.05, 16].flatMap((khz) => unwound(`--resample ${khz} -b 64`, `--resample ${khz} -V 4 -m m`)),
  ...[24, 22.05, 16].flatMap((khz) => highest(`--resample ${khz} -b 160`)),
  ...[12, 11.025, 8].flatMap((khz) => unwound(`--resample ${khz} -b 32`, `--resample ${khz} -b 16 -m m`)),
];
