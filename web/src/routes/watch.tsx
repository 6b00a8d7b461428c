import { createFileRoute } from '@tanstack/react-router';
import { Watch } from '@/pages/watch/Watch';

export const Route = createFileRoute('/watch')({ component: Watch });
