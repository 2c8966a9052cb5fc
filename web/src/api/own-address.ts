/** The server tells whole addresses, with the name that players know it by; the page asks where it came from. */
export function ownAddress(url: string): string {
  const { pathname, search } = new URL(url, location.href);
  return pathname + search;
}
