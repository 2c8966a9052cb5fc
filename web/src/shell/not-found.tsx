import { Link } from '@tanstack/react-router';
import { Empty } from '../controls/notice.tsx';
import { useTitle } from '../controls/use-title.ts';
import { text } from '../text/text.ts';

export function NotFound() {
  useTitle(text.shell.notFound);
  return (
    <Empty title={text.shell.notFound}>
      <Link to="/library">{text.shell.toLibrary}</Link>
    </Empty>
  );
}
