import { useRouter } from '@tanstack/react-router';
import { Empty, Trouble } from '../controls/notice.tsx';
import { text } from '../text/text.ts';

/** Where a whole view could not be shown. */
export function Failure({ error }: { readonly error: unknown }) {
  const router = useRouter();
  return (
    <Empty title={text.shell.failure}>
      <Trouble error={error} onRetry={() => void router.invalidate()} />
    </Empty>
  );
}
