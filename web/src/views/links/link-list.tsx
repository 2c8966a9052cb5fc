import { useInfiniteQuery } from '@tanstack/react-query';
import { Pages } from '../../controls/pages.tsx';
import { useFocusBack } from '../../controls/use-focus-back.ts';
import { text } from '../../text/text.ts';
import { LinkRow } from './link-row.tsx';
import styles from './links.module.css';
import { linksQuery, madeLink, type Played } from './playback-links.ts';

interface LinkListProps {
  readonly played: Played;
  /** Shows the address of a link that was made in this visit. */
  readonly onShow?: (id: string) => void;
  readonly onRevoked?: (id: string) => void;
}

/** The links there are, page by page, each to be revoked. */
export function LinkList({ played, onShow, onRevoked }: LinkListProps) {
  const query = useInfiniteQuery(linksQuery(played));
  const focusBack = useFocusBack(query.data);
  const links = query.data?.pages.flatMap((page) => page.links) ?? [];
  const showOf = (id: string) =>
    onShow === undefined || madeLink(id) === undefined ? undefined : () => onShow(id);
  return (
    <Pages query={query}>
      {links.length > 0 && (
        <ul className={styles['links']} aria-label={text.links.title} {...focusBack}>
          {links.map((link) => (
            <LinkRow
              key={link.id}
              played={played}
              link={link}
              onShow={showOf(link.id)}
              onRevoked={() => onRevoked?.(link.id)}
            />
          ))}
        </ul>
      )}
    </Pages>
  );
}
