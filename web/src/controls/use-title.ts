import { useEffect } from 'react';
import { text } from '../text/text.ts';

/** Names what is shown, for tabs, bookmarks and who hears the page. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = text.shell.titleOf(title);
  }, [title]);
}
