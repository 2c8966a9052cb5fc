import { useEffect } from 'react';
import { DropTarget } from './drop-target.tsx';
import { UploadPanel } from './upload-panel.tsx';
import { uploads } from './upload-store.ts';
import { useUploads } from './use-uploads.ts';

/** Stays while one moves about: what is on its way, and the place to drop more. */
export function UploadDock() {
  const all = useUploads();
  useEffect(() => void uploads.resume(), []);
  return (
    <>
      <DropTarget />
      {all.length > 0 && <UploadPanel uploads={all} />}
    </>
  );
}
