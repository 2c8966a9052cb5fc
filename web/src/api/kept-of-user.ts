const PREFIXES = { last: 'earshot.last', order: 'earshot.order.' } as const;

/** Under which keys this device keeps something of one user. Colours, speed and volume are the device's own. */
export const keptOfUser = { last: PREFIXES.last, orderOf: (name: string) => `${PREFIXES.order}${name}` };

/** Who comes next at this device sees nothing of it. */
export function forgetUser(): void {
  for (const key of Object.keys(localStorage)) {
    if (key === PREFIXES.last || key.startsWith(PREFIXES.order)) localStorage.removeItem(key);
  }
}
