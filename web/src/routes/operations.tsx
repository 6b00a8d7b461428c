import { createFileRoute } from '@tanstack/react-router';
import { Operations } from '@/pages/operations/Operations';
import { place } from '@/pages/operations/place';

export const Route = createFileRoute('/operations')({ component: Operations, validateSearch: place });
