import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './api/query-client.ts';
import { router } from './router.tsx';
import { focusOnViews } from './shell/focus-on-views.ts';
import { installedPage } from './shell/installed-page.ts';
import './styles/tokens.css';
import './styles/base.css';

if (import.meta.env.PROD) installedPage.install();
focusOnViews(router);
const page = document.getElementById('page');
if (page === null) throw new Error('The document has no place for the page.');
createRoot(page).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
