import { createFileRoute } from '@tanstack/react-router';
import { watchSearch } from '@/pages/watch/search';
import { Watch } from '@/pages/watch/Watch';

export const Route = createFileRoute('/watch')({ component: Watch, validateSearch: watchSearch });
