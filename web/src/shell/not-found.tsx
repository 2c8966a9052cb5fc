import { Link } from '@tanstack/react-router';
import { Empty } from '../controls/notice.tsx';
import { text } from '../text/text.ts';

export const NotFound = () => (
  <Empty title={text.shell.notFound}>
    <Link to="/library">{text.shell.toLibrary}</Link>
  </Empty>
);
