import { createFileRoute } from '@tanstack/react-router';
import { Operations } from '@/pages/operations/Operations';

export const Route = createFileRoute('/operations')({ component: Operations });
