/** The browser needs the address for a moment more than the click takes. */
const KEPT_MS = 60_000;

/** Gives a text to the browser, which saves it as it saves what is downloaded. */
export function saveAsFile(name: string, content: string, type: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}
