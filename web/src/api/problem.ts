/** Problem details (RFC 9457), as every refusal of the API comes. */
export interface Problem {
  status: number;
  title: string;
  detail: string;
}

/** The API refused, and said what it had expected. status: of HTTP. retryAfter: seconds, where it said so. */
export class ProblemError extends Error {
  constructor(
    readonly status: number,
    problem: Partial<Problem>,
    readonly retryAfter: number | null = null,
  ) {
    super(problem.detail || problem.title || `HTTP ${status}`);
    this.name = 'ProblemError';
  }
}

export const isProblem = (error: unknown, ...status: number[]): error is ProblemError =>
  error instanceof ProblemError && (status.length === 0 || status.includes(error.status));
