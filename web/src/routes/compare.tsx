import { createFileRoute } from '@tanstack/react-router';
import { Compare } from '@/pages/compare/Compare';
import { compareSearch } from '@/pages/compare/search';

export const Route = createFileRoute('/compare')({ component: Compare, validateSearch: compareSearch });
